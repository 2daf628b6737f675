# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""awx/: generated files are fresh, credential types and surveys have the form that AWX takes, playbooks are found."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import catalog
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.backends import btp_object_store
from ansible_collections.kyma.docker_registry.tests.support import controller
from ansible_collections.kyma.docker_registry.tests.support.documented import SECRET_VARIABLES
from ansible_collections.kyma.docker_registry.tests.support.playbook import REPOSITORY
from ansible_collections.kyma.docker_registry.tests.unit.gates.loading import load

GENERATOR = load("generate_awx.py")
TYPES = controller.credential_types()
STORES = {name: item for name, item in TYPES.items() if name != "user"}
QUESTIONS = [item for survey in controller.surveys().values() for item in survey["spec"]]
OPTIONS: dict[str, dict[str, Any]] = GENERATOR.options()
IDENTIFIER = re.compile(r"[a-zA-Z_]+[a-zA-Z0-9_]*")
# A survey has these; there is no boolean.
SURVEY_TYPES = {"text", "textarea", "multiplechoice", "integer"}

every_type = pytest.mark.parametrize("name", TYPES)
every_store = pytest.mark.parametrize("name", STORES)
every_question = pytest.mark.parametrize("item", [pytest.param(item, id=item["variable"]) for item in QUESTIONS])


def test_generated_files_are_fresh() -> None:
    """`make generate` was run."""
    pages = GENERATOR.pages()
    for path, text in pages.items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name}: run make generate"
    assert set(pages) == set((REPOSITORY / "awx/vars").iterdir())


@every_type
def test_form_of_credential_types(name: str) -> None:
    """What AWX checks before it takes one (awx/main/fields.py): identifiers, templates of known fields only, no secret default."""
    item = TYPES[name]
    assert item["kind"] == "cloud" and item.keys() == {"name", "description", "kind", "inputs", "injectors"}
    fields = {field["id"]: field for field in item["inputs"]["fields"]}
    assert all(IDENTIFIER.fullmatch(field) and field != "tower" for field in fields)
    assert set(item["inputs"]["required"]) <= fields.keys()
    for field in fields.values():
        assert field.keys() <= {"id", "label", "type", "help_text", "secret", "multiline"} and field["type"] == "string"
    injectors = item["injectors"]
    assert injectors.keys() <= {"env", "file", "extra_vars"}
    files = {label.partition(".")[2] for label in injectors.get("file", {})}
    for label, template in injectors.get("file", {}).items():
        assert re.fullmatch(r"template\.[a-zA-Z_][a-zA-Z0-9_]*", label)
        assert template == f"{{{{ {label.partition('.')[2]} }}}}" and label.partition(".")[2] in fields
    for variable, template in injectors.get("env", {}).items():
        assert re.fullmatch(r"KYMA_REGISTRY_[A-Z0-9_]+", variable)
        assert re.fullmatch(r"\{\{ (\w+)(?: \| default\(''\))? \}\}", template)[1] in fields  # type: ignore[index]
    for way in injectors.get("extra_vars", {}).values():
        for text in way.values():
            found = re.fullmatch(r"\{\{ tower\.filename\.(\w+) \}\}", text)
            assert found[1] in files if found else text in injectors["env"]


@every_store
def test_every_field_reaches_the_secret(name: str) -> None:
    """Each field is a key of the storage Secret, given by one way; no value is an extra variable, which Ansible would re-type."""
    item = STORES[name]
    given = item["injectors"]["extra_vars"]
    ways = {"registry_storage_secret_environment", "registry_storage_secret_files"}
    assert given.keys() <= ways and ways <= OPTIONS.keys()
    keys = [key for way in given.values() for key in way]
    assert sorted(keys) == sorted(field["id"] for field in item["inputs"]["fields"])


def test_every_key_has_a_credential_type() -> None:
    """No key of a storage Secret is left to be typed into a survey, and what is secret there is secret here."""
    known = {key.name: key for backend in catalog.NAMED.values() for key in backend.secret_keys}
    assert {key.name for key in btp_object_store.GCP_KEYS} <= known.keys()
    fields = {field["id"]: field for item in STORES.values() for field in item["inputs"]["fields"]}
    assert fields.keys() == known.keys()
    for name, key in known.items():
        assert (fields[name].get("secret", False), fields[name].get("multiline", False)) == (key.secret, key.multiline)


def test_the_registrys_user() -> None:
    """awx/deploy.yml reads just the variables that the credential sets."""
    (play,) = controller.load(controller.FOLDER / "deploy.yml")
    read = {name: re.findall(r"'(KYMA_REGISTRY_\w+)'", text) for name, text in play["vars"].items()}
    assert read.keys() == set(GENERATOR.USER_VARIABLES)
    assert [item for found in read.values() for item in found] == list(TYPES["user"]["injectors"]["env"])


