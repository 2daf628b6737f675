# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Free-form input: whatever is given, the domain answers with findings and never raises anything but a Refusal."""

from __future__ import annotations

import base64
import json
import string
from collections.abc import Mapping
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, Refusal
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import (
    catalog,
    parameters,
    pasted_manifest,
    spec,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import Driver
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.checks import pem, service_account
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.checks.endpoints import parse_endpoint
from ansible_collections.kyma.docker_registry.tests.support import keys
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

pytestmark = pytest.mark.slow
UNHURRIED = settings(suppress_health_check=[HealthCheck.too_slow])
# Surrogates, control characters and all: what JSON and YAML can carry.
TEXT = some.text(max_size=30)
LEAVES = some.none() | some.booleans() | some.integers() | some.floats() | TEXT
JSON = some.recursive(LEAVES, lambda inner: some.lists(inner, max_size=3) | some.dictionaries(TEXT, inner, max_size=4))

KNOWN_KEYS = sorted(
    {key.name for backend in catalog.NAMED.values() for key in backend.secret_keys}
    | {"role", "sas_token", "uri", "accountKey"}
)
VALUES = some.binary(max_size=60) | TEXT.map(lambda text: text.encode("utf-8", "replace"))
SECRETS = some.dictionaries(some.sampled_from(KNOWN_KEYS) | TEXT, VALUES, max_size=8)
PARAMETER_NAMES = sorted(
    {item.name for driver in catalog.drivers().values() for item in (*driver.parameters, *driver.rejected)}
)
PARAMETERS = some.dictionaries(some.sampled_from(PARAMETER_NAMES) | TEXT, JSON, max_size=6)
STORAGES = {
    "filesystem": None,
    "pvc": {"pvc": {"name": "claim"}},
    "azure": {"azure": {"secretName": "a"}},
    "s3": {"s3": {"bucket": "images", "region": "eu-central-1", "secretName": "a"}},
    "own s3": {"s3": {"bucket": "images", "region": "x", "regionEndpoint": "http://minio:9000", "secretName": "a"}},
    "gcs": {"gcs": {"bucket": "images", "secretName": "a", "rootdirectory": "dir"}},
    "btp": {"btpObjectStore": {"secretName": "a"}},
}


def _sound(found: tuple[Finding, ...]) -> None:
    """Each finding can be shown."""
    for item in found:
        assert item.code and item.message and item.path
        assert item.severity in ("error", "warning")


def _stops(found: tuple[Finding, ...]) -> bool:
    return any(item.severity == "error" for item in found)


@UNHURRIED
@given(JSON)
def test_storage_of_any_shape(storage: Any) -> None:
    """check() answers, and only an error gives no result."""
    resolved, found = spec.check_storage(storage, "storage")
    _sound(found)
    assert (resolved is None) == _stops(found)


@UNHURRIED
@given(some.sampled_from(sorted(catalog.NAMED)), some.data())
def test_fields_of_any_value(name: str, data: some.DataObject) -> None:
    """The same where the names are right and the values are anything."""
    names = [field.name for field in catalog.NAMED[name].fields]
    values = data.draw(some.dictionaries(some.sampled_from(names) | TEXT, LEAVES | JSON, max_size=5))
    resolved, found = spec.check_storage({name: values}, "storage")
    _sound(found)
    assert (resolved is None) == _stops(found)
    if resolved is not None and resolved.secret_name is None:
        store, more = resolved.store(None, data.draw(PARAMETERS))
        _sound(more)
        assert (store is None) == _stops(more)


@pytest.mark.parametrize("kind", STORAGES)
@UNHURRIED
@given(secret=SECRETS, parameters=PARAMETERS | JSON)
def test_secret_and_parameters_of_any_value(kind: str, secret: Mapping[str, bytes], parameters: Any) -> None:
    """store() answers, and a store can be written down."""
    resolved, _found = spec.check_storage(STORAGES[kind], "storage")
    assert resolved is not None
    store, found = resolved.store(secret, parameters)
    _sound(found)
    assert (store is None) == _stops(found)
    if store is not None:
        json.dumps([dict(store.parameters), dict(store.environment), dict(store.secret), store.storage_id])
        assert store.storage_id
        assert all(store.credentials)


@UNHURRIED
@given(some.dictionaries(some.sampled_from(["accountName", "accountKey", "container"]), VALUES, min_size=3))
def test_any_value_arrives_as_text(secret: Mapping[str, bytes]) -> None:
    """What passes comes back from the derived Secret as the text that it was, but for a line end."""
    resolved, _found = spec.check_storage(STORAGES["own s3"], "storage")
    assert resolved is not None
    data = {"accessKey": secret["accountName"], "secretKey": secret["accountKey"]}
    store, _found = resolved.store(data, {"forcepathstyle": True})
    if store is not None:
        for key, text in zip(data.values(), ("s3AccessKey", "s3SecretKey"), strict=True):
            assert json.loads(store.secret[text]) == key.decode("utf-8").rstrip("\r\n")


@UNHURRIED
@given(some.sampled_from(list(catalog.drivers().values())), JSON | PARAMETERS)
def test_parameters_of_any_shape(driver: Driver, given_parameters: Any) -> None:
    """The check answers, and what it lets through can be written down."""
    values, found = parameters.check_parameters(driver, given_parameters, "parameters")
    _sound(found)
    json.dumps(values)
    assert not any(value is None or value == "" for value in values.values())


@UNHURRIED
@given(JSON | some.dictionaries(some.sampled_from(["type", "private_key", "client_email", "token_uri"]), JSON))
def test_key_file_of_any_shape(document: Any) -> None:
    """A key file of any JSON gives findings."""
    fields = json.loads(keys.service_account())
    for changed in (document, {**fields, **document} if isinstance(document, dict) else fields):
        text = json.dumps(changed)
        found = service_account.check_key_file(text, "secret.accountkey")
        _sound(tuple(found))
        if not _stops(tuple(found)):
            assert all(service_account.credentials(text))


@UNHURRIED
@given(some.binary(max_size=80), some.sampled_from(["PRIVATE KEY", "RSA PRIVATE KEY"]))
def test_key_of_any_bytes(raw: bytes, label: str) -> None:
    """The content between the PEM lines is not a key, and the finding is a sentence."""
    text = f"-----BEGIN {label}-----\n{base64.b64encode(raw).decode()}\n-----END {label}-----"
    assert pem.problem(text).endswith(".")


@given(some.integers(min_value=0, max_value=1200), some.integers(min_value=0, max_value=255))
def test_key_with_any_byte_changed(at: int, byte: int) -> None:
    """A damaged key never raises, and hardly ever passes: only if no number is touched."""
    der = bytearray(base64.b64decode("".join(keys.private_key().splitlines()[1:-1])))
    der[at % len(der)] = byte
    body = base64.encodebytes(bytes(der)).decode()
    assert isinstance(pem.problem(f"-----BEGIN PRIVATE KEY-----\n{body}-----END PRIVATE KEY-----\n"), str)


@UNHURRIED
@given(TEXT | some.text(alphabet=string.ascii_lowercase + ":/.@[]?#%0123456789", max_size=25))
def test_endpoint_of_any_text(text: str) -> None:
    """An address is read, or said to be none."""
    endpoint, problem = parse_endpoint(text)
    assert (endpoint is None) == bool(problem)
    if endpoint is not None:
        assert endpoint.host and endpoint.place


MANIFEST = some.text(alphabet=string.ascii_lowercase + "{}[]:,-'\"\n !&*|>?%@`#~0123456789", max_size=60)


@UNHURRIED
@given(MANIFEST | TEXT)
def test_manifest_of_any_text(text: str) -> None:
    """A manifest is read, or rejected with findings."""
    try:
        manifest, found = pasted_manifest.read_manifest(text)
    except Refusal as refusal:
        _sound(refusal.findings)
        return
    _sound(found)
    assert (manifest is None) == _stops(found)


@UNHURRIED
@given(JSON, JSON, JSON)
def test_manifest_of_any_shape(metadata: Any, storage: Any, secret: Any) -> None:
    """The same for documents of the right kinds and any content."""
    registry = {"apiVersion": "operator.kyma-project.io/v1alpha1", "kind": "DockerRegistry"}
    documents = [
        {**registry, "metadata": metadata, "spec": {"storage": storage, "logging": metadata}},
        {**registry, "spec": {"storage": {"gcs": {"secretName": "a"}}}},
    ]
    document = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}, "data": secret, "stringData": storage}
    for item in documents:
        try:
            manifest, found = pasted_manifest.read_manifest(f"{json.dumps(item)}\n---\n{json.dumps(document)}")
        except Refusal as refusal:
            _sound(refusal.findings)
            continue
        _sound(found)
        assert (manifest is None) == _stops(found)
