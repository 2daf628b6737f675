# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of docker_registry_storage, and the desired state that they or a pasted manifest describe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal, errors
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.options import (
    BundleOptions,
    ConsentOptions,
    PlannedOptions,
    StorageInput,
    VolumeOptions,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.plan import Plan
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.secret_sources import (
    read_pasted_secret,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import (
    catalog,
    pasted_manifest,
    spec,
    volume,
)

from .desired_state import DesiredState


@dataclass(frozen=True)
class StorageOptions(StorageInput, BundleOptions, VolumeOptions, ConsentOptions, PlannedOptions):
    """The options of docker_registry_storage, as its documentation describes them."""

    state: str
    mode: str
    logging: Mapping[str, Any] | None
    environment: Mapping[str, Any]
    redirect: bool | None
    image: str | None
    memory_limit: str | None
    replicas: int | None
    labels: Mapping[str, str]
    install_crd: bool
    create_namespace: bool
    credentials: Mapping[str, Any] | None


def read_name_and_namespace(context: Context[StorageOptions]) -> tuple[str, str]:
    """Name and namespace, all that a removal needs. Other options or parts of the manifest may be wrong by now."""
    name, namespace = context.options.name, context.options.namespace
    if context.options.manifest:
        wanted, found = pasted_manifest.read_name(context.options.manifest)
        if wanted is None:
            raise Refusal(found)
        name, namespace = wanted.name, wanted.namespace or namespace
    context.namespace = namespace
    return name, namespace


def read_desired_state(context: Context[StorageOptions]) -> DesiredState:
    """Reads the desired state. Reports findings; raises Refusal if an error is among them. What a plan holds was validated."""
    if context.plan is not None:
        return _from_plan(context, context.plan)
    options = context.options
    name, namespace, labels = options.name, options.namespace, dict(options.labels)
    secret, access = None, None
    if options.manifest:
        wanted, found = pasted_manifest.read_manifest(options.manifest, namespace)
        context.require(found)
        if wanted is None:
            raise Refusal(errors(found))
        name, namespace = wanted.name, wanted.namespace or namespace
        storage, logging, path = wanted.storage, wanted.logging, "registry_manifest.spec.storage"
        labels = {**wanted.labels, **labels}
        secret, access = wanted.secret, dict(wanted.external_access)
    else:
        path = "registry_storage"
        storage = _parse_storage(options.storage, path) if isinstance(options.storage, str) else options.storage
        logging, found = pasted_manifest.check_logging(options.logging or {}, "registry_logging")
        context.require(found)
    context.namespace = namespace
    resolved, found = spec.check_storage(storage, path)
    requested = _volume_request(options)
    if resolved is not None and resolved.kind is catalog.DEFAULT:
        found = (*found, *volume.check_volume_input(requested))
    context.require(found)
    if resolved is None:
        raise Refusal(errors(found))
    return DesiredState(
        name, namespace, path, resolved, requested, logging, labels, options.replicas, secret, external_access=access
    )


def _from_plan(context: Context[StorageOptions], plan: Plan) -> DesiredState:
    options = context.options
    resolved, found = spec.check_storage(options.storage or None, plan.storage_path)
    if resolved is None:
        raise Refusal(errors(found))
    return DesiredState(
        options.name,
        options.namespace,
        plan.storage_path,
        resolved,
        _volume_request(options),
        options.logging or {},
        dict(options.labels),
        options.replicas,
        read_pasted_secret(context),
        external_access=plan.external_access,
    )


def _volume_request(options: StorageOptions) -> volume.VolumeRequest:
    return volume.VolumeRequest(
        options.volume_size, options.volume_storage_class or None, tuple(options.volume_access_modes)
    )


def _parse_storage(text: str, path: str) -> Any:
    """spec.storage of a text, which is all that the survey of an AWX job can give. Raises Refusal if it is not valid YAML."""
    found = pasted_manifest.documents(text, path)
    return found[0] if len(found) == 1 else found or None
