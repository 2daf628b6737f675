# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs of the role that end after one of their writes, on a cluster with Pods: what runs then can restart with the same images."""

from __future__ import annotations

import functools
import tempfile
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import secret_text
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.pods import is_rolled_out
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.storage_ids import storage_id_of
from ansible_collections.kyma.docker_registry.tests.support import (
    consent,
    image,
    in_process,
    kills,
    registry_client,
    roundtrip,
)
from ansible_collections.kyma.docker_registry.tests.support.role_in_process import Role
from ansible_collections.kyma.docker_registry.tests.support.waiting import until

Variables = dict[str, Any]
_NAME = "team/kept:v1"
_ROLLOUT = 120.0
# A number of a write that no run reaches.
_PAST_THE_LAST = 1000


@dataclass
class Registry:
    """The registry of a namespace. digest: of the image that was pushed into `storage_id`."""

    cluster: Cluster
    kubeconfig: str
    namespace: str
    common: Variables
    digest: str = ""
    storage_id: str = ""

    def run(self, variables: Variables) -> None:
        """One run of the role. Raises TaskFailed."""
        # With a consent, a removal would delete the images.
        keeps = self.deployment() is None or variables.get("registry_state") == "absent"
        accepted = {} if keeps else {"registry_accept_data_loss": self._consent()}
        known = {"registry_namespace": self.namespace, "registry_wait_timeout": 120, **self.common}
        Role(functools.partial(in_process.module, kubeconfig=self.kubeconfig), {**known, **accepted, **variables}).run()

    def push(self) -> None:
        """An image that has to be served as long as the registry has this storage."""
        with tempfile.TemporaryDirectory(prefix="kyma-image-") as folder:
            self.digest = image.oci_layout(Path(folder))
            registry_client.from_cluster(self.cluster, self.namespace).push(Path(folder), _NAME)
        self.storage_id = self._live_storage_id()

    def kill(self, variables: Variables, number: int, *, may_end: bool = False) -> str:
        """Ends the run after the write of this number. Returns the last write. may_end: the run may make fewer."""
        with kills.observed(number) as writes, suppress(kills.Killed):
            self.run(variables)
        assert writes.killed or may_end, f"the run made {len(writes.made)} writes: {writes.made}"
        self._delete_lease()
        return writes.made[-1]

    def count(self, variables: Variables) -> int:
        """Does the operation without a kill. Returns the number of its writes."""
        with kills.observed(_PAST_THE_LAST) as writes:
            self.run(variables)
        return len(writes.made)

    def assert_restarts(self) -> None:
        """New Pods start, and serve the image if the registry still has its storage."""
        if self.deployment() is None:
            return
        until("the rollout", self._is_rolled_out, _ROLLOUT)
        roundtrip.replace_pods(self.cluster, self.namespace)
        self.assert_serves()

    def assert_serves(self) -> None:
        """The image is there, unless the registry was switched to another storage."""
        if self.digest and self._live_storage_id() == self.storage_id:
            assert any(self._serves_for(name) for name in (constants.CREDENTIALS_SECRET, constants.PRIVATE_SECRET))

    def _serves_for(self, secret: str) -> bool:
        """Whether the user of this Secret gets the image. A rotation that was killed publishes the new password in the next run."""
        client = registry_client.from_cluster(self.cluster, self.namespace)
        password = secret_text(self.cluster.get("Secret", secret, self.namespace), "password")
        try:
            return replace(client, password=password or "").digest(_NAME) == self.digest
        except AssertionError:
            return False

    def assert_complete(self, variables: Variables) -> None:
        """One more run writes nothing."""
        with kills.observed() as writes:
            self.run(variables)
        assert writes.made == []

    def deployment(self) -> dict[str, Any] | None:
        """The registry's Deployment, if there is one."""
        return self.cluster.get("Deployment", constants.REGISTRY, self.namespace)

    def _claims_being_deleted(self) -> list[dict[str, Any]]:
        """Of a removed registry whose volume was empty."""
        claims = self.cluster.list("PersistentVolumeClaim", self.namespace)
        return [item for item in claims if "deletionTimestamp" in item["metadata"]]

    def _is_rolled_out(self) -> bool:
        return is_rolled_out(self.deployment() or {})

    def _live_storage_id(self) -> str:
        deployment = self.deployment()
        return "" if deployment is None else storage_id_of(deployment) or ""

    def _consent(self) -> str:
        return consent.fitting(self.cluster, self.namespace, self._live_storage_id())

    def _delete_lease(self) -> None:
        """The next run would wait a minute for it."""
        lease = self.cluster.get("Lease", constants.LEASE, self.namespace)
        if lease is not None:
            self.cluster.delete("Lease", constants.LEASE, self.namespace, uid=lease["metadata"]["uid"])
