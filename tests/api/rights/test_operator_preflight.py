# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Operator mode: the rights of operator-preflight.yml are optional. Without any one of them a warning names it."""

from __future__ import annotations

import copy
from collections.abc import Iterable

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.tests.api.cases import LABELS, STORAGE_SECRETS
from ansible_collections.kyma.docker_registry.tests.api.rights.stage import S3, Result, Stage, codes
from ansible_collections.kyma.docker_registry.tests.support import operator_cases, rights
from ansible_collections.kyma.docker_registry.tests.support.rights import Right

pytestmark = pytest.mark.beside
RIGHTS = rights.rights("operator-preflight")
ROLE = {"eks.amazonaws.com/role-arn": "arn:aws:iam::111122223333:role/new"}


@pytest.fixture(scope="module")
def users(stage: Stage) -> dict[Right | None, str]:
    """A user for each right, who has all others and those of operator.yml, and a registry of the operator; None: who has all."""

    def prepare(names: Iterable[str]) -> None:
        stage.define()
        recorded = copy.deepcopy(operator_cases.CASES["s3"].live_deployment())
        # The operator's chart makes the class, and the API server rejects a Pod without it.
        recorded["spec"]["template"]["spec"].pop("priorityClassName")
        for name in names:
            stage.give(name, name, "operator")
            place = {"name": constants.REGISTRY, "namespace": name, "labels": recorded["metadata"]["labels"]}
            stage.cluster.create(
                {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": place, "spec": recorded["spec"]}
            )

    return stage.users("operator-preflight", [None, *RIGHTS], prepare)


def _preflight(stage: Stage, user: str) -> Result:
    """The Pod never starts. A first identity: an account that did not exist."""
    metadata = {"name": constants.REGISTRY, "namespace": user, "labels": LABELS, "annotations": ROLE}
    return stage.as_user(user, user)(
        "registry_deployment",
        mode="operator",
        state="preflight",
        storage=S3,
        secret_source={"values": STORAGE_SECRETS["s3"]},
        objects=[{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}],
        wait_timeout=1,
    )


def test_with_all_of_them(stage: Stage, users: dict[Right | None, str]) -> None:
    """The preflight is made, and nothing of it is left."""
    user = users[None]
    assert codes(_preflight(stage, user)) == ["preflight-timeout"]
    for kind in ("Pod", "ConfigMap", "Secret", "NetworkPolicy"):
        assert stage.cluster.get(kind, constants.PREFLIGHT, user) is None
    assert stage.cluster.get("ServiceAccount", constants.REGISTRY, user) is None


@pytest.mark.parametrize("right", RIGHTS, ids=str)
def test_without_one(right: Right, stage: Stage, users: dict[Right | None, str]) -> None:
    """Without a right for the preflight: a warning, and the run continues. Without one for its end: its result counts, and the right is named."""
    result = _preflight(stage, users[right])
    named = [
        item for item in result["findings"] if f"is not allowed to {right.verb} {right.resource}" in item["message"]
    ]
    (found,) = {(item["code"], item["severity"]) for item in named}
    if found == ("preflight-skipped", "warning"):
        assert codes(result) == [] and right.verb in ("create", "watch"), result
        assert "operator-preflight.yml" in named[0]["remedy"]
        return
    assert right.verb in ("get", "delete") and found[0] in ("cluster-forbidden", "preflight-account-kept")
    assert codes(result)[0] == "preflight-timeout"
    assert stage.cluster.get("Secret", constants.PREFLIGHT, users[right]) is None, "credentials are left"
