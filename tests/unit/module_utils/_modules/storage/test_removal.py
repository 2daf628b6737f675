# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""docker_registry_storage, state absent: of what the user gives only the name and the namespace count."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.image_counting import ImageCount
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator.mode import FINALIZER
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.storage import (
    docker_registry_storage,
    removal,
)
from ansible_collections.kyma.docker_registry.tests.support import objects
from ansible_collections.kyma.docker_registry.tests.support.contexts import run_body

REGISTRY = """
apiVersion: operator.kyma-project.io/v1alpha1
kind: DockerRegistry
metadata: {name: images, namespace: there, labels: [wrong]}
spec: {storage: {s4: {bucket: 1}}, logging: wrong, unknown: 1}
"""
# A Secret that the DockerRegistry does not name, and an object of another kind.
BESIDE = """
---
{apiVersion: v1, kind: Secret, metadata: {name: keys}, data: {a: no base64}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: other}}
"""


class _Cluster:
    """A DockerRegistry of any name that is asked for, its Deployment or none, and Deployments of an operator or none."""

    def __init__(
        self, finalizers: list[str], deployment: dict[str, Any] | None, operators: list[dict[str, Any]]
    ) -> None:
        self.deleted: list[str] = []
        self.finalizers, self.deployment, self.operators = finalizers, deployment, operators

    def get(self, kind: str, name: str, namespace: str) -> dict[str, Any] | None:
        """What is there."""
        metadata = {"name": name, "namespace": namespace, "uid": "1", "resourceVersion": "1"}
        if kind == "Deployment":
            return self.deployment
        return (
            {"metadata": {**metadata, "finalizers": self.finalizers}, "spec": {}} if kind == "DockerRegistry" else None
        )

    def list(self, kind: str, _namespace: str | None = None, **_selectors: str) -> list[dict[str, Any]]:
        """Deployments of an operator."""
        return self.operators if kind == "Deployment" else []

    def list_if_served(self, _kind: str, _namespace: str) -> list[dict[str, Any]]:
        """No other DockerRegistry."""
        return []

    def delete(self, kind: str, name: str, namespace: str, uid: str) -> bool:
        """Notes it."""
        assert uid
        self.deleted.append(f"{kind}/{namespace}/{name}")
        return True


def _remove(
    monkeypatch: pytest.MonkeyPatch,
    finalizers: tuple[str, ...] = (),
    deployment: dict[str, Any] | None = None,
    operators: tuple[dict[str, Any], ...] = (),
    **options: Any,
) -> tuple[list[str], list[str]]:
    """What is deleted, and the codes of the errors."""
    cluster = _Cluster(list(finalizers), deployment, list(operators))
    monkeypatch.setattr(Context, "cluster", property(lambda _context: cluster))
    params = {name: option.get("default") for name, option in docker_registry_storage.SPEC.options.items()}
    given = {**params, "namespace": "ns", "state": "absent", **options}
    result = run_body(docker_registry_storage.manage_docker_registry, given, check_mode=False, secrets=()).result
    return cluster.deleted, [item["code"] for item in result["findings"] if item["severity"] == "error"]


@pytest.mark.parametrize(
    ("options", "deleted"),
    [
        ({"manifest": REGISTRY}, "there/images"),
        ({"manifest": REGISTRY + BESIDE}, "there/images"),
        ({"manifest": "{apiVersion: operator.kyma-project.io/v1, kind: DockerRegistry}"}, "ns/default"),
        ({"storage": {"s4": {}}, "logging": {"level": "loud"}, "name": "mine"}, "ns/mine"),
    ],
    ids=["wrong spec", "wrong documents beside it", "no names", "wrong options"],
)
def test_other_mistakes_in_the_input_do_not_matter(
    monkeypatch: pytest.MonkeyPatch, options: dict[str, Any], deleted: str
) -> None:
    """A spec that was accepted once may be rejected by now."""
    assert _remove(monkeypatch, **options) == ([f"DockerRegistry/{deleted}"], [])


@pytest.mark.parametrize(
    ("manifest", "code"),
    [
        (f"{REGISTRY}---{REGISTRY}", "manifest-one-registry"),
        ("{}", "manifest-unsupported-document"),
        ("---", "manifest-one-registry"),
        ("no-such-file.yml", "manifest-no-such-file"),
        (REGISTRY.replace("images", "Not_a_name"), "manifest-bad-name"),
        (REGISTRY.replace("there", "1"), "manifest-bad-name"),
        (
            "{apiVersion: operator.kyma-project.io/v1alpha1, kind: DockerRegistry, metadata: 1}",
            "manifest-not-a-mapping",
        ),
    ],
)
def test_the_names_have_to_be_right(monkeypatch: pytest.MonkeyPatch, manifest: str, code: str) -> None:
    """Otherwise nothing is deleted."""
    assert _remove(monkeypatch, manifest=manifest) == ([], [code])


