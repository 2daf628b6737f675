# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is written agrees with what runs: modules, fragments, filters, role, README, action group."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.kyma.docker_registry.plugins.doc_fragments.attributes import (
    ModuleDocFragment as AttributesFragment,
)
from ansible_collections.kyma.docker_registry.plugins.doc_fragments.connection import (
    ModuleDocFragment as ConnectionFragment,
)
from ansible_collections.kyma.docker_registry.plugins.doc_fragments.rights import (
    ModuleDocFragment as RightsFragment,
)
from ansible_collections.kyma.docker_registry.plugins.doc_fragments.secret_source import (
    ModuleDocFragment as SecretSourceFragment,
)
from ansible_collections.kyma.docker_registry.plugins.filter.registry import FilterModule
from ansible_collections.kyma.docker_registry.plugins.module_utils.arguments import Spec
from ansible_collections.kyma.docker_registry.plugins.module_utils.cluster import values
from ansible_collections.kyma.docker_registry.plugins.module_utils.cluster.options import CONNECTION_SPEC
from ansible_collections.kyma.docker_registry.plugins.module_utils.ensure.sources import SOURCES
from ansible_collections.kyma.docker_registry.plugins.module_utils.storage import spec
from ansible_collections.kyma.docker_registry.tests.support import module_rights

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "ansible_collections.kyma.docker_registry.plugins"
NAMESPACE = "kyma.docker_registry"
MODULES = sorted(path.stem for path in (ROOT / "plugins/modules").glob("*.py"))
ROLE = ROOT / "roles/registry"
SPECS: dict[str, dict[str, Any]] = yaml.safe_load((ROLE / "meta/argument_specs.yml").read_text())["argument_specs"][
    "main"
]["options"]
README = (ROOT / "README.md").read_text(encoding="utf-8")

every_module = pytest.mark.parametrize("name", MODULES)


def _module(name: str) -> Any:
    return importlib.import_module(f"{PACKAGE}.modules.{name}")


