# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which values of a storage Secret may be shown: those of keys that are declared to hold names, and no others."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.known_secrets import KnownSecrets
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.secret_masking import (
    mask_storage_secret,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import catalog
from ansible_collections.kyma.docker_registry.tests.support.contexts import make_context, run_body

CANARY = "kyma/canary+of-the-hidden-keys"
UNKNOWN = ("sas_token", "sessionToken", "password", "connectionString", "uri", "container_uri", "x")


def _context(backend: str, **texts: str) -> Context:
    """After a look at values that came through a masked option."""
    context = make_context({}, False, KnownSecrets(texts.values()))
    mask_storage_secret(context, catalog.NAMED[backend], {key: text.encode() for key, text in texts.items()})
    return context


@pytest.mark.parametrize("backend", [name for name, kind in catalog.NAMED.items() if kind.secret_keys])
@pytest.mark.parametrize("key", UNKNOWN)
def test_a_key_that_is_not_known(backend: str, key: str) -> None:
    """Its content is unknown, so it stays masked, in process and as a module."""

    def body(context: Context) -> None:
        mask_storage_secret(context, catalog.NAMED[backend], {key: CANARY.encode()})
        context.result["reported"] = f"it holds {CANARY}"

    outcome = run_body(body, {}, check_mode=False, secrets=[CANARY])
    assert outcome.result["reported"] == "it holds ********"
    assert outcome.shown == frozenset()


@pytest.mark.parametrize(
    ("backend", "key"),
    [
        *((name, key.name) for name, kind in catalog.NAMED.items() for key in kind.secret_keys if not key.secret),
        *((name, key) for name, kind in catalog.NAMED.items() for key in kind.names),
    ],
)
def test_a_key_that_holds_a_name(backend: str, key: str) -> None:
    """It may be shown, because findings need it."""
    context = _context(backend, **{key: "images"})
    assert context.secrets.values() == set() and "images" in context.secrets.shown


def test_names_of_a_binding() -> None:
    """What a service broker and its operator add beside the credentials; masked, `objectstore` would spoil the storage type."""
    names = set(catalog.NAMED["btpObjectStore"].names)
    assert {"username", "projectId", "keyAlgo", "account_name", "container_name", "role"} <= names
    assert {"type", "label", "plan", "tags", "instance_name", "instance_guid"} <= names


@pytest.mark.parametrize("form", [CANARY, quote(CANARY, safe="")])
def test_a_name_with_a_credential_in_it(form: str) -> None:
    """An address may carry the key, also as it is in URLs."""
    host = f"https://id:{form}@host"
    context = _context("btpObjectStore", secret_access_key=CANARY, host=host)
    assert {CANARY, host} <= context.secrets.values()


def test_a_placeholder() -> None:
    """The documentation's placeholder is called like its key: masked, it would take the key's name out of the finding."""
    assert _context("s3", secretKey="secretKey").secrets.values() == set()


def test_a_misspelt_key() -> None:
    """It is masked also where the value came from the cluster."""
    context = make_context({}, False)
    mask_storage_secret(context, catalog.NAMED["s3"], {"secretkey": b" hidden-value\n", "other": b"images"})
    assert context.secrets.values() == {" hidden-value\n", "hidden-value"}


def test_a_live_credential_too_short() -> None:
    """It is rejected with the place in the Secret; where nothing is written, it is only not masked."""
    data = {"accessKey": b"KYMACANARY", "secretKey": b"y"}
    context = make_context({}, False)
    mask_storage_secret(context, catalog.NAMED["s3"], data)
    assert context.secrets.values() == {"KYMACANARY"}
    with pytest.raises(Refusal) as caught:
        mask_storage_secret(context, catalog.NAMED["s3"], data, "Secret/s3-secret")
    assert [(item.code, item.path) for item in caught.value.findings] == [
        ("secret-too-short", "Secret/s3-secret.data.secretKey")
    ]