OPERATOR = {
    "metadata": {"name": "dockerregistry-operator", "namespace": "elsewhere"},
    "spec": {"template": {"spec": {"containers": []}}},
}
WORKLOAD = {"metadata": {"name": "dockerregistry", "labels": dict(constants.MANAGED_BY)}}


@pytest.mark.parametrize("deployment", [WORKLOAD, None], ids=["first task", "after the removal of the workload"])
def test_direct_mode_beside_a_left_operator_is_removed_to_the_end(
    monkeypatch: pytest.MonkeyPatch, deployment: dict[str, Any] | None
) -> None:
    """The role removes the workload between its first look and the DockerRegistry, which must not be rejected then."""
    removed = _remove(monkeypatch, deployment=deployment, operators=(OPERATOR,), mode="direct")
    assert removed == (["DockerRegistry/ns/default"], [])


def test_what_an_operator_has_taken_is_not_removed_in_direct_mode(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its finalizer shows it, also without a Deployment."""
    removed = _remove(monkeypatch, finalizers=(FINALIZER,), operators=(OPERATOR,), mode="direct")
    assert removed == ([], ["mode-operator-runs"])


OPERATORS = {"app.kubernetes.io/managed-by": "dockerregistry-operator"}
FIELDS = {"f:spec": {"f:template": {}}}
ENTRY = {"manager": constants.FIELD_MANAGER, "operation": "Apply", "apiVersion": "apps/v1", "fieldsV1": FIELDS}
EMPTY, FULL = ImageCount(True), ImageCount(True, repositories=1)


def _operators_registry(claim: str, ours: tuple[dict[str, Any], ...]) -> dict[str, Any]:
    volume = {"name": "data", "persistentVolumeClaim": {"claimName": claim}}
    metadata = {"name": "dockerregistry", "namespace": "ns", "uid": "7", "generation": 1, "labels": OPERATORS}
    template = {"spec": {"containers": [], "volumes": [volume]}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {**metadata, "managedFields": list(ours)},
        "spec": {"template": template},
    }


@pytest.mark.parametrize(
    ("claim", "ours", "counts", "deleted", "windows"),
    [
        ("dockerregistry", (ENTRY,), [EMPTY, EMPTY], True, 1),
        ("dockerregistry", (ENTRY,), [EMPTY, FULL], False, 1),
        ("dockerregistry", (ENTRY,), [FULL], False, 0),
        ("dockerregistry", (), [EMPTY, EMPTY], True, 1),
        ("of-the-user", (ENTRY,), [], True, 0),
    ],
    ids=["empty", "pushed after the first count", "full", "nothing of ours on it", "volume of the user"],
)
def test_pushes_before_an_operator_deletes_the_volume(
    monkeypatch: pytest.MonkeyPatch,
    claim: str,
    ours: tuple[dict[str, Any], ...],
    counts: list[ImageCount],
    deleted: bool,
    windows: int,
) -> None:
    """The registry is made read-only and counted again: a push that it accepts after the count would be lost with the volume."""
    opened, left = [], list(counts)

    @contextmanager
    def window(_context: Context, _namespace: str, deployment: Any, judge: Any) -> Iterator[Any]:
        opened.append(deployment["metadata"]["name"])
        try:
            assert list(judge()) == []
        except Refusal as refusal:
            assert "#" not in refusal.findings[0].remedy, "a consent that the end of the window makes invalid"
            raise
        yield deployment

    monkeypatch.setattr(removal, "maintenance_window", window)
    monkeypatch.setattr(removal, "count_images_if_running", lambda *_arguments: left.pop(0))
    registry = _operators_registry(claim, ours)
    operator = objects.running(objects.operator_deployment())
    monkeypatch.setattr(removal, "_await_deletion", lambda *_arguments: None)
    removed = _remove(monkeypatch, finalizers=(FINALIZER,), deployment=registry, operators=(operator,))
    assert removed == ((["DockerRegistry/ns/default"], []) if deleted else ([], ["images-at-risk"]))
    assert (len(opened), left) == (windows, [])
