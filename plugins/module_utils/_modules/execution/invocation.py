# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The arguments of a task as a result may show them: without the options with `no_log`, and without credentials in the place of other values. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.argspec import Spec, texts_of
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.masking import may_show_path, may_show_variable

HIDDEN = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
# Options that take paths, and parts of secret_source that take paths and names of variables.
_FILE_OPTIONS = ("ca_cert", "client_cert", "client_key")
# Names of keys with a credential, in parameters of a driver, variables and a pasted storage: accesskey, AWS_SECRET_ACCESS_KEY, clientSecret.
_CREDENTIAL = re.compile(
    r"(?i)((^|[_.-]|(?-i:(?<=[a-z])(?=P)))pass|(^|[_.-]|[a-z])(pass(word|wd|phrase)|token|authorization|(client|http)[_-]?secret|"
    r"(access|account|api|private|secret|session|shared|sas)[_-]?key([_-]?id)?|secret[_-]?access[_-]?key|keyfile))$"
)
# Values that are not a credential, whatever their name is. Masked, they would make each result unreadable.
_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "none", "null"})
# The password of an address, of a proxy for instance.
_ADDRESS = re.compile(r"://[^/\s:@]*:([^/\s@]+)@")
# In these a credential has a short name.
_INSIDE = {"credentials": frozenset({"secret", "clientid", "tenantid"})}


def visible_arguments(spec: Spec, params: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments with HIDDEN in the place of each value that may be a credential."""
    return {name: _visible(name, spec.options.get(name, {}), value) for name, value in params.items()}


def misplaced_credentials(spec: Spec, params: Mapping[str, Any]) -> set[str]:
    """Texts that may be credentials, in options without `no_log`."""
    found: set[str] = set()
    for name, option in spec.options.items():
        found.update(_misplaced(name, option, params.get(name)))
    return found


def _visible(name: str, option: Mapping[str, Any], value: Any) -> Any:
    if value in (None, "", {}, []) or isinstance(value, bool):
        return value
    if option.get("no_log"):
        return HIDDEN
    suboptions = option.get("options")
    if suboptions and isinstance(value, Mapping):
        return {key: _visible(f"{name}.{key}", suboptions.get(key, {}), item) for key, item in value.items()}
    return _replaced(name, value, "")


def _replaced(name: str, value: Any, parent: str) -> Any:
    if isinstance(value, Mapping):
        return {key: _replaced(str(key), item, name) for key, item in value.items()}
    if isinstance(value, list):
        return [_replaced(name, item, parent) for item in value]
    return HIDDEN if _is_credential(name, value, parent) else value


def _misplaced(name: str, option: Mapping[str, Any], value: Any) -> Iterator[str]:
    if option.get("no_log"):
        return
    suboptions = option.get("options")
    if suboptions and isinstance(value, Mapping):
        for key, suboption in suboptions.items():
            yield from _misplaced(f"{name}.{key}", suboption, value.get(key))
    else:
        yield from _credentials(name, value, "")


def _credentials(name: str, value: Any, parent: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _credentials(str(key), item, name)
    elif isinstance(value, list):
        for item in value:
            yield from _credentials(name, item, parent)
    elif _is_credential(name, value, parent):
        yield from texts_of(value)
        yield from _ADDRESS.findall(str(value))


def _is_credential(name: str, value: Any, parent: str) -> bool:
    if value in (None, "") or str(value).lower() in _WORDS:
        return False
    if parent == "secret_source.files" or (parent == "" and name in _FILE_OPTIONS):
        return not may_show_path(str(value))
    if parent == "secret_source.environment":
        return not may_show_variable(str(value))
    return bool(_CREDENTIAL.search(name) or _ADDRESS.search(str(value))) or name.lower() in _INSIDE.get(parent, ())
