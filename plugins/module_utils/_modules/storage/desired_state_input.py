# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads the desired state from the module's options or from a pasted manifest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal, errors
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
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


def read_name_and_namespace(context: Context) -> tuple[str, str]:
    """Name and namespace, all that a removal needs. Other options or parts of the manifest may be wrong by now."""
    name, namespace = context.params["name"], context.params["namespace"]
    if context.params["manifest"]:
        wanted, found = pasted_manifest.read_name(context.params["manifest"])
        if wanted is None:
            raise Refusal(found)
        name, namespace = wanted.name, wanted.namespace or namespace
    context.namespace = namespace
    return name, namespace


def read_desired_state(context: Context) -> DesiredState:
    """Reads the desired state. Reports findings; raises Refusal if an error is among them. What a plan holds was validated."""
    if context.plan is not None:
        return _from_plan(context, context.plan)
    params = context.params
    name, namespace, labels = params["name"], params["namespace"], dict(params["labels"])
    secret, access = None, None
    if params["manifest"]:
        wanted, found = pasted_manifest.read_manifest(params["manifest"], namespace)
        context.report(found)
        if wanted is None:
            raise Refusal(errors(found))
        name, namespace = wanted.name, wanted.namespace or namespace
        storage, logging, path = wanted.storage, wanted.logging, "registry_manifest.spec.storage"
        labels = {**wanted.labels, **labels}
        secret, access = wanted.secret, dict(wanted.external_access)
    else:
        path = "registry_storage"
        storage = _parse_storage(params["storage"], path) if isinstance(params["storage"], str) else params["storage"]
        logging, found = pasted_manifest.check_logging(params["logging"] or {}, "registry_logging")
        context.report(found)
    context.namespace = namespace
    resolved, found = spec.check_storage(storage, path)
    requested = _volume_request(params)
    if resolved is not None and resolved.kind is catalog.DEFAULT:
        found = (*found, *volume.check_volume_input(requested))
    context.report(found)
    if resolved is None:
        raise Refusal(errors(found))
    return DesiredState(
        name, namespace, path, resolved, requested, logging, labels, params["replicas"], secret, external_access=access
    )


def _from_plan(context: Context, plan: Plan) -> DesiredState:
    params = context.params
    resolved, found = spec.check_storage(params["storage"] or None, plan.storage_path)
    if resolved is None:
        raise Refusal(errors(found))
    return DesiredState(
        params["name"],
        params["namespace"],
        plan.storage_path,
        resolved,
        _volume_request(params),
        params["logging"],
        dict(params["labels"]),
        params["replicas"],
        read_pasted_secret(context),
        external_access=plan.external_access,
    )


def _volume_request(params: Mapping[str, Any]) -> volume.VolumeRequest:
    return volume.VolumeRequest(
        params["volume_size"], params["volume_storage_class"] or None, tuple(params["volume_access_modes"])
    )


def _parse_storage(text: str, path: str) -> Any:
    """spec.storage of a text, which is all that the survey of an AWX job can give. Raises Refusal if it is not valid YAML."""
    found = pasted_manifest.documents(text, path)
    return found[0] if len(found) == 1 else found or None
