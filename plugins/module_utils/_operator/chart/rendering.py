# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the operator's chart renders from the values that it is given: variables, and the generated Secret. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.encoding import env_value
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.backends.filesystem import ROOT_DIRECTORY
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import KEY_FILE

from . import strvals, yaml_scalars
from .inputs import ChartInputs


@dataclass(frozen=True)
class SecretRef:
    """The value of a variable that stands in a Secret."""

    name: str
    key: str


EnvValue: TypeAlias = "str | SecretRef"

KEY_FILE_FOLDER = "/gcs_secret"
PREFIX = "REGISTRY_STORAGE_"

# Chart value to key of the generated Secret; all of one driver are there or none.
SECRET_KEYS: dict[str, dict[str, str]] = {
    "azure": {
        "azure.accountName": "azureAccountName",
        "azure.accountKey": "azureAccountKey",
        "azure.container": "azureContainer",
    },
    "s3": {"s3.accessKey": "s3AccessKey", "s3.secretKey": "s3SecretKey"},
    "gcs": {"gcs.accountkey": KEY_FILE},
}
_SECRET_ENV: dict[str, dict[str, str]] = {
    "azure": {
        "AZURE_ACCOUNTNAME": "azureAccountName",
        "AZURE_ACCOUNTKEY": "azureAccountKey",
        "AZURE_CONTAINER": "azureContainer",
    },
    "s3": {"S3_ACCESSKEY": "s3AccessKey", "S3_SECRETKEY": "s3SecretKey"},
}
_REQUIRED = frozenset({"s3.region", "s3.bucket", "gcs.bucket"})


@dataclass(frozen=True)
class Chart:
    """What comes out. stopped: why nothing does. refused: why the API server refuses the Deployment. None of them holds a value."""

    env: Mapping[str, EnvValue] = field(default_factory=dict)
    secret: Mapping[str, bytes] | None = field(default=None, repr=False)
    key_file: bool = False
    stopped: str = ""
    refused: str = ""


class _StoppedError(Exception):
    pass


class _RefusedError(Exception):
    pass


def render(wanted: ChartInputs, *, strvals_grammar: bool) -> Chart:
    """The chart's part about storage. strvals_grammar: values pass --set unescaped."""
    try:
        secret = _secret(wanted, strvals_grammar=strvals_grammar)
        texts = _texts(wanted, strvals_grammar=strvals_grammar)
    except _StoppedError as problem:
        return Chart(stopped=str(problem))
    driver = wanted.driver or "filesystem"
    try:
        env = {f"{PREFIX}{driver.upper()}_{name.upper()}": _scalar(text, name) for name, text in texts.items()}
    except _RefusedError as problem:
        return Chart(secret=secret, refused=str(problem))
    if driver == "filesystem":
        return Chart({f"{PREFIX}FILESYSTEM_ROOTDIRECTORY": ROOT_DIRECTORY})
    found: dict[str, EnvValue] = dict(env)
    if secret or driver == "azure":
        for name, key in _SECRET_ENV.get(driver, {}).items():
            found[PREFIX + name] = SecretRef(constants.STORAGE_SECRET, key)
    key_file = driver == "gcs" and bool(secret)
    if key_file:
        found[f"{PREFIX}GCS_KEYFILE"] = f"{KEY_FILE_FOLDER}/{KEY_FILE}"
    return Chart(found, secret, key_file)


def _passed(text: str | bool, name: str, *, strvals_grammar: bool) -> strvals.Value:
    """The chart value behind --set."""
    if isinstance(text, bool) or not strvals_grammar:
        return text
    parsed = strvals.parse(text)
    if parsed.error:
        raise _StoppedError(f"failed to parse {name}: {parsed.error}")
    return parsed.value


def _secret(wanted: ChartInputs, *, strvals_grammar: bool) -> dict[str, bytes] | None:
    keys = SECRET_KEYS.get(wanted.driver)
    if keys is None:
        return None
    values = {name: _passed(wanted.secrets[name], name, strvals_grammar=strvals_grammar) for name in keys}
    if not all(values.values()):
        return {}
    found = {}
    for name, value in values.items():
        if not isinstance(value, str):
            raise _StoppedError(f"{name}: wrong type for value; expected string")
        found[keys[name]] = value.encode("utf-8", "replace")
    return found


def _texts(wanted: ChartInputs, *, strvals_grammar: bool) -> dict[str, str]:
    """The values as the template pastes them, without quotes but for the booleans."""
    found = {}
    left_out = {name for name in _REQUIRED if name.partition(".")[0] == wanted.driver}.difference(wanted.values)
    for name, given in {**wanted.values, **dict.fromkeys(sorted(left_out), "")}.items():
        value = _passed(given, name, strvals_grammar=strvals_grammar)
        if not value:
            if name in _REQUIRED:
                raise _StoppedError(f".Values.{name} is required")
            continue
        if isinstance(value, tuple):
            raise _StoppedError(f"{name}: a list where text belongs")
        quoted = isinstance(given, bool)
        text = str(value).lower() if isinstance(value, bool) else str(value)
        found[name.partition(".")[2]] = f'"{text}"' if quoted else text
    return found


def _scalar(text: str, name: str) -> str:
    """The value as the API server gets it. Whatever YAML does not take for text is refused in a variable."""
    if text.startswith('"'):
        return _quoted(text, name)
    if yaml_scalars.kind(text) in ("text", "word"):
        return text
    raise _RefusedError(f"{name}: expected string")


def _quoted(text: str, name: str) -> str:
    try:
        value = json.loads(text)
    except ValueError:
        raise _RefusedError(f"{name}: expected string") from None
    if not isinstance(value, str):
        raise _RefusedError(f"{name}: expected string")
    return value


def reads_as(written: EnvValue, meant: object) -> bool:
    """True where the registry, for which variables are YAML, reads what was meant. What stands in a Secret is not looked at."""
    if not isinstance(written, str):
        return True
    if not isinstance(meant, str):
        return written == env_value(meant)
    if is_plain_value(written):
        return written == meant
    return written.startswith('"') and bool(json.loads(written) == meant)


def is_plain_value(text: str) -> bool:
    """True where the text as the value of a variable is read as itself: for Kubernetes a dollar sign is no text either."""
    return yaml_scalars.is_plain(text) and "$" not in text
