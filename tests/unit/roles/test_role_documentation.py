# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is written of the role agrees with what runs: its options, defaults and examples, README, and the modules that it calls."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.kyma.docker_registry.plugins.filter.registry import FilterModule
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import spec
from ansible_collections.kyma.docker_registry.tests.support import examples
from ansible_collections.kyma.docker_registry.tests.support.documented import (
    MODULES,
    ROLE,
    ROLE_SPEC,
    ROOT,
    SECRET_VARIABLES,
    check_see_also,
    documentation,
    module,
)

SPECS: dict[str, dict[str, Any]] = ROLE_SPEC["options"]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DEFAULTS_TEXT = (ROLE / "defaults/main.yml").read_text(encoding="utf-8")
DEFAULTS: dict[str, Any] = yaml.safe_load(DEFAULTS_TEXT)


def test_head_of_the_role() -> None:
    """The same version as the modules, neighbours that exist, and every module among them."""
    assert ROLE_SPEC["version_added"] == documentation(MODULES[0])["version_added"]
    check_see_also(ROLE_SPEC["seealso"])
    assert {item["module"].rpartition(".")[2] for item in ROLE_SPEC["seealso"] if "module" in item} == set(MODULES)
    for play in yaml.safe_load(ROLE_SPEC["examples"]):
        assert play["name"] and play["roles"][0]["vars"].keys() <= SPECS.keys()


def test_defaults_of_the_role() -> None:
    """Every option is in defaults/main.yml: with the same default, or commented out where it has none."""
    with_default = {name: option["default"] for name, option in SPECS.items() if "default" in option}
    assert with_default == DEFAULTS
    commented = re.findall(r"^# (registry_\w+):", DEFAULTS_TEXT, re.MULTILINE)
    assert len(commented) == len(set(commented))
    assert set(commented) == SPECS.keys() - with_default.keys()


def test_examples_in_the_defaults() -> None:
    """Each example in a comment sets one variable of the role, in a form that it takes."""
    texts = re.findall(r"^#   (registry_\w+:.*\n(?:#   .*\n)*)", DEFAULTS_TEXT, re.MULTILINE)
    examples = [yaml.safe_load(re.sub(r"^#   ", "", text, flags=re.MULTILINE)) for text in texts]
    assert len(examples) >= 5
    for example in examples:
        (name,) = example
        assert not ArgumentSpecValidator({name: SPECS[name]}).validate(example).error_messages
    _resolved, found = spec.check_storage(examples[0]["registry_storage"], "registry_storage")
    assert found == ()


@pytest.mark.parametrize("name", sorted(SPECS))
def test_option_of_the_role(name: str) -> None:
    """Documented, of a type that its default and choices have, in README's table, and used."""
    option = SPECS[name]
    assert option["description"] and re.fullmatch(r"registry(_[a-z]+)+", name)
    # A mapping may be YAML as text.
    kinds = {"str": str, "bool": bool, "int": int, "dict": dict, "list": list, "raw": dict}
    for value in (*option.get("choices", []), *([option["default"]] if "default" in option else [])):
        assert type(value) is kinds[option["type"]]
    assert option.get("default") in option.get("choices", [option.get("default")])
    assert ("elements" in option) == (option["type"] == "list")
    # Before ansible-core 2.19, no value of an option with it may be `!vault`.
    assert "no_log" not in option
    assert f"`{name}`" in README.partition("### Variables")[2].partition("\n### ")[0]
    # What has only one choice decides nothing yet.
    if len(option.get("choices", ["free", "text"])) > 1:
        assert any(re.search(rf"\b{name}\b", text) for text in _role_texts().values())


def _role_texts() -> dict[str, str]:
    paths = [path for folder in ("tasks", "templates", "vars") for path in (ROLE / folder).rglob("*") if path.is_file()]
    return {str(path.relative_to(ROLE)): path.read_text(encoding="utf-8") for path in paths}


def test_every_option_is_tried() -> None:
    """Set by its name in a test that runs the role, a molecule scenario, or an example that a test runs."""
    texts = [*examples.plays().values(), *(path.read_text(encoding="utf-8") for path in _files_that_run_the_role())]
    # A key of YAML or of a dictionary, a keyword, or an item that is assigned.
    set_by_name = re.compile(r"\b(registry_\w+)\b[\"']?\]?(?::|\s*=(?!=))")
    found = {name for text in texts for name in set_by_name.findall(text)}
    assert SPECS.keys() - found == set(), "options that no run of the role is given"


def _files_that_run_the_role() -> Iterator[Path]:
    for folder in ("molecule", "tests"):
        for path in (ROOT / folder).rglob("*"):
            # Those of modules set options of the same names, unit tests try none. Programs have no suffix.
            runs = path.relative_to(ROOT).parts[1] not in ("api", "lab", "unit")
            if runs and path.is_file() and path.suffix in (".py", ".yml", ""):
                yield path