def _documented(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(_module(name).DOCUMENTATION)
    return found


def _fragment(fragment: Any) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(fragment.DOCUMENTATION)
    return found


def _shape(options: dict[str, dict[str, Any]], inner: str) -> dict[str, dict[str, Any]]:
    """Of each option what documentation and specification both say. inner: what they call options of options."""
    shape = {}
    for name, option in options.items():
        found = {key: option[key] for key in ("default", "choices", "elements") if option.get(key) is not None}
        found.update(type=option.get("type", "str"), required=option.get("required", False))
        found["aliases"] = sorted(option.get("aliases", []))
        found["inner"] = _shape(option.get(inner) or {}, inner)
        shape[name] = found
    return shape


def test_there_are_modules() -> None:
    """Else nothing below would be tested."""
    assert len(MODULES) >= 5 and SPECS


@every_module
def test_options_of_modules(name: str) -> None:
    """Documentation and specification hold the same options with the same types, defaults, choices and aliases."""
    spec: Spec = _module(name).SPEC
    documented = {**_documented(name)["options"], **_fragment(ConnectionFragment)["options"]}
    if SOURCES.options.keys() & spec.options.keys():
        documented.update(_fragment(SecretSourceFragment)["options"])
    assert _shape(documented, "suboptions") == _shape(spec.options, "options")


def test_connection_fragment() -> None:
    """The shared options, with their aliases."""
    assert _shape(_fragment(ConnectionFragment)["options"], "suboptions") == _shape(CONNECTION_SPEC, "options")


def test_connection_variables() -> None:
    """Every variable that is documented is one that is read, and every option that has one says so."""
    for name, option in _fragment(ConnectionFragment)["options"].items():
        text = str(option["description"]) + str(option.get("suboptions"))
        named = re.findall(r"E\((K8S_AUTH_\w+)\)", text)
        assert named and all(name in values.variables({variable: "x"}) for variable in named), name


def _secretive(options: dict[str, dict[str, Any]], path: str = "") -> list[tuple[str, dict[str, Any]]]:
    found = []
    for name, option in options.items():
        # A mapping of options says it of each of them.
        if re.search(r"pass|secret(?!_namespaces)|token|key|auth|credential", name) and "options" not in option:
            found.append((path + name, option))
        found += _secretive(option.get("options") or {}, f"{path}{name}.")
    return found


@every_module
def test_secrets_are_no_log(name: str) -> None:
    """Options whose names sound like secrets say whether they are; one that is has neither a default nor choices."""
    for path, option in _secretive(_module(name).SPEC.options):
        assert "no_log" in option, path
        if option["no_log"]:
            assert "default" not in option and "choices" not in option and "fallback" not in option, path


@every_module
def test_constraints_name_options(name: str) -> None:
    """A constraint about an option that does not exist would never hold."""
    spec: Spec = _module(name).SPEC
    named = {
        option
        for group in (*spec.mutually_exclusive, *spec.required_together, *spec.required_one_of)
        for option in group
    }
    named |= {rule[0] for rule in spec.required_if} | {option for rule in spec.required_if for option in rule[2]}
    named |= {*spec.required_by, *(option for group in spec.required_by.values() for option in group)}
    assert named <= spec.options.keys()


@every_module
def test_header_of_documentation(name: str) -> None:
    """Name, fragments that exist, attributes, and neighbours that exist."""
    found = _documented(name)
    assert found["module"] == name and found["short_description"] and found["description"]
    fragments = {f"{NAMESPACE}.attributes", f"{NAMESPACE}.connection", f"{NAMESPACE}.rights"}
    if SOURCES.options.keys() & _module(name).SPEC.options.keys():
        fragments.add(f"{NAMESPACE}.secret_source")
    assert set(found["extends_documentation_fragment"]) == fragments
    # What the fragment leaves open each module says.
    attributes = _fragment(AttributesFragment)["attributes"]
    left_open = {key for key, value in attributes.items() if "support" not in value}
    assert left_open == {"check_mode", "diff_mode"}
    assert left_open <= found["attributes"].keys() <= attributes.keys()
    _see_also(found["seealso"], but=name)
    assert any("module" in item for item in found["seealso"])


def _see_also(items: list[dict[str, str]], but: str = "") -> None:
    """Modules and plugins of ours that exist, pages of the collection that exist, or an address on the web."""
    for item in items:
        if "link" in item:
            assert item["name"] and item["description"].endswith(".")
            assert item["link"].startswith("https://") or (ROOT / item["link"]).exists(), item["link"]
        else:
            known = {"module": MODULES, "filter": FilterModule().filters()}
            full = item.get("module") or item["plugin"]
            assert full.rpartition(".")[0] == NAMESPACE and full.rpartition(".")[2] != but
            assert full.rpartition(".")[2] in known[item.get("plugin_type", "module")]


def test_fragment_of_rights() -> None:
    """Its pages exist."""
    _see_also(_fragment(RightsFragment)["seealso"])


@every_module
def test_rights(name: str) -> None:
    """Each right that a module's notes name is granted by every manifest that the note names; tests/api shows that none is missing."""
    told = module_rights.notes(name)
    assert told
    for manifests, named in told.items():
        assert manifests and named, name
        for manifest in manifests:
            assert named - module_rights.granted(manifest) == set(), f"{name}: {manifest}"


@every_module
def test_examples(name: str) -> None:
    """Tasks with a name that call modules with options that they have, this one among them; tests/api runs them."""
    tasks = yaml.safe_load(_module(name).EXAMPLES)
    called = set()
    for task in tasks:
        assert task["name"]
        (action,) = [key for key in task if "." in key]
        if action.startswith(f"{NAMESPACE}."):
            called.add(action.rpartition(".")[2])
            assert (task[action] or {}).keys() <= _accepted(_module(action.rpartition(".")[2]).SPEC.options)
        else:
            assert action.startswith("ansible.builtin.")
    assert name in called


def _accepted(options: dict[str, dict[str, Any]]) -> set[str]:
    return {*options, *(alias for option in options.values() for alias in option.get("aliases", []))}


def _returns(values: dict[str, dict[str, Any]], top: bool) -> None:
    for key, value in values.items():
        assert value["description"] and value["type"] in ("str", "bool", "int", "float", "dict", "list", "raw"), key
        if top:
            assert value["returned"] and "sample" in value, key
            kinds = {"str": str, "bool": bool, "int": int, "dict": dict, "list": list, "float": float, "raw": object}
            kind = kinds[value["type"]]
            assert isinstance(value["sample"], kind), key
        assert ("elements" in value) == (value["type"] == "list"), key
        _returns(value.get("contains") or {}, False)


@every_module
def test_returns(name: str) -> None:
    """Every value is described, with a sample of its type; findings and cluster are the same everywhere."""
    found = yaml.safe_load(_module(name).RETURN)
    _returns(found, True)
    other = yaml.safe_load(_module(MODULES[0]).RETURN)
    assert (found["findings"], found["cluster"]) == (other["findings"], other["cluster"])
    # docker_registry_info and registry_probe change nothing.
    assert ("changes" in found) == (name not in ("docker_registry_info", "registry_probe"))


def _text_keys(path: str, function: str) -> set[str]:
    """Keys of the dictionaries that a function of a file builds."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    (found,) = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == function]
    written = [node for node in ast.walk(found) if isinstance(node, ast.Dict)]
    return {key.value for node in written for key in node.keys if isinstance(key, ast.Constant)}


def test_returns_of_the_storage_module() -> None:
    """Every key that the use case leaves in the result, and no other."""
    left = _text_keys("plugins/module_utils/ensure/storage.py", "run")
    left |= _text_keys("plugins/module_utils/ensure/wish.py", "result")
    documented = yaml.safe_load(_module("docker_registry_storage").RETURN)
    assert documented.keys() - {"findings", "cluster", "changes"} == left - {"present", "absent"}


@every_module
def test_modules_are_thin(name: str) -> None:
    """Documentation, two imports, and a main of one statement."""
    tree = ast.parse((ROOT / f"plugins/modules/{name}.py").read_text(encoding="utf-8"))
    functions = [node for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))]
    assert [node.name for node in functions] == ["main"]
    main = functions[0]
    assert (
        len([node for node in main.body if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))])
        == 1
    )
    assert main.end_lineno is not None and main.end_lineno - main.lineno < 15
    assert len([node for node in tree.body if isinstance(node, ast.ImportFrom)]) == 3


@every_module
def test_action_plugin_of_each_module(name: str) -> None:
    """Both front doors call the same use case with the same specification."""
    action = importlib.import_module(f"{PACKAGE}.action.{name}").ActionModule
    assert action.SPEC is _module(name).SPEC and action.BODY is _module(name).run


def test_no_action_plugin_without_a_module() -> None:
    """And vice versa."""
    assert sorted(path.stem for path in (ROOT / "plugins/action").glob("*.py")) == MODULES


def test_action_group() -> None:
    """module_defaults reach every module, and the attribute says so."""
    groups = yaml.safe_load((ROOT / "meta/runtime.yml").read_text())["action_groups"]
    assert {name: sorted(items) for name, items in groups.items()} == {"docker_registry": MODULES}
    membership = _fragment(AttributesFragment)["attributes"]["action_group"]["membership"]
    assert membership == [f"{NAMESPACE}.{group}" for group in groups]


def test_filters() -> None:
    """Every filter has its page, every page its filter, with the function's parameters and defaults."""
    filters = FilterModule().filters()
    pages = {path.stem: yaml.safe_load(path.read_text()) for path in (ROOT / "plugins/filter").glob("*.yml")}
    assert pages.keys() == filters.keys()
    for name, page in pages.items():
        documentation = page["DOCUMENTATION"]
        options = documentation["options"]
        assert documentation["name"] == name and yaml.safe_load(page["EXAMPLES"]) and page["RETURN"]["_value"]["type"]
        assert f"{NAMESPACE}.{name}" in page["EXAMPLES"]
        _returns(page["RETURN"], top=False)
        kinds = {"dict": dict, "list": list}
        assert isinstance(page["RETURN"]["_value"]["sample"], kinds[page["RETURN"]["_value"]["type"]])
        _see_also(documentation["seealso"], but=name)
        (_input, *parameters) = inspect.signature(filters[name]).parameters.values()
        assert list(options) == ["_input", *(parameter.name for parameter in parameters)]
        for parameter in parameters:
            option = options[parameter.name]
            assert option.get("required", False) == (parameter.default is parameter.empty)
            assert option.get("default", parameter.empty) == parameter.default
        positional = [word.strip() for word in documentation["positional"].split(",")]
        assert positional == [option for option in options if options[option].get("required")]


DEFAULTS_TEXT = (ROLE / "defaults/main.yml").read_text(encoding="utf-8")
DEFAULTS: dict[str, Any] = yaml.safe_load(DEFAULTS_TEXT)


def test_head_of_the_role() -> None:
    """The same version as the modules, neighbours that exist, and every module among them."""
    main = yaml.safe_load((ROLE / "meta/argument_specs.yml").read_text())["argument_specs"]["main"]
    assert main["version_added"] == _documented(MODULES[0])["version_added"]
    _see_also(main["seealso"])
    assert {item["module"].rpartition(".")[2] for item in main["seealso"] if "module" in item} == set(MODULES)
    for play in yaml.safe_load(main["examples"]):
        assert play["name"] and play["roles"][0]["vars"].keys() <= SPECS.keys()


def test_defaults_of_the_role() -> None:
    """Every option stands in defaults/main.yml: with the same default, or commented out where it has none."""
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
    _resolved, found = spec.check(examples[0]["registry_storage"], "registry_storage")
    assert found == ()


@pytest.mark.parametrize("name", sorted(SPECS))
def test_option_of_the_role(name: str) -> None:
    """Documented, of a type that its default and choices have, secret where its name says so, in README's table, and used."""
    option = SPECS[name]
    assert option["description"] and re.fullmatch(r"registry(_[a-z]+)+", name)
    kinds = {"str": str, "bool": bool, "int": int, "dict": dict, "list": list}
    for value in (*option.get("choices", []), *([option["default"]] if "default" in option else [])):
        assert type(value) is kinds[option["type"]]
    assert option.get("default") in option.get("choices", [option.get("default")])
    assert ("elements" in option) == (option["type"] == "list")
    assert option.get("no_log", False) == bool(re.search(r"password|storage_secret$|manifest", name))
    assert f"`{name}`" in README.partition("### Variables")[2].partition("\n### ")[0]
    # What has only one choice decides nothing yet.
    if len(option.get("choices", ["free", "text"])) > 1:
        assert any(re.search(rf"\b{name}\b", text) for text in _role_texts().values())


def _role_texts() -> dict[str, str]:
    paths = [path for folder in ("tasks", "templates", "vars") for path in (ROLE / folder).rglob("*") if path.is_file()]
    return {str(path.relative_to(ROLE)): path.read_text(encoding="utf-8") for path in paths}


def test_readme_has_the_order_that_galaxys_readers_expect() -> None:
    """The sections of the template for READMEs of collections, and the two commands before all that is long."""
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
    assert README.index("make demo") < README.index("make test") < README.index("## Requirements")


def test_readme_tells_what_is_tested() -> None:
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


# Variables of the object stores, which texts name already.
PLANNED = {"registry_redirect", "registry_ca_bundle"}


def test_texts_name_variables_that_exist() -> None:
    """Whatever a finding, a task or a page tells the user to set."""
    known = {*SPECS, *MODULES, *FilterModule().filters(), *PLANNED}
    options = {option for name in MODULES for option in _module(name).SPEC.options}
    for path in (ROOT / "plugins").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                for word in re.findall(r"(?<![\w./])registry_\w+", node.value):
                    assert word in known | options | {"registry_"}, f"{path.name}: {word}"


def test_role_and_modules_agree() -> None:
    """What the role passes on has the same type, choices and default there."""
    storage, probe = _module("docker_registry_storage").SPEC.options, _module("registry_probe").SPEC.options
    deployment, secret = _module("registry_deployment").SPEC.options, _module("registry_secret").SPEC.options
    pairs = [
        *(
            (f"registry_{key}", storage[key])
            for key in ("namespace", "name", "storage", "manifest", "replicas", "driver_parameters", "redirect")
        ),
        *((f"registry_{key}", storage[key]) for key in ("volume_size", "volume_storage_class", "volume_access_modes")),
        *((f"registry_{key}", storage[key]) for key in ("install_crd", "create_namespace", "accept_data_loss")),
        ("registry_wait_timeout", deployment["wait_timeout"]),
        ("registry_proof", probe["level"]),
        *((key, secret[key]) for key in ("registry_username", "registry_password")),
        ("registry_pull_secret_namespaces", secret["pull_secret_namespaces"]),
    ]
    for name, option in pairs:
        mine = {key: SPECS[name].get(key) for key in ("type", "choices", "default", "elements")}
        assert mine == {key: option.get(key) for key in mine}, name
        assert SPECS[name].get("no_log", False) == option.get("no_log", False), name


def test_the_labs_image_is_the_roles() -> None:
    """The lab has the very image that the role deploys, else nothing could be pulled there."""
    images = (ROOT / "tests/lab/kymalab/images.py").read_text(encoding="utf-8")
    assert f'"{SPECS["registry_image"]["default"]}"' in images
    version = SPECS["registry_image"]["default"].rpartition(":")[2]
    go_mod = (ROOT / "tests/lab/go/registry/go.mod").read_text(encoding="utf-8")
    assert f"github.com/distribution/distribution/v3 v{version}" in go_mod and f"Distribution {version}" in README
