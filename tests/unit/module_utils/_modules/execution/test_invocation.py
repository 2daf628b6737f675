# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Arguments in a result: no value that may be a credential, and the rest as it was given."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.argspec import Spec
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.credentials.detection import HIDDEN
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.connection.options import CONNECTION_SPEC
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.invocation import (
    misplaced_credentials,
    visible_arguments,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.secret_sources import SOURCES

MAPPINGS = ("driver_parameters", "env", "environment", "files", "storage")
OBJECTS = Spec({"objects": {"type": "list", "elements": "dict"}})
SPEC = SOURCES.merged(Spec(CONNECTION_SPEC)).merged(Spec({name: {"type": "dict"} for name in MAPPINGS})).merged(OBJECTS)
CANARY = "k4/canary"
SCHEMES = ("", "//", "http:/", "http://")


@pytest.mark.parametrize(
    "given",
    [
        {"secret_source": {"values": {"a": CANARY}}},
        {"secret_source": {"values": {"a": "x"}}},
        {"manifest": CANARY},
        {"kubeconfig": {"users": [CANARY]}},
        {"proxy_headers": {"basic_auth": CANARY}},
    ],
)
def test_options_with_no_log(given: dict[str, Any]) -> None:
    """As a whole, however short. What AnsibleModule masks is not reported again."""
    shown = visible_arguments(SPEC, given)
    assert HIDDEN in str(shown) and CANARY not in str(shown) and "'x'" not in str(shown)
    assert misplaced_credentials(SPEC, given) == set()


@pytest.mark.parametrize(
    "given",
    [
        {"secret_source": {"files": {"accountkey": CANARY}}},
        {"secret_source": {"environment": {"accountkey": CANARY}}},
        {"client_key": CANARY},
        {"key_file": CANARY},
        {"proxy": f"http://user:{CANARY.replace('/', '-')}@proxy:3128"},
        {"proxy": f"http://{CANARY.replace('/', '-')}-as-a-token@proxy:3128"},
        *({"proxy": f"{scheme}user:{CANARY}@proxy:3128"} for scheme in SCHEMES),
        *({"environment": {"HTTPS_PROXY": f"{scheme}user:{CANARY}@proxy:3128"}} for scheme in SCHEMES),
        *(
            {"driver_parameters": {name: CANARY}}
            for name in ("accesskey", "secretkey", "sessiontoken", "accountkey", "keyfile")
        ),
        *({"driver_parameters": {"credentials": {name: CANARY}}} for name in ("secret", "clientid")),
        *(
            {"env": {name: CANARY}}
            for name in (
                "AWS_ACCESS_KEY_ID",
                "AWS_SECRET_ACCESS_KEY",
                "AWS_SESSION_TOKEN",
                "AZURE_CLIENT_SECRET",
                "AZURE_CLIENT_CERTIFICATE_PASSWORD",
                "REGISTRY_HTTP_SECRET",
                "REGISTRY_STORAGE_S3_SECRETKEY",
                "REGISTRY_REDIS_PASSWORD",
                "DB_PASS",
                "dbPass",
                "pass",
                "userpassword",
            )
        ),
        {"storage": {"s3": {"bucket": "images", "secretKey": CANARY}}},
        {"storage": {"azure": {"accountKey": [CANARY]}}},
    ],
)
def test_credentials_in_the_place_of_other_values(given: dict[str, Any]) -> None:
    """They are hidden there, and masked everywhere."""
    canaries = (CANARY, CANARY.replace("/", "-"))
    assert not any(canary in str(visible_arguments(SPEC, given)) for canary in canaries)
    assert any(canary in text for text in misplaced_credentials(SPEC, given) for canary in canaries)


ENDPOINTS = f'[{{"name": "a", "url": "http://receiver/", "headers": {{"Authorization": ["Bearer {CANARY}"]}}}}]'
VARIABLES = [
    {"name": "GITHUB_TOKEN", "value": CANARY},
    {"name": "REGISTRY_NOTIFICATIONS_ENDPOINTS", "value": ENDPOINTS},
    {"name": "HTTPS_PROXY", "value": f"http://user:{CANARY.replace('/', '-')}@proxy:3128"},
]


@pytest.mark.parametrize("variable", VARIABLES, ids=lambda variable: variable["name"])
def test_credentials_in_variables_of_objects(variable: dict[str, str]) -> None:
    """As registry_deployment gets them: a variable is an object with a name and a value, and a structure is JSON text."""
    harmless = {"name": "REGISTRY_LOG_LEVEL", "value": "debug"}
    container = {"name": "docker-registry", "env": [harmless, variable]}
    given = {"objects": [{"kind": "Deployment", "spec": {"template": {"spec": {"containers": [container]}}}}]}
    (shown,) = visible_arguments(SPEC, given)["objects"]
    (of_container,) = shown["spec"]["template"]["spec"]["containers"]
    assert of_container["env"] == [harmless, {"name": variable["name"], "value": HIDDEN}]
    found = misplaced_credentials(SPEC, given)
    assert variable["value"] in found and not found & {"debug", "docker-registry", "Deployment", variable["name"]}


@pytest.mark.parametrize(
    "given",
    [
        {"storage": f"s3:\n  bucket: images\n  secretKey: {CANARY}\n"},
        {"storage": f"---\n# The store.\ns3:\n  secretKey: {CANARY}\n"},
        {"storage": f'{{"s3": {{"secretKey": "{CANARY}"}}}}'},
        {"storage": f"secretKey={CANARY}"},
        {"driver_parameters": f"secretkey: {CANARY}"},
        {"env": [f"- password: {CANARY}"]},
    ],
)
def test_credentials_in_texts(given: dict[str, Any]) -> None:
    """A text is as good as what it says: hidden as a whole, and its credentials are masked everywhere."""
    assert CANARY not in str(visible_arguments(SPEC, given))
    assert CANARY in misplaced_credentials(SPEC, given)


@pytest.mark.parametrize(
    "given",
    [
        {"secret_source": CANARY},
        {"secret_source": f"values {CANARY}"},
        {"secret_source": [CANARY]},
        {"secret_source": {"robot": CANARY}},
        {"secret_source": {"robot": {"a": [CANARY]}}},
    ],
)
def test_values_in_the_wrong_place_of_an_option_with_secrets(given: dict[str, Any]) -> None:
    """Whatever is not a known part of it may be a secret."""
    assert CANARY not in str(visible_arguments(SPEC, given))
    assert any(CANARY in text for text in misplaced_credentials(SPEC, given))


def test_what_stays() -> None:
    """Names, paths and values of any other kind."""
    given = {
        "secret_source": {
            "values": None,
            "files": {"accountkey": "/etc/key.json"},
            "environment": {"secretKey": "S3_SECRET"},
        },
        "kubeconfig": None,
        "proxy": "http://proxy:3128",
        "storage": {"s3": {"bucket": "images", "secretName": "s3-secret", "secure": True}},
        "driver_parameters": {
            "credentials": {"type": "client_secret"},
            "keyid": "alias/images",
            "chunksize": 5,
            "a": [1],
        },
        "env": {
            "REGISTRY_LOG_LEVEL": "debug",
            "AWS_REGION": "eu",
            "AZURE_TOKEN_FILE": "/x",
            "NO_BYPASS": "proxy.example.com",
            "compass": "north",
            "USE_TOKEN": "True",
            "password": "null",
            "REGISTRY_AUTH_TOKEN_REALM": "r",
        },
        "client_key": "/etc/key.pem",
        "objects": [
            {
                "kind": "ConfigMap",
                "data": {"config.yml": "auth:\n  htpasswd:\n    realm: r\n    path: /etc/htpasswd\n"},
                "env": [{"name": "REGISTRY_HTTP_SECRET", "valueFrom": {"secretKeyRef": {"name": "a", "key": "b"}}}],
                "volumes": [{"name": "auth", "secret": {"secretName": "private"}}],
            }
        ],
    }
    assert visible_arguments(SPEC, given) == given
    assert misplaced_credentials(SPEC, given) == set()


@pytest.mark.parametrize("name", ["environment", "files"])
def test_other_options_with_the_name_of_a_source(name: str) -> None:
    """The registry's variables are an option of this name too; their values are not names of variables."""
    given = {name: {"HTTPS_PROXY": "http://proxy:3128"}}
    assert visible_arguments(SPEC, given) == given and misplaced_credentials(SPEC, given) == set()
