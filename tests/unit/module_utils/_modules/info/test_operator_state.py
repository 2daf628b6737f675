# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What registry_info reports of a registry that Kyma's operator runs, with and without the collection's help."""

from __future__ import annotations

import base64
import copy
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.info import operator_state
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator import storage_lock
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.credentials_secret import (
    derived_secret,
    with_secret_name,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import spec
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import Store
from ansible_collections.kyma.docker_registry.tests.support import operator_cases
from ansible_collections.kyma.docker_registry.tests.support.contexts import make_context

REFUSAL = "Deployment.apps is invalid: spec.template.spec.volumes[1].persistentVolumeClaim: Forbidden: may not specify more than 1 volume type"
# Reported about every object store without a storage lock.
UNLOCKED = {"operator-falls-back", "storage-lock-missing"}


@pytest.mark.parametrize(
    ("state", "installed", "message", "reported"),
    [
        ("Error", "False", REFUSAL, True),
        ("Processing", "False", REFUSAL, True),
        ("Ready", "False", REFUSAL, False),
        ("Error", "True", REFUSAL, False),
        ("Error", "False", "another reason", False),
    ],
)
def test_refused(state: str, installed: str, message: str, reported: bool) -> None:
    """Also between two tries of the operator; not from before."""
    condition = {"type": "Installed", "status": installed, "message": message}
    cr = {"metadata": {}, "status": {"state": state, "conditions": [condition]}}
    assert [finding.code for finding in operator_state._check_rejection(cr)] == (
        ["storage-lock-rejected"] if reported else []
    )


class _Cluster:
    """Has the operator's namespace, a claim, and Secrets: name to data."""

    def __init__(self, secrets: dict[str, dict[str, bytes]]) -> None:
        self._secrets = secrets

    def get(self, kind: str, name: str, _namespace: str | None = None) -> Any:
        if kind == "Namespace":
            return {"metadata": {"name": name}}
        data = self._secrets.get(name, {})
        return {"data": {key: base64.b64encode(value).decode() for key, value in data.items()}} if data else None

    def list(self, kind: str, *_: Any, **__: Any) -> list[Any]:
        names = ["dockerregistry", operator_cases.CLAIM]
        return [{"metadata": {"name": name}} for name in names] if kind == "PersistentVolumeClaim" else []


def _warned(
    monkeypatch: pytest.MonkeyPatch,
    storage: dict[str, Any] | None,
    deployment: dict[str, Any],
    secrets: dict[str, dict[str, bytes]],
    store: Store | None = None,
    **status: Any,
) -> dict[str, str]:
    """Code to path of the warnings, without those about every registry on the operator's own volume."""
    monkeypatch.setattr(Context, "cluster", property(lambda _context: _Cluster(secrets)))
    cr = {
        "metadata": {"name": "default", "namespace": operator_cases.NAMESPACE},
        "spec": {} if storage is None else {"storage": storage},
        "status": status,
    }
    found = operator_state.check_operator_state(
        make_context({}, check_mode=False), cr, deployment, store, running=None, version=operator_cases.VERSION
    )
    assert all(item.severity in ("warning", "info") for item in found)
    always = {"operator-secrets-not-copied", "operator-deletes-volume", "operator-deletion-takes-volume"}
    return {item.code: item.path for item in found if item.severity == "warning" and item.code not in always}


def _resolve(storage: dict[str, Any], secret: dict[str, bytes]) -> Store:
    resolved, _found = spec.check_storage(storage, "spec.storage")
    assert resolved is not None
    store, problems = resolved.store(secret)
    assert store is not None, problems
    return store


@pytest.mark.parametrize(
    ("case", "reported"),
    [
        ("default", {}),
        ("delete-enabled-only", {"operator-empty-storage": "spec.storage"}),
        ("storage-empty", {"operator-empty-storage": "spec.storage"}),
        ("azure", {"operator-azure-no-type": "spec.storage.azure"}),
        ("s3", {}),
        (
            "s3-insecure",
            {
                "operator-secure-ignored": "spec.storage.s3.secure",
                "operator-path-style": "spec.storage.s3.regionEndpoint",
            },
        ),
        ("s3-secret-with-comma", {"operator-secret-leak": "Secret/s3-inject.secretKey"}),
        ("gcs-plain-key", {"operator-key-file": "Secret/gcs-plain.accountkey"}),
        ("gcs-escaped-key", {}),
        ("gcs-chunksize", {"operator-chunksize": "spec.storage.gcs.chunksize"}),
        ("btp-gcp", {"operator-key-file": "Secret/btp-gcp.base64EncodedPrivateKeyData"}),
    ],
)
def test_a_registry_of_the_operator_alone(monkeypatch: pytest.MonkeyPatch, case: str, reported: dict[str, str]) -> None:
    """What the operator made on a real cluster: each of its risks is reported."""
    recorded = operator_cases.CASES[case]
    secrets = {name: operator_cases.data(name) for name in operator_cases.SECRETS}
    found = _warned(monkeypatch, recorded.storage, recorded.live_deployment(), secrets)
    store = bool(recorded.secret)
    assert found == {**reported, **({"operator-falls-back": found.get("operator-falls-back")} if store else {})}


@pytest.mark.parametrize(("served", "reported"), [("False", True), ("True", False)])
def test_another_registry_is_served(monkeypatch: pytest.MonkeyPatch, served: str, reported: bool) -> None:
    """The operator serves one in a cluster; who may read this DockerRegistry alone learns of it from its status."""
    deployment = operator_cases.CASES["default"].live_deployment()
    found = _warned(monkeypatch, None, deployment, {}, served=served)
    assert found == ({"operator-not-served": "DockerRegistry"} if reported else {})


@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("abc,replicaCount=3", "operator-secret-injects"),
        ("ab\\cd", "operator-secret-mangled"),
        ("AK #x", "operator-secret-misread"),
    ],
)
def test_a_secret_of_the_user(monkeypatch: pytest.MonkeyPatch, key: str, code: str) -> None:
    """The operator reads it as it is, unless the DockerRegistry names the collection's."""
    recorded = operator_cases.CASES["s3"]
    secret = {**operator_cases.data("s3s"), "secretKey": key.encode()}
    storage, deployment = recorded.storage, recorded.live_deployment()
    assert storage is not None
    found = _warned(monkeypatch, storage, deployment, {"s3s": secret})
    assert found[code] == "Secret/s3s.secretKey"
    store = _resolve(storage, secret)
    ours = {constants.OPERATOR_SECRET: derived_secret(store, operator_cases.VERSION)}
    assert _warned(monkeypatch, with_secret_name(storage), deployment, ours, store).keys() == UNLOCKED


