# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Both sides of a migration as they are: the storage that the registry uses, and the one that the user wants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal, error, errors
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import Object, ObjectDict, spec_of
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.pods import claim_name
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.storage_ids import (
    UNKNOWN,
    running_storage_id,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator.mode import is_operator_owned
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.ca_bundle import read_ca_bundle
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.resolve_store import resolve_store
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.secret_sources import (
    read_given_values,
    read_pasted_secret,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator import default_claim
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import (
    catalog,
    pasted_manifest,
    spec,
    volume,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.backends.pvc import check_claim
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import Store

from .options import MigrationOptions
from .planning import Side

_STORAGE = "registry_storage"
_CLAIM = "PersistentVolumeClaim"


@dataclass(frozen=True)
class Sides:
    """deployment: of the running registry. store: the target's. ca_bundle: what the target trusts besides."""

    deployment: ObjectDict
    source: Side
    target: Side
    store: Store
    ca_bundle: Mapping[str, str]

    @property
    def with_operator(self) -> bool:
        """Whether an operator owns the Deployment."""
        return is_operator_owned(self.deployment)


def read_input(context: Context[MigrationOptions]) -> Context[MigrationOptions]:
    """The context whose options are completed with what a pasted manifest holds. A storage can be text, as the survey of an AWX job gives it."""
    options = context.options
    storage, namespace = options.storage, options.namespace
    if options.manifest:
        manifest, found = pasted_manifest.read_manifest(options.manifest, namespace)
        if manifest is None:
            raise Refusal(errors(found))
        storage, namespace = manifest.storage, manifest.namespace or namespace
    elif isinstance(storage, str):
        documents = pasted_manifest.documents(storage, _STORAGE)
        storage = documents[0] if len(documents) == 1 else documents or None
    return replace(context, options=replace(options, storage=storage, namespace=namespace), namespace=namespace)


def read_deployment(context: Context[MigrationOptions], namespace: str) -> ObjectDict:
    """The running registry's. Raises Refusal (registry-not-running) if there is none."""
    found = context.cluster.get("Deployment", constants.REGISTRY, namespace)
    if found is None:
        text = f"does not exist in namespace {namespace}, so there is nothing to migrate."
        remedy = "Deploy the registry with the playbook kyma.docker_registry.site."
        raise Refusal([error("registry-not-running", f"Deployment/{constants.REGISTRY}", text, remedy)])
    return found


def read_source_id(context: Context[MigrationOptions], namespace: str, deployment: Object) -> str:
    """The storage ID of the running registry. Raises Refusal (migration-source-unknown)."""
    found = running_storage_id(context, namespace, deployment)
    if found is None or found == UNKNOWN:
        text = "does not show which storage the registry uses."
        remedy = "Run the role with the current storage first: it records the storage."
        raise Refusal([error("migration-source-unknown", f"Deployment/{constants.REGISTRY}", text, remedy)])
    return found


def read_sides(context: Context[MigrationOptions], namespace: str) -> Sides:
    """Reads both sides. Raises Refusal for a storage that cannot be used."""
    deployment = read_deployment(context, namespace)
    source_id = read_source_id(context, namespace, deployment)
    resolved, found = spec.check_storage(context.options.storage, _STORAGE)
    context.require(found)
    if resolved is None:
        raise Refusal(errors(found))
    values = read_given_values(context, read_pasted_secret(context))
    store = resolve_store(context, resolved, values, namespace).store
    source = Side(
        catalog.storage_type_of(source_id),
        source_id,
        _hides_tags(source_id),
        *_claim_of(context, namespace, _mounted_claim(deployment)),
    )
    target = Side(
        store.storage_type, store.storage_id, _hides_tags(store.storage_id), *_claim_of(context, namespace, store.claim)
    )
    if target.claim is not None and not target.is_default_volume and not target.access_modes:
        context.require(check_claim(None, None, f"{_STORAGE}.pvc.name", name=target.claim, namespace=namespace))
    if target.is_default_volume and target.access_modes and is_operator_owned(deployment):
        _require_adoptable(context, namespace)
    return Sides(deployment, source, target, store, read_ca_bundle(context, namespace))


def _require_adoptable(context: Context[MigrationOptions], namespace: str) -> None:
    """Raises Refusal (migration-unsupported) if an operator may not be able to use the default volume that exists."""
    claim = context.cluster.get(_CLAIM, constants.DEFAULT_CLAIM, namespace)
    found = default_claim.check_adoptable(claim) if claim is not None else []
    if found:
        raise Refusal(found)


def create_claim(context: Context[MigrationOptions], namespace: str, *, with_operator: bool = False) -> None:
    """Creates the default volume, as the role, or the operator, would with the switch. An operator adopts it with the images."""
    requested = volume.VolumeRequest(
        context.options.volume_size,
        context.options.volume_storage_class or None,
        tuple(context.options.volume_access_modes),
    )
    if with_operator:
        size = default_claim.adopted_size(requested.size)
        requested = replace(requested, size=size, access_modes=default_claim.ACCESS_MODES)
    context.require(volume.check_volume_input(requested))
    context.require(volume.check_volume(requested, None, lambda: context.cluster.list("StorageClass")))
    if with_operator:
        claim = default_claim.build_claim(namespace, size=requested.size, storage_class=requested.storage_class)
        context.cluster.create(claim)
        context.change(f"{_CLAIM}/{constants.DEFAULT_CLAIM}", {}, {"spec": claim["spec"]})
        return
    body = requested.claim_spec()
    name = constants.DEFAULT_CLAIM
    metadata = {"name": name, "namespace": namespace, "labels": dict(constants.MANAGED_BY)}
    context.cluster.apply({"apiVersion": "v1", "kind": _CLAIM, "metadata": metadata, "spec": body}, live=None)
    context.change(f"{_CLAIM}/{name}", {}, {"spec": body})


def _hides_tags(storage_id: str) -> bool:
    """Whether the driver of this storage can hide tags. The storage ID of an object store begins with the name of its driver."""
    driver = catalog.drivers().get(storage_id.partition("/")[0])
    return driver is not None and driver.hides_tags


def _mounted_claim(deployment: Object) -> str | None:
    volumes = spec_of(spec_of(deployment).get("template")).get("volumes") or []
    return next((claim_name(item) for item in volumes if item["name"] == constants.DATA_VOLUME), None)


def _claim_of(
    context: Context[MigrationOptions], namespace: str, name: str | None
) -> tuple[str | None, tuple[str, ...]]:
    """The claim and its access modes, () for one that does not exist."""
    if name is None:
        return None, ()
    return name, tuple(spec_of(context.cluster.get(_CLAIM, name, namespace)).get("accessModes") or [])
