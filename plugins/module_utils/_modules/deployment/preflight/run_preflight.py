# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The preflight: before a new configuration is used, a Pod with it writes to the storage and reads from it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import ObjectDict, is_managed
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import ClusterError
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.registry_access import (
    read_credentials,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.deployment.options import DeploymentOptions
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry import smoke_test
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.client import RegistryApi
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.errors import RegistryError

from . import pod_objects
from .admission import create_pod
from .cause import PAUSE, has_ended, raise_cause
from .pod_objects import Preflight
from .service_account import PreflightAccount, restore_account
from .wait import GRACE, await_start

# Seconds for one answer of the preflight Pod: stores retry for a while before they give up.
_ANSWER = 25.0
_ATTEMPTS = 4
# Status with which the API server passes on that the node cannot connect to the Pod, for example because its container has just ended.
_FROM_NODE = 500
# The listening socket comes some moments after the container's start.
_LISTEN_SECONDS = 10.0
# Credentials first: a right to delete the others may be missing.
_KINDS = ("Secret", "Pod", "ConfigMap")
_POLICY = "NetworkPolicy"


def run_preflight(context: Context[DeploymentOptions], preflight: Preflight) -> None:
    """Tests the new configuration in a Pod, and notes in the result that it passed.

    Raises Refusal with the cause, and NoRoomError; leaves nothing behind either way.
    """
    namespace = preflight.namespace
    user = preflight.user
    if user is None:
        # Until the new revision is deployed, clients may still have the former password.
        credentials = read_credentials(context, namespace, constants.PRIVATE_SECRET)
        user = (credentials.username, credentials.password)
    policy = context.cluster.create(pod_objects.build_network_policy(namespace, preflight.store))
    account = PreflightAccount(context, namespace, preflight.account)
    left = False

    def remove_objects() -> None:
        nonlocal left
        left = True
        _remove_objects(context, namespace)
        left = False

    def remove_policy() -> None:
        if not account.altered and not left:
            _remove_policy(context, policy)

    with _cleaned_up(remove_policy), account, _cleaned_up(remove_objects):
        _create_objects(context, preflight, has_account=account.exists)
        await_start(context, namespace, preflight.path, replaces_pods=preflight.replaces_pods)
        _test(context, preflight, user)
        context.result["preflight_run"] = True


@contextmanager
def _cleaned_up(cleanup: Callable[[], None]) -> Iterator[None]:
    """Calls cleanup at the end. If that fails too, it is reported after what has failed first, unless that was the cluster as well."""
    try:
        yield
    except Refusal as refusal:
        try:
            cleanup()
        except ClusterError as problem:
            if isinstance(refusal, ClusterError):
                raise refusal from None
            raise Refusal([*refusal.findings, *problem.findings]) from None
        raise
    except BaseException:
        cleanup()
        raise
    else:
        cleanup()


def remove_preflight(context: Context[DeploymentOptions], namespace: str) -> None:
    """Removes what a run that was killed has left of its preflight, and restores the ServiceAccount.

    The NetworkPolicy is created first and deleted last, so nothing is left if it does not exist.
    """
    policy = context.cluster.get(_POLICY, constants.PREFLIGHT, namespace)
    if policy is None or not is_managed(policy):
        return
    _remove_objects(context, namespace)
    restore_account(context, namespace)
    _remove_policy(context, policy)


def _remove_policy(context: Context[DeploymentOptions], policy: ObjectDict) -> None:
    metadata = policy["metadata"]
    context.cluster.delete(_POLICY, metadata["name"], metadata["namespace"], uid=metadata["uid"])


def _remove_objects(context: Context[DeploymentOptions], namespace: str) -> None:
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


def _create_objects(context: Context[DeploymentOptions], preflight: Preflight, *, has_account: bool) -> None:
    """The Pod first: it owns the others, so they are removed with it even if this run is killed."""
    volume = preflight.store.claim is not None
    pod = pod_objects.build_pod(preflight.deployment, has_account=has_account, volume=volume)
    created = create_pod(context, pod, replaces_pods=preflight.replaces_pods)
    context.cluster.create(pod_objects.build_config_map(preflight, created))
    if preflight.secret:
        context.cluster.create(pod_objects.build_secret(preflight, created))


def _test(context: Context[DeploymentOptions], preflight: Preflight, user: tuple[str, str]) -> None:
    """Reads at the real root of a store and writes below the scratch root, or writes to the emptyDir; the log of the container explains a failure."""
    attempts = [(pod_objects.ROOT_CONTAINER, pod_objects.ROOT_PORT, _read), _WRITE]
    for container, port, attempt in attempts if preflight.store.claim is None else [_WRITE_IF_WRITABLE]:
        failure = _find_failure(context, preflight.namespace, (container, port), user, attempt)
        if isinstance(failure, ClusterError):
            if not has_ended(context, preflight.namespace, container):
                raise failure
            raise_cause(context, preflight.namespace, container, None, preflight.path)
        elif failure is not None:
            raise_cause(context, preflight.namespace, container, failure, preflight.path)


def _find_failure(
    context: Context[DeploymentOptions],
    namespace: str,
    place: tuple[str, int],
    user: tuple[str, str],
    attempt: Callable[[RegistryApi], None],
) -> RegistryError | ClusterError | None:
    """What failed, None if the attempt succeeded. It is repeated if its connection was lost while the container runs. place: container and port."""
    container, port = place
    failure: RegistryError | ClusterError
    for number in range(_ATTEMPTS):
        if number:
            time.sleep(number)
        try:
            with _connect(context, namespace, port, user) as api:
                attempt(api)
            return None
        except RegistryError as problem:
            failure = problem
            if not problem.closed:
                break
        except ClusterError as problem:
            if problem.status != _FROM_NODE:
                raise
            failure = problem
        if has_ended(context, namespace, container):
            break
    return failure


def _read(api: RegistryApi) -> None:
    """A walk over the store's root, as the catalog makes it."""
    _await_listening(api)
    api.read_store()


def _write(api: RegistryApi) -> None:
    _await_listening(api)
    smoke_test.verify_registry(api, "write")


def _write_if_writable(api: RegistryApi) -> None:
    """Uses the registry's own configuration, which can be read-only."""
    _await_listening(api)
    if smoke_test.accepts_uploads(api):
        smoke_test.verify_registry(api, "write")
    api.read_store()


_WRITE = (constants.CONTAINER, constants.API_PORT, _write)
_WRITE_IF_WRITABLE = (constants.CONTAINER, constants.API_PORT, _write_if_writable)


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
def _connect(
    context: Context[DeploymentOptions], namespace: str, port: int, user: tuple[str, str]
) -> Iterator[RegistryApi]:
    with context.cluster.port_forward(namespace, constants.PREFLIGHT, port) as opener:
        yield RegistryApi(open_connection=opener, username=user[0], password=user[1], timeout=_ANSWER)
