# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The preflight: before an object store is used, a preflight Pod with the new configuration writes to it and reads from it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants, rollout_problems
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, Refusal, error
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import is_managed
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.pods import describe_pod
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import ClusterError
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.rollout import events_about
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.registry_access import (
    credentials,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry import smoke_test
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.client import RegistryApi
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.errors import RegistryError
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.log_causes import Cause, first_cause
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import Store

from . import preflight_pod

# Seconds for one answer of the preflight Pod: stores retry for a while before they give up.
_ANSWER = 25.0
# The listening socket comes some moments after the container's start.
_LISTEN_SECONDS = 10.0
_LOG_SECONDS = 3.0
_PAUSE = 0.2
_GRACE = 30.0
_MADE = ("Pod", "ConfigMap", "Secret")


def run(context: Context, deployment: Mapping[str, Any], store: Store, path: str) -> None:
    """Tries the store. path: where the user configured it. Raises Refusal with the cause; leaves nothing behind either way."""
    namespace = deployment["metadata"]["namespace"]
    username, password = credentials(context, namespace)
    try:
        _make(context, deployment, store)
        _await_start(context, namespace, path)
        _try(context, namespace, (username, password), path)
    finally:
        clean(context, namespace)


def clean(context: Context, namespace: str) -> None:
    """Removes a preflight Pod and what it mounts, also those of a run that was killed."""
    found = False
    for kind in _MADE:
        there = context.cluster.get(kind, constants.PREFLIGHT, namespace)
        if there is not None and is_managed(there):
            found = True
            context.cluster.delete(kind, constants.PREFLIGHT, namespace, uid=there["metadata"]["uid"])
    if not found:
        return
    deadline = time.monotonic() + _GRACE
    for state in context.cluster.watch("Pod", constants.PREFLIGHT, namespace, deadline):
        if state is None:
            return


def _make(context: Context, deployment: Mapping[str, Any], store: Store) -> None:
    """The Pod first: it owns the others, so they go with it whatever happens to this run."""
    pod = context.cluster.create(preflight_pod.pod(deployment))
    context.cluster.create(preflight_pod.config_map(deployment, store, pod))
    if store.secret:
        context.cluster.create(preflight_pod.secret(deployment, store, pod))


def _await_start(context: Context, namespace: str, path: str) -> None:
    """Until both containers run. A registry that stops at its configuration has said why in its log."""
    timeout = context.params["wait_timeout"]
    deadline = time.monotonic() + timeout
    progress = context.awaiting(
        f"start of Pod/{constants.PREFLIGHT} in namespace {namespace}, which tries the storage", timeout
    )
    since: dict[str, float] = {}
    for state in context.cluster.watch("Pod", constants.PREFLIGHT, namespace, deadline, tick=1.0):
        if state is None:
            raise _refusal("preflight-gone", "it was deleted while it was tried.", "Run again; see who deletes Pods.")
        statuses = (state.get("status") or {}).get("containerStatuses") or []
        ended = [item["name"] for item in statuses if (item.get("state") or {}).get("terminated")]
        if ended:
            _explain(context, namespace, ended[0], None, path)
        if len(statuses) > 1 and all((item.get("state") or {}).get("running") for item in statuses):
            return
        progress(describe_pod(state))
        uid = str(state["metadata"]["uid"])
        snapshot = rollout_problems.Snapshot(
            {}, pods=(state,), events={uid: events_about(context.cluster, namespace, uid)}
        )
        found = rollout_problems.find_pod_problems(state, snapshot)
        now = time.monotonic()
        since = {problem.key: since.get(problem.key, now) for problem in found}
        for problem in found:
            patience = _GRACE if problem.patience == rollout_problems.GRACE else problem.patience
            # The ConfigMap and the Secret come a moment after the Pod: what is missing now may be there soon.
            if now - since[problem.key] >= max(patience, rollout_problems.SOON):
                raise _refusal(problem.code, f"{problem.message.rstrip('.')}.", problem.remedy)
    raise _refusal(
        "preflight-timeout",
        f"it did not start in {timeout} s.",
        "Look at the cluster's events, or give a longer registry_wait_timeout.",
    )


def _try(context: Context, namespace: str, user: tuple[str, str], path: str) -> None:
    """Reads at the real root, writes below the scratch root; what fails is explained by the log of its container."""
    attempts = (
        (preflight_pod.ROOT_CONTAINER, preflight_pod.ROOT_PORT, _read),
        (constants.CONTAINER, constants.API_PORT, _write),
    )
    for container, port, attempt in attempts:
        try:
            with _api(context, namespace, port, user) as api:
                attempt(api)
        except RegistryError as problem:
            failure = problem
        else:
            continue
        _explain(context, namespace, container, failure, path)


def _read(api: RegistryApi) -> None:
    """A walk over the store's root, as the catalog makes it."""
    _listening(api)
    next(iter(api.catalog()), None)


def _write(api: RegistryApi) -> None:
    _listening(api)
    smoke_test.verify_registry(api, "write")


def _listening(api: RegistryApi) -> None:
    deadline = time.monotonic() + _LISTEN_SECONDS
    while True:
        try:
            api.ping()
            return
        except RegistryError as problem:
            if problem.code != "registry-not-answering" or time.monotonic() > deadline:
                raise
        time.sleep(_PAUSE)


@contextmanager
def _api(context: Context, namespace: str, port: int, user: tuple[str, str]) -> Iterator[RegistryApi]:
    with context.cluster.port_forward(namespace, constants.PREFLIGHT, port) as opener:
        yield RegistryApi(open_connection=opener, username=user[0], password=user[1], timeout=_ANSWER)


def _explain(context: Context, namespace: str, container: str, failure: RegistryError | None, path: str) -> None:
    """Raises the finding for a preflight Pod that failed: its own words first, else what it answered."""
    cause = _last_words(context, namespace, container)
    if cause is not None and (cause.cause or failure is None):
        raise Refusal([_finding(cause, path)])
    if failure is not None:
        reported = failure.findings[0]
        raise Refusal(
            [error(reported.code, path, f"the new storage was tried and failed: {reported.message}", reported.remedy)]
        )
    raise _refusal("preflight-ended", "it ended and said nothing that explains it.", "Look at registry_image.")


def _last_words(context: Context, namespace: str, container: str) -> Cause | None:
    """What the container's log explains; a request that was given up is logged a moment later."""
    deadline = time.monotonic() + _LOG_SECONDS
    while True:
        log = ""
        with suppress(ClusterError):
            log = context.cluster.pod_log(namespace, constants.PREFLIGHT, container, tail_lines=200)
        cause = first_cause(log)
        if cause is not None or time.monotonic() > deadline:
            return cause
        time.sleep(_PAUSE)


def _finding(cause: Cause, path: str) -> Finding:
    meaning = f"{cause.cause}; " if cause.cause else ""
    return error(
        cause.code,
        path,
        f"the new storage was tried and failed: {meaning}the registry says: {cause.line}. What ran before was left as it is.",
        cause.remedy,
    )


def _refusal(code: str, message: str, remedy: str) -> Refusal:
    return Refusal([error(code, f"Pod/{constants.PREFLIGHT}", message, remedy)])
