# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When a store is tried before it is used."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.deployment.preflight import (
    decision,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared import object_catalog
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import Store

Object = dict[str, Any]

STORE = Store("s3", "s3", {}, "s3/eu-central-1/images")
IMAGE = "registry:1"


class _Cluster:
    """Objects by kind; notes what is deleted."""

    def __init__(self, *objects: Object) -> None:
        self.objects = {item["kind"]: item for item in objects}
        self.deleted: list[tuple[str, str]] = []

    def get(self, kind: str, name: str, namespace: str) -> Object | None:
        return self.objects.get(kind)

    def delete(self, kind: str, name: str, namespace: str, *, uid: str) -> bool:
        assert uid == f"uid-{kind}" and namespace == "ns"
        self.deleted.append((kind, name))
        return True


def _object(place: object_catalog.ObjectKey, ours: bool = True) -> Object:
    kind, name = place
    labels = dict(constants.MANAGED_BY) if ours else {}
    return {"kind": kind, "metadata": {"name": name, "namespace": "ns", "uid": f"uid-{kind}", "labels": labels}}


def _context(cluster: _Cluster, check_mode: bool = False) -> Context:
    return Context({"namespace": "ns", "manifest": None}, check_mode, _cluster=cluster)  # type: ignore[arg-type]


def _registry(fingerprint: str, image: str = IMAGE) -> Object:
    annotations = {f"{constants.PREFIX}/store-fingerprint": fingerprint}
    container = {"name": constants.CONTAINER, "image": image, "env": [{"name": "A", "value": "1"}]}
    template = {"metadata": {"annotations": annotations}, "spec": {"containers": [container]}}
    return {**_object(("Deployment", constants.REGISTRY)), "spec": {"template": template}}


@pytest.mark.parametrize(
    ("live", "mark", "tried"),
    [
        (None, "new", True),
        (_registry("new"), "new", False),
        (_registry("old"), "new", True),
        (_registry("new", "registry:2"), "new", True),
        (_registry("new"), None, True),
    ],
    ids=["first", "same", "other-store", "other-image", "no-fingerprint"],
)
def test_a_store_is_tried_unless_the_registry_uses_it(
    live: Object | None, mark: str | None, tried: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other keys or another image are as untried as another bucket."""
    seen: list[str] = []
    monkeypatch.setattr(decision, "remove_preflight", lambda context, namespace: None)
    monkeypatch.setattr(decision, "run_preflight", lambda context, wanted, store, path: seen.append(store.storage_id))
    context = _context(_Cluster(*filter(None, [live])))
    decision.preflight_changed_store(context, {("Deployment", constants.REGISTRY): _registry("new")}, STORE, mark)
    assert seen == ([STORE.storage_id] if tried else []) and context.result["tried"] is tried
