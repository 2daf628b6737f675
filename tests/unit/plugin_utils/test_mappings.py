# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Variables that are mappings, as surveys and the command line give them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.kyma.docker_registry.plugins.filter.registry import FilterModule
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal
from ansible_collections.kyma.docker_registry.plugins.plugin_utils import mappings
from ansible_collections.kyma.docker_registry.tests.support import playbook

ROLE = Path(playbook.REPOSITORY) / "roles/registry"
CANARY = "c4n4ry"
PROXY = "http://proxy:3128/?a=b"


@pytest.mark.parametrize(
    ("given", "mapping"),
    [
        ({"a": 1}, {"a": 1}),
        ('{"a": "1", "b": true}', {"a": "1", "b": True}),
        ('{\t"a": "1"}', {"a": "1"}),
        ("a=1, b=c", {"a": "1", "b": "c"}),
        ("rootdirectory: images", {"rootdirectory": "images"}),
        ("{rootdirectory: images}", {"rootdirectory": "images"}),
        ("# for Azure\ncredentials:\n  type: client_secret\n", {"credentials": {"type": "client_secret"}}),
        (f"HTTPS_PROXY: {PROXY}\nNO_PROXY: .svc", {"HTTPS_PROXY": PROXY, "NO_PROXY": ".svc"}),
        ("maxthreads: '050'", {"maxthreads": "050"}),
        *((nothing, {}) for nothing in (None, "", {}, "\n", "---\n", "# nothing", "{}", "null")),
    ],
)
def test_mapping_that_came_as_text(given: Any, mapping: dict[str, Any]) -> None:
    """A mapping, JSON, YAML or key=value; an equals sign in a value of YAML splits nothing."""
    assert mappings.read_mapping(given, "registry_env") == mapping
    assert FilterModule().filters()["_mapping"](given) == mapping
    assert FilterModule().filters()["_mapping_problems"]({"registry_env": given}) == []


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (CANARY, "variable-not-mapping"),
        (f"- {CANARY}", "variable-not-mapping"),
        ([CANARY], "variable-not-mapping"),
        (83, "variable-not-mapping"),
        (False, "variable-not-mapping"),
        (f"{CANARY}: a\n---\nb: c", "variable-not-mapping"),
        (f"a: '{CANARY}", "manifest-not-yaml"),
        (f'{{"a": {CANARY}', "manifest-not-yaml"),
        (f"a=b, {CANARY}", "variable-not-mapping"),
        (f"a: {CANARY}\na: c", "manifest-doubled-key"),
    ],
)
def test_what_is_none(given: Any, code: str) -> None:
    """The message names the variable, and quotes no value."""
    (text,) = mappings.find_problems({"registry_env": given, "registry_logging": {}})
    assert text.startswith("registry_env") and text.endswith(f"[{code}]") and CANARY not in text
    with pytest.raises(Refusal):
        mappings.read_mapping(given, "registry_env")


def test_every_mapping_is_read() -> None:
    """Those of the role whose type its argument specs leave open: all that do not hold credentials."""
    spec = yaml.safe_load((ROLE / "meta/argument_specs.yml").read_text(encoding="utf-8"))["argument_specs"]["main"]
    variables = yaml.safe_load((ROLE / "vars/main.yml").read_text(encoding="utf-8"))["__registry_mapping_problems"]
    open_types = {name for name, option in spec["options"].items() if option["type"] == "raw"} - {"registry_storage"}
    typed = {name for name, option in spec["options"].items() if option["type"] == "dict"}
    assert typed == {
        "registry_ca_bundle",
        *(name for name in spec["options"] if name.startswith("registry_storage_secret")),
    }
    assert len(open_types) == 8
    assert all(f"'{name}': {name}," in variables for name in open_types) and variables.count(":") == len(open_types)
