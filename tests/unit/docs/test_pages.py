# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pages of docs/: generated parts are fresh, every example works, every finding and every link exists.

What an example cannot contain is in a comment before it: `<!-- warnings: CODE... -->` names the warnings that it gives,
`<!-- storage_type: aws -->` the cloud of its service binding, `<!-- suite: awx -->` the tests that run it instead.
"""

from __future__ import annotations

import ast
import base64
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.credentials.registry_secret import (
    SPEC as SECRET_SPEC,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.storage import redirect
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import spec, volume
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.pasted_manifest import read_manifest
from ansible_collections.kyma.docker_registry.tests.support import monitoring
from ansible_collections.kyma.docker_registry.tests.support.documented import ROLE_SPEC
from ansible_collections.kyma.docker_registry.tests.support.keys import service_account
from ansible_collections.kyma.docker_registry.tests.unit.gates.loading import load

ROOT = Path(__file__).resolve().parents[3]
PAGES = sorted(
    path
    for path in (ROOT / "README.md", *(ROOT / "docs").rglob("*.md"))
    if path.parent.name not in ("source", "site") and path.name != "renamed.md"
)
ROLE: dict[str, Any] = ROLE_SPEC["options"]
GENERATOR = load("generate_docs.py")

_BLOCK = re.compile(
    r"^(?:<!-- (?P<note>\w+): (?P<words>[a-z -]+) -->\n)?```(?P<language>\w*)\n(?P<text>.*?)^```$", re.M | re.S
)


@dataclass(frozen=True)
class Block:
    """A block of code in a page. place: page and line; notes: what the comment before it says."""

    place: str
    language: str
    text: str
    notes: Mapping[str, frozenset[str]]


def _blocks() -> Iterator[Block]:
    for path in PAGES:
        content = path.read_text(encoding="utf-8")
        for found in _BLOCK.finditer(content):
            line = content.count("\n", 0, found.start()) + 1
            notes = {found["note"]: frozenset(found["words"].split())} if found["note"] else {}
            yield Block(f"{path.relative_to(ROOT)}:{line}", found["language"], found["text"], notes)


BLOCKS = list(_blocks())
YAML = [block for block in BLOCKS if block.language == "yaml" and "suite" not in block.notes]
every_yaml = pytest.mark.parametrize("block", [pytest.param(block, id=block.place) for block in YAML])


def test_generated_pages_are_fresh() -> None:
    """`make generate` was run, and there is no page without a source."""
    pages = GENERATOR.pages()
    for path, text in pages.items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name}: run make generate"
    assert set(pages) == set((ROOT / "docs/backends").glob("*.md"))
    assert {path.stem for path in GENERATOR.SOURCES.glob("*.md")} == {path.stem for path in pages}


@pytest.mark.parametrize("page", GENERATOR.BACKENDS)
def test_every_table_is_used(page: str) -> None:
    """Each table of a backend stands on its page once, and nothing else is asked for."""
    source = (GENERATOR.SOURCES / f"{page}.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"<!-- table: (.*?) -->", source)) == sorted(GENERATOR.tables(page))


@pytest.mark.parametrize("page", GENERATOR.BACKENDS)
def test_every_name_is_on_the_page(page: str) -> None:
    """Fields, keys and driver parameters of the code."""
    text = (GENERATOR.PAGES / f"{page}.md").read_text(encoding="utf-8")
    backend = GENERATOR.BACKENDS[page]
    names = [item.name for item in (*backend.fields, *backend.secret_keys)]
    names += [
        item.name
        for driver in backend.drivers
        for item in driver.parameters
        if item.name not in backend.taken_parameters
    ]
    names += [alias for item in (*backend.fields, *backend.secret_keys) for alias in item.aliases]
    assert [name for name in names if f"`{name}`" not in text] == []


def test_a_marker_without_a_table_is_an_error() -> None:
    """A typing mistake in a source does not end up on a page."""
    with pytest.raises(KeyError):
        GENERATOR.page_text("s3", "<!-- table: nothing -->\n")


def _good(key: str) -> str:
    """A well-formed value for a key of a storage Secret."""
    values = {
        "accessKey": "AKIA" + "EXAMPLE0" * 2,
        "secretKey": "example/" * 5,
        "accountName": "companyimages",
        "accountKey": base64.b64encode(b"example!" * 8).decode(),
        "container": "registry",
        "clientSecret": "example" * 5,
        "accountkey": service_account(),
        "bucket": "company-images",
        "region": "eu-central-1",
        "host": "s3-eu-central-1.amazonaws.com",
        "base64EncodedPrivateKeyData": base64.b64encode(service_account().encode()).decode(),
    }
    return {**values, "access_key_id": values["accessKey"], "secret_access_key": values["secretKey"]}[key]


BINDINGS = {
    "aws": ("access_key_id", "secret_access_key", "bucket", "region", "host"),
    "gcp": ("base64EncodedPrivateKeyData", "bucket"),
}


def _data(resolved: spec.Resolved, variables: Mapping[str, Any], block: Block) -> list[dict[str, bytes] | None]:
    """The Secret as it is after the run; a service binding may lead to either cloud."""
    if resolved.secret_name is None:
        return [None]
    plain = variables.get("registry_storage_secret") or {}
    given = {key: value if "{{" not in value else _good(key) for key, value in plain.items()}
    for way in ("files", "environment"):
        given.update({key: _good(key) for key in variables.get(f"registry_storage_secret_{way}") or {}})
    if given:
        found = [given]
    elif resolved.backend == "btpObjectStore":
        found = [{key: _good(key) for key in BINDINGS[name]} for name in block.notes.get("storage_type", BINDINGS)]
    else:
        found = [{key.name: _good(key.name) for key in resolved.kind.secret_keys if key.required}]
    return [{key: value.encode() for key, value in item.items()} for item in found]


def _judge(found: list[Finding], block: Block) -> None:
    """No error, and just the warnings that the page announces."""
    assert [item.text() for item in found if item.severity == "error"] == []
    assert {item.code for item in found} == block.notes.get("warnings", frozenset())


def _use_variables(variables: dict[str, Any], block: Block) -> None:
    """What the role would do with them, as far as it needs no cluster."""
    assert not ArgumentSpecValidator(ROLE).validate(variables).error_messages
    resolved, problems = spec.check_storage(variables.get("registry_storage"), "registry_storage")
    found = list(problems)
    assert resolved is not None, found
    modes = variables.get("registry_volume_access_modes", ROLE["registry_volume_access_modes"]["default"])
    size = variables.get("registry_volume_size", ROLE["registry_volume_size"]["default"])
    found += volume.check_volume_input(
        volume.VolumeRequest(size, variables.get("registry_volume_storage_class"), tuple(modes))
    )
    for data in _data(resolved, variables, block):
        store, problems = resolved.store(data, variables.get("registry_driver_parameters"))
        found += problems
        assert store is not None, found
    _judge(found, block)
    if "registry_ca_bundle" in variables:
        assert len(variables["registry_ca_bundle"].keys() & {"config_map", "secret"}) == 1


def _use_manifest(block: Block) -> None:
    """A pasted document with the reader's values put in."""
    text = re.sub(
        r"^( +)(\w+): <.*>$", lambda at: f"{at[1]}{at[2]}: {json.dumps(_good(at[2]))}", block.text, flags=re.M
    )
    manifest, problems = read_manifest(text)
    assert manifest is not None, problems
    resolved, more = spec.check_storage(manifest.storage, "registry_manifest.spec.storage")
    found = [*problems, *more]
    assert resolved is not None, found
    if manifest.secret is not None:
        assert manifest.secret_name == resolved.secret_name
    for data in [manifest.secret] if manifest.secret is not None else _data(resolved, {}, block):
        store, more = resolved.store(data)
        found += more
        assert store is not None, found
    _judge(found, block)


