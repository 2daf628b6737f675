# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rights of docs/rbac suffice for operator mode, and for info beside an operator. tests/api/rights proves that each is needed."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.tests.operator.role_registry import REGISTRY, RoleRegistry
from ansible_collections.kyma.docker_registry.tests.support import clouds as lab_clouds
from ansible_collections.kyma.docker_registry.tests.support import rights
from ansible_collections.kyma.docker_registry.tests.support.rights import Give, Right

OPERATOR_MODE = {"registry_redirect": False}


@pytest.fixture
def namespace(role_registry: RoleRegistry) -> str:
    """The namespace of `grant`: one that the operator serves."""
    return role_registry.namespace


def test_they_suffice(grant: Give, role_registry: RoleRegistry, clouds: dict[str, Any]) -> None:
    """A run with keys, a second one, and the removal; then the default volume, with a look by an account that may only look."""
    run, look = grant("operator"), grant("info")
    variables = {**OPERATOR_MODE, **lab_clouds.own_s3(clouds, role_registry.namespace)}
    first = run("site", **variables)
    assert first.returncode == 0, first.output
    assert first.of("Validate").result["mode"] == "operator" and first.of("Verify").result["verified"]
    assert run("site", **variables).changed == 0

    # The storage Secret is one more name in info.yml.
    blind = look("info")
    assert rights.named(blind.failure, Right("Role", "secrets", "get")), blind.output
    assert look("site", **variables).failure.codes() == ["cluster-forbidden"]

    removed = run("remove", **variables)
    assert removed.returncode == 0, removed.output
    assert role_registry.cluster.get(REGISTRY, "default", role_registry.namespace) is None

    again = run("site", **OPERATOR_MODE, registry_password="of-this-test")
    assert again.returncode == 0, again.output
    seen = look("info")
    assert seen.returncode == 0, seen.output
    result = seen.tasks[0].result
    assert (result["state"], result["mode"], result["images"]["known"]) == ("Ready", "operator", True), result
    gone = run("remove", registry_accept_data_loss=role_registry.consent())
    assert gone.returncode == 0, gone.output


@pytest.mark.long
def test_optional_rights(grant: Give, role_registry: RoleRegistry, clouds: dict[str, Any]) -> None:
    """New keys are written and verified without the rights of a preflight, with a warning; with them a preflight tests them first."""
    variables = {**OPERATOR_MODE, **lab_clouds.own_s3(clouds, role_registry.namespace)}

    def keys() -> dict[str, dict[str, str]]:
        mark = uuid.uuid4().hex
        return {"registry_storage_secret": lab_clouds.s3_key(f"KYMA{mark[:16].upper()}", mark[:24])}

    run = grant("operator")
    first = run("site", **{**variables, **keys()})
    assert first.returncode == 0, first.output
    without = run("site", **{**variables, **keys()})
    assert without.returncode == 0, without.output
    assert without.of("Run the preflight").codes("warning") == ["preflight-skipped"]
    tested = grant("operator", "operator-preflight")("site", **{**variables, **keys()})
    assert tested.returncode == 0, tested.output
    assert tested.of("Run the preflight").result["preflight_run"] and not tested.of("Run the preflight").codes(
        "warning"
    )
