# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""False, 0, "" and absent mean the same in fields with `omitempty`; nothing else does."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator import stored_spec

S3 = {"bucket": "images", "region": "eu-central-1"}
GCS = {"bucket": "images"}


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (None, None),
        ({}, {}),
        ({"deleteEnabled": False}, {}),
        ({"deleteEnabled": True}, {"deleteEnabled": True}),
        ({"deleteEnabled": False, "s3": S3}, {"s3": S3}),
        ({"s3": {**S3, "encrypt": False, "secure": False, "regionEndpoint": "", "secretName": ""}}, {"s3": S3}),
        ({"s3": {**S3, "encrypt": True, "secure": True}}, {"s3": {**S3, "encrypt": True, "secure": True}}),
        ({"s3": {**S3, "encrypt": None}, "azure": None}, {"s3": S3}),
        ({"gcs": {**GCS, "chunksize": 0, "rootdirectory": "", "secretName": ""}}, {"gcs": GCS}),
        ({"gcs": {**GCS, "chunksize": 262144}}, {"gcs": {**GCS, "chunksize": 262144}}),
        ({"btpObjectStore": {"secretName": "binding"}}, {"btpObjectStore": {"secretName": "binding"}}),
        # Fields that the CRD requires have no `omitempty`.
        ({"azure": {"secretName": ""}}, {"azure": {"secretName": ""}}),
        ({"pvc": {"name": ""}}, {"pvc": {"name": ""}}),
        ({"s3": {"bucket": "", "region": ""}}, {"s3": {"bucket": "", "region": ""}}),
        # Unknown fields are kept.
        ({"s4": {}, "s3": {**S3, "acl": "private"}}, {"s4": {}, "s3": {**S3, "acl": "private"}}),
    ],
)
def test_storage(given: dict[str, Any] | None, kept: dict[str, Any] | None) -> None:
    """Empty values are removed. A backend that is named, and a storage that exists, stay."""
    assert stored_spec.normalize_storage(given) == kept
    assert stored_spec.normalize_storage(kept) == kept


def test_input_stays_as_it_is() -> None:
    """The comparison changes neither side."""
    given: dict[str, Any] = {"deleteEnabled": False, "s3": {**S3, "encrypt": False}}
    stored_spec.normalize_storage(given)
    assert given == {"deleteEnabled": False, "s3": {**S3, "encrypt": False}}


@pytest.mark.parametrize("absent", [{}, {"logging": None}, {"logging": {}}, {"logging": {"accessLogEnabled": False}}])
def test_empty_logging(absent: dict[str, Any]) -> None:
    """An empty section is the same as none."""
    assert stored_spec.normalize_spec({**absent, "storage": {"s3": S3}}) == {"storage": {"s3": S3}}


def test_whole_spec() -> None:
    """An empty storage is not the same as none: the operator stores on an emptyDir then. externalAccess keeps false."""
    assert (
        stored_spec.normalize_spec(None)
        == stored_spec.normalize_spec({})
        == stored_spec.normalize_spec({"storage": None})
        == {}
    )
    assert (
        stored_spec.normalize_spec({"storage": {}})
        == stored_spec.normalize_spec({"storage": {"deleteEnabled": False}})
        == {"storage": {}}
    )
    external = {"externalAccess": {"enabled": False, "host": ""}}
    assert stored_spec.normalize_spec(external) == external
    logging = {"level": "debug", "format": "", "accessLogEnabled": True}
    assert stored_spec.normalize_spec({"logging": logging}) == {"logging": {"level": "debug", "accessLogEnabled": True}}
