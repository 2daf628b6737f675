# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""registry_secret for a storage backend: the Secret that the DockerRegistry names is written, confirmed, restored, deleted or only checked."""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal, error, warning
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import (
    ObjectDict,
    is_managed,
    secret_data,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import Forbidden
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.storage_ids import (
    running_storage_id,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.secret_content.previous_values import (
    added_keys,
    keep_previous,
    read_previous_values,
    storage_id_of_values,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.secret_content.storage_secret import (
    build_storage_secret,
    owned_data,
    with_values,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared import secret_sources
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.restore_causes import (
    can_be_due_to_values,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.secret_masking import (
    mask_storage_secret,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import catalog
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import StoreRequest

from .options import CredentialsOptions
from .secret_writes import apply_secret, delete_secret


def manage_storage_secret(context: Context[CredentialsOptions]) -> None:
    """Brings the Secret into the state that the user requested."""
    options = context.options
    name = options.secret_name
    if not name:
        remedy = "Set secret_name to the Secret that the storage specifies."
        raise Refusal([error("secret-name-missing", "secret_name", "the name of the Secret is missing.", remedy)])
    states = {
        "present": _write_values,
        "absent": _delete,
        "confirmed": _confirm_values,
        "restored": _restore_values,
    }
    states[options.state](context, name)


def _write_values(context: Context[CredentialsOptions], name: str) -> None:
    namespace = context.options.namespace
    values = secret_sources.read_given_values(context, secret_sources.read_pasted_secret(context))
    live = context.cluster.get("Secret", name, namespace)
    data = secret_sources.merge_values(secret_data(live), values)
    mask_storage_secret(context, catalog.NAMED[context.options.purpose], data, f"Secret/{name}")
    _check_data(context, name, data)
    if values:
        _write(context, name, values, live)
    created = live is None and bool(values)
    context.result.update({"namespace": namespace, "secret": name, "secret_keys": sorted(data), "created": created})


def _check_data(context: Context[CredentialsOptions], name: str, data: Mapping[str, bytes]) -> None:
    """Reports what the backend finds wrong with its Secret. The storage around it is not known here, so findings about it are left out."""
    backend = catalog.NAMED[context.options.purpose]
    values = {field.name: "unknown" for field in backend.fields if field.required and field.type == "string"}
    path = f"Secret/{name}"
    _store, found = backend.store(
        StoreRequest({**values, "secretName": name}, data, context.options.driver_parameters, secret_path=path)
    )
    context.require(finding for finding in found if finding.path.startswith(path))


def _write(
    context: Context[CredentialsOptions], name: str, values: Mapping[str, bytes], live: ObjectDict | None
) -> None:
    """Applies our keys under our field manager. Keys, labels and annotations of others stay."""
    secret, current = with_values(name, context.options.namespace, values, live), secret_data(live)
    if any(current.get(key) != value for key, value in secret_data(secret).items()) and not context.check_mode:
        keep_previous(context, name, live, values, _deployed_storage_id(context))
    apply_secret(context, secret, live, f"Secret/{name}")


def _confirm_values(context: Context[CredentialsOptions], name: str) -> None:
    """The new values are verified, so the former ones are deleted. That is not a change of what the user requested."""
    previous = read_previous_values(context, name, context.options.namespace)
    if previous is not None and not context.check_mode:
        _delete_silently(context, previous)


def _delete_silently(context: Context[CredentialsOptions], secret: ObjectDict) -> None:
    metadata = secret["metadata"]
    context.cluster.delete("Secret", metadata["name"], metadata["namespace"], uid=metadata["uid"])


def _restore_values(context: Context[CredentialsOptions], name: str) -> None:
    """Writes the former values again if this collection replaced them, and if they belong to the storage that is deployed."""
    codes = context.options.failed_with
    context.result["due_to_values"] = codes is None or can_be_due_to_values(codes)
    context.result["restored"] = False
    if not context.result["due_to_values"]:
        return
    previous = read_previous_values(context, name, context.options.namespace)
    if previous is None or context.check_mode:
        return
    used_by, deployed = storage_id_of_values(previous), _deployed_storage_id(context)
    if used_by is not None and deployed is not None and used_by != deployed:
        return
    live = context.cluster.get("Secret", name, context.options.namespace)
    owned = {key: value for key, value in owned_data(live).items() if key not in added_keys(previous)}
    data = {**owned, **secret_data(previous)}
    secret = build_storage_secret(name, context.options.namespace, data, live, managed=is_managed(live))
    restored = apply_secret(context, secret, live, f"Secret/{name}")
    _delete_silently(context, previous)
    if restored:
        context.result["restored"] = True
        text = "has its last verified values again, because a run with other ones failed."
        context.report(
            [warning("storage-secret-restored", f"Secret/{name}", text, "Correct the values and run again.")]
        )


def _deployed_storage_id(context: Context[CredentialsOptions]) -> str | None:
    """The storage ID of the registry, None if there is none, or if this user may not read it."""
    namespace = context.options.namespace
    try:
        return running_storage_id(context, namespace, context.cluster.get("Deployment", constants.REGISTRY, namespace))
    except Forbidden:
        return None


def _delete(context: Context[CredentialsOptions], name: str) -> None:
    """Deletes the Secret if this collection made it, and first its former values: a later Secret of that name has other values."""
    live = context.cluster.get("Secret", name, context.options.namespace)
    for secret in (read_previous_values(context, name, context.options.namespace), live):
        if secret is not None and is_managed(secret):
            delete_secret(context, secret, f"Secret/{secret['metadata']['name']}")
