# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run reports whose change the data guard rejects at registry_deployment, and what it removes of an interrupted preflight."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.deployment import registry_deployment
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.deployment.comparison import (
    PREFLIGHT_POLICY,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared import object_catalog
from ansible_collections.kyma.docker_registry.tests.support.contexts import make_context


@pytest.mark.parametrize("since", [None, "2026-01-02T03:04:05Z"])
def test_a_rejection_before_the_switch(monkeypatch: pytest.MonkeyPatch, since: str | None) -> None:
    """In a role run, the storage Secret and the DockerRegistry are written by then: it does not say that nothing was changed."""
    given: list[str] = []
    monkeypatch.setattr(
        registry_deployment, "guard_images", lambda _context, **options: given.append(options["outcome"])
    )
    annotations = {constants.READ_ONLY_SINCE: since} if since else {}
    read_only = {"metadata": {"labels": dict(constants.READ_ONLY_LABEL)}}
    live: Any = {
        object_catalog.DEPLOYMENT: {"metadata": {"annotations": annotations}, "spec": {"template": read_only}},
        ("PersistentVolumeClaim", constants.DEFAULT_CLAIM): None,
    }
    params = {"namespace": "ns", "name": "default", "accept_data_loss": ""}
    context = make_context(params, check_mode=False, cluster=object())
    store: Any = SimpleNamespace(storage_id="s3/r/b")
    registry_deployment._guard(context, live, store)
    registry_deployment._guard(context, live, store, in_window=True)
    assert given[0].startswith("The storage was not switched") and given[1] == "The storage was not switched."
    assert ("read-only since 2026" in given[0]) is bool(since)


ACCOUNT = ("ServiceAccount", constants.REGISTRY)
OURS = {"metadata": {"name": constants.PREFLIGHT, "labels": dict(constants.MANAGED_BY)}}
FOREIGN = {"metadata": {"name": constants.PREFLIGHT}}
RESTORED = {"metadata": {"name": constants.REGISTRY}}


@pytest.mark.parametrize(
    ("policy", "check", "removed"),
    [(OURS, False, True), (OURS, True, False), (FOREIGN, False, False), (None, False, False)],
    ids=["left", "check mode", "of others", "none"],
)
def test_an_interrupted_preflight(policy: Any, check: bool, removed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run without a preflight removes it too. The account is read again, because it was restored."""
    calls: list[str] = []
    monkeypatch.setattr(registry_deployment, "remove_preflight", lambda _context, namespace: calls.append(namespace))
    cluster: Any = SimpleNamespace(get=lambda *_place: RESTORED)
    context = make_context({"namespace": "ns"}, check_mode=check, cluster=cluster)
    live: Any = {PREFLIGHT_POLICY: policy, ACCOUNT: {"metadata": {"name": constants.REGISTRY, "annotations": {}}}}
    registry_deployment._remove_left_preflight(context, live)
    assert calls == (["ns"] if removed else [])
    assert (live[ACCOUNT] is RESTORED) == removed and live[PREFLIGHT_POLICY] == (None if removed else policy)
