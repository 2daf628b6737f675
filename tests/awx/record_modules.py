# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Records which options the modules of awx.awx take, for the tests of awx/configure.yml, which runs without that collection.

Usage: record_modules.py FOLDER, where FOLDER is ansible_collections/awx/awx of a release (the package `ansible` holds one).
"""

from __future__ import annotations

import ast
import json
import sys
from pathlib import Path
from typing import Any

import yaml

RECORD = Path(__file__).with_name("awx_modules.json")
MODULES = (
    "credential_type",
    "execution_environment",
    "host",
    "inventory",
    "job_template",
    "organization",
    "project",
    "workflow_job_template",
)
# What an option says of itself here; the rest (defaults, masking) is the module's own business.
WORDS = ("type", "required", "choices", "elements", "aliases")


def _value(node: ast.expr) -> Any:
    """A literal, a dict(...) of literals, or None if only a run of the module would show the value."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "dict":
        return {item.arg: _value(item.value) for item in node.keywords}
    try:
        return ast.literal_eval(node)
    except ValueError:
        return None


def options(path: Path) -> dict[str, Any]:
    """The argument_spec of a module."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "argument_spec":
            return {
                name: {word: option[word] for word in WORDS if option.get(word) is not None}
                for name, option in _value(node.value).items()
            }
    raise SystemExit(f"{path}: no argument_spec")


def main() -> None:
    """Writes the record."""
    folder = Path(sys.argv[1])
    version = json.loads((folder / "MANIFEST.json").read_text())["collection_info"]["version"]
    modules = {name: options(folder / "plugins/modules" / f"{name}.py") for name in MODULES}
    # Choices that the module computes are in its documentation.
    for name, module in modules.items():
        text = (folder / "plugins/modules" / f"{name}.py").read_text(encoding="utf-8")
        documented = yaml.safe_load(text.split("DOCUMENTATION = '''")[1].split("'''")[0])["options"]
        for option, spec in module.items():
            if "choices" not in spec and documented.get(option, {}).get("choices"):
                spec["choices"] = documented[option]["choices"]
    RECORD.write_text(json.dumps({"version": version, "modules": modules}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
