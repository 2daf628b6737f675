# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The catalog is the only table of backends: one that registers itself passes through both modes, and no other file names one."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.storage_ids import storage_id_of
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.deployment import pod_template
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator import (
    credentials_secret,
    overlay,
    storage_lock,
    stored_spec,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.chart.inputs import (
    prune_storage,
    read_chart_inputs,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.chart.prediction import Expected, predict
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.chart.rendering import SecretRef
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.checks.facts import Facts, Measures
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.checks.spec_checks import check_spec
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.live import find_differences
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.versions import NEWEST, release
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.config import registry_config
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.environment import check_environment
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import catalog, crd, spec
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import Store
from ansible_collections.kyma.docker_registry.tests.support import made_up_backend

VERSION = ".".join(map(str, NEWEST))
STORAGE = {made_up_backend.NAME: {"library": "north", "secretName": "mine"}}
# The operator would cut it at the comma.
SECRET = {"robotKey": b"key,1"}
KEY = "REGISTRY_STORAGE_TAPE_ROBOTKEY"
LIBRARY = "REGISTRY_STORAGE_TAPE_LIBRARY"

SOURCES = Path(__file__).parents[4] / "plugins" / "module_utils"
# A field of the DockerRegistry's status that is called like a backend.
OTHER_MEANINGS = {("_storage/crd.py", crd.STATUS_CLAIM)}
# A cloud in a text, a variable or a pattern.
CLOUD = re.compile(r"(?<![a-z])(?:aws\w*|amz|akia|azure|google\w*|gc[eps]|s3\w*|swift|oss)(?![a-z])", re.IGNORECASE)
# docs/architecture.md has the reasons.
NAMES_CLOUDS = {
    "_core/log_redaction.py",
    "_k8s/connection/kubeconfig.py",
    "_operator/names.py",
    "_registry/causes/registry_causes.py",
    "_registry/causes/store_causes.py",
}


@pytest.fixture(autouse=True)
def _registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(catalog.NAMED, made_up_backend.NAME, made_up_backend.TapeLibrary())


def _resolved(storage: Any) -> spec.Resolved:
    resolved, found = spec.check_storage(storage, "storage")
    assert resolved is not None and found == (), found
    return resolved


def _store(parameters: object = None) -> Store:
    store, found = _resolved(STORAGE).store(SECRET, parameters)
    assert store is not None and found == (), found
    return store


def _sent(store: Store) -> tuple[dict[str, Any], credentials_secret.Choice, Expected]:
    """The spec.storage that is sent, the Secret that it names, and what the operator makes of them."""
    storage = overlay.cr_storage(_resolved(STORAGE))
    choice = credentials_secret.choose_secret(store, storage, SECRET, VERSION)
    assert storage is not None and choice.derived is not None
    sent = credentials_secret.with_secret_name(storage)
    return sent, choice, predict(sent, choice.derived, VERSION)


def test_spec() -> None:
    """Its fields, its own check, and a Secret of another backend."""
    _resolved(STORAGE)
    for values, code in (
        ({"secretName": "mine"}, "storage-missing-field"),
        ({"library": "1", "secretName": "mine"}, "tape-library-name"),
        ({"library": "north", "secretName": "mine", "rewind": True}, "storage-parameter"),
        ({"library": "north", "secretName": "mine", "robotKey": "x"}, "storage-secret-key"),
    ):
        assert [item.code for item in spec.check_storage({made_up_backend.NAME: values}, "storage")[1]] == [code]
    _nothing, found = _resolved(STORAGE).store({"accessKey": b"a", "secretKey": b"b"})
    assert [item.code for item in found] == ["secret-foreign"]
    schema = crd.crd()["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    assert schema["properties"]["storage"]["properties"][made_up_backend.NAME]["required"] == ["library", "secretName"]


def test_direct_mode() -> None:
    """Section of config.yml, variables and Secret."""
    store = _store({"rewind": True})
    config = registry_config(storage={store.driver: store.parameters}, delete_enabled=False)
    assert config["storage"]["tape"] == {"library": "north", "rewind": True}
    result = {"secret_environment": store.environment, "ca_bundle": {}}
    found = {item["name"]: item.get("valueFrom") for item in pod_template.environment(result, None)}
    assert found[KEY] == {"secretKeyRef": {"name": constants.STORAGE_SECRET, "key": "tapeRobotKey"}}
    assert store.secret == {"tapeRobotKey": '"key,1"'}
    assert store.storage_id == "tape/north" and catalog.storage_type_of(store.storage_id) == "tape"


def test_chart_inputs() -> None:
    """Chart values of its fields and of its Secret's keys."""
    found = read_chart_inputs(prune_storage(STORAGE), SECRET, (), release(VERSION).names)
    assert (found.storage_type, found.failed) == ("tape-library", "")
    assert found.values == {"tape.library": "north"} and found.secrets == {"tape.robotKey": "key,1"}
    assert (
        read_chart_inputs(prune_storage(STORAGE), None, (), release(VERSION).names).failed == 'secrets "mine" not found'
    )
    assert stored_spec.normalize_storage({made_up_backend.NAME: {"library": "", "x": 0}}) == {
        made_up_backend.NAME: {"library": ""}
    }


def test_credentials_secret_and_prediction() -> None:
    """A Secret of ours, from which the operator generates what the registry reads."""
    store = _store()
    sent, choice, expected = _sent(store)
    assert sent[made_up_backend.NAME] == {"library": "north", "secretName": constants.OPERATOR_SECRET}
    assert choice.derived == {"robotKey": b'"key\\,1"'} and choice.intended == {"tapeRobotKey": b'"key,1"'}
    assert expected.stage == "applied" and expected.secret == choice.intended
    assert expected.env == {LIBRARY: "north", KEY: SecretRef(constants.STORAGE_SECRET, "tapeRobotKey")}
    assert "secrets.tape=" in expected.rollme and expected.data is None


def test_checks_of_operator_mode() -> None:
    """What the operator would do to its values and to its Secret."""
    alone = Measures(spec=False, overlay=False, secret=False, storage_lock=False)

    def codes(storage: Any, secret: dict[str, bytes], measures: Measures) -> list[str]:
        return [item.code for item in check_spec(storage, Facts(secret=secret), VERSION, measures)]

    assert codes(STORAGE, SECRET, Measures()) == []
    assert codes(STORAGE, SECRET, alone) == ["operator-secret-leak", "operator-falls-back"]
    found = check_spec(STORAGE, Facts(secret={"other": b"x"}), VERSION)
    assert [(item.code, item.path, item.message) for item in found] == [
        (
            "operator-secret-key-missing",
            "Secret/mine.robotKey",
            made_up_backend.DRIVER.operator.missing_credential,
        )
    ]
    retyped = {made_up_backend.NAME: {"library": "123", "secretName": "mine"}}
    assert codes(retyped, {"robotKey": b"key"}, alone) == ["operator-value-retyped", "operator-falls-back"]


def test_overlay_and_storage_lock() -> None:
    """Its parameters, and the lock for it and against it."""
    store = _store({"rewind": True})
    _spec, _choice, expected = _sent(store)
    thing, found = overlay.build_overlay(store, expected, namespace="ns")
    assert found == ()
    env = {item["name"]: item for item in thing["spec"]["template"]["spec"]["containers"][0]["env"]}
    assert env["REGISTRY_STORAGE_TAPE_REWIND"]["value"] == "true"
    assert LIBRARY not in env and len(env) == len(catalog.drivers())
    others, _found = _resolved(None).store(None)
    assert others is not None
    assert LIBRARY in {item["name"] for item in storage_lock.lock_variables(others)}


def test_variables_of_its_library() -> None:
    """registry_env may set what the driver declares, and no other name that its library reads."""
    given = {"TAPE_KEY": "x", "TAPE_SPEED": 2, "TAPE_SPED": 2}
    found = check_environment(given, catalog.library_variables())
    assert [(item.code, item.path, item.remedy) for item in found] == [
        ("env-credential", "registry_env.TAPE_KEY", "Set robotKey in the Secret."),
        ("env-unknown", "registry_env.TAPE_SPED", "Did you mean TAPE_SPEED?"),
    ]


def test_live_deployment() -> None:
    """What holds the images, and a variable that remains from the former configuration."""
    container = {"name": constants.CONTAINER, "env": [{"name": LIBRARY, "value": "north"}]}
    live = {"metadata": {}, "spec": {"template": {"spec": {"containers": [container]}}}}
    assert storage_id_of(live) == "tape/north"
    assert f"variable {LIBRARY} remains from the former configuration" in [
        *find_differences(live, predict(None, version=VERSION))
    ]


def test_storage_types_of_storage_ids() -> None:
    """The default volume has its own; the kind of the store is the name of its storage type."""
    assert catalog.storage_type_of(f"persistentvolumeclaim/{constants.DEFAULT_CLAIM}") == catalog.DEFAULT.name
    assert catalog.storage_type_of("persistentvolumeclaim/mine") == "pvc"
    assert catalog.storage_type_of("gcs/images/folder") == "gcs"


def test_operator_mappings_are_complete() -> None:
    """Each backend has one for each of its drivers; keys and credentials are those that it declares; the marks distinguish them."""
    for backend in catalog.backends():
        accepted = [item for item in backend.operator if not item.rejected]
        assert [item.driver.name for item in accepted] == [driver.name for driver in backend.drivers]
        assert len({item.mark for item in backend.operator}) == len(backend.operator)
        known = {key.name for key in backend.secret_keys}
        for item in accepted:
            assert item.keys.keys() <= known and len(item.credentials) == len(item.driver.operator.credentials)
            assert catalog.operator_mapping(item.storage_type) is item
            assert item.driver.operator.mandatory in {
                *(parameter.name for parameter in item.driver.parameters),
                *(name.lower() for name in item.keys),
            }


def test_no_other_table() -> None:
    """No file but those of the backends holds the name of a backend, of a driver or of a storage type."""
    names = {backend.name for backend in catalog.backends()} | catalog.drivers().keys()
    names |= {item.storage_type for backend in catalog.backends() for item in backend.operator}
    assert {(file, text) for file, text in _texts() if text in names} == OTHER_MEANINGS


def test_no_other_text() -> None:
    """No message, variable or pattern outside the backends names a cloud, but for the files whose subject is another program's texts."""
    assert {file for file, text in _texts() if CLOUD.search(text)} == NAMES_CLOUDS


def _texts() -> Iterator[tuple[str, str]]:
    """File and text of each constant outside the files of the backends; docstrings are none."""
    for path in SOURCES.rglob("*.py"):
        name = path.relative_to(SOURCES).as_posix()
        if name.startswith(("_storage/backends/", "_storage/checks/")):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        docstrings = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in docstrings:
                yield name, node.value
