# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the registry is deployed as it is wanted, so that a run compares and does nothing."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.pods import REVISION
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.deployment.comparison import (
    PREFLIGHT_POLICY,
    is_deployment_current,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared import object_catalog
from ansible_collections.kyma.docker_registry.tests.support.apply_model import Server

Object = dict[str, Any]
STORAGE_ID = "persistentvolumeclaim/dockerregistry"
ACCOUNT = ("ServiceAccount", constants.REGISTRY)
BUDGET = ("PodDisruptionBudget", constants.REGISTRY)


def _metadata(name: str) -> Object:
    return {"name": name, "namespace": "ns", "labels": dict(constants.MANAGED_BY)}


def _deployment(**spec: Any) -> Object:
    volumes = [{"name": "data", "persistentVolumeClaim": {"claimName": "dockerregistry"}}]
    containers = [{"name": constants.CONTAINER, "image": "registry:3", "env": [], "volumeMounts": []}]
    template = {"metadata": {"labels": {"app": "x"}}, "spec": {"containers": containers, "volumes": volumes}}
    body = {"selector": {"matchLabels": {"app": "x"}}, "template": template, "strategy": {"type": "Recreate"}, **spec}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": _metadata(constants.REGISTRY), "spec": body}


def _account(**metadata: Any) -> Object:
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {**_metadata(constants.REGISTRY), **metadata}}


Live = dict[object_catalog.ObjectKey, "Object | None"]


@pytest.fixture(name="live")
def _live() -> Live:
    """The objects as a run has left them that was verified."""
    server = Server()
    found: Live = {BUDGET: None, PREFLIGHT_POLICY: None}
    for item in (_account(), _deployment()):
        found[object_catalog.object_key(item)] = copy.deepcopy(server.cluster().apply(item, live=None).after)
    deployment = found[object_catalog.DEPLOYMENT]
    assert deployment is not None
    deployment["metadata"].setdefault("annotations", {}).update({REVISION: "3", constants.VERIFIED_REVISION: "3"})
    deployment["metadata"]["generation"] = 5
    names = ("updatedReplicas", "replicas", "readyReplicas", "availableReplicas")
    deployment["status"] = {"observedGeneration": 5, **dict.fromkeys(names, 1)}
    return found


def test_nothing_to_do(live: Live) -> None:
    """Also with the number of replicas that is there already."""
    assert is_deployment_current([_account(), _deployment()], live, STORAGE_ID)
    assert is_deployment_current([_account(), _deployment(replicas=1)], live, STORAGE_ID)


@pytest.mark.parametrize(
    "wanted",
    [
        [_account(annotations={"a": "b"}), _deployment()],
        [_account(), _deployment(replicas=2)],
        [_account(), _deployment(minReadySeconds=1)],
        [
            _account(),
            {"apiVersion": "v1", "kind": "PodDisruptionBudget", "metadata": _metadata(constants.REGISTRY)},
            _deployment(),
        ],
        [_deployment()],
    ],
    ids=["annotation", "replicas", "specification", "absent", "surplus"],
)
def test_an_object_differs(live: Live, wanted: list[Object]) -> None:
    """A field, an object that is absent, and one that is no longer wanted."""
    assert not is_deployment_current(wanted, live, STORAGE_ID)


def _annotated(name: str, value: str) -> Callable[[Object], None]:
    return lambda deployment: deployment["metadata"]["annotations"].update({name: value})


@pytest.mark.parametrize(
    "change",
    [
        _annotated(REVISION, "4"),
        _annotated(constants.READ_ONLY_SINCE, "2026-01-01T00:00:00Z"),
        _annotated(constants.RESTORED_AFTER, "store-unreachable"),
        lambda deployment: deployment["status"].update(readyReplicas=0),
        lambda deployment: deployment["metadata"].update(generation=6),
    ],
    ids=["not verified", "read-only", "restored", "not ready", "not observed"],
)
def test_a_deployment_that_is_not_complete(live: Live, change: Callable[[Object], None]) -> None:
    """Then a run waits, confirms or completes what is left."""
    deployment = live[object_catalog.DEPLOYMENT]
    assert deployment is not None
    change(deployment)
    assert not is_deployment_current([_account(), _deployment()], live, STORAGE_ID)


def test_what_a_killed_run_has_left(live: Live) -> None:
    """Its preflight has to be removed. Another storage ID, a registry without a Pod and one that is not there are deployed."""
    wanted = [_account(), _deployment()]
    assert not is_deployment_current(wanted, live, "s3/region/bucket")
    policy = {"kind": "NetworkPolicy", "metadata": _metadata(constants.PREFLIGHT)}
    assert not is_deployment_current(wanted, {**live, PREFLIGHT_POLICY: policy}, STORAGE_ID)
    assert not is_deployment_current(wanted, {**live, object_catalog.DEPLOYMENT: None}, STORAGE_ID)
    scaled = copy.deepcopy(live[object_catalog.DEPLOYMENT])
    assert scaled is not None
    scaled["spec"]["replicas"] = 0
    scaled["status"] = {"observedGeneration": 5}
    assert not is_deployment_current(wanted, {**live, object_catalog.DEPLOYMENT: scaled}, STORAGE_ID)
