# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The manifests of docs/rbac, and the tables that explain them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.resources import RESOURCES
from ansible_collections.kyma.docker_registry.tests.support.module_rights import VERBS
from ansible_collections.kyma.docker_registry.tests.support.rights import MANIFESTS as FOLDER
from ansible_collections.kyma.docker_registry.tests.support.rights import documents

FILES = sorted(path.stem for path in FOLDER.glob("*.yml"))
PAGE = FOLDER.with_suffix(".md").read_text(encoding="utf-8")
MODES = ("direct", "operator", "info")
KNOWN = {(entry.group, entry.plural): entry for entry in RESOURCES.values()}


def _rules(name: str, kind: str) -> Iterator[tuple[str, list[str]]]:
    """Full name of the resource, and verbs, of every rule."""
    for document in documents(name):
        if document["kind"] == kind:
            for rule in document["rules"]:
                (group,), (resource,) = rule["apiGroups"], rule["resources"]
                yield f"{resource}.{group}" if group else resource, rule["verbs"]


def _table(heading: str) -> dict[str, dict[str, list[str]]]:
    """Resource to mode to verbs, as the page says."""
    text = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `([^`]+)` \| ([^|]*?) ?\| ([^|]*?) ?\| ([^|]*?) ?\| [^|]+\|$", text, re.MULTILINE)
    return {
        name: {mode: cell.split(", ") for mode, cell in zip(MODES, cells, strict=True) if cell} for name, *cells in rows
    }


@pytest.mark.parametrize(
    ("kind", "heading"), [("ClusterRole", "In all namespaces"), ("Role", "In the registry's namespace")]
)
def test_tables(kind: str, heading: str) -> None:
    """Every rule has its cell, every cell its rule."""
    found: dict[str, dict[str, list[str]]] = {}
    for mode in MODES:
        for resource, verbs in _rules(mode, kind):
            assert mode not in found.setdefault(resource, {}), f"{mode}: two rules for {resource}"
            found[resource][mode] = verbs
    assert found and _table(heading) == found


@pytest.mark.parametrize("name", FILES)
def test_rules_are_narrow(name: str) -> None:
    """One resource that the code knows, verbs that it uses, no star; names only of Kyma's naming."""
    for document in documents(name):
        assert document["metadata"]["name"].startswith(("kyma-docker-registry-", "registry-deployer"))
        for rule in document.get("rules", []):
            (group,), (resource,) = rule["apiGroups"], rule["resources"]
            entry = KNOWN[(group, resource.partition("/")[0])]
            assert set(rule["verbs"]) <= set(VERBS) and len(set(rule["verbs"])) == len(rule["verbs"])
            if document["kind"] == "Role" and resource != "namespaces":
                assert entry.namespaced


@pytest.mark.parametrize("name", MODES)
def test_reading_all_secrets_is_no_part_of_it(name: str) -> None:
    """Neither a Secret nor anything that runs in a Pod beyond the registry's namespace."""
    wide = {resource for resource, _verbs in _rules(name, "ClusterRole")}
    assert not wide & {"secrets", "configmaps", "pods", "pods/exec", "pods/portforward"}
    assert {verb for _resource, verbs in _rules(name, "ClusterRole") for verb in verbs} <= {"get", "list"}


def test_info_changes_nothing() -> None:
    """A look; to create a stream into a Pod is how streams are opened."""
    for resource, verbs in (*_rules("info", "Role"), *_rules("info", "ClusterRole")):
        assert set(verbs) <= {"get", "list"} or resource in ("pods/portforward", "pods/exec")


def test_every_manifest_is_on_the_page() -> None:
    """With a link."""
    assert sorted(re.findall(r"\(rbac/([a-z-]+)\.yml\)", PAGE)) == FILES


def _adapted(former: str) -> Iterator[dict[str, Any]]:
    """What the page's command that replaces this text applies."""
    (found,) = re.findall(rf"^sed 's/{former}/([^/]*)/' (.*) \| kubectl apply -f -$", PAGE, re.MULTILINE)
    new, names = found
    for name in names.split():
        text = (FOLDER.parents[1] / name).read_text(encoding="utf-8").replace(former, new)
        yield from yaml.safe_load_all(text)


def test_a_namespace_of_its_own() -> None:
    """The page's command leaves nothing in kyma-system, where the rights are worth those of Kyma's controllers."""
    for document in _adapted("namespace: kyma-system"):
        places = [document["metadata"], *document.get("subjects", [])]
        assert {place["namespace"] for place in places if "namespace" in place} <= {"registry"}
        assert document["kind"].startswith("Cluster") or document["metadata"]["namespace"] == "registry"


def test_account_of_the_operator() -> None:
    """The page's command binds the account to the roles of operator.yml."""
    roles = {(item["kind"], item["metadata"]["name"]) for item in documents("operator")}
    bindings = [item for item in _adapted("kyma-docker-registry-direct") if item["kind"].endswith("Binding")]
    assert {(item["roleRef"]["kind"], item["roleRef"]["name"]) for item in bindings} == roles
    assert {item["metadata"]["name"] for item in bindings} == {"kyma-docker-registry-operator"}


def test_bindings_name_roles_that_exist() -> None:
    """And the account that is made beside them."""
    roles = {(item["kind"], item["metadata"]["name"]) for name in FILES for item in documents(name)}
    (account,) = [item for item in documents("account") if item["kind"] == "ServiceAccount"]
    bindings = [item for item in documents("account") if item["kind"].endswith("Binding")]
    assert len(bindings) == 2
    for binding in bindings:
        assert (binding["roleRef"]["kind"], binding["roleRef"]["name"]) in roles
        assert binding["subjects"] == [{"kind": "ServiceAccount", **account["metadata"]}]
