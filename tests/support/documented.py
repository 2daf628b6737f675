# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the collection documents of itself: modules, role, README; and what a list of neighbours may name."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.kyma.docker_registry.plugins.filter.registry import FilterModule

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "ansible_collections.kyma.docker_registry.plugins"
NAMESPACE = "kyma.docker_registry"
MODULES = sorted(path.stem for path in (ROOT / "plugins/modules").glob("*.py"))
ROLE = ROOT / "roles/registry"
# The role's entry point: options, examples, neighbours.
ROLE_SPEC: dict[str, Any] = yaml.safe_load((ROLE / "meta/argument_specs.yml").read_text())["argument_specs"]["main"]
# Names of the role's variables that hold secrets.
SECRET_VARIABLES = re.compile(r"password|storage_secret$|manifest")


def module(name: str) -> Any:
    """The Python module of one of our modules."""
    return importlib.import_module(f"{PACKAGE}.modules.{name}")


def documentation(name: str) -> dict[str, Any]:
    """The parsed DOCUMENTATION of a module."""
    found: dict[str, Any] = yaml.safe_load(module(name).DOCUMENTATION)
    return found


def check_see_also(items: list[dict[str, str]], but: str = "") -> None:
    """Fails for an entry of `seealso` that does not exist. A page exists in the collection or has an address on the web. but: the module itself."""
    for item in items:
        if "link" in item:
            assert item["name"] and item["description"].endswith(".")
            assert item["link"].startswith("https://") or (ROOT / item["link"]).exists(), item["link"]
        else:
            known = {"module": MODULES, "filter": FilterModule().filters()}
            full = item.get("module") or item["plugin"]
            assert full.rpartition(".")[0] == NAMESPACE and full.rpartition(".")[2] != but
            assert full.rpartition(".")[2] in known[item.get("plugin_type", "module")]
