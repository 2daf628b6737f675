# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Removal of the registry's objects, against the real API server."""

from __future__ import annotations

from ansible_collections.kyma.docker_registry.plugins.module_utils import names
from ansible_collections.kyma.docker_registry.plugins.module_utils.cluster.client import Cluster
from ansible_collections.kyma.docker_registry.tests.api.conftest import Call
from ansible_collections.kyma.docker_registry.tests.support.objects import claim


def test_what_is_on_its_way_out(namespace: str, call: Call, cluster: Cluster) -> None:
    """A claim that a Pod still holds is deleted once: the second run has nothing to do."""
    held = claim(names.DEFAULT_CLAIM, namespace)
    held["metadata"].update(labels=dict(names.MANAGED_BY), finalizers=["test.example/held"])
    cluster.create(held)
    arguments = {"state": "absent", "namespace": namespace, "accept_data_loss": "persistentvolumeclaim/dockerregistry"}
    first = call("registry_deployment", arguments)
    assert first.result["changes"] == ["PersistentVolumeClaim/dockerregistry removed"], first.result
    left = cluster.get("PersistentVolumeClaim", names.DEFAULT_CLAIM, namespace)
    assert left["metadata"]["deletionTimestamp"]
    second = call("registry_deployment", arguments)
    assert not second.failed and not second.changed, second.result
    free = {"metadata": {"finalizers": None}}
    cluster.patch(
        "PersistentVolumeClaim", names.DEFAULT_CLAIM, namespace, free, content_type="application/merge-patch+json"
    )
