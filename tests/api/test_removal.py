# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Removal of the registry's objects and Secrets, against the real API server."""

from __future__ import annotations

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.tests.api.cases import STORAGE_SECRETS, storage_secret
from ansible_collections.kyma.docker_registry.tests.api.conftest import Call
from ansible_collections.kyma.docker_registry.tests.support import consent
from ansible_collections.kyma.docker_registry.tests.support.objects import claim, secret

pytestmark = pytest.mark.nodeless


def test_what_is_on_its_way_out(namespace: str, call: Call, cluster: Cluster) -> None:
    """A claim that a Pod still holds is deleted once: the second run has nothing to do."""
    in_use = claim(constants.DEFAULT_CLAIM, namespace)
    in_use["metadata"].update(labels=dict(constants.MANAGED_BY), finalizers=["test.example/held"])
    cluster.create(in_use)
    arguments = {"state": "absent", "namespace": namespace, "accept_data_loss": consent.fitting(cluster, namespace)}
    first = call("registry_deployment", arguments)
    assert first.result["changes"] == ["PersistentVolumeClaim/dockerregistry removed"], first.result
    left = cluster.get("PersistentVolumeClaim", constants.DEFAULT_CLAIM, namespace)
    assert left["metadata"]["deletionTimestamp"]
    second = call("registry_deployment", arguments)
    assert not second.failed and not second.changed, second.result
    free = {"metadata": {"finalizers": None}}
    cluster.patch(
        "PersistentVolumeClaim", constants.DEFAULT_CLAIM, namespace, free, content_type="application/merge-patch+json"
    )


def test_storage_secrets(namespace: str, call: Call, cluster: Cluster) -> None:
    """One that was made of given values goes; those of others stay, also one that says as ours that it is a storage's."""
    made = storage_secret("s3", namespace)
    assert not call("registry_secret", made).failed
    cluster.create(secret("of-the-user", namespace, STORAGE_SECRETS["s3"]))
    labelled = secret("of-a-chart", namespace, STORAGE_SECRETS["s3"])
    labelled["metadata"]["labels"] = {**constants.STORAGE_LABEL, "app.kubernetes.io/managed-by": "Helm"}
    cluster.create(labelled)
    removed = call("registry_secret", {"state": "absent", "namespace": namespace})
    assert not removed.failed, removed.result
    left = {item["metadata"]["name"] for item in cluster.list("Secret", namespace)}
    assert left == {"of-the-user", "of-a-chart"}
