# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Starts the migration Pod, waits for it, connects to its registries, and removes it."""

from __future__ import annotations

import dataclasses
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants, rollout_problems
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, Refusal, error
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import (
    Object,
    ObjectDict,
    is_managed,
    is_owned_by,
    status_of,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.pods import describe_pod
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.rollout import events_about
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.registry_failure import (
    read_logged_cause,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.config import CONFIG_FILE
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.errors import RegistryError
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.images import dry_run
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.images.client import ImageRegistry

from . import pod_objects
from .options import MigrationOptions
from .pod_objects import COPIER, PORTS, SOURCE, TARGET, PodRequest

PATH = f"Pod/{constants.MIGRATION}"
_GRACE = 30.0
_LISTEN_SECONDS = 15.0
_PAUSE = 0.2
# Restarts of the copier after which the collection's own client copies what is left.
_COPIER_RESTARTS = 2
# Of a dry run: some 300 bytes for each manifest and its blobs.
_LISTING_BYTES = 64 * 1024 * 1024
_LISTING_SECONDS = 3600.0
KINDS = ("Pod", "Secret", "ConfigMap", "NetworkPolicy")


class MigrationPod:
    """The Pod of one migration. Starting it again, or removing one that is not there, does nothing.

    deployment: the one that serves, read again before each start, because the maintenance window changes it.
    """

    def __init__(self, context: Context[MigrationOptions], request: PodRequest) -> None:
        self._context = context
        self._request = request
        self._started = False

    @property
    def namespace(self) -> str:
        """The registry's."""
        return self._request.namespace

    def start(self, deployment: Object, sync_file: str = "") -> None:
        """Starts the Pod, instead of one that is there, and waits until both registries answer. sync_file: what regsync copies in it."""
        context, cluster = self._context, self._context.cluster
        if self._started and not sync_file:
            return
        self.remove()
        request = dataclasses.replace(self._request, deployment=deployment, sync_file=sync_file)
        # Before the first request: an answer can be lost.
        self._started = True
        cluster.create(pod_objects.build_migration_network_policy(request))
        cluster.create(pod_objects.build_migration_config_map(request))
        cluster.create(pod_objects.build_migration_secret(request, secrets.token_hex(16)))
        cluster.create(pod_objects.build_migration_pod(request))
        self._await_start(context.options.wait_timeout)
        for name in (SOURCE, TARGET):
            self._await_answer(name)

    def remove(self) -> None:
        """Deletes the Pod and what it mounts, and waits until a volume that it has mounted is free. What others have created stays."""
        cluster, namespace = self._context.cluster, self._request.namespace
        found = remove_objects(cluster, namespace, self._request.owner)
        self._started = False
        if found:
            for state in cluster.watch("Pod", constants.MIGRATION, namespace, time.monotonic() + _GRACE):
                if state is None:
                    return

    @contextmanager
    def connect(self) -> Iterator[tuple[ImageRegistry, ImageRegistry]]:
        """Source and target."""
        with self._registry(SOURCE) as source, self._registry(TARGET) as target:
            yield source, target

    def list_manifests(self, container: str) -> dry_run.Listing:
        """What the dry run of the garbage collection over one of the storages lists. It writes nothing."""
        place = (self._request.namespace, constants.MIGRATION, container)
        return dry_run.read_listing(*list_in_container(self._context, place))

    def await_copier(self) -> bool:
        """Waits until regsync has ended. False if it did not copy everything."""
        what = "regsync, which copies the bulk of the images"
        progress = self._context.awaiting(what)
        while True:
            pod = self._context.cluster.get("Pod", constants.MIGRATION, self._request.namespace)
            entry = _container_status(pod, COPIER)
            ended = (entry.get("state") or {}).get("terminated")
            if ended is not None and ended.get("exitCode") == 0:
                return True
            has_ended = status_of(pod).get("phase") in ("Failed", "Succeeded")
            if pod is None or has_ended or int(entry.get("restartCount") or 0) >= _COPIER_RESTARTS:
                return False
            progress(describe_pod(pod))
            time.sleep(1.0)

    def explain(self, failure: RegistryError) -> Refusal:
        """The failure of a request with the cause that the registry logged, if its store is the cause."""
        container = TARGET if failure.findings[0].message.startswith(_name(TARGET)) else SOURCE
        cause = read_logged_cause(self._context, self._request.namespace, constants.MIGRATION, container)
        if cause is None or not cause.cause:
            return failure
        reported = failure.findings[0]
        text = f"{reported.message} {cause.cause}. The registry logs: {cause.line}."
        return Refusal([error(cause.code, reported.path, text, cause.remedy)])

    @contextmanager
    def _registry(self, name: str) -> Iterator[ImageRegistry]:
        forward = self._context.cluster.port_forward(self._request.namespace, constants.MIGRATION, PORTS[name])
        with forward as opener:
            registry = ImageRegistry(_name(name), opener)
            try:
                yield registry
            finally:
                registry.close()

    def _await_answer(self, name: str) -> None:
        deadline = time.monotonic() + _LISTEN_SECONDS
        while True:
            try:
                with self._registry(name) as registry:
                    registry.ping()
                    return
            except RegistryError as problem:
                if problem.code != "registry-not-answering" or time.monotonic() > deadline:
                    raise self.explain(problem) from None
            time.sleep(_PAUSE)

    def _await_start(self, timeout: float) -> None:
        deadline = time.monotonic() + timeout
        cluster, namespace = self._context.cluster, self._request.namespace
        progress = self._context.awaiting(f"start of {PATH} in namespace {namespace}", timeout)
        since: dict[str, float] = {}
        for state in cluster.watch("Pod", constants.MIGRATION, namespace, deadline, tick=1.0):
            if state is None:
                raise _failed("was deleted while it started.", "Run again. Find out which client deletes Pods.")
            if all(_is_running(state, name) for name in (SOURCE, TARGET)) and _has_started(state, COPIER):
                return
            progress(describe_pod(state))
            uid = str(state["metadata"]["uid"])
            events = {uid: events_about(cluster, namespace, uid)}
            found = rollout_problems.find_pod_problems(
                state, rollout_problems.Snapshot({}, pods=(state,), events=events)
            )
            now = time.monotonic()
            since = {problem.key: since.get(problem.key, now) for problem in found}
            for problem in found:
                patience = _GRACE if problem.patience == rollout_problems.GRACE else problem.patience
                if now - since[problem.key] >= max(patience, rollout_problems.SOON):
                    raise self._start_failure(problem)
        text = f"did not start within {timeout:.0f} s."
        raise _failed(text, "Check the events of the namespace, or increase registry_wait_timeout.")

    def _start_failure(self, problem: rollout_problems.Problem) -> Refusal:
        """Why the Pod does not start."""
        if problem.key.endswith(f"/{COPIER}/image"):
            remedy = (
                "Check registry_copy_image and the pull credentials, or set registry_copy_mode: controller. "
                "Then this machine copies the images through the API server."
            )
            return Refusal([error("migration-copier-missing", "registry_copy_image", f"{problem.message}.", remedy)])
        if problem.container:
            cause = read_logged_cause(self._context, self._request.namespace, constants.MIGRATION, problem.container)
            if cause is not None:
                text = f"the registry over the {problem.container} does not start: {cause.cause or 'it logs'}: {cause.line}."
                return Refusal([error(cause.code, PATH, text, cause.remedy)])
        return Refusal([error(problem.code, PATH, f"{problem.message.rstrip('.')}.", problem.remedy)])


def remove_objects(cluster: Cluster, namespace: str, owner: Object) -> bool:
    """Deletes what a migration has created, by UID. Others keep what only has the name. Returns whether something was deleted.

    owner: reference to its record.
    """
    found = False
    for kind in KINDS:
        live = cluster.get(kind, constants.MIGRATION, namespace)
        if live is not None and is_managed(live) and is_owned_by(live, owner["uid"]):
            found = True
            cluster.delete(kind, constants.MIGRATION, namespace, uid=live["metadata"]["uid"])
    return found


def list_in_container(context: Context[MigrationOptions], place: tuple[str, str, str]) -> tuple[str, str, int | None]:
    """Output, errors and exit code of the dry run of the garbage collection in a container. place: namespace, Pod and container."""
    progress = context.awaiting(f"list of the manifests in container {place[2]} of Pod/{place[1]}", _LISTING_SECONDS)
    command = [*dry_run.COMMAND, CONFIG_FILE]
    answer = context.cluster.exec(place, command, _LISTING_BYTES, _LISTING_SECONDS, progress)
    return answer.stdout, answer.stderr, answer.code


def report_copier(context: Context[MigrationOptions], complete: bool) -> None:
    """An info if regsync has not copied everything: the collection's own client copies the rest."""
    if not complete:
        text = "regsync ended with an error. What it did not copy is copied by this machine, through the API server."
        context.report([Finding("migration-copier-failed", "info", PATH, text)])


def _name(container: str) -> str:
    return f"the registry over the {container}"


def _container_status(pod: Object | None, name: str) -> Mapping[str, Any]:
    entries: list[Mapping[str, Any]] = status_of(pod).get("containerStatuses") or []
    return next((entry for entry in entries if entry.get("name") == name), {})


def _is_running(pod: ObjectDict, name: str) -> bool:
    return (_container_status(pod, name).get("state") or {}).get("running") is not None


def _has_started(pod: ObjectDict, name: str) -> bool:
    """True for a container that runs or has run, and for one that the Pod does not have."""
    if not any(item["name"] == name for item in pod["spec"]["containers"]):
        return True
    entry = _container_status(pod, name)
    return bool((entry.get("state") or {}).keys() & {"running", "terminated"}) or bool(entry.get("restartCount"))


def _failed(text: str, remedy: str) -> Refusal:
    return Refusal([error("migration-pod-failed", PATH, text, remedy)])
