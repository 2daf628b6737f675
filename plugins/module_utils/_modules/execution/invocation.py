# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The arguments of a task as a result may show them: without the options with `no_log`, and without credentials in the place of other values. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.argspec import Spec, texts_of
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.credentials.detection import (
    HIDDEN,
    credentials_in,
    hide_credentials,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.masking import may_show_path, may_show_variable

# Options that take paths, and parts of secret_source that take paths and names of variables.
_NAMES: dict[str, Callable[[str], bool]] = {
    **dict.fromkeys(("ca_cert", "client_cert", "client_key", "secret_source.files"), may_show_path),
    "secret_source.environment": may_show_variable,
}

# An option all of whose parts are secrets.
_SECRETS: Mapping[str, Any] = {"options": {"": {"no_log": True}}}


def visible_arguments(spec: Spec, params: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments with HIDDEN in the place of each value that may be a credential."""
    return {given: _visible(*_option(spec, given), value) for given, value in params.items()}


def misplaced_credentials(spec: Spec, params: Mapping[str, Any]) -> set[str]:
    """Texts that may be credentials, in options without `no_log`."""
    return {text for given, value in params.items() for text in _misplaced(*_option(spec, given), value)}


def _option(spec: Spec, given: str) -> tuple[str, Mapping[str, Any]]:
    """Name and specification of an option, which may be given by an alias."""
    for name, option in spec.options.items():
        if given == name or given in (option.get("aliases") or ()):
            return name, option
    return given, {}


def _visible(name: str, option: Mapping[str, Any], value: Any) -> Any:
    if value in (None, "", {}, []) or isinstance(value, bool):
        return value
    if option.get("no_log"):
        return HIDDEN
    if option.get("options") and isinstance(value, Mapping):
        return {key: _visible(f"{name}.{key}", _suboption(option, key), item) for key, item in value.items()}
    if _holds_secrets(option):
        return HIDDEN
    if name in _NAMES:
        return _visible_name(_NAMES[name], value)
    return hide_credentials(name, value)


def _visible_name(is_name: Callable[[str], bool], value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _visible_name(is_name, item) for key, item in value.items()}
    if isinstance(value, list):
        return [_visible_name(is_name, item) for item in value]
    return value if value in (None, "") or is_name(str(value)) else HIDDEN


def _misplaced(name: str, option: Mapping[str, Any], value: Any) -> Iterator[str]:
    if option.get("no_log"):
        return
    if option.get("options") and isinstance(value, Mapping):
        for key, item in value.items():
            yield from _misplaced(f"{name}.{key}", _suboption(option, key), item)
    elif name in _NAMES:
        yield from (text for text in texts_of(value) if not _NAMES[name](text))
    else:
        if _holds_secrets(option):
            yield from texts_of(value)
        yield from credentials_in(name, value)


def _holds_secrets(option: Mapping[str, Any]) -> bool:
    return any(part.get("no_log") for part in (option.get("options") or {}).values())


def _suboption(option: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """The specification of a part of an option. What is not a known part of one with secrets may be a secret itself."""
    parts: Mapping[str, Mapping[str, Any]] = option["options"]
    return parts.get(key, _SECRETS if _holds_secrets(option) else {})
