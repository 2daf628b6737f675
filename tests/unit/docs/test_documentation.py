# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is written of modules agrees with what runs: options, fragments, examples, results, filters, action group."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from typing import Any

import pytest
import yaml
from ansible_collections.kyma.docker_registry.plugins.doc_fragments.attributes import (
    ModuleDocFragment as AttributesFragment,
)
from ansible_collections.kyma.docker_registry.plugins.doc_fragments.connection import (
    ModuleDocFragment as ConnectionFragment,
)
from ansible_collections.kyma.docker_registry.plugins.doc_fragments.lease import (
    ModuleDocFragment as LeaseFragment,
)
from ansible_collections.kyma.docker_registry.plugins.doc_fragments.plan import (
    ModuleDocFragment as PlanFragment,
)
from ansible_collections.kyma.docker_registry.plugins.doc_fragments.rights import (
    ModuleDocFragment as RightsFragment,
)
from ansible_collections.kyma.docker_registry.plugins.doc_fragments.secret_source import (
    ModuleDocFragment as SecretSourceFragment,
)
from ansible_collections.kyma.docker_registry.plugins.filter.registry import FilterModule
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.argspec import Spec
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.connection import values
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.connection.options import CONNECTION_SPEC
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.resources import RESOURCES
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.plan import PLAN_SPEC
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.run_lease import LEASE_SPEC
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.secret_sources import SOURCES
from ansible_collections.kyma.docker_registry.tests.support import module_rights
from ansible_collections.kyma.docker_registry.tests.support.documented import (
    MODULES,
    NAMESPACE,
    PACKAGE,
    ROOT,
    check_see_also,
    documentation,
    module,
)

every_module = pytest.mark.parametrize("name", MODULES)


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
    assert len(MODULES) >= 5


@every_module
def test_options_of_modules(name: str) -> None:
    """Documentation and specification hold the same options with the same types, defaults, choices and aliases."""
    spec: Spec = module(name).SPEC
    documented = {**documentation(name)["options"], **_fragment(ConnectionFragment)["options"]}
    if SOURCES.options.keys() & spec.options.keys():
        documented.update(_fragment(SecretSourceFragment)["options"])
    if LEASE_SPEC.options.keys() & spec.options.keys():
        documented.update(_fragment(LeaseFragment)["options"])
    if PLAN_SPEC.options.keys() <= spec.options.keys():
        documented.update(_fragment(PlanFragment)["options"])
    assert _shape(documented, "suboptions") == _shape(spec.options, "options")


def test_connection_fragment() -> None:
    """The shared options, with their aliases."""
    assert _shape(_fragment(ConnectionFragment)["options"], "suboptions") == _shape(CONNECTION_SPEC, "options")


def test_connection_variables() -> None:
    """Every variable that is documented is one that is read, and every option that has one names it."""
    for name, option in _fragment(ConnectionFragment)["options"].items():
        text = str(option["description"]) + str(option.get("suboptions"))
        named = re.findall(r"E\((K8S_AUTH_\w+)\)", text)
        assert named and all(name in values.read_variables({variable: "x"}) for variable in named), name


def _secretive(options: dict[str, dict[str, Any]], path: str = "") -> list[tuple[str, dict[str, Any]]]:
    found = []
    for name, option in options.items():
        # A mapping of options says it of each of them.
        if re.search(r"pass|secret(?!_namespaces)|token|key|auth|credential", name) and "options" not in option:
            found.append((path + name, option))
        found += _secretive(option.get("options") or {}, f"{path}{name}.")
    return found


# Options that sound like secrets and hold names or paths.
NO_SECRETS = {"ca_bundle.key", "ca_bundle.secret", "client_key", "pull_secret_namespaces", "secret_name"}


@every_module
def test_secrets_are_no_log(name: str) -> None:
    """Options whose names sound like secrets are masked, but for those that hold names; one that is has neither a default nor choices."""
    for path, option in _secretive(module(name).SPEC.options):
        assert option.get("no_log") is (path not in NO_SECRETS), path
        if option["no_log"]:
            assert "default" not in option and "choices" not in option and "fallback" not in option, path


@every_module
def test_constraints_name_options(name: str) -> None:
    """A constraint about an option that does not exist would never hold."""
    spec: Spec = module(name).SPEC
    assert {option for group in spec.mutually_exclusive for option in group} <= spec.options.keys()


@every_module
def test_header_of_documentation(name: str) -> None:
    """Name, fragments that exist, attributes, and neighbours that exist."""
    found = documentation(name)
    assert found["module"] == name and found["short_description"] and found["description"]
    fragments = {f"{NAMESPACE}.attributes", f"{NAMESPACE}.connection", f"{NAMESPACE}.rights"}
    if SOURCES.options.keys() & module(name).SPEC.options.keys():
        fragments.add(f"{NAMESPACE}.secret_source")
    if LEASE_SPEC.options.keys() & module(name).SPEC.options.keys():
        fragments.add(f"{NAMESPACE}.lease")
    if PLAN_SPEC.options.keys() <= module(name).SPEC.options.keys():
        fragments.add(f"{NAMESPACE}.plan")
    assert set(found["extends_documentation_fragment"]) == fragments
    # What the fragment leaves open each module says.
    attributes = _fragment(AttributesFragment)["attributes"]
    left_open = {key for key, value in attributes.items() if "support" not in value}
    assert left_open == {"check_mode", "diff_mode"}
    assert left_open <= found["attributes"].keys() <= attributes.keys()
    check_see_also(found["seealso"], but=name)
    assert any("module" in item for item in found["seealso"])