def test_the_storage_lock_of_the_deployment(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is there or it is not: the registry of another client is not counted as locked."""
    recorded = operator_cases.CASES["s3"]
    storage, deployment, secret = recorded.storage, recorded.live_deployment(), operator_cases.data("s3s")
    assert storage is not None
    store = _resolve(storage, secret)
    assert _warned(monkeypatch, storage, deployment, {"s3s": secret}, store).keys() == UNLOCKED
    _add(deployment, *storage_lock.lock_variables(store))
    assert _warned(monkeypatch, storage, deployment, {"s3s": secret}, store) == {}


@pytest.mark.parametrize(
    ("case", "variables", "left"),
    [
        ("azure", ["REGISTRY_STORAGE_AZURE_CREDENTIALS_TYPE"], set()),
        ("azure", ["REGISTRY_STORAGE_AZURE_CREDENTIALS"], set()),
        ("azure", ["REGISTRY_STORAGE_AZURE_CREDENTIALSTYPE"], {"operator-azure-no-type"}),
        ("s3-insecure", ["REGISTRY_STORAGE_S3_SECURE"], {"operator-path-style"}),
        ("s3-insecure", ["REGISTRY_STORAGE_S3_FORCEPATHSTYLE"], {"operator-secure-ignored"}),
    ],
)
def test_what_the_deployment_was_completed_with(
    monkeypatch: pytest.MonkeyPatch, case: str, variables: list[str], left: set[str]
) -> None:
    """By whom does not matter: the variable is there."""
    recorded = operator_cases.CASES[case]
    deployment = recorded.live_deployment()
    _add(deployment, *({"name": name, "value": "x"} for name in variables))
    secrets = {name: operator_cases.data(name) for name in operator_cases.SECRETS}
    assert _warned(monkeypatch, recorded.storage, deployment, secrets).keys() == left | {"operator-falls-back"}


def test_what_an_overlay_leaves_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """On purpose, except for the authentication: it may come from the Secret."""
    secrets = {name: operator_cases.data(name) for name in operator_cases.SECRETS}
    for case, left in (("s3-insecure", set()), ("azure", {"operator-azure-no-type"})):
        deployment = copy.deepcopy(operator_cases.CASES[case].live_deployment())
        deployment["metadata"]["managedFields"] = [{"manager": constants.FIELD_MANAGER, "operation": "Apply"}]
        found = _warned(monkeypatch, operator_cases.CASES[case].storage, deployment, secrets)
        assert found.keys() == left | {"operator-falls-back"}


def _add(deployment: dict[str, Any], *variables: dict[str, Any]) -> None:
    deployment["spec"]["template"]["spec"]["containers"][0]["env"] += variables
