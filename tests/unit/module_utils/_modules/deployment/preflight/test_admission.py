# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is reported if the API server rejects the preflight Pod."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import (
    Call,
    ClusterError,
    error_from_answer,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.deployment.preflight.admission import (
    NoRoomError,
    create_pod,
)
from ansible_collections.kyma.docker_registry.tests.support.contexts import make_context

NAME = 'pods "dockerregistry-preflight" is forbidden'
ROLLING, REPLACED = False, True


def _quota(requested: str, limited: str) -> str:
    return f"{NAME}: exceeded quota: q, requested: {requested}, used: limits.memory=800Mi,pods=1, limited: {limited}"


def _create(status: int, message: str, replaces_pods: bool) -> None:
    call = Call("create", "Pod", "pods", "ns", "dockerregistry-preflight")

    def create(_pod: object) -> None:
        raise error_from_answer(call, status, json.dumps({"message": message}).encode())

    create_pod(make_context({}, False, cluster=SimpleNamespace(create=create)), {}, replaces_pods=replaces_pods)


@pytest.mark.parametrize("replaces_pods", [ROLLING, REPLACED], ids=["rolling", "replaced"])
@pytest.mark.parametrize(
    ("status", "message", "code"),
    [
        (403, _quota("limits.memory=3Gi", "limits.memory=2Gi"), "preflight-quota"),
        (403, f"{NAME}: failed quota: q: must specify limits.memory for: docker-registry", "preflight-quota"),
        (
            403,
            f"{NAME}: unable to validate against any security context constraint: runAsUser 1000",
            "preflight-admission",
        ),
        (403, 'admission webhook "a.example" denied the request: no uid 1000', "preflight-admission"),
        (422, f"{NAME}: ValidatingAdmissionPolicy 'ids' denied request: no uid 1000", "preflight-admission"),
    ],
    ids=["too large", "unlimited", "scc", "webhook", "policy"],
)
def test_the_words_of_the_cluster(status: int, message: str, code: str, replaces_pods: bool) -> None:
    """A quota and a policy are named, in the cluster's words. None of them is a right that is missing."""
    with pytest.raises(Refusal) as refused:
        _create(status, message, replaces_pods)
    (finding,) = refused.value.findings
    assert finding.code == code
    assert message in finding.message
    assert "right" not in finding.remedy


def test_a_missing_right_stays_one() -> None:
    """And so does a Pod that is not valid."""
    user = f'{NAME}: User "eve" cannot create resource "pods" in API group "" in the namespace "ns"'
    for status, message, code in ((403, user, "cluster-forbidden"), (422, "spec.x: Invalid value", "cluster-invalid")):
        with pytest.raises(ClusterError) as refused:
            _create(status, message, ROLLING)
        assert refused.value.code == code


def test_no_room_beside_the_running_pod() -> None:
    """If the new Pod comes after the running one has ended, a quota that has room for one Pod rejects no deployment."""
    message = _quota("limits.memory=1600Mi,pods=1", "limits.memory=2Gi,pods=1")
    with pytest.raises(NoRoomError):
        _create(403, message, REPLACED)
    with pytest.raises(Refusal):
        _create(403, message, ROLLING)
