# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When a store is tried before it is used."""

from __future__ import annotations

from types import SimpleNamespace
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


def _registry(fingerprint: str, image: str = IMAGE) -> Object:
    annotations = {f"{constants.PREFIX}/store-fingerprint": fingerprint}
    container = {"name": constants.CONTAINER, "image": image, "env": [{"name": "A", "value": "1"}]}
    template = {"metadata": {"annotations": annotations}, "spec": {"containers": [container]}}
    return {
        "kind": "Deployment",
        "metadata": {"name": constants.REGISTRY, "namespace": "ns"},
        "spec": {"template": template},
    }


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
    monkeypatch.setattr(
        decision, "run_preflight", lambda context, wanted, account, store, path: seen.append(store.storage_id)
    )
    cluster = SimpleNamespace(get=lambda kind, name, namespace: live if kind == "Deployment" else None)
    context = Context({"namespace": "ns", "manifest": None}, False, _cluster=cluster)  # type: ignore[arg-type]
    decision.preflight_changed_store(context, {object_catalog.DEPLOYMENT: _registry("new")}, STORE, mark)
    assert seen == ([STORE.storage_id] if tried else []) and context.result["preflight_run"] is tried


@pytest.mark.parametrize(
    ("store", "previous", "verified"),
    [
        (STORE, None, False),
        (STORE, _registry("new"), True),
        (STORE, _registry("old"), False),
        (STORE, _registry("new", "registry:2"), False),
        (Store("filesystem", "pvc", {}, "persistentvolumeclaim/images", claim="images"), None, True),
    ],
    ids=["first", "same", "other keys", "other image", "volume"],
)
def test_a_rollout_verifies_what_was_verified_before(store: Store, previous: Object | None, verified: bool) -> None:
    """Distribution is ready with keys that the store rejects, so without a verification they stay unverified."""
    assert decision.is_store_verified(store, _registry("new"), previous) is verified
