# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One setting of the connection with its origin, and parsers of the values of variables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import ClusterError

_PREFIX = "K8S_AUTH_"
# Variables of an option; the first that has a value is used.
_VARIABLES = {
    "kubeconfig": ("KUBECONFIG",),
    "context": ("CONTEXT",),
    "host": ("HOST",),
    "api_key": ("API_KEY",),
    "username": ("USERNAME",),
    "password": ("PASSWORD",),
    "validate_certs": ("VALIDATE_CERTS", "VERIFY_SSL"),
    "ca_cert": ("CA_CERT", "SSL_CA_CERT"),
    "client_cert": ("CLIENT_CERT", "CERT_FILE"),
    "client_key": ("CLIENT_KEY", "KEY_FILE"),
    "proxy": ("PROXY",),
    "no_proxy": ("NO_PROXY",),
    "impersonate_user": ("IMPERSONATE_USER",),
    "impersonate_groups": ("IMPERSONATE_GROUPS",),
    "connect_timeout": ("CONNECT_TIMEOUT",),
    "request_timeout": ("REQUEST_TIMEOUT",),
    "retry_timeout": ("RETRY_TIMEOUT",),
}
_PROXY_HEADERS = ("basic_auth", "proxy_basic_auth", "user_agent")
_MOST_SECONDS = 3600
_TRUE = frozenset({"true", "t", "yes", "y", "on", "1"})
_FALSE = frozenset({"false", "f", "no", "n", "off", "0"})


@dataclass(frozen=True)
class Origin:
    """`option host` or `variable K8S_AUTH_HOST`."""

    kind: str
    name: str

    def __str__(self) -> str:
        """As a finding shows it."""
        return f"{self.kind} {self.name}"


@dataclass(frozen=True)
class Setting:
    """A value that is set, and its origin."""

    value: Any = field(repr=False)
    origin: Origin


def read_variables(environ: Mapping[str, str]) -> dict[str, Setting]:
    """The settings from the K8S_AUTH_* variables, by the option's name; empty variables are ignored."""
    found = {}
    for option, names in _VARIABLES.items():
        for name in names:
            text = environ.get(_PREFIX + name, "").strip()
            if text:
                found[option] = Setting(text, Origin("variable", _PREFIX + name))
                break
    headers = {name: environ.get(f"{_PREFIX}PROXY_HEADERS_{name.upper()}", "").strip() for name in _PROXY_HEADERS}
    headers = {name: text for name, text in headers.items() if text}
    if headers:
        found["proxy_headers"] = Setting(headers, Origin("variable", f"{_PREFIX}PROXY_HEADERS_*"))
    return found


def parse_boolean(setting: Setting) -> bool:
    """A switch written in any of Ansible's ways. Raises ClusterError (cluster-options) for anything else."""
    text = str(setting.value).strip().lower()
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise ClusterError("cluster-options", str(setting.origin), "the value is not a boolean.", "Set true or false.")


def parse_seconds(setting: Setting, least: int) -> float:
    """A whole number of seconds. Raises ClusterError (cluster-options) for anything else, and for less than `least`."""
    text = str(setting.value).strip()
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= _MOST_SECONDS:
        raise ClusterError(
            "cluster-options",
            str(setting.origin),
            f"the value is not an integer number of seconds from {least} to {_MOST_SECONDS}.",
            "Correct it, or leave it out.",
        )
    return float(text)


def split_list(value: Any) -> tuple[str, ...]:
    """A list, or the parts of a text between commas, without empty ones."""
    parts = value.split(",") if isinstance(value, str) else [str(part) for part in value]
    return tuple(part.strip() for part in parts if part.strip())
