# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What AWX makes of awx/: the files that it reads, and how it writes variables down."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.kyma.docker_registry.tests.support.playbook import REPOSITORY

FOLDER = REPOSITORY / "awx"
# AWX' list of playbooks shows files with such a line (awx/main/utils/ansible.py); older ones know no ansible.builtin before it.
_PLAYBOOK_LINE = re.compile(r"^\s*?-?\s*?(?:hosts|include|import_playbook):\s*?.*?$", re.M)


class _Loader(yaml.SafeLoader):
    """`!unsafe` is Ansible's word for a text that it does not render."""


_Loader.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))


def load(path: Path) -> Any:
    """The content of one of Ansible's files."""
    return yaml.load(path.read_text(encoding="utf-8"), _Loader)


def credential_types() -> dict[str, dict[str, Any]]:
    """Our credential types by the end of their names."""
    found = load(FOLDER / "vars/credential_types.yml")["credential_types"]
    return {item["name"].partition(": ")[2]: item for item in found}


def surveys() -> dict[str, dict[str, Any]]:
    """Our surveys by name."""
    found: dict[str, dict[str, Any]] = load(FOLDER / "vars/surveys.yml")["surveys"]
    return found


def answers(survey: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """What a filled-in form gives: its defaults, and what a user typed in. Empty fields are sent as ''."""
    found = {item["variable"]: item["default"] for item in survey["spec"]}
    assert given.keys() <= found.keys(), f"no question for {given.keys() - found.keys()}"
    return {**found, **given}


def example(word: str) -> str:
    """The example of docs/awx.md that has the word in it, of those that are left to this suite."""
    page = (REPOSITORY / "docs/awx.md").read_text(encoding="utf-8")
    (found,) = [
        text for text in re.findall(r"^<!-- suite: awx -->\n```yaml\n(.*?)^```$", page, re.M | re.S) if word in text
    ]
    return found


class _UnsafeDumper(yaml.SafeDumper):
    """Every text, also a key, as `!unsafe`: so that no answer is rendered as a template."""

    def represent_data(self, data: Any) -> Any:
        if isinstance(data, str):
            return self.represent_scalar("!unsafe", data)
        return super().represent_data(data)


def as_awx_writes(variables: Mapping[str, Any], trusted: Mapping[str, Any]) -> str:
    """The text of AWX' file of extra variables. trusted: those of the job template; where one has just this value, it stays plain."""
    parts = []
    for key, value in variables.items():
        plain = key in trusted and trusted[key] == value
        parts.append(yaml.dump({key: value}, Dumper=yaml.SafeDumper if plain else _UnsafeDumper))
    return "".join(parts)


def is_listed(path: Path) -> bool:
    """Whether AWX' list of playbooks shows the file."""
    return path.suffix in (".yml", ".yaml") and bool(_PLAYBOOK_LINE.search(path.read_text(encoding="utf-8")))
