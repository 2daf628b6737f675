# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Risks in values: what the grammar of --set, YAML and the chart make of names, flags and credentials. Pure.

A finding names the key and what happens, never the value.
"""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, error
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.chart import strvals, yaml_scalars
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.chart.inputs import ChartInputs
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.names import OperatorNames
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.versions import Release
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import Backend
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.driver import ChartCredential

from .facts import Facts, Measures

_ANOTHER = "Use a name that YAML reads as text (not a number, yes, no or null), or direct mode (registry_mode: direct)."
_OURS = "Let the collection create the Secret that the operator reads, or use direct mode (registry_mode: direct)."


def check_values(
    backend: Backend, inputs: ChartInputs, measures: Measures, known: Release, path: str, secret_path: str
) -> Iterator[Finding]:
    """About values that are not secret: buckets, regions, endpoints, claims, flags."""
    in_secret = inputs.mapping is not None and bool(inputs.mapping.parameters)
    numbers = {item.name for item in backend.fields if item.type == "integer"}
    for name, value in inputs.values.items():
        field = backend.claim_field if name == known.names.existing_claim else name.rpartition(".")[2]
        place = f"{secret_path if in_secret else path}.{field}"
        if isinstance(value, bool) or (in_secret and measures.secret):
            continue
        if field in numbers:
            if not measures.spec:
                message = "makes the operator fail: it creates a Deployment with a number instead of text."
                yield error("operator-chunksize", place, message, "Leave it out, or let the collection set it.")
            continue
        yield from _check_text(value, known, place)
    section = {name.rpartition(".")[2]: value for name, value in inputs.values.items()}
    for parameter, finding in inputs.driver.operator.check(section, path):
        if not measures.sets(inputs.driver.variable(parameter)):
            yield finding


def _check_text(text: str, known: Release, place: str) -> Iterator[Finding]:
    parsed = strvals.parse(text) if known.strvals else strvals.Parsed(text)
    if parsed.error or parsed.injected or isinstance(parsed.value, tuple):
        message = "contains ',', '\\' or '{', which the operator interprets as its own syntax."
        yield error("operator-value-mangled", place, message, _ANOTHER)
    elif not isinstance(parsed.value, str) or yaml_scalars.kind(parsed.value) not in ("text", "word"):
        message = "looks like a number, a boolean or null. The operator does not quote it and fails."
        yield error("operator-value-retyped", place, message, _ANOTHER)
    elif parsed.value != text:
        message = "is changed by the operator, which interprets ',' and '\\' as its own syntax."
        yield error("operator-value-mangled", place, message, _ANOTHER)
    elif yaml_scalars.kind(text) == "word":
        message = "is passed to the registry without quotes, and the registry reads it as a boolean."
        yield error("operator-value-misread", place, message, _ANOTHER)


def check_secret_values(
    inputs: ChartInputs, facts: Facts, measures: Measures, known: Release, path: str
) -> Iterator[Finding]:
    """About credentials: missing keys, and values that the operator changes or leaks."""
    if facts.secret is None or inputs.mapping is None:
        return
    credentials = inputs.mapping.credentials
    values = {key: _chart_text(inputs, item, known.names) for key, item in credentials.items()}
    missing = [key for key in credentials if not values[key]]
    for key in missing:
        consequence = inputs.driver.operator.missing_credential
        yield error("operator-secret-key-missing", f"{path}.{key}", consequence, f"Add {key}.")
    if missing or measures.secret:
        return
    for key, item in credentials.items():
        yield from _check_credential(values[key], known, item, f"{path}.{key}")


def _chart_text(inputs: ChartInputs, credential: ChartCredential, names: OperatorNames) -> str:
    return inputs.secrets[names.chart_value(inputs.driver.name, credential.name)]


def _check_credential(text: str, known: Release, credential: ChartCredential, place: str) -> Iterator[Finding]:
    document = bool(credential.file_parameter)
    parsed = strvals.parse(text) if known.strvals else strvals.Parsed(text)
    if document and parsed == strvals.Parsed(parsed.value) and str(parsed.value).startswith("{"):
        # The result is a document: the value was already escaped for the operator.
        return
    if parsed.error:
        message = "is not valid in the syntax of the operator, which writes the whole value to the status of the DockerRegistry, to events and to its log."
        yield error("operator-secret-leak", place, message, f"{_OURS} Renew it if that has happened.")
    elif document and isinstance(parsed.value, tuple):
        message = "is a JSON document. The operator reads it as a list and fails."
        yield error("operator-key-file", place, message, _OURS)
    elif parsed.injected:
        message = "is cut at a comma, and the text after the comma changes other settings of the operator's chart."
        yield error("operator-secret-injects", place, message, _OURS)
    elif parsed.value != text or not isinstance(parsed.value, str):
        message = "is changed by the operator or makes it fail: it interprets ',', '\\', '{', numbers and booleans as its own syntax."
        yield error("operator-secret-mangled", place, message, _OURS)
    elif not document and not yaml_scalars.is_plain(text):
        message = "is read by the registry as unquoted YAML, which changes the value."
        yield error("operator-secret-misread", place, message, _OURS)
