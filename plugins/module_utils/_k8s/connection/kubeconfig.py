# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What of the option `kubeconfig` is a credential and what is a name, although Ansible masks the option as a whole. Pure."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.credentials.detection import (
    credentials_in_address,
    credentials_in_proxy,
)

# Parts of the document that hold names and addresses; `users` has fields of both kinds, anything else may hold what it likes.
_PLAIN = frozenset({"apiVersion", "kind", "preferences", "current-context", "clusters", "contexts"})
# Fields that are credentials in any place, also in a wrong one.
_CREDENTIALS = frozenset({"token", "password", "client-key-data", "id-token", "refresh-token", "client-secret"})
_PLAIN_OF_USER = frozenset({"username", "client-certificate", "client-certificate-data", "client-key", "tokenFile"})
_PLAIN_OF_EXEC = frozenset({"apiVersion", "command", "interactiveMode"})
# A login command's flags and variables whose values are names; of any other the value may be a credential.
_PLAIN_SETTINGS = frozenset(
    {"region", "profile", "output", "clustername", "awsprofile", "awsregion", "awsdefaultregion"}
)
_FLAG = re.compile(r"--[a-z]+(-[a-z]+)*|-[A-Za-z]")
_SUBCOMMAND = re.compile(r"[a-z]{1,12}(-[a-z]{1,12}){0,3}")
# How a document begins, also in base64 (a text's last bits depend on what follows it).
_BEGINNINGS = ("{", "---", *(f"{name}:" for name in (*_PLAIN, "users")))
_ENCODED = ("eyJ", "ewo", *(base64.b64encode(text.encode()).decode()[: len(text) * 4 // 3] for text in _BEGINNINGS[1:]))


def is_document(text: str) -> bool:
    """True for the content of a kubeconfig, also in base64, instead of a path: it must not be shown."""
    bare = text.strip()
    return "\n" in bare or ": " in bare or bare.startswith((*_BEGINNINGS, *_ENCODED))


def split_secrets(value: Any) -> tuple[frozenset[str], frozenset[str]]:
    """The texts of the option: those that may be shown, and those that must not. A text that is both is secret."""
    if isinstance(value, Mapping):
        marked = set(_document(value))
    elif isinstance(value, (str, list)):
        marked = {(path, is_document(path)) for path in (value if isinstance(value, list) else [value]) if path}
    else:
        marked = set()
    hidden = frozenset(str(text) for text, secret in marked if secret)
    return frozenset(str(text) for text, secret in marked if not secret) - hidden, hidden


Marked = Iterator[tuple[Any, bool]]


def _document(document: Mapping[str, Any]) -> Marked:
    for name, value in document.items():
        if name == "users":
            for entry in value if isinstance(value, list) else [value]:
                yield from _entry(entry)
        else:
            yield from _scalars(value, name not in _PLAIN)


def _entry(entry: Any) -> Marked:
    """An item of `users`: a name, and what is secret but for known fields."""
    if not isinstance(entry, Mapping):
        yield from _scalars(entry, True)
        return
    for name, value in entry.items():
        if name == "user" and isinstance(value, Mapping):
            yield from _user(value)
        else:
            yield from _scalars(value, name != "name")


def _user(user: Mapping[str, Any]) -> Marked:
    for name, value in user.items():
        if name == "exec" and isinstance(value, Mapping):
            yield from _command(value)
        elif name == "auth-provider" and isinstance(value, Mapping):
            for part, setting in value.items():
                yield from _scalars(setting, part != "name")
        else:
            yield from _scalars(value, name not in _PLAIN_OF_USER)


def _command(command: Mapping[str, Any]) -> Marked:
    for name, value in command.items():
        if name == "args" and isinstance(value, list):
            yield from _arguments(value)
        elif name == "env" and isinstance(value, list):
            for entry in value:
                pair = entry if isinstance(entry, Mapping) else {"value": entry}
                yield from _scalars(pair.get("name"), False)
                yield from _scalars(pair.get("value"), _setting(pair.get("name")) not in _PLAIN_SETTINGS)
        else:
            yield from _scalars(value, name not in _PLAIN_OF_EXEC)


def _arguments(arguments: list[Any]) -> Marked:
    """Subcommands, flags and the values of harmless flags are names: `eks`, `--region`, `eu-central-1`."""
    flag = ""
    for argument in arguments:
        text = str(argument)
        if text.startswith("-"):
            secret = not _FLAG.fullmatch(text)
        elif flag:
            secret = _setting(flag) not in _PLAIN_SETTINGS
        else:
            secret = not _SUBCOMMAND.fullmatch(text)
        yield from _scalars(argument, secret)
        flag = text if text.startswith("-") and "=" not in text else ""


def _setting(name: Any) -> str:
    return re.sub(r"[-_]", "", str(name)).lower()


def _scalars(value: Any, secret: bool, name: str = "") -> Marked:
    """Every text and number below, marked; an address with a user in it is secret, and so is the credential in it. name: its key."""
    is_proxy = name == "proxy-url"
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _scalars(item, secret or key in _CREDENTIALS, str(key))
    elif isinstance(value, list):
        for item in value:
            yield from _scalars(item, secret, name)
    elif isinstance(value, str) and not secret and "@" in value and (is_proxy or "://" in value):
        yield value, True
        for text in (credentials_in_proxy if is_proxy else credentials_in_address)(value):
            yield text, True
    elif value is not None and not isinstance(value, bool):
        yield value, secret
