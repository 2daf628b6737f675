# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role's templates print for a storage, rendered by ansible-playbook without a cluster. One play renders all cases."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.credentials.detection import credentials_in
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.apply.compare import remove_nulls
from ansible_collections.kyma.docker_registry.tests.support import rendered_objects
from ansible_collections.kyma.docker_registry.tests.support.rendered_objects import Objects

pytestmark = pytest.mark.slow

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
    "ids": ({}, {"registry_security_context": {"runAsUser": 4242, "runAsGroup": None, "fsGroup": None}}),
    "gcs": ({"gcs": {"bucket": "images", "chunkSize": CHUNK}}, {}),
}


@pytest.fixture(scope="module")
def rendered() -> dict[str, Objects]:
    """The objects of each case."""
    return rendered_objects.render(
        {name: rendered_objects.Case(storage, variables=variables) for name, (storage, variables) in CASES.items()}
    )


def _deployment(objects: Objects) -> dict[str, Any]:
    return objects["Deployment", constants.REGISTRY]


def _config(objects: Objects) -> dict[str, Any]:
    config: dict[str, Any] = yaml.safe_load(objects["ConfigMap", constants.CONFIG_MAP]["data"]["config.yml"])
    return config


@pytest.mark.parametrize("case", CASES)
def test_nothing_in_the_objects_is_taken_for_a_credential(rendered: dict[str, Objects], case: str) -> None:
    """What is, would be masked in every result: a harmless value as well as the object that has it."""
    assert list(credentials_in("objects", list(rendered[case].values()))) == []


@pytest.mark.parametrize(
    ("case", "storage_id"),
    [("volume", "persistentvolumeclaim/dockerregistry"), ("gcs", "gcs/images"), ("s3", "s3/eu-central-1/images")],
)
def test_the_deployment_says_what_holds_the_images(rendered: dict[str, Objects], case: str, storage_id: str) -> None:
    """The data guard of the next run reads it if there is no volume."""
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


def test_the_ids_of_the_pods(rendered: dict[str, Objects]) -> None:
    """Set or omitted; what the role hardens besides stays."""
    context = _deployment(rendered["volume"])["spec"]["template"]["spec"]["securityContext"]
    changed = remove_nulls(_deployment(rendered["ids"])["spec"]["template"]["spec"]["securityContext"])
    assert changed.pop("runAsUser") == 4242
    assert changed == {name: context[name] for name in ("runAsNonRoot", "fsGroupChangePolicy", "seccompProfile")}
    assert {context[name] for name in ("runAsUser", "runAsGroup", "fsGroup")} == {1000}


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


@pytest.mark.parametrize(("case", "delay"), [("volume", 0), ("s3", 5)])
def test_a_rollout_lets_transfers_finish(rendered: dict[str, Objects], case: str, delay: int) -> None:
    """The grace period covers the hook and the drain timeout. A volume has no second Pod that would serve during the hook."""
    pod = _deployment(rendered[case])["spec"]["template"]["spec"]
    hook = remove_nulls(pod["containers"][0]).get("lifecycle")
    assert hook == ({"preStop": {"sleep": {"seconds": delay}}} if delay else None)
    drain = constants.DRAIN_SECONDS
    assert _config(rendered[case])["http"]["draintimeout"] == f"{drain}s"
    assert pod["terminationGracePeriodSeconds"] == constants.GRACE_SECONDS
    assert delay + drain < constants.GRACE_SECONDS
