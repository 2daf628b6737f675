# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The DockerRegistry as a diff shows it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.constants import FIELD_MANAGER
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.storage import cr_document
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.storage.desired_state import DesiredState
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import spec, volume

CANARY = "c4n4ry-of-the-visible-test"

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"

OURS = "kyma-docker-registry.ansible/storage-id"


def test_annotations_of_the_cr() -> None:
    """What its definition takes out of the object stays in kubectl's annotation."""
    cr = {"metadata": {"name": "a", "annotations": {LAST_APPLIED: CANARY, OURS: "s3/a"}}, "spec": {}}
    assert cr_document.visible_cr(cr)["metadata"] == {
        "name": "a",
        "annotations": {LAST_APPLIED: "(hidden)", OURS: "s3/a"},
    }
    assert cr_document.visible_cr({"metadata": {"name": "a"}}) == {"metadata": {"name": "a"}, "spec": {}}


ACCESS = {"enabled": True, "host": "registry.example.com"}


def _desired(storage: dict[str, Any] | None, access: dict[str, Any] | None) -> DesiredState:
    resolved, _found = spec.check_storage(storage, "storage")
    assert resolved is not None
    size = volume.VolumeRequest("20Gi", None, ("ReadWriteOnce",))
    desired = DesiredState("default", "ns", "storage", resolved, size, {}, {}, 1, external_access=access)
    return replace(desired, operator_mode=True)


def _live(storage: dict[str, Any] | None, owned: list[str]) -> dict[str, Any]:
    fields = {"f:spec": {"f:externalAccess": {f"f:{name}": {} for name in owned}}}
    return {
        "metadata": {"managedFields": [{"manager": FIELD_MANAGER, "operation": "Apply", "fieldsV1": fields}]},
        "spec": {"externalAccess": dict(ACCESS), **({"storage": storage} if storage else {})},
    }


@pytest.mark.parametrize(
    ("storage", "access", "owned", "removed"),
    [
        (None, {}, ["enabled", "host"], ["enabled", "host"]),
        (None, {}, ["host"], ["host"]),
        (None, {}, [], []),
        ({"pvc": {"name": "own"}}, {}, ["enabled", "host"], []),
        (None, ACCESS, ["enabled", "host"], []),
    ],
)
def test_external_access_that_is_taken_back(
    storage: dict[str, Any] | None, access: dict[str, Any], owned: list[str], removed: list[str]
) -> None:
    """If nothing else is left of the spec, an apply alone would make it null; what others wrote stays."""
    patches = cr_document.build_corrections(_desired(storage, access), _live(storage, owned))
    assert patches == [{"op": "remove", "path": f"/spec/externalAccess/{name}"} for name in removed]


@pytest.mark.parametrize(
    ("access", "owned", "sent"),
    [
        (None, ["enabled", "host"], ACCESS),
        (None, ["enabled"], {"enabled": True}),
        (None, [], None),
        ({}, ["enabled", "host"], None),
        ({"enabled": False}, ["enabled", "host"], {"enabled": False}),
    ],
)
def test_external_access_of_which_nothing_is_said(
    access: dict[str, Any] | None, owned: list[str], sent: dict[str, Any] | None
) -> None:
    """registry_storage has no word for it: what a manifest has set stays, for instance where a run restores former credentials."""
    for live, expected in ((_live(None, owned), sent), (None, access or None)):
        desired = cr_document.keep_external_access(_desired(None, access), live)
        assert desired.document()["spec"].get("externalAccess") == expected
    direct = replace(_desired(None, access), operator_mode=False)
    assert "externalAccess" not in cr_document.keep_external_access(direct, _live(None, owned)).document()["spec"]
