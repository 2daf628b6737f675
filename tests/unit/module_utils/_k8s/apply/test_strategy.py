# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A change to Recreate that the API server rejects: which of its two causes is reported."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import ClusterError

REJECTED = ClusterError(
    "cluster-invalid", "Deployment/sample", "ValidatingAdmissionPolicy 'p' denied request", "Correct it."
)
STRATEGY = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}}


def _deployment(strategy: dict[str, Any], generation: int = 1, uid: str = "u") -> dict[str, Any]:
    metadata = {"name": "sample", "namespace": "ns", "uid": uid, "generation": generation}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": {"strategy": strategy}}


@pytest.mark.parametrize(
    ("now", "code"),
    [
        (_deployment(STRATEGY), "cluster-invalid"),
        (_deployment(STRATEGY, generation=2), "cluster-precondition"),
        (_deployment(STRATEGY, uid="other"), "cluster-precondition"),
        (None, "cluster-precondition"),
    ],
    ids=["rejected by a policy", "changed concurrently", "another object", "deleted concurrently"],
)
def test_the_cause_of_a_rejection(monkeypatch: pytest.MonkeyPatch, now: dict[str, Any] | None, code: str) -> None:
    """A policy that rejects the object is not another client's change: running again would not help."""

    def patch(*_arguments: Any, **_settings: Any) -> Any:
        raise REJECTED

    monkeypatch.setattr(Cluster, "patch", patch)
    monkeypatch.setattr(Cluster, "get", lambda *_: now)
    cluster = Cluster.__new__(Cluster)
    with pytest.raises(ClusterError) as caught:
        cluster.apply(_deployment({"type": "Recreate"}), live=_deployment(STRATEGY))
    assert caught.value.code == code
