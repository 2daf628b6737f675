# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The preflight: before an object store is used, a Pod with the new configuration writes to it and reads from it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import ObjectDict, is_managed
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.registry_access import (
    read_credentials,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry import smoke_test
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.client import RegistryApi
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.errors import RegistryError
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import Store

from . import pod_objects
from .admission import create_pod
from .cause import PAUSE, raise_cause
from .service_account import PreflightAccount, restore_account
from .wait import GRACE, await_start

# Seconds for one answer of the preflight Pod: stores retry for a while before they give up.
_ANSWER = 25.0
# The listening socket comes some moments after the container's start.
_LISTEN_SECONDS = 10.0
_KINDS = ("Pod", "ConfigMap", "Secret")
_POLICY = "NetworkPolicy"


def run_preflight(
    context: Context, deployment: Mapping[str, Any], account: ObjectDict | None, store: Store, path: str
) -> None:
    """Tries the store. account: the wanted ServiceAccount, None if none is wanted. path: where the user configured the store.

    Raises Refusal with the cause; leaves nothing behind either way.
    """
    namespace = deployment["metadata"]["namespace"]
    # Until the new revision is deployed, clients may still have the former password.
    user = read_credentials(context, namespace, constants.PRIVATE_SECRET)
    policy = context.cluster.create(pod_objects.build_network_policy(namespace, store))
    registry_account = PreflightAccount(context, namespace, account)
    try:
        with registry_account:
            try:
                _create_objects(context, deployment, store, has_account=registry_account.exists)
                await_start(context, namespace, path)
                _test_store(context, namespace, (user.username, user.password), path)
            finally:
                _remove_objects(context, namespace)
    finally:
        if not registry_account.altered:
            _remove_policy(context, policy)


def remove_preflight(context: Context, namespace: str) -> None:
    """Removes what a run that was killed has left of its preflight, and restores the ServiceAccount.

    The NetworkPolicy is created first and deleted last, so nothing is left if it does not exist.
    """
    policy = context.cluster.get(_POLICY, constants.PREFLIGHT, namespace)
    if policy is None or not is_managed(policy):
        return
    _remove_objects(context, namespace)
    restore_account(context, namespace)
    _remove_policy(context, policy)


def _remove_policy(context: Context, policy: ObjectDict) -> None:
    metadata = policy["metadata"]
    context.cluster.delete(_POLICY, metadata["name"], metadata["namespace"], uid=metadata["uid"])


def _remove_objects(context: Context, namespace: str) -> None:
    """Removes the Pod and what it mounts."""
    found = False
    for kind in _KINDS:
        live = context.cluster.get(kind, constants.PREFLIGHT, namespace)
        if live is not None and is_managed(live):
            found = True
            context.cluster.delete(kind, constants.PREFLIGHT, namespace, uid=live["metadata"]["uid"])
    if not found:
        return
    deadline = time.monotonic() + GRACE
    for state in context.cluster.watch("Pod", constants.PREFLIGHT, namespace, deadline):
        if state is None:
            return


def _create_objects(context: Context, deployment: Mapping[str, Any], store: Store, *, has_account: bool) -> None:
    """The Pod first: it owns the others, so they are removed with it even if this run is killed."""
    pod = create_pod(context, pod_objects.build_pod(deployment, has_account=has_account), deployment)
    context.cluster.create(pod_objects.build_config_map(deployment, store, pod))
    if store.secret:
        context.cluster.create(pod_objects.build_secret(deployment, store, pod))


def _test_store(context: Context, namespace: str, user: tuple[str, str], path: str) -> None:
    """Reads at the real root, writes below the scratch root; what fails is explained by the log of its container."""
    attempts = (
        (pod_objects.ROOT_CONTAINER, pod_objects.ROOT_PORT, _read),
        (constants.CONTAINER, constants.API_PORT, _write),
    )
    for container, port, attempt in attempts:
        try:
            with _connect(context, namespace, port, user) as api:
                attempt(api)
        except RegistryError as problem:
            failure = problem
        else:
            continue
        raise_cause(context, namespace, container, failure, path)


def _read(api: RegistryApi) -> None:
    """A walk over the store's root, as the catalog makes it."""
    _await_listening(api)
    api.read_store()


def _write(api: RegistryApi) -> None:
    _await_listening(api)
    smoke_test.verify_registry(api, "write")


def _await_listening(api: RegistryApi) -> None:
    deadline = time.monotonic() + _LISTEN_SECONDS
    while True:
        try:
            api.ping()
            return
        except RegistryError as problem:
            if problem.code != "registry-not-answering" or time.monotonic() > deadline:
                raise
        time.sleep(PAUSE)


@contextmanager
def _connect(context: Context, namespace: str, port: int, user: tuple[str, str]) -> Iterator[RegistryApi]:
    with context.cluster.port_forward(namespace, constants.PREFLIGHT, port) as opener:
        yield RegistryApi(open_connection=opener, username=user[0], password=user[1], timeout=_ANSWER)
