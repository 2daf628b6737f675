# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Switches of a registry's storage while users push."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.tests.support import clouds as lab_clouds
from ansible_collections.kyma.docker_registry.tests.support import consent, playbook, registry_client
from ansible_collections.kyma.docker_registry.tests.support.push_loop import PushLoop, missing
from ansible_collections.kyma.docker_registry.tests.support.waiting import until

Variables = dict[str, Any]
CLAIM = "existing-pvc"
# More pushes than this are accepted before a switch, and after it.
_PUSHES = 2


@dataclass(frozen=True)
class Pushes:
    """What came of the pushes during a switch. left: tag to digest of those that the former storage has; rejected: how many were not accepted."""

    left: dict[str, str]
    served: int
    rejected: int


def storages(clouds: dict[str, Any], namespace: str) -> dict[str, Variables]:
    """Variables of the role for the seven storage types, each object store in a folder of the test's own. The claim CLAIM is needed for `pvc`."""
    found: dict[str, Variables] = {"filesystem": {}, "pvc": {"registry_storage": {"pvc": {"name": CLAIM}}}}
    for name, storage_type in lab_clouds.storage_types(clouds).items():
        folder = {"rootdirectory": f"{namespace}-{name}"}
        spec = dict(storage_type.spec)
        if "btpObjectStore" in spec:
            # Each binding has a Secret of another name.
            spec = {"btpObjectStore": {"secretName": name}}
        # Of the samples, this one names its folder itself.
        is_gcs = "gcs" in spec
        found[name] = {
            "registry_storage": {"gcs": {**spec["gcs"], **folder}} if is_gcs else spec,
            "registry_storage_secret": storage_type.secret,
            "registry_driver_parameters": {} if is_gcs else folder,
            "registry_redirect": False,
        }
    return found


def switch(
    deploy: Callable[..., playbook.Run], cluster: Cluster, namespace: str, variables: Variables, prefix: str
) -> Pushes:
    """Switches to the storage of these variables, with consent, while users push. prefix: of the tags that they push."""
    client = registry_client.from_cluster(cluster, namespace)
    with PushLoop(client, prefix=prefix) as loop:
        until("pushes to the former storage", lambda: len(loop.accepted) > _PUSHES)
        deployment = cluster.get("Deployment", constants.REGISTRY, namespace)
        assert deployment is not None
        storage_id = deployment["metadata"]["annotations"][constants.STORAGE_ID]
        accepted = consent.fitting(cluster, namespace, storage_id)
        run = deploy(**variables, registry_accept_data_loss=accepted)
        assert run.returncode == 0, run.output
        before = len(loop.accepted)
        until("pushes to the new storage", lambda: len(loop.accepted) > before + _PUSHES)
    left = missing(client, loop.accepted)
    return Pushes({tag: loop.accepted[tag] for tag in left}, len(loop.accepted) - len(left), len(loop.rejected))
