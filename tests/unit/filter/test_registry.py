# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filters of the role's templates."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
import yaml
from ansible_collections.kyma.docker_registry.plugins.filter.registry import FilterModule

FILTERS = FilterModule().filters()
STORAGE: dict[str, Any] = {
    "driver": {"filesystem": {"rootdirectory": "/x"}},
    "delete_enabled": True,
    "logging": {},
    "redirect": None,
    "secret_environment": {},
    "ca_bundle": {},
}


def test_config_filter() -> None:
    """The result of docker_registry_storage becomes config.yml."""
    config = FILTERS["registry_config"](STORAGE)
    assert config["storage"]["filesystem"] == {"rootdirectory": "/x"} and config["storage"]["delete"]["enabled"] is True
    assert "maintenance" not in config["storage"] and "redirect" not in config["storage"]
    assert config["log"]["level"] == "info" and config["log"]["accesslog"]["disabled"] is True
    logging = {"level": "debug", "format": "console", "accessLogEnabled": True}
    log = FILTERS["registry_config"]({**STORAGE, "logging": logging})["log"]
    assert (log["level"], log["formatter"], log["accesslog"]) == ("debug", "text", {"disabled": False})
    for nothing in (None, {}):
        assert FILTERS["registry_config"]({**STORAGE, "logging": nothing}) == config
    without = {key: value for key, value in STORAGE.items() if key != "logging"}
    assert FILTERS["registry_config"](without) == config


def test_config_filter_readonly() -> None:
    """In the form that Distribution takes."""
    config = FILTERS["registry_config"](STORAGE, readonly=True)
    assert config["storage"]["maintenance"] == {"readonly": {"enabled": True}}


def _environment(extra: Any) -> dict[str, Any]:
    items = FILTERS["registry_environment"](STORAGE, extra)
    assert len({item["name"] for item in items}) == len(items), "Kubernetes takes the last of two"
    return {item["name"]: item.get("value", item.get("valueFrom")) for item in items}


def test_environment_filter() -> None:
    """The secret by reference, the exporter off, the user's own sorted behind."""
    fixed = _environment({})
    assert fixed == {
        "REGISTRY_HTTP_SECRET": {"secretKeyRef": {"name": "dockerregistry-private", "key": "httpSecret"}},
        "OTEL_TRACES_EXPORTER": "none",
    }
    assert _environment(None) == fixed
    items = FILTERS["registry_environment"](STORAGE, {"NO_PROXY": "x", "HTTPS_PROXY": "http://proxy:3128"})
    assert [item["name"] for item in items] == [
        "REGISTRY_HTTP_SECRET",
        "OTEL_TRACES_EXPORTER",
        "HTTPS_PROXY",
        "NO_PROXY",
    ]
    assert _environment({"REGISTRY_HTTP_SECRET": "mine"}) == fixed


@pytest.mark.parametrize(
    ("given", "exporter"),
    [
        ({"OTEL_TRACES_EXPORTER": "otlp"}, "otlp"),
        ({"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}, "none"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}, None),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://collector:4318/v1/traces"}, None),
        ({"OTEL_TRACES_EXPORTER": None, "OTEL_EXPORTER_OTLP_ENDPOINT": ""}, "none"),
        ({"OTEL_SERVICE_NAME": "images"}, "none"),
    ],
    ids=["exporter", "exporter and endpoint", "endpoint", "endpoint of traces", "empty", "another variable"],
)
def test_tracing(given: dict[str, Any], exporter: str | None) -> None:
    """Off, unless the user asks for it. With an address the image's default counts, which is otlp."""
    found = _environment(given)
    assert found.get("OTEL_TRACES_EXPORTER") == exporter
    assert all(found[name] == value for name, value in given.items() if value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("text", "text"),
        ("", ""),
        (None, ""),
        (True, "true"),
        (False, "false"),
        (5, "5"),
        (1.5, "1.5"),
        (datetime.date(2024, 1, 31), "2024-01-31"),
        ({"enabled": True}, '{"enabled": true}'),
        (["a", None], '["a", null]'),
        ("$(HOME)", "$(HOME)"),
    ],
)
def test_environment_values(value: Any, text: str) -> None:
    """Kubernetes takes texts: structures as Distribution reads them, null as nothing, booleans as YAML writes them."""
    found = _environment({"NAME": value})["NAME"]
    assert found == text and isinstance(found, str)
    if isinstance(value, (dict, list, bool)):
        assert yaml.safe_load(found) == value
