# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Mappings that come as text: from the command line, or from the survey of an AWX job, which has no other type. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ansible.module_utils.common.validation import check_type_dict
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal, error
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import pasted_manifest
from ansible_collections.kyma.docker_registry.plugins.plugin_utils import rendered

_NOT_YAML = "manifest-not-yaml"


def read_mapping(value: Any, path: str) -> dict[str, Any]:
    """The mapping that a value is, or that its text says: JSON, YAML, or key=value. Nothing becomes {}.

    What is omitted (`default(omit)`) is left out, at any depth. Raises Refusal for what is not a mapping. path: the variable's name.
    """
    if rendered.is_omitted(value):
        return {}
    try:
        found = _parse(value, path) if isinstance(value, str) else value
    except (TypeError, ValueError):  # Ansible's own reading of key=value.
        found = value
    if found is None or found == "":
        return {}
    if not isinstance(found, Mapping):
        text = "is neither a mapping nor YAML text of a mapping."
        remedy = "Write name: value, each on a separate line, or JSON."
        raise Refusal([error("variable-not-mapping", path, text, remedy)])
    kept: dict[str, Any] = rendered.without_omitted(dict(found))
    return kept


def _parse(text: str, path: str) -> Any:
    if text.lstrip().startswith("{"):
        try:
            return json.loads(text)
        except ValueError:
            pass
    problem: Refusal | None = None
    found: Any = None
    try:
        documents = pasted_manifest.documents(text, path)
        found = documents[0] if len(documents) == 1 else documents or None
    except Refusal as refusal:
        problem = refusal
    if problem is not None and any(item.code != _NOT_YAML for item in problem.findings):
        raise problem
    if "=" in text and (problem is not None or isinstance(found, str)):
        # As Ansible reads an option that is a dictionary.
        return check_type_dict(text)
    if problem is not None:
        raise problem
    return found


def find_problems(values: Mapping[str, Any]) -> list[str]:
    """What is wrong with variables that are to be mappings, a text each. No value is quoted."""
    problems: list[str] = []
    for name, value in values.items():
        try:
            read_mapping(value, name)
        except Refusal as refusal:
            problems += [item.text() for item in refusal.findings]
    return problems
