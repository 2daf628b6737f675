# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The maintenance window of a switch, with Pods: users push all the time, and no accepted push is missing afterwards."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.errors import RegistryError
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.smoke_test import accepts_uploads
from ansible_collections.kyma.docker_registry.tests.e2e.conftest import SITE, Deploy
from ansible_collections.kyma.docker_registry.tests.support import clouds as lab_clouds
from ansible_collections.kyma.docker_registry.tests.support import consent, image, interruption, registry_client
from ansible_collections.kyma.docker_registry.tests.support.push_loop import PushLoop, missing
from ansible_collections.kyma.docker_registry.tests.support.waiting import until

Variables = dict[str, Any]


def _stores(clouds: dict[str, Any], namespace: str) -> tuple[Variables, Variables]:
    """Two folders of one bucket."""
    first = lab_clouds.own_s3(clouds, namespace)
    return first, {**first, "registry_driver_parameters": {"rootdirectory": f"{namespace}-other"}}


def _read_only_since(cluster: Cluster, namespace: str) -> str | None:
    deployment = cluster.get("Deployment", constants.REGISTRY, namespace)
    annotations = (deployment or {"metadata": {}})["metadata"].get("annotations") or {}
    found = annotations.get(constants.READ_ONLY_SINCE)
    return str(found) if found else None


def _accepts_pushes(client: registry_client.Client) -> bool:
    with closing(registry_client.open_api(client)) as api:
        return accepts_uploads(api)


def _rejects_pushes(client: registry_client.Client) -> bool:
    """As soon as it answers again: Pods are replaced."""
    try:
        return not _accepts_pushes(client)
    except RegistryError:
        return False


@pytest.mark.parametrize("kind", ["store to store", pytest.param("volume to store", marks=pytest.mark.long)])
def test_pushes_after_the_count(
    kind: str, deploy: Deploy, cluster: Cluster, namespace: str, clouds: dict[str, Any]
) -> None:
    """The registry is empty when the guard looks; then users push, until Pods that reject pushes are in use.

    If one of these pushes was accepted, the switch is rejected and the registry is as before. Otherwise it is switched.
    """
    first, second = _stores(clouds, namespace)
    first = {} if kind == "volume to store" else first
    assert deploy(**first).returncode == 0
    client = registry_client.from_cluster(cluster, namespace)
    with PushLoop(client, lambda: _read_only_since(cluster, namespace)) as loop:
        run = deploy(**second)
    assert loop.accepted or loop.rejected, "no maintenance window was opened"
    assert _read_only_since(cluster, namespace) is None
    assert missing(client, loop.accepted) == set(), run.output
    if run.returncode == 0:
        assert loop.rejected or not loop.accepted
    else:
        assert run.failure.codes() == ["images-at-risk"] and "was not switched" in run.failure.result["msg"]
        assert "maintenance-window-closed" in run.of("Deploy and wait").codes("warning")
        # The window is short: pushes can meet Pods that are being replaced instead (registry-not-answering).
        assert loop.rejected
    assert _accepts_pushes(client)
    again = deploy(**(second if run.returncode == 0 else first))
    assert again.returncode == 0, again.output
    if run.returncode != 0:
        # The network policy of the new storage can be left.
        assert [task.task for task in again.tasks if "Write the DockerRegistry" in task.task] == []


@pytest.mark.long
def test_accepted_pushes_are_in_one_of_the_storages(
    deploy: Deploy, cluster: Cluster, namespace: str, clouds: dict[str, Any]
) -> None:
    """Users push during a switch whose loss is accepted: what was accepted before is left behind as accepted, the rest is served."""
    first, second = _stores(clouds, namespace)
    assert deploy(**first).returncode == 0
    client = registry_client.from_cluster(cluster, namespace)
    with PushLoop(client) as loop:
        until("some pushes", lambda: len(loop.accepted) > 2)
        accepted = consent.offered(deploy(**second).failure.result)
        run = deploy(**second, registry_accept_data_loss=accepted)
        assert run.returncode == 0, run.output
        served = len(loop.accepted)
        until("pushes to the new storage", lambda: len(loop.accepted) > served + 2)
    assert loop.rejected, "no push met the maintenance window"
    left = missing(client, loop.accepted)
    assert 0 < len(left) < len(loop.accepted)
    back = consent.offered(deploy(**first).failure.result)
    assert deploy(**first, registry_accept_data_loss=back).returncode == 0
    assert missing(client, {tag: loop.accepted[tag] for tag in left}) == set()


@pytest.mark.parametrize("then", ["former", pytest.param("new", marks=pytest.mark.long)])
def test_killed_in_the_window(
    then: str,
    deploy: Deploy,
    kubeconfig: str,
    cluster: Cluster,
    namespace: str,
    clouds: dict[str, Any],
    tmp_path: Path,
) -> None:
    """The registry is read-only and the record exists; the next run makes it writable, or completes the switch with the same consent."""
    first, second = _stores(clouds, namespace)
    assert deploy(**first).returncode == 0
    client = registry_client.from_cluster(cluster, namespace)
    digest = image.oci_layout(tmp_path / "image")
    client.push(tmp_path / "image", "team/app:v1")
    offered = consent.offered(deploy(**second).failure.result)
    variables = {
        "registry_namespace": namespace,
        "registry_wait_timeout": 120,
        **second,
        "registry_accept_data_loss": offered,
    }
    assert interruption.kill_when(
        lambda: _read_only_since(cluster, namespace), SITE, kubeconfig=kubeconfig, variables=variables
    )
    until("the registry to reject pushes", lambda: _rejects_pushes(client))
    assert _read_only_since(cluster, namespace) and client.digest("team/app:v1") == digest
    rejected = deploy(**second)
    assert rejected.failure.codes() == ["images-at-risk"] and "read-only since" in rejected.failure.result["msg"]
    following = deploy(**first) if then == "former" else deploy(**second, registry_accept_data_loss=offered)
    assert following.returncode == 0, following.output
    assert _read_only_since(cluster, namespace) is None and _accepts_pushes(client)
    if then == "former":
        assert client.digest("team/app:v1") == digest
    again = deploy(**first) if then == "former" else deploy(**second)
    assert (again.returncode, again.changed) == (0, 0), again.output


def test_without_a_switch_there_is_no_window(deploy: Deploy, cluster: Cluster, namespace: str) -> None:
    """Another configuration is deployed without rejecting a push, and a registry that the user has made read-only has no record."""
    assert deploy().returncode == 0
    seen: list[str] = []

    def watch() -> bool:
        seen.extend(filter(None, [_read_only_since(cluster, namespace)]))
        return False

    with PushLoop(registry_client.from_cluster(cluster, namespace), watch):
        assert deploy(registry_logging={"level": "debug"}).returncode == 0
        read_only = deploy(registry_readonly=True, registry_verify="reachable")
        assert read_only.returncode == 0, read_only.output
    assert seen == []