def test_fragment_of_rights() -> None:
    """It names pages, and they exist."""
    named = _fragment(RightsFragment)["seealso"]
    assert named
    check_see_also(named)


@every_module
def test_rights(name: str) -> None:
    """Each right that a module's notes name is granted by every manifest that the note names; tests/api shows that none is missing."""
    reported = module_rights.notes(name)
    assert reported
    for manifests, named in reported.items():
        assert manifests and named, name
        for manifest in manifests:
            assert named - module_rights.granted(manifest) == set(), f"{name}: {manifest}"


@every_module
def test_examples(name: str) -> None:
    """Tasks with a name that call modules with options that they have, this one among them; tests/api runs them."""
    tasks = yaml.safe_load(module(name).EXAMPLES)
    called = set()
    for task in tasks:
        assert task["name"]
        (action,) = [key for key in task if "." in key]
        if action.startswith(f"{NAMESPACE}."):
            called.add(action.rpartition(".")[2])
            assert (task[action] or {}).keys() <= _accepted(module(action.rpartition(".")[2]).SPEC.options)
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
    found = yaml.safe_load(module(name).RETURN)
    _returns(found, True)
    other = yaml.safe_load(module(MODULES[0]).RETURN)
    assert (found["findings"], found["cluster"]) == (other["findings"], other["cluster"])
    # registry_info and registry_verify change nothing.
    assert ("changes" in found) == (name not in ("registry_info", "registry_verify"))


@every_module
def test_modules_are_thin(name: str) -> None:
    """Documentation, and a main of one statement: what a module does is in its body."""
    tree = ast.parse((ROOT / f"plugins/modules/{name}.py").read_text(encoding="utf-8"))
    functions = [node for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))]
    assert [node.name for node in functions] == ["main"]
    main = functions[0]
    assert (
        len([node for node in main.body if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))])
        == 1
    )


@every_module
def test_action_plugin_of_each_module(name: str) -> None:
    """Both ways of running call the same body with the same specification and options."""
    action = importlib.import_module(f"{PACKAGE}.action.{name}").ActionModule
    assert action.SPEC is module(name).SPEC and action.BODY is getattr(module(name), action.BODY.__name__)
    assert action.OPTIONS is getattr(module(name), action.OPTIONS.__name__)


def test_no_action_plugin_without_a_module() -> None:
    """And vice versa."""
    assert sorted(path.stem for path in (ROOT / "plugins/action").glob("*.py")) == MODULES


def test_action_group() -> None:
    """module_defaults apply to every module, and the attribute documents it."""
    groups = yaml.safe_load((ROOT / "meta/runtime.yml").read_text())["action_groups"]
    assert {name: sorted(items) for name, items in groups.items()} == {"docker_registry": MODULES}
    membership = _fragment(AttributesFragment)["attributes"]["action_group"]["membership"]
    assert membership == [f"{NAMESPACE}.{group}" for group in groups]


def test_filters() -> None:
    """Every filter has its page, every page its filter, with the function's parameters and defaults."""
    filters = FilterModule().filters()
    pages = {path.stem: yaml.safe_load(path.read_text()) for path in (ROOT / "plugins/filter").glob("*.yml")}
    assert pages.keys() == filters.keys()
    examples = (ROOT / "plugins/modules/registry_deployment.py").read_text(encoding="utf-8")
    private = {name for name in filters if f"{NAMESPACE}.{name}" not in examples}
    assert private == {name for name in filters if name.startswith("_")}, "what the role alone uses is private"
    for name, page in pages.items():
        documentation = page["DOCUMENTATION"]
        options = documentation["options"]
        assert documentation["description"][0].startswith("Private,") == (name in private)
        assert documentation["name"] == name and yaml.safe_load(page["EXAMPLES"]) and page["RETURN"]["_value"]["type"]
        assert f"{NAMESPACE}.{name}" in page["EXAMPLES"]
        _returns(page["RETURN"], top=False)
        kinds = {"dict": dict, "list": list, "str": str}
        assert isinstance(page["RETURN"]["_value"]["sample"], kinds[page["RETURN"]["_value"]["type"]])
        check_see_also(documentation["seealso"], but=name)
        (_input, *parameters) = inspect.signature(filters[name]).parameters.values()
        assert list(options) == ["_input", *(parameter.name for parameter in parameters)]
        for parameter in parameters:
            option = options[parameter.name]
            assert option.get("required", False) == (parameter.default is parameter.empty)
            assert option.get("default", parameter.empty) == parameter.default
        positional = [word.strip() for word in documentation["positional"].split(",")]
        assert positional == [option for option in options if options[option].get("required")]


def test_the_version_of_kubernetes_that_is_tested() -> None:
    """README and docs/architecture.md name that of the lab, and the kinds that the oldest version has."""
    modules = (ROOT / "tests/lab/go/kubernetes/go.mod").read_text(encoding="utf-8")
    (lab,) = re.findall(r"k8s\.io/kubernetes v(\d+\.\d+\.\d+)", modules)
    minor = lab.rpartition(".")[0]
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"| Kubernetes | {minor}, a real cluster" in readme
    page = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    assert f"Kubernetes {minor} is tested" in page and f"are {lab})" in page
    groups = {entry.group or "core" for entry in RESOURCES.values()} - {"operator.kyma-project.io"}
    assert {entry.version for entry in RESOURCES.values() if entry.kind != "DockerRegistry"} == {"v1"}
    (point,) = [line for line in page.split("\n* ") if line.startswith(f"**Kubernetes {minor} is tested")]
    assert [group for group in groups if group not in point] == []
