# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Credentials in structures, in their texts and in texts of other forms."""

from __future__ import annotations

import time
from typing import Any

import pytest
import yaml
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.credentials.detection import (
    HIDDEN,
    credentials_in,
    hide_credentials,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.config import registry_config
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import catalog

CANARY = "c4n4ry-of-the-test"


@pytest.mark.parametrize(
    "text",
    [
        f'{{"a": {{"password": "{CANARY}"}}}}',
        f'[{{"name": "API_TOKEN", "value": "{CANARY}"}}]',
        f"s3:\n  bucket: images\n  secretKey: {CANARY}\n",
        f"s3: {{bucket: images, secretKey: {CANARY}}}",
        f"Authorization: {CANARY}",
        f'{{"headers": {{"X-Receiver": ["Bearer {CANARY}"]}}}}',
        f"a: 1\n---\npassword: {CANARY}\n",
        f"serve --api-key={CANARY} --debug",
        f"https://store/images?sv=1&sig={CANARY}",
        f"DefaultEndpointsProtocol=https;AccountKey={CANARY};EndpointSuffix=x",
        f"https://user:{CANARY}@host/path",
        f"https://{CANARY}@host/path",
        f"http://{CANARY}:@proxy:3128",
        f"--proxy http://{CANARY}@[::1]:3128",
        f"ssh://user:{CANARY}@host",
        f'{{"a": "https://user:{CANARY}@host/path"}}',
        f"user:{CANARY}@redis:6379",
        f":{CANARY}@[::1]:6379",
        f'["redis:6379", "user:{CANARY}@redis:6379"]',
        f"Bearer {CANARY}",
    ],
)
def test_texts(text: str) -> None:
    """The whole text is hidden; the credential in it is known, so that it is masked in other places too."""
    assert hide_credentials("a", text) == HIDDEN
    assert {text, CANARY} <= set(credentials_in("a", text))


@pytest.mark.parametrize(
    "text",
    [
        f"{{password: {CANARY}",
        f"s3:\n  secretKey: {CANARY}\n bucket: [",
        f"a: &b {{c: *b, secretKey: {CANARY}}}",
        f"[{{headers: {{X-Receiver: {CANARY}}}}}",
    ],
)
def test_texts_that_cannot_be_parsed(text: str) -> None:
    """They are hidden as a whole."""
    assert hide_credentials("a", text) == HIDDEN and set(credentials_in("a", text)) == {text}


@pytest.mark.parametrize(
    "value",
    [
        "registry.example.com/images/registry:3.1.1@sha256:0123",
        "operator@example.com",
        "mailto://operator@example.com",
        "ssh://operator@example.com/images.git",
        "docker://nginx@sha256:0123",
        "oci://registry.example.com/nginx@sha256:0123",
        "https://host/@scope/name",
        "https://host?from=operator@example.com",
        "https://host:8443/",
        "nginx:1.27@sha256:0123",
        "Basic realm-of-the-registry",
        "Bearer authentication",
        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
        "http://[::1]:5000/?from=a@b",
        "http://[fe80::1]/@scope/name",
        "key: value",
        "a: b: c",
        "[",
        "month: 2026-13-13",
        "{a: *b}",
        '"text: x"',
        '{"token": null, "password": ""}',
        "--log-level=debug",
        {"name": "a", "value": "b"},
        {"name": "API_TOKEN", "valueFrom": {"secretKeyRef": {"name": "a", "key": "b"}}},
        {"headers": {"Accept": ["a/b"]}},
        {"headers": {"Connection": ["close"], "Date": ["x"], "Origin": ["x"], "Referer": ["x"], "Vary": ["Origin"]}},
        # Names of objects, and of a type.
        {"secret": "of-the-ca", "credentials": "of-the-store", "PWD": "/etc", "pwd": "/etc"},
        {"MY_CREDENTIALS": "/keys/a.json", "keyfile_1": "/keys/a.json", "port_1": "5000"},
        5,
    ],
)
def test_what_is_shown(value: Any) -> None:
    """Images, addresses, ordinary names, and what is not a structure."""
    assert hide_credentials("a", value) == value and list(credentials_in("a", value)) == []


def test_a_name_in_an_address() -> None:
    """The address is hidden. The user alone is not masked: it would be a part of other words, for example of the names of our objects."""
    assert hide_credentials("proxy", "http://team@proxy:3128") == HIDDEN
    for user in ("team", "dockerregistry", "kyma-docker-registry", "docker_registry.pull"):
        address = f"http://{user}@proxy:3128"
        assert set(credentials_in("proxy", address)) == {address}


def test_credentials_by_their_form() -> None:
    """The value of a header, and a key in PEM."""
    assert set(credentials_in("a", "Basic dXNlcjpwYXNz")) == {"Basic dXNlcjpwYXNz", "dXNlcjpwYXNz"}
    key = "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\n"
    assert set(credentials_in("a", key)) == {key}


@pytest.mark.parametrize("driver", sorted(catalog.drivers()))
def test_the_registrys_own_configuration(driver: str) -> None:
    """As the ConfigMap has it. Masked, no diff of it could be read."""
    text = yaml.safe_dump(registry_config(storage={driver: {"bucket": "images"}}, delete_enabled=True))
    assert list(credentials_in("config.yml", text)) == []


@pytest.mark.parametrize(
    "address",
    [
        "user:c4n4ry@proxy:3128",
        "//user:c4n4ry@proxy",
        "http:/user:c4n4ry@proxy",
        "http://user:c4n4ry/#?@proxy",
        "http://user:c4n4ry b@proxy",
        "http://user:c4n4ry@sha256:1",
        "c4n4ry-as-a-token@proxy",
    ],
)
def test_an_address_of_a_proxy(address: str) -> None:
    """As Go reads it: without a scheme too, and everything up to the last @ is the user."""
    for name in ("HTTPS_PROXY", "http_proxy", "proxy"):
        assert any("c4n4ry" in text and text != address for text in credentials_in(name, address))
        assert hide_credentials(name, address) == HIDDEN
    assert list(credentials_in("HTTPS_PROXY", "proxy:3128")) == []


@pytest.mark.parametrize(
    "value",
    [
        {"s3": {"bucket": "i", "secretKey:c4n4ry": None}},
        {"s3": {"secretKey :c4n4ry": None}},
        {"s3": {"secretKey: c4n4ry": None}},
        {"s3": {"secretKey=c4n4ry": None}},
        {"http://user:c4n4ry@store": {}},
        {"s3": "secretKey:c4n4ry"},
        {"s3": "secretKey:'c4n4ry of the test'"},
        "{s3: {secretKey :c4n4ry}}",
        "s3: {bucket: images, secretKey:c4n4ry}",
        "s3 :\n  bucket    : images\n  secretKey : c4n4ry\n",
        "http://user:c4n4ry/#?@store",
    ],
    ids=str,
)
def test_slips_of_the_pen(value: Any) -> None:
    """A missing space after a colon makes a key of both, spaces before it are YAML, and a password with `/` ends no host."""
    assert "c4n4ry" not in str(hide_credentials("storage", value))
    assert any("c4n4ry" in text for text in credentials_in("storage", value))


@pytest.mark.parametrize("value", ["privatekey:/keys/a.pem", 'password:""'])
def test_slips_without_a_credential(value: str) -> None:
    """The path of a key's file, and nothing."""
    assert hide_credentials("storage", value) == value


@pytest.mark.parametrize("value", ["europe-docker.pkg.dev/token:v1", "a/password:1.2", "http://host:5000/a@sha256:12"])
def test_names_of_images(value: str) -> None:
    """A tag is not a credential."""
    assert hide_credentials("registry_image", value) == value


@pytest.mark.parametrize("text", ["[" * 3000 + "]" * 3000, "[" * 3000, "{a: " * 3000], ids=str.split)
def test_a_deep_structure(text: str) -> None:
    """It is hidden as a whole, complete or not."""
    assert hide_credentials("storage", text) == HIDDEN


@pytest.mark.parametrize(
    "name",
    ["SECRET", "MYSECRET", "DB_PWD", "dbPwd", "MY_CREDENTIALS", "CREDENTIAL", "DB_PASSWORD_1", "TOKEN2", "SECRET_1"],
)
def test_names_of_variables(name: str) -> None:
    """With a number too, and of a list."""
    assert hide_credentials("environment", {name: "c4n4ry", "PASSWORDS": ["c4n4ry"]}) == {
        name: HIDDEN,
        "PASSWORDS": [HIDDEN],
    }


@pytest.mark.parametrize("name", ["value", "http_proxy"])
@pytest.mark.parametrize(
    "text",
    [
        *(("", word, "") for word in ("a", "a.", "A_", "1.", "kyma", "token", "://a:b", "://a@", "@", "\n", "secret")),
        *(
            ("x://", "a", ""),
            ("x://a:b", "a", ""),
            ("user@", "a", ""),
            ("x://", "kyma", "1@h"),
            ("value: '", "token", ""),
        ),
    ],
    ids=repr,
)
def test_the_time_for_a_long_text(text: tuple[str, str, str], name: str) -> None:
    """It grows with the length. With the square of it, four times the length would take 16 times as long."""
    begin, word, end = text

    def measure(length: int) -> float:
        long, seconds = begin + (word * length)[:length] + end, []
        for _attempt in range(3):
            started = time.process_time()
            list(credentials_in(name, long))
            seconds.append(time.process_time() - started)
        return min(seconds)

    assert measure(12_000) < 8 * measure(3_000) + 0.02
