# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From spec.storage, the Secret that it names and driver parameters to the store that the registry will use."""

from __future__ import annotations

import difflib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal, error
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import ObjectDict, secret_data
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.progress import TICK
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import ClusterError
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.options import (
    Options,
    StoreOptions,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import spec
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import PARAMETERS_PATH, Store
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.secret_data import OURS

from . import secret_sources
from .secret_masking import mask_storage_secret


@dataclass(frozen=True)
class ResolvedStore:
    """The store, and the data of the Secret that it was made from, None if none is named. live: that Secret as it is, None if it does not exist."""

    store: Store
    secret: Mapping[str, bytes] | None = field(default=None, repr=False)
    live: ObjectDict | None = field(default=None, repr=False)


def resolve_store(
    context: Context[StoreOptions], resolved: spec.Resolved, values: Mapping[str, bytes], namespace: str
) -> ResolvedStore:
    """The store. values: what the user gives for the Secret; keys that the live one has besides count as well.

    Waits for a Secret that a controller has not created yet. Raises Refusal if an error was found.
    """
    name = resolved.secret_name
    context.require(secret_sources.check_values_used(values, name))
    data: dict[str, bytes] | None = None
    live: ObjectDict | None = None
    if name is not None:
        live = context.cluster.get("Secret", name, namespace)
        if live is None and not values:
            live = _await_secret(context, name, namespace)
        data = secret_sources.merge_values(secret_data(live), values)
        mask_storage_secret(context, resolved.kind, data, f"Secret/{name}")
    store, found = resolved.store(
        data, context.options.driver_parameters, secret_path=f"Secret/{name}", parameters_path=PARAMETERS_PATH
    )
    if store is not None:
        context.secrets.hide(*store.credentials)
    context.require_unplanned(found)
    if store is None:
        raise AssertionError("a store that cannot be made has an error among its findings")
    return ResolvedStore(store, data, live)


def _await_secret(context: Context[StoreOptions], name: str, namespace: str) -> dict[str, Any]:
    """The Secret as soon as its controller (external-secrets, the BTP service operator) has created it."""
    others = _secret_names(context, namespace)
    # Only a very similar name is a suggestion: a Secret with a longer name can exist before this one is created.
    suggestion = next(iter(difflib.get_close_matches(name, others, n=1, cutoff=0.9)), None)
    if not suggestion and not context.check_mode:
        timeout = context.options.wait_timeout
        progress = context.awaiting(f"Secret/{name} in namespace {namespace}", timeout)
        for state in context.cluster.watch("Secret", name, namespace, time.monotonic() + timeout, tick=TICK):
            if state is not None:
                return state
            progress("the Secret does not exist yet. Create it, or wait for the controller that creates it")
    remedy = f"Did you mean {suggestion}?" if suggestion else "Create it, or set its values in registry_storage_secret."
    raise Refusal([error("secret-missing", f"Secret/{name}", f"does not exist in namespace {namespace}.", remedy)])


def _secret_names(context: Context[Options], namespace: str) -> list[str]:
    """Names of the namespace's Secrets but ours, to suggest a similar name; none if they cannot be listed."""
    try:
        return sorted(set(context.cluster.list_names("Secret", namespace)).difference(OURS))
    except ClusterError as problem:
        # 406: something between here and the API server does not know lists of metadata.
        if problem.status not in (403, 406):
            raise
        return []


def read_requested_store(
    context: Context[Options],
    cr: Mapping[str, Any] | None,
    storage: Any,
    namespace: str,
    driver_parameters: Mapping[str, Any] | None = None,
) -> Store | None:
    """The store that the DockerRegistry asks for, with these parameters. None if it, its Secret or they do not define one."""
    if cr is None:
        return None
    resolved, _found = spec.check_storage(storage, "spec.storage")
    if resolved is None:
        return None
    secret = None
    if resolved.secret_name is not None:
        secret = secret_data(context.cluster.get("Secret", resolved.secret_name, namespace)) or None
        mask_storage_secret(context, resolved.kind, secret or {})
    store, _found = resolved.store(secret, driver_parameters)
    return store