def _role_variables(documents: list[Any]) -> Iterator[dict[str, Any]]:
    for document in documents:
        if isinstance(document, dict) and any(str(key).startswith("registry_") for key in document):
            yield document
        for play in document if isinstance(document, list) else []:
            for role in play.get("roles", []):
                yield role.get("vars", {})


@every_yaml
def test_example(block: Block) -> None:
    """Each example is YAML and does what the page says, without an error."""
    documents = list(yaml.safe_load_all(block.text))
    if any(isinstance(item, dict) and item.get("kind") == "DockerRegistry" for item in documents):
        _use_manifest(block)
        return
    used = list(_role_variables(documents))
    for variables in used:
        assert variables.keys() <= ROLE.keys()
        _use_variables(variables, block)
    tasks = [item for document in documents if isinstance(document, list) for item in document if "hosts" not in item]
    for task in tasks:
        assert task["kyma.docker_registry.registry_secret"].keys() <= SECRET_SPEC.options.keys()
    foreign = [item for item in documents if isinstance(item, dict) and {"apiVersion", "kind"} <= item.keys()]
    assert used or tasks or foreign


def test_there_are_examples() -> None:
    """Each backend's page has variables and a manifest; else nothing above would be tested."""
    for page in GENERATOR.BACKENDS:
        texts = [block.text for block in YAML if block.place.startswith(f"docs/backends/{page}.md:")]
        assert sum("kind: DockerRegistry" in text for text in texts) >= 1 and len(texts) >= 3, page


