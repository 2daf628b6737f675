# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What opens a maintenance window and what closes it, on a Deployment of direct mode and on an overlay."""

from __future__ import annotations

import copy
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard import window_document

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
SINCE = "2026-01-02T03:04:05Z"
IDENTITY: dict[str, Any] = {"apiVersion": "apps/v1", "kind": "Deployment"}
NAMED = {"name": constants.REGISTRY, "namespace": "ns"}
FULL = {
    **IDENTITY,
    "metadata": {**NAMED, "annotations": {constants.STORAGE_ID: "s3/r/b"}},
    "spec": {
        "replicas": 2,
        "template": {
            "metadata": {"labels": {"app": "docker-registry"}, "annotations": {"a": "b"}},
            "spec": {
                "containers": [
                    {"name": "sidecar", "image": "other"},
                    {"name": constants.CONTAINER, "image": "registry", "env": [{"name": "A", "value": "1"}]},
                ],
                "volumes": [{"name": "config"}],
            },
        },
    },
}
OVERLAY = {**IDENTITY, "metadata": {**NAMED, "annotations": {constants.STORAGE_ID: "s3/r/b"}}}
EMPTY = {**IDENTITY, "metadata": NAMED}
DOCUMENTS = pytest.mark.parametrize("owned", [FULL, OVERLAY, EMPTY], ids=["direct", "overlay", "no overlay"])


def _variables(document: dict[str, Any]) -> dict[str, str]:
    containers = document["spec"]["template"]["spec"]["containers"]
    (registry,) = (item for item in containers if item["name"] == constants.CONTAINER)
    return {item["name"]: item["value"] for item in registry["env"]}


@DOCUMENTS
def test_open_and_closed(owned: dict[str, Any]) -> None:
    """One document makes the Pods read-only and records it; the other is exactly what was there before."""
    before = copy.deepcopy(owned)
    opened = window_document.open_document(owned, NOW, "s3/r/b")
    assert _variables(opened)["REGISTRY_STORAGE_MAINTENANCE"] == '{"readonly": {"enabled": true}}'
    assert window_document.is_open(opened) and window_document.read_only_since(opened) == SINCE
    assert window_document.read_only_storage_id(opened) == "s3/r/b"
    assert window_document.open_document(opened, NOW, "s3/r/b") == opened
    assert window_document.closed_document(opened) == owned == before
    assert not window_document.is_open(owned) and window_document.read_only_since(owned) is None


def test_rest_of_the_deployment_stays() -> None:
    """The window changes no other part: the same storage, image and number of Pods."""
    opened = window_document.open_document(FULL, NOW, "s3/r/b")
    template = opened["spec"]["template"]
    assert opened["spec"]["replicas"] == 2 and template["metadata"]["annotations"] == {"a": "b"}
    assert template["metadata"]["labels"] == {"app": "docker-registry", **constants.READ_ONLY_LABEL}
    assert template["spec"]["volumes"] == [{"name": "config"}] and _variables(opened)["A"] == "1"
    assert template["spec"]["containers"][0] == {"name": "sidecar", "image": "other"}


def test_the_record_stays_until_the_rollout_is_complete() -> None:
    """The switch keeps the record, and has writable Pods."""
    kept = window_document.keep_record(FULL, window_document.open_document(FULL, NOW, "s3/r/b"))
    assert window_document.read_only_since(kept) == SINCE and not window_document.is_open(kept)
    assert window_document.read_only_storage_id(kept) == "s3/r/b"
    assert window_document.keep_record(FULL, FULL) == window_document.keep_record(FULL, None) == FULL


@pytest.mark.parametrize(
    ("since", "minutes", "codes"),
    [
        (None, 90, []),
        (SINCE, 29, []),
        (SINCE, 31, ["maintenance-window-open"]),
        ("yesterday", 0, ["maintenance-window-open"]),
    ],
)
def test_a_window_that_is_open_for_too_long(since: str | None, minutes: int, codes: list[str]) -> None:
    """Half an hour is enough for every rollout; a time that cannot be read is reported."""
    deployment: dict[str, Any] = {"metadata": {"annotations": {constants.READ_ONLY_SINCE: since} if since else {}}}
    deployment["spec"] = {"template": {"metadata": {"labels": dict(constants.READ_ONLY_LABEL)}}}
    found = window_document.check_window(deployment, NOW + timedelta(minutes=minutes))
    assert [item.code for item in found] == codes
    assert window_document.rejects_pushes_since(deployment) == since


@pytest.mark.parametrize(("storage_id", "words"), [("s3/r/b", "a switch from s3/r/b"), (None, "a switch")])
def test_a_switch_that_a_killed_run_has_not_completed(storage_id: str | None, words: str) -> None:
    """The Pods of the new storage accept pushes: no text says that the registry is read-only, and none that it was not switched."""
    opened = window_document.open_document(FULL, NOW, storage_id)
    switched = window_document.keep_record(FULL, opened)
    assert window_document.rejects_pushes_since(switched) is None
    assert window_document.rejects_pushes_since(opened) == SINCE
    (finding,) = window_document.check_window(switched, NOW + timedelta(minutes=31))
    assert finding.code == "switch-not-completed" and finding.message.startswith(f"{words} was not completed")
    text = window_document.describe_unchanged(switched, written=False)
    assert text.startswith(f"Nothing was changed: {words} was not completed")
    for said in (finding.message, finding.remedy, text):
        assert "read-only" not in said and "rejects" not in said and "writable" not in said


@pytest.mark.parametrize(("written", "words"), [(False, "Nothing was changed"), (True, "The storage was not switched")])
def test_what_a_rejected_run_says(written: bool, words: str) -> None:
    """Also that the registry stays read-only, if an interrupted run has left it so."""
    assert window_document.describe_unchanged(None, written=written) == f"{words}."
    opened = window_document.open_document(FULL, NOW, "s3/r/b")
    text = window_document.describe_unchanged(opened, written=written)
    assert text.startswith(f"{words}: ") and f"read-only since {SINCE}" in text
    assert text.endswith("run the playbook kyma.docker_registry.site with the former storage, s3/r/b.")
    unknown = window_document.describe_unchanged(window_document.open_document(FULL, NOW, None), written=written)
    assert unknown.endswith("run the playbook kyma.docker_registry.site with the former storage.")
