# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Readers of Kubernetes objects, and Secrets as objects."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import objects
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.constants import FIELD_MANAGER, MANAGED_BY

# Objects that do not exist, and objects from which the API server left out what is empty.
EMPTY: list[dict[str, Any] | None] = [None, {}, {"metadata": None, "spec": None, "status": None}, {"metadata": {}}]


@pytest.mark.parametrize("item", EMPTY)
def test_what_is_left_out_reads_as_empty(item: dict[str, Any] | None) -> None:
    """No reader fails."""
    readers = (objects.metadata_of, objects.labels_of, objects.annotations_of, objects.spec_of, objects.status_of)
    assert [dict(reader(item)) for reader in readers] == [{}] * len(readers)
    assert objects.managed_entries(item) == objects.foreign_entries(item) == [] and objects.secret_data(item) == {}
    assert objects.secret_text(item, "key") is None and objects.condition(item, "Ready") == {}
    assert not objects.is_managed(item) and not objects.is_owned_by(item, None) and not objects.is_being_deleted(item)


def test_readers() -> None:
    """Each reads its own part."""
    metadata = {"labels": {"a": "b"}, "annotations": {"c": "d"}, "deletionTimestamp": "now"}
    item = {"metadata": metadata, "spec": {"e": 1}, "status": {"f": 2}}
    assert objects.metadata_of(item) == metadata and objects.labels_of(item) == {"a": "b"}
    assert objects.annotations_of(item) == {"c": "d"} and objects.is_being_deleted(item)
    assert objects.spec_of(item) == {"e": 1} and objects.status_of(item) == {"f": 2}


@pytest.mark.parametrize(
    ("labels", "managed"),
    [
        (None, False),
        ({"app.kubernetes.io/managed-by": "Helm"}, False),
        ({**MANAGED_BY, "more": "x"}, True),
    ],
)
def test_is_managed(labels: dict[str, str] | None, managed: bool) -> None:
    """Only our own label makes an object ours; an annotation does not."""
    assert objects.is_managed({"metadata": {"labels": labels, "annotations": dict(MANAGED_BY)}}) is managed


def test_owners() -> None:
    """By UID: an object of the same name may be another."""
    item = {"metadata": {"ownerReferences": [{"uid": "a", "name": "x"}, {"name": "y"}]}}
    assert objects.is_owned_by(item, "a") and not objects.is_owned_by(item, "x")
    assert not objects.is_owned_by(item, None)


def test_conditions() -> None:
    """The first one of the type."""
    item = {"status": {"conditions": ["odd", {"type": "A", "status": "True"}, {"type": "B", "status": "False"}]}}
    assert objects.condition(item, "B") == {"type": "B", "status": "False"}
    assert objects.has_condition(item, "A") and not objects.has_condition(item, "B")
    assert not objects.has_condition(item, "C")


def _entry(manager: str = FIELD_MANAGER, operation: str = "Apply", **more: Any) -> dict[str, Any]:
    return {"manager": manager, "operation": operation, "fieldsV1": {}, **more}


def test_managed_entries() -> None:
    """By manager, operation and subresource."""
    applied, updated, other = _entry(), _entry(operation="Update"), _entry("other")
    status, empty = _entry(subresource="status"), _entry(subresource="")
    item = {"metadata": {"managedFields": [other, updated, status, applied, empty]}}
    assert objects.managed_entries(item) == [applied, empty]
    assert objects.managed_entries(item, "other") == objects.foreign_entries(item) == [other]
    assert objects.managed_entries(item, operation="") == [updated, applied, empty]
    assert objects.managed_entries(item, subresource="status") == [status]


def test_owned_fields() -> None:
    """Below a path of fields; empty if nothing there is owned."""
    entry = _entry(fieldsV1={"f:metadata": {"f:labels": {".": {}, "f:a": {}}}})
    assert objects.owned_fields(entry, "metadata", "labels") == {".": {}, "f:a": {}}
    assert objects.owned_fields(entry) == entry["fieldsV1"]
    assert objects.owned_fields(entry, "spec", "x") == {} == objects.owned_fields({})


def test_secret_that_we_manage() -> None:
    """Text and bytes are encoded alike, and are read back."""
    secret = objects.secret_object("n", "ns", {"a": "\u00fc", "b": b"\xff"}, labels={"x": "y"})
    assert secret == {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "n", "namespace": "ns", "labels": {**MANAGED_BY, "x": "y"}},
        "type": "Opaque",
        "data": {"a": "w7w=", "b": "/w=="},
    }
    assert objects.secret_data(secret) == {"a": b"\xc3\xbc", "b": b"\xff"}
    assert objects.secret_text(secret, "a") == "\u00fc" and objects.secret_text(secret, "b") is None


def test_secret_that_is_not_ours() -> None:
    """Its labels stay its owner's."""
    secret = objects.secret_object("n", "ns", {}, of_type="kubernetes.io/tls", managed=False)
    assert secret["metadata"] == {"name": "n", "namespace": "ns"} and secret["type"] == "kubernetes.io/tls"


@pytest.mark.parametrize("value", ["not base64", "YQ", None, 1, "w7w"])
def test_data_that_cannot_be_decoded(value: Any) -> None:
    """Reads as nothing."""
    secret = {"data": {"key": value}}
    assert objects.secret_text(secret, "key") is None and objects.secret_data(secret) == {"key": b""}
