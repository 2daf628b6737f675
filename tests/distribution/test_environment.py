# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of environment variables against the registry itself."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.encoding import env_value
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.environment import check_environment
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.environment_table import CHOICES, REGISTRY
from ansible_collections.kyma.docker_registry.tests.distribution.running import LISTENING, started
from ansible_collections.kyma.docker_registry.tests.support.each import check_each

pytestmark = pytest.mark.beside

SAMPLES: dict[str, Any] = {
    "boolean": True,
    "integer": 2000,
    "count": 2000,
    "duration": "30s",
    "list": ["a"],
    "mapping": {},
    "mappings": [],
    "middlewares": {"storage": [{"name": "rewrite"}], "registry": [], "repository": []},
    "patterns": ["(?i)^https://", "[[:alpha:]]\\z"],
    "headers": {},
    "address": "http://registry.example.com",
    "text": "http://registry.example.com",
}
ENDPOINT = {"name": "a", "url": "http://127.0.0.1:9/", "timeout": "1s", "threshold": 1, "backoff": "1s"}
OWN_SAMPLES: dict[str, Any] = {
    "REGISTRY_NOTIFICATIONS": {"endpoints": [ENDPOINT]},
    "REGISTRY_NOTIFICATIONS_ENDPOINTS": [ENDPOINT],
    "REGISTRY_HEALTH_FILECHECKERS": [{"file": "/tmp/unhealthy", "interval": "10s"}],
    "REGISTRY_HEALTH_HTTPCHECKERS": [{"uri": "http://127.0.0.1:9/", "interval": "10s", "threshold": 3}],
    "REGISTRY_HEALTH_TCPCHECKERS": [{"addr": "127.0.0.1:9", "interval": "10s", "threshold": 3}],
    "REGISTRY_LOG_LEVEL": "info",
    "REGISTRY_LOG_FIELDS": {"service": "registry"},
    "REGISTRY_VALIDATION_MANIFESTS_INDEXES_PLATFORMLIST": [{"architecture": "amd64", "os": "linux"}],
    "REGISTRY_HTTP_HEADERS": {"X-Content-Type-Options": ["nosniff"]},
}
_IGNORED = "Ignoring unrecognized environment variable"


def _log(program: Path, folder: Path, name: str, value: str) -> str:
    with started(program, folder, {name: value}) as registry:
        return registry.log


def _text(value: Any) -> str:
    return value if isinstance(value, str) else env_value(value)


def test_known_variables_are_read(registry_program: Path, tmp_path: Path) -> None:
    """Distribution reads each of its variables of the table in the form that the table gives, and starts."""

    def check(name: str) -> None:
        value = OWN_SAMPLES.get(name, CHOICES[name][0] if name in CHOICES else SAMPLES[REGISTRY.known[name]])
        assert check_environment({name: value}, ()) == []
        log = _log(registry_program, tmp_path, name, _text(value))
        assert LISTENING in log and _IGNORED not in log, log

    check_each([name for name in REGISTRY.known if name.startswith("REGISTRY_")], check, str)


@pytest.mark.parametrize(
    ("name", "value", "cause"),
    [
        ("REGISTRY_STORAGE_MAINTENANCE_READONLY_ENABLED", "true", "panic"),
        ("REGISTRY_STORAGE_MAINTENANCE_UPLOADPURGING_ENABLED", "false", "Ignoring environment variable"),
        ("REGISTRY_REDIS_ADDRS", "redis:6379", "parsing environment variable"),
        ("REGISTRY_REDIS_ADDR", "redis:6379", _IGNORED),
        ("REGISTRY_HTTP_DRAINTIMEOUT", "soon", "parsing environment variable"),
        ("REGISTRY_LOG_LEVEL", "loud", "parsing environment variable"),
        ("REGISTRY_HEALTH_STORAGEDRIVER_ENABLED", "perhaps", "parsing environment variable"),
        ("REGISTRY_TAGS_MAXTAG", "7", _IGNORED),
        ("REGISTRY_HTTP_HOST", "http://[::1", "panic"),
        ("REGISTRY_HTTP_HOST", "https://registry.example.com:port", "panic"),
        ("REGISTRY_HTTP_HEADERS", '{"X-Content-Type-Options": "nosniff"}', "parsing environment variable"),
        ("REGISTRY_NOTIFICATIONS_ENDPOINTS", '["http://127.0.0.1/"]', "parsing environment variable"),
        ("REGISTRY_CATALOG_MAXENTRIES", "99999999999999999999", "parsing environment variable"),
        ("REGISTRY_TAGS_MAXTAGS", "-3", "non-negative"),
        ("REGISTRY_MIDDLEWARE", '{"storage": [{"name": "nonsense"}]}', "no storage middleware registered"),
        ("REGISTRY_MIDDLEWARE", '{"registry": [{"name": "redirect"}]}', "no registry middleware registered"),
        ("REGISTRY_VALIDATION_MANIFESTS_URLS_ALLOW", '["^https:", "(?!http:)"]', "panic"),
        ("REGISTRY_VALIDATION_MANIFESTS_URLS_DENY", '["(a)\\\\1"]', "panic"),
        ("GOMEMLIMIT", "400Mi", "malformed GOMEMLIMIT"),
        ("OTEL_TRACES_EXPORTER", "jaeger", "fatal"),
    ],
)
def test_rejected_variables(registry_program: Path, tmp_path: Path, name: str, value: str, cause: str) -> None:
    """What the checks reject stops the registry, or is ignored by it."""
    assert [item.severity for item in check_environment({name: value}, ())] == ["error"]
    assert re.search(cause, _log(registry_program, tmp_path, name, value))
