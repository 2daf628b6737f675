# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Risks in values: what the grammar of --set, YAML and the chart make of names, flags and credentials. Pure.

A finding names the key and what happens, never the value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, error, warning
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.chart import strvals, yaml_scalars
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.chart.inputs import (
    AWS_KEYS,
    SECRET_KEYS,
    ChartInputs,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.versions import Quirks
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.backends.btp_object_store import (
    AWS_STORAGE_TYPE,
    GCP_MARK,
    GCP_STORAGE_TYPE,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.checks import s3_checks

from .facts import Facts, Help

_ANOTHER = "Use a name that is no number and no word of YAML, or direct mode (registry_mode: direct)."
_OURS = "Let the collection make the Secret that the operator reads, or use direct mode (registry_mode: direct)."


def check_values(wanted: ChartInputs, help_: Help, quirks: Quirks, path: str, secret_path: str) -> Iterator[Finding]:
    """About what stands in the clear: buckets, regions, endpoints, claims, flags."""
    binding = wanted.storage_type in (AWS_STORAGE_TYPE, GCP_STORAGE_TYPE)
    for name, value in wanted.values.items():
        field = name.rpartition(".")[2]
        place = f"{secret_path}.{field}" if binding else f"{path}.{'name' if field == 'existingClaim' else field}"
        if isinstance(value, bool) or (binding and help_.secret):
            continue
        if field == "chunksize":
            if not help_.overlay:
                message = "makes the operator stop: its Deployment holds a number where text belongs."
                yield error("operator-chunksize", place, message, "Leave it out, or let the collection set it.")
            continue
        yield from _check_text(value, quirks, place)
    if wanted.driver == "s3":
        yield from _check_addressing(wanted, help_, path)


def _check_text(text: str, quirks: Quirks, place: str) -> Iterator[Finding]:
    parsed = strvals.parse(text) if quirks.strvals else strvals.Parsed(text)
    if parsed.error or parsed.injected or isinstance(parsed.value, tuple):
        message = "holds ',', '\\' or '{', which the operator takes for its own grammar."
        yield error("operator-value-mangled", place, message, _ANOTHER)
    elif not isinstance(parsed.value, str) or yaml_scalars.kind(parsed.value) not in ("text", "word"):
        message = "looks like a number, a boolean or null, which the operator does not quote: it stops."
        yield error("operator-value-retyped", place, message, _ANOTHER)
    elif parsed.value != text:
        message = "comes out of the operator changed: it takes ',' and '\\' for its own grammar."
        yield error("operator-value-mangled", place, message, _ANOTHER)
    elif yaml_scalars.kind(text) == "word":
        message = "is a boolean for the registry, to which the operator gives it without quotes."
        yield error("operator-value-misread", place, message, _ANOTHER)


def _check_addressing(wanted: ChartInputs, help_: Help, path: str) -> Iterator[Finding]:
    """S3's way: flags that are false are never rendered, and the driver has no path style of its own accord."""
    endpoint = wanted.values.get("s3.regionEndpoint")
    if help_.overlay or not isinstance(endpoint, str):
        return
    if wanted.values.get("s3.secure") is False and "://" not in endpoint:
        message = "is false and never reaches the registry, which uses https."
        yield error("operator-secure-ignored", f"{path}.secure", message, "Write the endpoint with http://.")
    if not s3_checks.is_aws({"regionendpoint": endpoint}):
        message = "names a store that may want path style, which the operator cannot set."
        remedy = "Give it names of the form bucket.host, or set forcepathstyle with the collection."
        yield warning("operator-path-style", f"{path}.regionEndpoint", message, remedy)


def check_secret(wanted: ChartInputs, facts: Facts, help_: Help, quirks: Quirks, path: str) -> Iterator[Finding]:
    """About credentials: keys that are not there, and values that come out changed or leak."""
    if facts.secret is None or not wanted.secrets:
        return
    keys = _user_keys(wanted)
    missing = [key for value, key in keys.items() if not wanted.secrets[value]]
    for key in missing:
        yield error("operator-secret-key-missing", f"{path}.{key}", _CONSEQUENCE[wanted.driver], f"Add {key}.")
    if missing or help_.secret:
        return
    for value, key in keys.items():
        yield from _check_credential(wanted.secrets[value], quirks, wanted.driver, f"{path}.{key}")


_CONSEQUENCE = {
    "s3": "is missing or empty: the operator says nothing and the registry tries the node's own cloud identity.",
    "gcs": "is missing or empty: the operator says nothing and the registry tries the node's own cloud identity.",
    "azure": "is missing or empty: the operator says nothing and the Pod never starts.",
}


def _user_keys(wanted: ChartInputs) -> Mapping[str, str]:
    """Chart value to key of the user's Secret."""
    if wanted.storage_type == GCP_STORAGE_TYPE:
        return {"gcs.accountkey": GCP_MARK}
    table = AWS_KEYS if wanted.storage_type == AWS_STORAGE_TYPE else SECRET_KEYS[wanted.driver]
    return {value: key for key, value in table.items()}


def _check_credential(text: str, quirks: Quirks, driver: str, place: str) -> Iterator[Finding]:
    parsed = strvals.parse(text) if quirks.strvals else strvals.Parsed(text)
    if driver == "gcs" and parsed == strvals.Parsed(parsed.value) and str(parsed.value).startswith("{"):
        # A document comes out: somebody has escaped it for the operator.
        return
    if parsed.error:
        message = "breaks the operator's grammar; it writes the whole value into the DockerRegistry's status, events and its log."
        yield error("operator-secret-leak", place, message, f"{_OURS} Renew it if that has happened.")
    elif driver == "gcs" and isinstance(parsed.value, tuple):
        message = "is a JSON document, which the operator takes for a list: it stops."
        yield error("operator-key-file", place, message, _OURS)
    elif parsed.injected:
        message = "is cut at a comma, and what stands behind it changes other settings of the operator's chart."
        yield error("operator-secret-injects", place, message, _OURS)
    elif parsed.value != text or not isinstance(parsed.value, str):
        message = "comes out of the operator changed, or stops it: it takes ',', '\\', '{', numbers and booleans for its own grammar."
        yield error("operator-secret-mangled", place, message, _OURS)
    elif driver != "gcs" and not yaml_scalars.is_plain(text):
        message = "is read by the registry as YAML, without quotes, and becomes another value."
        yield error("operator-secret-misread", place, message, _OURS)