def test_readme_has_the_order_that_galaxys_readers_expect() -> None:
    """The sections of the template for READMEs of collections."""
    assert re.findall(r"^## (.*)$", README, re.MULTILINE) == [
        "Description",
        "Requirements",
        "Installation",
        "Use cases",
        "Testing",
        "Contributing",
        "Support",
        "Release notes and roadmap",
        "Related information",
        "License information",
    ]


def test_readme_states_what_is_tested() -> None:
    """The versions of ansible-core in the tests' environments, and the lab's Kubernetes."""
    rows = dict(re.findall(r"^\| ([^|]+?) \| (.*) \|$", README.partition("## Testing")[2], re.MULTILINE))
    pins = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "requirements").glob("*.txt"))
    assert set(re.findall(r"\d+\.\d+", rows["ansible-core"])) == set(
        re.findall(r"^ansible-core==(\d+\.\d+)", pins, re.MULTILINE)
    )
    go_mod = (ROOT / "tests/lab/go/kubernetes/go.mod").read_text(encoding="utf-8")
    assert rows["Kubernetes"].startswith(re.findall(r"k8s\.io/kubernetes v(\d+\.\d+)", go_mod)[0])


def test_readme_names_nothing_else() -> None:
    """No variable in README's table that the role does not have, and every module."""
    table = README.partition("### Variables")[2].partition("\n### ")[0]
    assert set(re.findall(r"`(registry_\w+)`", table)) == SPECS.keys()
    modules = README.partition("### Modules")[2].partition("\n#")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", modules, re.MULTILINE)) == set(MODULES)


def test_readme_defaults() -> None:
    """Where README's row of one variable shows a default as code, it is the role's."""
    table = README.partition("### Variables")[2].partition("\n### ")[0]
    seen = 0
    for names, shown in re.findall(r"^\| (`registry_\w+`(?:, `registry_\w+`)*) \| (`[^|]*`) \|", table, re.MULTILINE):
        variables, values = re.findall(r"`(\w+)`", names), re.findall(r"`([^`]*)`", shown)
        for position, variable in enumerate(variables):
            if len(values) in (1, len(variables)):
                assert yaml.safe_load(values[position % len(values)]) == SPECS[variable]["default"], variable
                seen += 1
    assert seen > 8


def test_texts_name_variables_that_exist() -> None:
    """Every variable that a finding, a task or a page asks the user to set."""
    playbooks = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "playbooks").glob("*.yml"))
    known = {*SPECS, *MODULES, *FilterModule().filters(), *re.findall(r"\bregistry_\w+\b", playbooks)}
    options = {option for name in MODULES for option in module(name).SPEC.options}
    for path in (ROOT / "plugins").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                for word in re.findall(r"(?<![\w./])registry_\w+", node.value):
                    assert word in known | options | {"registry_", "registry_migration_"}, f"{path.name}: {word}"


def test_role_and_modules_agree() -> None:
    """What the role passes on has the same type, choices and default there; the role itself reads the text of mappings."""
    storage, verification = module("docker_registry_storage").SPEC.options, module("registry_verify").SPEC.options
    deployment, secret = module("registry_deployment").SPEC.options, module("registry_secret").SPEC.options
    pairs = [
        *(
            (f"registry_{key}", storage[key])
            for key in ("namespace", "name", "storage", "manifest", "replicas", "driver_parameters", "redirect")
        ),
        *((f"registry_{key}", storage[key]) for key in ("volume_size", "volume_storage_class", "volume_access_modes")),
        *((f"registry_{key}", storage[key]) for key in ("install_crd", "create_namespace", "accept_data_loss")),
        ("registry_wait_timeout", deployment["wait_timeout"]),
        ("registry_verify", verification["level"]),
        *((key, secret[key]) for key in ("registry_username", "registry_password")),
        ("registry_pull_secret_namespaces", secret["pull_secret_namespaces"]),
    ]
    for name, option in pairs:
        mine = {key: SPECS[name].get(key) for key in ("type", "choices", "default", "elements")}
        if mine["type"] == "raw" and mine["default"] == {}:
            mine["type"] = "dict"
        assert mine == {key: option.get(key) for key in mine}, name
        assert option.get("no_log", False) == bool(SECRET_VARIABLES.search(name)), name


def test_the_labs_image_is_the_roles() -> None:
    """The lab has the very image that the role deploys, else nothing could be pulled there."""
    images = (ROOT / "tests/lab/kymalab/images.py").read_text(encoding="utf-8")
    assert f'"{SPECS["registry_image"]["default"]}"' in images
    version = SPECS["registry_image"]["default"].rpartition(":")[2]
    go_mod = (ROOT / "tests/lab/go/registry/go.mod").read_text(encoding="utf-8")
    assert f"github.com/distribution/distribution/v3 v{version}" in go_mod and f"Distribution {version}" in README