@pytest.mark.parametrize("block", [pytest.param(item, id=item.place) for item in BLOCKS if item.language == "json"])
def test_policy(block: Block) -> None:
    """Policies are JSON that a cloud takes."""
    policy = json.loads(block.text)
    assert policy["Version"] == "2012-10-17"
    assert {action.partition(":")[0] for item in policy["Statement"] for action in item["Action"]} == {"s3"}


def _codes() -> set[str]:
    """Every text in the plugins that could be the code of a finding."""
    found = set()
    for path in (ROOT / "plugins/module_utils").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
    return found


@pytest.mark.parametrize("page", GENERATOR.BACKENDS)
def test_findings_exist(page: str) -> None:
    """What a page promises under 'When it fails' is reported by the code under that name."""
    text = (
        (GENERATOR.PAGES / f"{page}.md")
        .read_text(encoding="utf-8")
        .partition("## When it fails")[2]
        .partition("\n## ")[0]
    )
    named = [code for row in re.findall(r"^\| (`.*?) \|", text, re.M) for code in re.findall(r"`([a-z0-9-]+)`", row)]
    assert named and set(named) <= _codes()


@pytest.mark.parametrize("path", [pytest.param(path, id=path.name) for path in PAGES])
def test_links(path: Path) -> None:
    """Links to files of the repository lead somewhere."""
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", path.read_text(encoding="utf-8"))
    missing = [link for link in links if "://" not in link and not (path.parent / link).exists()]
    assert missing == []


@pytest.mark.parametrize("path", [pytest.param(path, id=path.name) for path in PAGES])
def test_variables_exist(path: Path) -> None:
    """A page names no variable that neither the role nor a playbook has."""
    playbooks = "".join(book.read_text(encoding="utf-8") for book in (ROOT / "playbooks").glob("*.yml"))
    modules = {module.stem for module in (ROOT / "plugins/modules").glob("*.py")}
    filters = {page.stem for page in (ROOT / "plugins/filter").glob("*.yml")}
    metrics = monitoring.metrics(monitoring.expressions())
    named = set(re.findall(r"\bregistry_[a-z_]+\b", path.read_text(encoding="utf-8")))
    known = ROLE.keys() | modules | filters | metrics | {"registry_"}
    assert named <= known | set(re.findall(r"\bregistry_[a-z_]+\b", playbooks))


def test_private_names_are_those_of_the_code() -> None:
    """The endings that switch redirects off."""
    text = (ROOT / "docs/private-stores.md").read_text(encoding="utf-8")
    (line,) = [item for item in text.splitlines() if item.startswith("* a name that ends in")]
    named = [word for word in re.findall(r"`(\.[a-z.]+)`", line) if word != ".svc.cluster.local"]
    assert tuple(named) == redirect._PRIVATE_ENDS
