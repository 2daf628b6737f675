# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who reconciles, by what the cluster shows: operators that react, that do not, and Deployments that only have their name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator.mode import OPERATOR
from ansible_collections.kyma.docker_registry.tests.api.cases import STORAGE_SECRETS
from ansible_collections.kyma.docker_registry.tests.api.rights.stage import S3, Stage, codes, everything
from ansible_collections.kyma.docker_registry.tests.support import objects

pytestmark = [pytest.mark.beside, pytest.mark.usefixtures("turn")]
MODULE = "docker_registry_storage"


@pytest.fixture
def namespace(stage: Stage, turn: None) -> Iterator[str]:
    """A fresh namespace on an API server with the definition. No operator is left behind."""
    stage.prepare_for_operator()
    yield stage.namespace()
    for item in stage.cluster.list("Deployment", field_selector=f"metadata.name={OPERATOR}"):
        metadata = item["metadata"]
        stage.cluster.delete("Deployment", OPERATOR, metadata["namespace"], uid=metadata["uid"])


def _on_default_volume(namespace: str) -> list[dict[str, Any]]:
    """All objects of a registry, with the volume as the role makes it."""
    items = everything(namespace)
    for item in items:
        if item["kind"] == "Deployment":
            volume = {"name": "data", "persistentVolumeClaim": {"claimName": constants.DEFAULT_CLAIM}}
            item["spec"]["template"]["spec"]["volumes"] = [volume]
        elif item["kind"] == "PersistentVolumeClaim":
            item["spec"] = objects.claim("", "", size="20Gi")["spec"]
    return items


def test_an_operator_that_does_not_react(stage: Stage, namespace: str) -> None:
    """The DockerRegistry of the run and the Secret for the operator are deleted again. With a reaction, the same run passes."""
    stage.operator()
    do = stage.as_user("", namespace)
    values = {**STORAGE_SECRETS["s3"], "secretKey": "with,comma-0123456789-0123456789-abcdefg"}
    assert not codes(do("registry_secret", purpose="s3", secret_name="store", secret_source={"values": values}))
    seen = do(MODULE, storage=S3, wait_timeout=1)
    assert codes(seen) == ["operator-not-reacting"] and "was deleted again" in seen["msg"], seen
    assert stage.cluster.get("DockerRegistry", constants.CR_NAME, namespace) is None
    assert stage.cluster.get("Secret", constants.OPERATOR_SECRET, namespace) is None
    with stage.taking(namespace):
        seen = do(MODULE, storage=S3)
    assert not codes(seen) and seen["mode"] == "operator", seen
    assert stage.cluster.get("Secret", constants.OPERATOR_SECRET, namespace) is not None
    second = do(MODULE, storage=S3, wait_timeout=1)
    assert not codes(second) and not second["changed"], second


def test_a_registry_in_direct_mode_stays_until_an_operator_reacts(stage: Stage, namespace: str) -> None:
    """The Deployment of an operator alone changes nothing of it, whatever mode is asked for."""
    do = stage.as_user("", namespace)
    assert not codes(do(MODULE))
    deployed = do("registry_deployment", objects=_on_default_volume(namespace), storage={}, wait=False)
    assert not codes(deployed), deployed
    before = stage.cluster.get("Deployment", constants.REGISTRY, namespace)
    assert before is not None
    stage.operator()
    assert codes(do(MODULE)) == ["mode-ambiguous"]
    seen = do(MODULE, mode="operator", wait_timeout=1)
    assert codes(seen) == ["operator-not-reacting"] and "was not changed" in seen["msg"], seen
    seen = do(MODULE, mode="direct")
    assert not codes(seen) and "mode-ambiguous-direct" in {item["code"] for item in seen["findings"]}, seen
    after = stage.cluster.get("Deployment", constants.REGISTRY, namespace)
    assert after is not None and after["metadata"]["resourceVersion"] == before["metadata"]["resourceVersion"]
    assert stage.cluster.get("DockerRegistry", constants.CR_NAME, namespace) is not None


def test_a_deployment_of_that_name_does_not_decide(stage: Stage, namespace: str) -> None:
    """A tenant's, or one that is not ready: the user decides, and `direct` continues."""
    do = stage.as_user("", namespace)
    stage.operator(namespace=namespace, labels={"app": "of-a-tenant"})
    assert codes(do(MODULE)) == ["mode-ambiguous"]
    stage.cluster.create(objects.operator_deployment())
    assert codes(do(MODULE)) == ["mode-ambiguous"]
    assert stage.cluster.get("DockerRegistry", constants.CR_NAME, namespace) is None
    seen = do(MODULE, mode="direct")
    assert not codes(seen) and seen["mode"] == "direct", seen
