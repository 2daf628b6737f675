# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whose objects they are."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator import mode, ownership

CR: dict[str, Any] = {
    "apiVersion": "operator.kyma-project.io/v1alpha1",
    "kind": "DockerRegistry",
    "metadata": {"name": "default", "namespace": "ns", "labels": {"a": "b"}, "uid": "x"},
    "spec": {"storage": {}},
}


@pytest.mark.parametrize(
    ("deployment", "codes"),
    [
        (None, []),
        ({}, []),
        ({"metadata": {"labels": None}}, []),
        ({"metadata": {"labels": {"app.kubernetes.io/managed-by": "Helm"}}}, []),
        ({"metadata": {"labels": constants.MANAGED_BY}}, []),
        (
            {"metadata": {"labels": {"app.kubernetes.io/managed-by": "dockerregistry-operator"}}},
            ["operator-owns-registry"],
        ),
    ],
)
def test_operator_findings(deployment: dict[str, Any] | None, codes: list[str]) -> None:
    """Only the operator's own label is the operator's."""
    assert [item.code for item in ownership.check_operator_ownership(deployment, None)] == codes


@pytest.mark.parametrize(
    ("finalizers", "paths"),
    [(None, []), (["kubernetes"], []), (["kubernetes", mode.FINALIZER], ["DockerRegistry/default"])],
)
def test_finalizer(finalizers: list[str] | None, paths: list[str]) -> None:
    """A DockerRegistry that an operator has to let go of is the operator's."""
    cr = {**CR, "metadata": {**CR["metadata"], "finalizers": finalizers}}
    assert [item.path for item in ownership.check_operator_ownership(None, cr)] == paths


def test_foreign() -> None:
    """Ours and absent ones pass; another is named with its place."""
    assert ownership.check_ownership(None) == []
    item: dict[str, Any] = {"kind": "Service", "metadata": {"name": "dockerregistry", "namespace": "ns"}}
    assert ownership.check_ownership({**item, "metadata": {**item["metadata"], "labels": constants.MANAGED_BY}}) == []
    (finding,) = ownership.check_ownership(item)
    assert (finding.code, finding.severity, finding.path) == ("object-not-ours", "error", "Service/dockerregistry")
    assert "namespace ns" in finding.message and finding.remedy


def test_what_was_handed_over_is_ours_again() -> None:
    """A run that was killed during the hand-over, or an operator that was uninstalled before it took the objects."""
    annotations = {constants.HANDED_OVER: "true"}
    item = {"kind": "Service", "metadata": {"name": "dockerregistry", "namespace": "ns", "annotations": annotations}}
    assert ownership.check_ownership(item) == []


@pytest.mark.parametrize(
    ("labels", "annotated", "ours"),
    [
        (constants.MANAGED_BY, False, True),
        ({}, True, True),
        ({"app.kubernetes.io/managed-by": mode.OPERATOR}, True, False),
        ({}, False, False),
    ],
    ids=["created here", "on its way to an operator", "an operator's by now", "another's"],
)
def test_ours(labels: dict[str, str], annotated: bool, ours: bool) -> None:
    """What a killed hand-over leaves is removed as our own; what an operator has labelled since is not."""
    annotations = {constants.HANDED_OVER: "true"} if annotated else {}
    assert ownership.is_ours({"metadata": {"labels": labels, "annotations": annotations}}) is ours
    assert not ownership.is_ours(None)


def test_no_remedy_deletes_a_volume() -> None:
    """A claim can hold the images: the remedy is a label or another namespace."""
    item = {"kind": "PersistentVolumeClaim", "metadata": {"name": "dockerregistry", "namespace": "ns"}}
    (finding,) = ownership.check_ownership(item)
    assert "emove" not in finding.remedy and "elete" not in finding.remedy
    assert "app.kubernetes.io/managed-by=kyma.docker_registry" in finding.remedy
