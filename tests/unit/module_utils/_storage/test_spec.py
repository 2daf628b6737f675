# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What follows from spec.storage, and the tables of the backends."""

from __future__ import annotations

import re

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import base, catalog, parameters, spec
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.texts import kind_of, nearest
from ansible_collections.kyma.docker_registry.tests.support import corpus


def _resolved(storage: object) -> spec.Resolved:
    resolved, found = spec.check(storage, "storage")
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
    resolved, _found = spec.check({"azure": {"secretName": "a"}}, "registry_storage")
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


@pytest.mark.parametrize("name", catalog.drivers())
def test_tables_of_a_driver(name: str) -> None:
    """Names are the driver's (lower case), unique, described; defaults fit their own rules."""
    driver = catalog.drivers()[name]
    every = [item.name for item in (*driver.parameters, *driver.rejected)]
    assert len(set(every)) == len(every)
    assert all(re.fullmatch(r"[a-z0-9_]+", item) for item in every)
    assert all(item.description.endswith(".") for item in driver.parameters)
    for item in driver.parameters:
        if item.default is not None:
            values, found = parameters.check(driver, {item.name: item.default}, "parameters")
            assert found == () and values == {item.name: item.default}


@pytest.mark.parametrize("backend", [catalog.DEFAULT, *catalog.NAMED.values()], ids=lambda backend: backend.name)
def test_every_refused_parameter_is_in_the_corpus(backend: base.Backend) -> None:
    """Also those that are set elsewhere."""
    said = {line for case in corpus.cases() for line in case.expected}
    for item in (item for driver in backend.drivers for item in driver.rejected):
        assert f"error {item.code} parameters.{item.name}" in said
    for parameter in backend.set_elsewhere:
        assert f"error parameter-taken parameters.{parameter}" in said


@pytest.mark.parametrize("name", sorted(catalog.NAMED))
def test_keys_of_secrets(name: str) -> None:
    """Descriptions complete the sentence `Add <key>: ...`; names and aliases are unique."""
    keys = catalog.NAMED[name].secret_keys
    every = [spelling for key in keys for spelling in (key.name, *key.aliases)]
    assert len(set(every)) == len(every)
    assert all(key.description.endswith(".") for key in keys)


def test_secrets_tell_backends_apart() -> None:
    """The needed keys of one backend are no Secret of another."""
    for one in catalog.NAMED.values():
        secret = {key.name: b"x" for key in one.secret_keys if key.required}
        assert [other.name for other in catalog.NAMED.values() if secret and other.has_required_keys(secret)] == (
            [one.name] if secret else []
        )


def test_a_driver_knows_its_parameters() -> None:
    """By name; another one is a mistake of ours."""
    assert catalog.drivers()["gcs"].parameter("chunksize").multiple_of == 262144
    with pytest.raises(StopIteration):
        catalog.drivers()["gcs"].parameter("chunkSize")


@pytest.mark.parametrize(
    ("value", "word"),
    [
        ({}, "a mapping"),
        ([], "a list"),
        (True, "a boolean"),
        (1, "a number"),
        (1.5, "a number"),
        ("", "text"),
        (None, "empty"),
        (b"", "of another type"),
    ],
)
def test_words_for_types(value: object, word: str) -> None:
    """A boolean is no number here."""
    assert kind_of(value) == word


@pytest.mark.parametrize(
    ("name", "meant"), [("BUCKET", "bucket"), ("buckt", "bucket"), ("regionendpoint", "regionEndpoint"), ("zzz", None)]
)
def test_nearest(name: str, meant: str | None) -> None:
    """Case does not count; what is too far is not offered."""
    assert nearest(name, ["bucket", "region", "regionEndpoint"]) == meant
