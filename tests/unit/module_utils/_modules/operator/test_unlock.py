# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""With an operator: the storage lock is lifted before an intended switch, and only then."""

from __future__ import annotations

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import ObjectDict
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.apply.changes import Applied
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator import unlock
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator import storage_lock
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import Store
from ansible_collections.kyma.docker_registry.tests.support.contexts import make_context

VOLUME = Store("filesystem", "filesystem", {}, "persistentvolumeclaim/dockerregistry", claim="dockerregistry")
OWN = Store("pvc", "filesystem", {}, "persistentvolumeclaim/own", claim="own")
S3 = Store("s3", "s3", {}, "s3/eu-central-1/images")
OTHER_S3 = Store("s3", "s3", {}, "s3/eu-central-1/other")


def _deployment(store: Store, ours: bool = False) -> ObjectDict:
    """As the operator makes it, with the whole storage lock."""
    env = [
        {"name": storage_lock.mandatory_variables()[store.driver], "value": "x"},
        *storage_lock.lock_variables(store),
    ]
    spec = {"containers": [{"name": constants.CONTAINER, "env": env}], "volumes": storage_lock.lock_volumes(store)}
    metadata = {"name": constants.REGISTRY, "labels": dict(constants.MANAGED_BY) if ours else {}}
    return {"kind": "Deployment", "metadata": metadata, "spec": {"template": {"spec": spec}}}


class _Cluster:
    """Notes what is applied."""

    def __init__(self) -> None:
        self.applied: list[ObjectDict] = []

    def apply(self, obj: ObjectDict, *, dry_run: bool, live: ObjectDict, force: bool) -> Applied:
        assert force
        self.applied.append(obj)
        return Applied(obj, True)


@pytest.mark.parametrize(
    ("deployment", "wanted", "lifted"),
    [
        (None, S3, False),
        (_deployment(VOLUME), VOLUME, False),
        (_deployment(VOLUME), S3, True),
        (_deployment(VOLUME), OWN, True),
        (_deployment(S3), VOLUME, True),
        (_deployment(S3), OTHER_S3, False),
        (_deployment(S3, ours=True), VOLUME, False),
    ],
    ids=["first", "same", "other-driver", "other-claim", "to-a-volume", "other-bucket", "direct-mode"],
)
def test_lifted_for_a_switch(deployment: ObjectDict | None, wanted: Store, lifted: bool) -> None:
    """Another driver or claim cannot come while the storage lock is there. It does not stop another bucket of the same driver."""
    cluster = _Cluster()
    context = make_context({}, check_mode=False, cluster=cluster)
    unlock.lift_storage_lock(context, "ns", deployment, wanted)
    assert bool(cluster.applied) is lifted
    assert storage_lock.CONFIG_MAP not in str(cluster.applied)
    assert bool(context.changes) is lifted
