# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What follows from spec.storage, and the tables of the backends."""

from __future__ import annotations

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import base, spec


def _resolved(storage: object) -> spec.Resolved:
    resolved, found = spec.check_storage(storage, "storage")
    assert resolved is not None, found
    return resolved


@pytest.mark.parametrize(
    ("storage", "facts"),
    [
        (None, ("filesystem", constants.DEFAULT_CLAIM, None)),
        ({"pvc": {"name": "a"}}, ("pvc", "a", None)),
        ({"azure": {"secretName": "a"}}, ("azure", None, "a")),
        (
            {"s3": {"bucket": "images", "region": "eu-central-1"}},
            ("s3", None, None),
        ),
        ({"gcs": {"bucket": "images", "rootdirectory": "/a/"}}, ("gcs", None, None)),
        ({"btpObjectStore": {"secretName": "b"}}, ("btpObjectStore", None, "b")),
    ],
)
def test_facts_without_a_secret(storage: object, facts: tuple[str | None, ...]) -> None:
    """Backend, claim and Secret."""
    it = _resolved(storage)
    assert (it.backend, it.claim, it.secret_name) == facts


def test_a_path_of_ones_own() -> None:
    """Findings name the user's own place, also those that come late."""
    resolved, _found = spec.check_storage({"azure": {"secretName": "a"}}, "registry_storage")
    assert resolved is not None
    _store, found = resolved.store(None)
    assert [item.path for item in found] == ["registry_storage.azure.secretName"]
    _store, found = resolved.store({}, {"skipverify": 1})
    assert {item.path.partition(".")[0] for item in found} == {base.SECRET_PATH, base.PARAMETERS_PATH}


def test_the_same_bucket_has_one_name() -> None:
    """A binding and the CR's own s3, AWS by region and by endpoint: the guard must see the same place."""
    by_region = _storage_id({"s3": {"bucket": "images", "region": "eu-central-1"}})
    by_endpoint = {"bucket": "images", "region": "eu-central-1", "regionEndpoint": "s3.eu-central-1.amazonaws.com"}
    assert _storage_id({"s3": by_endpoint}) == by_region == "s3/eu-central-1/images"
    binding = {
        "access_key_id": b"AKIAEXAMPLEEXAMPLE00",
        "secret_access_key": b"abcdefghijklmnopqrstuvwxyz0123456789ABCD",
        "bucket": b"images",
        "host": b"s3-eu-central-1.amazonaws.com",
        "region": b"eu-central-1",
    }
    assert _storage_id({"btpObjectStore": {"secretName": "a"}}, binding) == by_region


def _storage_id(storage: object, secret: dict[str, bytes] | None = None) -> str:
    store, _found = _resolved(storage).store(secret)
    assert store is not None
    return store.storage_id
