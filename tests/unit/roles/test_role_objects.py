# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role's templates print for a storage, rendered by ansible-playbook without a cluster. One play renders all cases."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.storage.desired_state import DesiredState
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import spec, volume
from ansible_collections.kyma.docker_registry.tests.support import playbook
from ansible_collections.kyma.docker_registry.tests.support.documented import ROLE

pytestmark = pytest.mark.slow
Objects = dict[tuple[str, str], dict[str, Any]]

S3 = {"s3": {"bucket": "images", "region": "eu-central-1"}}
CHUNK = 8 * 1024 * 1024
# Case: spec.storage and what the user gives besides.
CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "volume": ({}, {}),
    "s3": (S3, {}),
    "s3-readonly": (S3, {"registry_readonly": True}),
    "s3-one": (S3, {"registry_replicas": 1}),
    "s3-two": (S3, {"registry_replicas": 2}),
    "s3-labels": (S3, {"registry_pod_labels": {"team": "a"}}),
    "gcs": ({"gcs": {"bucket": "images", "chunkSize": CHUNK}}, {}),
}


def _result(storage: dict[str, Any], replicas: int | None) -> dict[str, Any]:
    """What docker_registry_storage returns of a storage that needs no Secret."""
    resolved, found = spec.check_storage(storage, "storage")
    assert resolved is not None, found
    store, found = resolved.store(None, {}, secret_path="secret", parameters_path="parameters")
    assert store is not None, found
    requested = volume.Volume("20Gi", None, ("ReadWriteOnce",))
    desired = DesiredState("default", "ns", "registry_storage", resolved, requested, {}, {}, replicas)
    return {
        **desired.result(None),
        "mode": "direct",
        "object_store": store.claim is None,
        "storage_id": store.storage_id,
        "driver": {store.driver: dict(store.parameters)},
        "secret_environment": dict(store.environment),
        "key_file": store.key_file,
        "ca_bundle": {},
        "redirect": None,
    }


def _tasks(case: str) -> list[dict[str, Any]]:
    """What says how Pods are replaced, then the templates."""
    storage, variables = CASES[case]
    result = _result(storage, variables.get("registry_replicas"))
    credentials = {"fingerprint": "f", "node_port": constants.NODE_PORT}
    known = {"__registry_cr": result, "__registry_credentials": credentials, **variables}
    tasks = "object_store.yml" if result["object_store"] else f"storage/{result['task_file']}.yml"
    role = {"name": "kyma.docker_registry.registry", "tasks_from": tasks, "public": True}
    text = f"{{{{ lookup('ansible.builtin.template', '{ROLE}/templates/objects.yml.j2') }}}}"
    return [
        {"name": f"Prepare {case}", "ansible.builtin.include_role": role, "vars": known},
        {"name": f"Render {case}", "ansible.builtin.debug": {"msg": text}, "vars": known},
    ]


@pytest.fixture(scope="module")
def rendered() -> dict[str, Objects]:
    """The objects of each case."""
    done = playbook.run([task for case in CASES for task in _tasks(case)], kubeconfig=None)
    assert done.returncode == 0, done.output
    found = {}
    for case in CASES:
        text = done.of(f"Render {case}").result["msg"]
        documents = [item for item in yaml.safe_load_all(text) if item]
        found[case] = {(item["kind"], item["metadata"]["name"]): item for item in documents}
        assert len(found[case]) == len(documents), "an object is there twice"
    return found


def _deployment(objects: Objects) -> dict[str, Any]:
    return objects["Deployment", constants.REGISTRY]


def _config(objects: Objects) -> dict[str, Any]:
    config: dict[str, Any] = yaml.safe_load(objects["ConfigMap", constants.CONFIG_MAP]["data"]["config.yml"])
    return config


@pytest.mark.parametrize(
    ("case", "storage_id"),
    [("volume", "persistentvolumeclaim/dockerregistry"), ("gcs", "gcs/images"), ("s3", "s3/eu-central-1/images")],
)
def test_the_deployment_says_what_holds_the_images(rendered: dict[str, Objects], case: str, storage_id: str) -> None:
    """The guard of the next run reads it where no volume tells."""
    assert _deployment(rendered[case])["metadata"]["annotations"] == {constants.STORAGE_ID: storage_id}


@pytest.mark.parametrize(("case", "there"), [("volume", False), ("s3", True), ("s3-one", False), ("s3-two", True)])
def test_a_budget_for_more_than_one_pod(rendered: dict[str, Objects], case: str, there: bool) -> None:
    """Also if an autoscaler can set the number. It never blocks the drain of a node, whatever the number is."""
    budget = rendered[case].get(("PodDisruptionBudget", constants.REGISTRY))
    assert (budget is not None) is there
    if budget is not None:
        assert budget["spec"]["maxUnavailable"] == 1
        assert budget["spec"]["unhealthyPodEvictionPolicy"] == "AlwaysAllow"


@pytest.mark.parametrize(("case", "number"), [("volume", None), ("s3", None), ("s3-one", 1), ("s3-two", 2)])
def test_the_number_of_replicas(rendered: dict[str, Objects], case: str, number: int | None) -> None:
    """As given. Left out it is null, which an apply takes for a field that is not there."""
    assert _deployment(rendered[case])["spec"]["replicas"] == number


def test_driver_parameters_have_distributions_spelling(rendered: dict[str, Objects]) -> None:
    """Distribution passes over a name that it does not know."""
    assert _config(rendered["gcs"])["storage"]["gcs"] == {"bucket": "images", "chunksize": CHUNK}


def test_a_registry_that_listens_is_ready_a_second_later(rendered: dict[str, Objects]) -> None:
    """The probe comes each second; a startup probe would only add one more second."""
    (container,) = _deployment(rendered["volume"])["spec"]["template"]["spec"]["containers"]
    assert "startupProbe" not in container
    assert container["readinessProbe"] == {
        "httpGet": {"path": "/debug/health", "port": 5001},
        "periodSeconds": 1,
        "timeoutSeconds": 5,
        "failureThreshold": 5,
    }


def test_a_volume_is_written_by_one_pod_at_a_time(rendered: dict[str, Objects]) -> None:
    """An object store has no such limit."""
    strategies = {case: _deployment(rendered[case])["spec"]["strategy"]["type"] for case in ("volume", "s3")}
    assert strategies == {"volume": "Recreate", "s3": "RollingUpdate"}
