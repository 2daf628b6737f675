# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the user wants of the CR, read from the module's options or from a pasted manifest."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import managed_entries, owned_fields
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator import stored_spec
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import catalog, spec, volume
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.checks.external_access import FIELD

API_VERSION = "operator.kyma-project.io/v1alpha1"
SHARED_MODE = "ReadWriteMany"


@dataclass(frozen=True)
class DesiredState:
    """The desired DockerRegistry, and what follows from it.

    replicas: None if the run keeps the number that the Deployment has. external_access: for an
    operator, None if nothing is said about it; the CR of direct mode has none.
    operator_mode: the operator reads the CR, so it holds nothing that the operator leaves out when it writes it back.
    """

    name: str
    namespace: str
    path: str
    resolved: spec.Resolved
    volume: volume.VolumeRequest
    logging: Mapping[str, Any]
    labels: Mapping[str, str]
    replicas: int | None
    secret: Mapping[str, bytes] | None = field(default=None, repr=False)
    annotations: Mapping[str, str] = field(default_factory=dict)
    external_access: Mapping[str, Any] | None = None
    operator_mode: bool = False

    @property
    def storage(self) -> dict[str, Any] | None:
        """spec.storage, None if it is left out of the CR."""
        return self.resolved.spec

    @property
    def claim(self) -> str | None:
        """The PVC that the registry mounts, None for object stores."""
        return self.resolved.claim

    @property
    def claim_is_ours(self) -> bool:
        """True if the PVC is the default one that this collection makes."""
        return self.resolved.kind is catalog.DEFAULT

    @property
    def claim_path(self) -> str:
        """Where the user named the PVC."""
        return f"{self.resolved.path}.{self.resolved.kind.claim_field}"

    def with_storage(self, storage: dict[str, Any] | None, storage_id: str) -> DesiredState:
        """The same desired state with a spec.storage that the operator can use. storage_id: where the images will be."""
        requested = json.dumps(self.storage or {}, sort_keys=True)
        resolved = replace(self.resolved, spec=storage)
        annotations = {constants.REQUESTED_STORAGE: requested, constants.STORAGE_ID: storage_id}
        return replace(self, resolved=resolved, annotations=annotations, operator_mode=True)

    def before_hand_over(self) -> DesiredState:
        """The same desired state without the record that nothing of direct mode is left."""
        kept = {key: value for key, value in self.annotations.items() if key != constants.REQUESTED_STORAGE}
        return replace(self, annotations=kept)

    def with_accepted_loss(self, record: str) -> DesiredState:
        """The same desired state with the record of an accepted loss of images."""
        return replace(self, annotations={**self.annotations, constants.ACCEPTED_LOSS: record})

    def document(self) -> dict[str, Any]:
        """The CR, ready to be applied."""
        body: dict[str, Any] = {}
        if self.storage is not None:
            body["storage"] = self.storage
        if self.logging:
            body["logging"] = dict(self.logging)
        if self.operator_mode:
            body = stored_spec.normalize_spec(body)
            if self.external_access:
                body[FIELD] = dict(self.external_access)
        metadata: dict[str, Any] = {"name": self.name, "namespace": self.namespace}
        if self.labels:
            metadata["labels"] = dict(self.labels)
        if self.annotations:
            metadata["annotations"] = dict(self.annotations)
        return {"apiVersion": API_VERSION, "kind": "DockerRegistry", "metadata": metadata, "spec": body}

    def claim_spec(self) -> dict[str, Any]:
        """Spec of the default volume's claim, {} if none is wanted."""
        return self.volume.claim_spec() if self.claim_is_ours else {}

    def _existing_claim_spec(self, claim: dict[str, Any]) -> dict[str, Any]:
        """The claim as it is, but for its size: class and modes of a claim cannot change.

        The class only if the user set it or our field manager owns it, because to own what the cluster set would be a change.
        """
        kept = {"accessModes": claim["spec"].get("accessModes") or list(self.volume.access_modes)}
        if "storageClassName" in claim["spec"] and (self.volume.storage_class or _owns_class(claim)):
            kept["storageClassName"] = claim["spec"]["storageClassName"]
        return {**kept, "resources": {"requests": {"storage": self.volume.size}}}

    def access_modes(self, claim: dict[str, Any] | None) -> tuple[str, ...]:
        """Access modes of the volume that will be mounted."""
        if claim is not None:
            return tuple(claim["spec"].get("accessModes") or ())
        return self.volume.access_modes if self.claim_is_ours else ()

    def result(self, claim: dict[str, Any] | None) -> dict[str, Any]:
        """What the following tasks need to know. claim: the live PVC that will be mounted, None if it is yet to be made."""
        return {
            "name": self.name,
            "namespace": self.namespace,
            "storage": self.storage or {},
            "backend": self.resolved.backend,
            "task_file": re.sub(r"([A-Z])", r"_\1", self.resolved.backend).lower(),
            "claim": self.claim,
            "claim_spec": self.claim_spec()
            if claim is None or not self.claim_is_ours
            else self._existing_claim_spec(claim),
            "shared_volume": SHARED_MODE in self.access_modes(claim),
            "delete_enabled": self.resolved.delete_enabled,
            "logging": dict(self.logging),
            "replicas": self.replicas,
        }


def _owns_class(claim: dict[str, Any]) -> bool:
    """True if an earlier run of the collection set the class of the claim."""
    return any("f:storageClassName" in owned_fields(entry, "spec") for entry in managed_entries(claim, operation=""))