@every_question
def test_questions(item: dict[str, Any]) -> None:
    """A variable of the role with its default and choices, of a type that surveys have, with limits that let the default pass."""
    option = OPTIONS[item["variable"]]
    assert item["type"] in SURVEY_TYPES and not SECRET_VARIABLES.search(item["variable"])
    assert not re.search(r"[VOCE]\(", item["question_description"])
    if item["type"] == "multiplechoice":
        assert item["choices"] == option.get("choices", ["true", "false"])
        assert item["default"] in item["choices"] and item["required"]
    elif item["type"] == "integer":
        assert item["min"] <= item["default"] == option["default"] <= item["max"]
    else:
        assert item["min"] <= len(item["default"]) <= item["max"]
        default = option.get("default") or ""
        assert item["default"] == (json.dumps(option["default"]) if option["type"] == "dict" else default)
        # What may be left empty must be good as an empty text.
        assert item["required"] or option["type"] in ("str", "raw")
    # An empty answer where something is needed does not even start a job.
    assert not item["required"] or item["default"] != ""


@pytest.mark.parametrize("survey", controller.surveys())
def test_surveys(survey: str) -> None:
    """AWX wants these words; a variable is asked for once."""
    found = controller.surveys()[survey]
    assert found.keys() == {"name", "description", "spec"}
    names = [item["variable"] for item in found["spec"]]
    assert len(set(names)) == len(names)


def test_job_templates_name_playbooks_that_awx_lists() -> None:
    """Playbooks and surveys exist; they are one import of a playbook of the collection."""
    (play,) = controller.load(controller.FOLDER / "configure.yml")
    for item in play["vars"]["controller_job_templates"]:
        path = REPOSITORY / item["playbook"]
        assert controller.is_listed(path) and item["survey"] in controller.surveys()
        (imported,) = controller.load(path)
        name = imported["import_playbook"].rpartition(".")[2]
        assert (REPOSITORY / "playbooks" / f"{name}.yml").exists()


def test_nothing_has_a_name_of_awx() -> None:
    """Variables that begin so are AWX' own."""
    texts = [path.read_text(encoding="utf-8") for path in controller.FOLDER.rglob("*.yml")]
    assert [text for text in texts if re.search(r"^ *(awx|tower)_\w+:", text, re.M)] == []


def test_the_project_finds_the_collection_in_itself() -> None:
    """As AWX asks for it; git keeps the file, the tarball leaves it out."""
    found = yaml.safe_load((REPOSITORY / "collections/requirements.yml").read_text(encoding="utf-8"))
    assert found == {"collections": [{"source": ".", "type": "dir"}]}
    assert "collections" in yaml.safe_load((REPOSITORY / "galaxy.yml").read_text(encoding="utf-8"))["build_ignore"]


def test_answers_as_awx_writes_them() -> None:
    """Every text is unsafe, also a key; a variable of the job template is not, unless it has another value."""
    text = controller.as_awx_writes(
        {"e": "0123", "f": "x", "a": "0123", "b": {"c": "x"}, "d": 1}, {"e": "0123", "f": "y"}
    )
    plain, other, *answers = text.splitlines()
    assert (plain, other) == ("e: '0123'", "!unsafe 'f': !unsafe 'x'")
    assert answers == ["!unsafe 'a': !unsafe '0123'", "!unsafe 'b':", "  !unsafe 'c': !unsafe 'x'", "!unsafe 'd': 1"]


def test_documented_job_templates() -> None:
    """docs/awx.md has a row for each job template, with its type, playbook and survey as awx/configure.yml has them."""
    (play,) = controller.load(controller.FOLDER / "configure.yml")
    text = (REPOSITORY / "docs/awx.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\w+) \| .* \| (run|check) \| `(awx/\w+\.yml)` \| (.+) \|$", text, re.M)
    reported = {
        name: (kind, playbook, re.findall(r"`(registry_\w+)`", requested)) for name, kind, playbook, requested in rows
    }
    questions = {name: [item["variable"] for item in survey["spec"]] for name, survey in controller.surveys().items()}
    wanted = {
        item["name"]: (item["job_type"], item["playbook"], questions[item["survey"]])
        for item in play["vars"]["controller_job_templates"]
    }
    # Check asks what Deploy asks.
    reported["Check"] = (*reported["Check"][:2], reported["Check"][2] or reported["Deploy"][2])
    assert reported == wanted
