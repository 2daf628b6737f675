# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""config.yml: every switch, and what Distribution would stop at or misread."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
import yaml
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.constants import LOG_FORMATS, LOG_LEVELS
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.config import registry_config

FILESYSTEM = {"filesystem": {"rootdirectory": "/var/lib/registry"}}
# Keys of Distribution 3.1.1 (registry/handlers/app.go, configuration/configuration.go) that the file may hold.
TOP = {"version", "log", "storage", "http", "auth", "health"}


def _config(**values: Any) -> dict[str, Any]:
    return registry_config(**{"storage": FILESYSTEM, "delete_enabled": False, **values})


def test_whole_file() -> None:
    """The default file, to the letter."""
    assert _config() == {
        "version": 0.1,
        "log": {
            "level": "info",
            "formatter": "json",
            "fields": {"service": "registry"},
            "accesslog": {"disabled": True},
        },
        "storage": {
            "filesystem": {"rootdirectory": "/var/lib/registry"},
            "cache": {"blobdescriptor": "inmemory"},
            "delete": {"enabled": False},
        },
        "http": {
            "addr": ":5000",
            "draintimeout": "120s",
            "headers": {"X-Content-Type-Options": ["nosniff"]},
            "debug": {"addr": ":5001", "prometheus": {"enabled": True, "path": "/metrics"}},
        },
        "auth": {"htpasswd": {"realm": "Registry Realm", "path": "/etc/registry-auth/htpasswd"}},
        "health": {"storagedriver": {"enabled": True, "interval": "10s", "threshold": 3}},
    }


@pytest.mark.parametrize(
    ("delete", "redirect", "readonly", "access"),
    list(itertools.product((True, False), (None, True, False), (True, False), (True, False))),
)
def test_switches(delete: bool, redirect: bool | None, readonly: bool, access: bool) -> None:
    """Each switch alone decides its own place; forms are the ones that do not panic."""
    config = _config(delete_enabled=delete, redirect=redirect, readonly=readonly, access_log=access)
    storage = config["storage"]
    assert storage["delete"] == {"enabled": delete}
    assert storage.get("redirect") == (None if redirect is None else {"disable": not redirect})
    assert storage.get("maintenance") == ({"readonly": {"enabled": True}} if readonly else None)
    assert config["log"]["accesslog"] == {"disabled": not access}
    assert config.keys() == TOP
    assert yaml.safe_load(yaml.safe_dump(config)) == config


@pytest.mark.parametrize("value", [1, "true", [0]])
def test_delete_is_a_boolean(value: Any) -> None:
    """Distribution takes every other type for false."""
    assert _config(delete_enabled=value)["storage"]["delete"]["enabled"] is True


@pytest.mark.parametrize("level", LOG_LEVELS)
@pytest.mark.parametrize("form", LOG_FORMATS)
def test_log(level: str, form: str) -> None:
    """Levels as they are; the CR's console is text."""
    log = _config(log_level=level, log_format=form)["log"]
    assert (log["level"], log["formatter"]) == (level, {"console": "text"}.get(form, form))


@pytest.mark.parametrize(
    "wrong", [{"log_level": "trace"}, {"log_level": "INFO"}, {"log_format": "logstash"}, {"log_level": ""}]
)
def test_unknown_log_settings(wrong: dict[str, str]) -> None:
    """Distribution would exit at them."""
    with pytest.raises(ValueError, match="is not known"):
        _config(**wrong)


@pytest.mark.parametrize("drivers", [{}, {"filesystem": {}, "s3": {}}])
def test_exactly_one_driver(drivers: dict[str, Any]) -> None:
    """None and two are refused."""
    with pytest.raises(ValueError, match="a registry has one"):
        _config(storage=drivers)


def test_parameters_need_values() -> None:
    """A null would be read as <nil>; the names are reported, no value is."""
    with pytest.raises(ValueError, match="bucket, region") as caught:
        _config(storage={"s3": {"region": None, "bucket": None, "secretkey": "hunter2"}})
    assert "hunter2" not in str(caught.value)


def test_falsy_values_are_values() -> None:
    """Zero, false and an empty text are not missing values."""
    parameters = {"secure": False, "chunksize": 0, "rootdirectory": ""}
    assert _config(storage={"s3": parameters})["storage"]["s3"] == parameters


def test_the_input_is_copied() -> None:
    """A change of the file does not change the given dictionaries, at any depth."""
    parameters = {"gcs": {"credentials": {"type": "service_account"}}}
    config = _config(storage=parameters)
    config["storage"]["gcs"]["credentials"]["type"] = "changed"
    assert parameters == {"gcs": {"credentials": {"type": "service_account"}}}
    config = _config(storage=FILESYSTEM)
    config["storage"]["filesystem"]["x"] = 1
    assert FILESYSTEM == {"filesystem": {"rootdirectory": "/var/lib/registry"}}


class _Template(dict[str, Any]):
    """As templates of ansible-core 2.19 pass dictionaries on: a deep copy fails."""

    def __deepcopy__(self, memory: object) -> None:
        raise TypeError("Template.__new__() missing 1 required positional argument: 'source'")


def test_values_from_templates() -> None:
    """Nested ones, and lists of them: plain in the result."""
    nested = _Template(type="shared_key", more=[_Template(a=1)])
    section = _config(storage=_Template(azure=_Template(credentials=nested)))["storage"]["azure"]
    assert section == {"credentials": {"type": "shared_key", "more": [{"a": 1}]}}
    assert {type(section), type(section["credentials"]), type(section["credentials"]["more"][0])} == {dict}
