# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The cluster as the collection uses it: objects, their changes, and a Pod's log, ports and commands."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.constants import FIELD_MANAGER
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import ObjectDict
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.progress import Say, silent
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.connection.loading import (
    load_configuration,
    require_library,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.connection.options import resolve_target
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.connection.targets import Target
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.transport import listing, streams, watching
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.transport.bounds import StartProgress
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.transport.calls import (
    build_write_query,
    describe_call,
    object_identity,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.transport.http_transport import Transport
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.transport.streams import ExecResult, Stream

from . import resources
from .apply import foreign_variables, lost_answers, replicas, strategy
from .apply.changes import Applied, changed_fields, has_changed
from .apply.compare import find_difference, remove_nulls
from .apply.foreign_variables import ForeignVariable
from .apply.unchanged import patch_unchanged
from .errors import Call, ClusterError, Conflict, NotFound

# Of an apply to an object that other clients write at the same time.
_ATTEMPTS = 5
_CONFLICT = 409
# The content type of a patch that is a mapping (RFC 7386).
MERGE_PATCH = "application/merge-patch+json"
_APPLY = "application/apply-patch+yaml"  # JSON is YAML; older servers know no other name for it.
_NOT_GIVEN: Any = object()


def connect(
    params: Mapping[str, Any], environ: Mapping[str, str] | None = None, user_agent: str = FIELD_MANAGER
) -> Cluster:
    """The cluster that options and variables (those of the process, unless given) mean. Sends no request.

    Raises ClusterError (cluster-options, cluster-library).
    """
    require_library()
    variables = os.environ if environ is None else environ
    target, configuration, files = load_configuration(resolve_target(params, variables), variables)
    impersonate = [("Impersonate-User", target.impersonate_user)] if target.impersonate_user else []
    impersonate += [("Impersonate-Group", group) for group in target.impersonate_groups]
    try:
        transport = Transport(configuration, user_agent, impersonate, str(target.source), target.limits)
        if files.in_use:
            transport.load_files()
    finally:
        files.close()
    return Cluster(target, transport)


def _ignore(_kind: str) -> None:
    """Before writes that need no preparation."""


class Cluster:
    """One connection. Every method raises ClusterError with one finding if the cluster rejects the request or does not answer.

    Objects are dictionaries as in the API. `namespace` is ignored for kinds that have none.
    """

    def __init__(self, target: Target, transport: Transport) -> None:
        """Use connect()."""
        self.target = target
        self._transport = transport
        self.warnings: list[str] = transport.warnings
        # Called with the kind of the object before each write that is stored, and before each repetition. What it raises prevents the write.
        self.before_write: Callable[[str], None] = _ignore
        if target.host.startswith("http://"):
            self.warnings.append(f"The connection to {target.host} ({target.source}) is not encrypted.")
        elif not target.verify_ssl:
            self.warnings.append(
                f"The certificate of {target.host} ({target.source}) is not verified: validate_certs is off."
            )

    def show_repetitions(self, start_progress: StartProgress) -> None:
        """From now on the repetitions of a request are shown by what `start_progress` returns at its first failure."""
        self._transport.start_progress = start_progress

    def close(self) -> None:
        """Closes idle connections. Nothing can be asked afterwards."""
        self._transport.close()

    def get(self, kind: str, name: str, namespace: str | None = None) -> ObjectDict | None:
        """The object, None if it or its kind does not exist."""
        call = describe_call("get", kind, namespace, name)
        try:
            return self._transport.json(call, "GET", resources.path(kind, namespace, name))
        except NotFound:
            return None

    def list_if_served(
        self,
        kind: str,
        namespace: str | None = None,
        label_selector: str | None = None,
        field_selector: str | None = None,
    ) -> list[ObjectDict] | None:
        """All objects of a namespace, or of all; read page by page. None if the cluster does not know the kind."""
        selectors = [("labelSelector", label_selector), ("fieldSelector", field_selector)]
        given = [(name, text) for name, text in selectors if text]
        return listing.read_list(self._transport, kind, namespace, given)

    def list_names(self, kind: str, namespace: str) -> list[str]:
        """The names of all objects of a namespace. Of the objects only the metadata is read."""
        found = listing.read_list(self._transport, kind, namespace, accept=listing.METADATA)
        return [str(item["metadata"]["name"]) for item in found or ()]

    def serves(self, kind: str, namespace: str | None) -> bool:
        """Whether the cluster knows the kind."""
        return self.list_if_served(kind, namespace) is not None

    def list(
        self,
        kind: str,
        namespace: str | None = None,
        label_selector: str | None = None,
        field_selector: str | None = None,
    ) -> list[ObjectDict]:
        """As list_if_served(), empty if the cluster does not know the kind."""
        return self.list_if_served(kind, namespace, label_selector, field_selector) or []

    def version(self) -> ObjectDict:
        """What the API server says about its version."""
        return self._transport.json(Call("get", "Version", "/version"), "GET", "/version")

    def create(self, obj: Mapping[str, Any], dry_run: bool = False) -> ObjectDict:
        """The created object. A name that is taken raises cluster-conflict."""
        kind, name, namespace = object_identity(obj)
        query = build_write_query(dry_run, fieldManager=FIELD_MANAGER, fieldValidation="Strict")
        call, body = describe_call("create", kind, namespace, name), remove_nulls(obj)
        try:
            return self._write(kind, dry_run, call, "POST", resources.path(kind, namespace), query=query, body=body)
        except Conflict as problem:
            live = self.get(kind, name, namespace) if problem.after_lost else None
            if live is None or not lost_answers.is_created(body, live):
                raise
            return live

    def apply(
        self, obj: Mapping[str, Any], *, dry_run: bool = False, force: bool = False, live: Any = _NOT_GIVEN
    ) -> Applied:
        """Server-side apply of all that we want to own, under our field manager; no write if nothing differs.

        live: the object as just read, None if it does not exist; it is read if `live` is omitted. dry_run: the server computes, and stores nothing.
        metadata.resourceVersion guards against changes since. Without `force`, another manager's fields raise cluster-conflict.
        """
        kind, name, namespace = object_identity(obj)
        before = self.get(kind, name, namespace) if live is _NOT_GIVEN else live
        for _attempt in range(_ATTEMPTS - 1):
            kept = replicas.keep_number(obj, before, FIELD_MANAGER)
            try:
                return self._apply_once(kept, before, dry_run=dry_run, force=force)
            except ClusterError as problem:
                # A resourceVersion of the caller stays the same, so another attempt cannot succeed.
                if problem.status != _CONFLICT or kept is obj or "resourceVersion" in obj["metadata"]:
                    raise
                read, before = before, self.get(kind, name, namespace)
                if before == read:
                    raise
        kept = replicas.keep_number(obj, before, FIELD_MANAGER)
        return self._apply_once(kept, before, dry_run=dry_run, force=force)

    def _apply_once(self, obj: Mapping[str, Any], before: ObjectDict | None, *, dry_run: bool, force: bool) -> Applied:
        if before is not None and strategy.blocks_apply(obj, before):
            return self._apply_recreate(obj, before, dry_run=dry_run, force=force)
        if before is not None and (found := foreign_variables.find_blocking(obj, before)):
            return self._apply_variables(obj, before, found, dry_run=dry_run, force=force)
        return self._apply(obj, before, dry_run=dry_run, force=force)

    def _apply_recreate(self, obj: Mapping[str, Any], before: ObjectDict, *, dry_run: bool, force: bool) -> Applied:
        """apply() of a Deployment that changes its strategy to Recreate (see apply/strategy.py)."""
        if not dry_run:
            return self._apply_patched(obj, before, strategy.removal_patch, force=force)
        # Nothing may be stored, so the server judges the rest with the strategy that it has.
        kept = strategy.with_strategy(obj, before["spec"]["strategy"])
        planned = self._apply_once(kept, before, dry_run=True, force=force)
        after = strategy.with_strategy(planned.after, strategy.RECREATE)
        return Applied(after, True, changed_fields(before, after), planned.foreign)

    def _apply_variables(
        self,
        obj: Mapping[str, Any],
        before: ObjectDict,
        found: Sequence[ForeignVariable],
        *,
        dry_run: bool,
        force: bool,
    ) -> Applied:
        """apply() of a Deployment with variables that another client has set (see apply/foreign_variables.py)."""
        if dry_run:
            planned = self._apply(foreign_variables.without_variables(obj, found), before, dry_run=True, force=force)
            after = foreign_variables.with_variables(planned.after, obj, found)
        else:
            after = self._apply_patched(
                obj, before, lambda live: foreign_variables.ownership_patch(live, found), force=force
            ).after
        return Applied(after, True, changed_fields(before, after), tuple(found))

    def _apply_patched(
        self, obj: Mapping[str, Any], before: ObjectDict, patch_of: Callable[[ObjectDict], Any], *, force: bool
    ) -> Applied:
        """apply() after a patch of what it cannot replace. The patch fails if the specification is not that of `before`."""
        kind, name, namespace = object_identity(obj)
        patch_unchanged(self, before, patch_of)
        live = self.get(kind, name, namespace)
        done = self._apply_once(lost_answers.without_version(obj), live, dry_run=False, force=force)
        return Applied(done.after, True, changed_fields(before, done.after), done.foreign)

    def apply_status(
        self, obj: Mapping[str, Any], *, dry_run: bool = False, force: bool = True, live: Any = _NOT_GIVEN
    ) -> Applied:
        """Like apply(), for the subresource `status`: only `status` of the object is sent. The object has to exist."""
        kind, name, namespace = object_identity(obj)
        before = self.get(kind, name, namespace) if live is _NOT_GIVEN else live
        names = ("name", "namespace", "resourceVersion", "uid")
        metadata = {key: value for key, value in obj["metadata"].items() if key in names}
        bare = {"apiVersion": obj["apiVersion"], "kind": kind, "metadata": metadata, "status": obj.get("status", {})}
        if before is None and dry_run:
            return Applied(bare, True, ["status"])
        if before is None:  # The server would treat it as a creation and reject it because fields are missing.
            text = "the object does not exist, so it has no status."
            raise NotFound(f"{kind}/{name}", text, "Create it first.")
        return self._apply(bare, before, dry_run=dry_run, force=force, subresource="status")

    def _apply(
        self, obj: Mapping[str, Any], before: ObjectDict | None, *, dry_run: bool, force: bool, subresource: str = ""
    ) -> Applied:
        kind, name, namespace = object_identity(obj)
        desired = remove_nulls(obj)
        if before is not None and find_difference(desired, before, FIELD_MANAGER, subresource) is None:
            return Applied(before, False)
        query = build_write_query(
            dry_run, fieldManager=FIELD_MANAGER, fieldValidation="Strict", force="true" if force else "false"
        )
        try:
            after = self._write(
                kind,
                dry_run,
                describe_call("patch", kind, namespace, name, subresource),
                "PATCH",
                resources.path(kind, namespace, name, subresource),
                query=query,
                body=desired,
                content_type=_APPLY,
            )
        except Conflict as problem:
            if force or problem.managers != {FIELD_MANAGER}:
                raise
            # Fields that this collection has patched belong to another manager of the same name.
            return self._apply(obj, before, dry_run=dry_run, force=True, subresource=subresource)
        except ClusterError as problem:
            live = self.get(kind, name, namespace) if problem.after_lost and problem.status == _CONFLICT else None
            wanted = lost_answers.without_version(desired)
            if live is None or find_difference(wanted, live, FIELD_MANAGER, subresource) is not None:
                raise
            after = live
        if before is None:
            return Applied(after, True, changed_fields(None, after))
        # A dry run's answer has no new resourceVersion; a version can also be new because of a concurrent write.
        stored = before["metadata"].get("resourceVersion") != after["metadata"].get("resourceVersion")
        changed = (dry_run or stored) and has_changed(before, after, FIELD_MANAGER, subresource)
        return Applied(after, changed, changed_fields(before, after) if changed else [])

    def patch(
        self,
        kind: str,
        name: str,
        namespace: str | None,
        patch: Any,
        *,
        content_type: str = "application/json-patch+json",
        dry_run: bool = False,
        subresource: str | None = None,
    ) -> ObjectDict:
        """The object after a JSON patch (list of operations) or a merge patch (mapping). A failed `test` raises cluster-invalid."""
        try:
            return self._write(
                kind,
                dry_run,
                describe_call("patch", kind, namespace, name, subresource),
                "PATCH",
                resources.path(kind, namespace, name, subresource),
                query=build_write_query(dry_run, fieldManager=FIELD_MANAGER, fieldValidation="Strict"),
                body=patch,
                content_type=content_type,
            )
        except ClusterError as problem:
            live = self.get(kind, name, namespace) if problem.after_lost else None
            if live is None or not lost_answers.is_patched(patch, live):
                raise
            return live

    def delete(
        self,
        kind: str,
        name: str,
        namespace: str | None,
        *,
        uid: str,
        resource_version: str | None = None,
        dry_run: bool = False,
    ) -> bool:
        """Deletes exactly the object of this UID, and of this version if one is given. False if it does not exist.

        Another object of that name, or another version, raises cluster-precondition.
        """
        body: ObjectDict = {
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "preconditions": remove_nulls({"uid": uid, "resourceVersion": resource_version}),
            "propagationPolicy": "Background",
        }
        if dry_run:
            body["dryRun"] = ["All"]
        call, path = describe_call("delete", kind, namespace, name), resources.path(kind, namespace, name)
        try:
            self._write(kind, dry_run, call, "DELETE", path, query=build_write_query(dry_run), body=body)
        except NotFound as problem:
            return problem.after_lost
        except ClusterError as problem:
            # Deleted, and made again by its controller, before the repetition.
            live = self.get(kind, name, namespace) if problem.after_lost and problem.status == _CONFLICT else None
            if live is None or live["metadata"]["uid"] == uid:
                raise
        return True

    def _write(self, kind: str, dry_run: bool, *request: Any, **body: Any) -> ObjectDict:
        """Sends a write. before_write is called before it and before each repetition: in between, another run can have taken over the Lease."""
        announce = functools.partial(_ignore if dry_run else self.before_write, kind)
        announce()
        return self._transport.json(*request, before_repetition=announce, **body)

    def watch(
        self, kind: str, name: str, namespace: str | None, deadline: float, tick: float | None = None
    ) -> Iterator[ObjectDict | None]:
        """The object now and at each change until `deadline` (time.monotonic()); None while it is absent.

        tick: seconds after which the last state is given again when nothing happened.
        """
        follower = watching.Follower(
            self._transport, describe_call("watch", kind, namespace, name), resources.path(kind, namespace), name
        )
        # The items of a list lack both.
        named = {"apiVersion": resources.resource(kind).api_version, "kind": kind}
        for state in follower.states(deadline, tick):
            yield None if state is None else {**named, **state}

    def pod_log(self, namespace: str, pod: str, container: str, tail_lines: int = 50, previous: bool = False) -> str:
        """The end of a container's log; empty if there is none."""
        query = [("container", container), ("tailLines", str(tail_lines)), ("limitBytes", "262144")]
        query.extend([("previous", "true")] if previous else [])
        call = Call("get", "Pod", "pods/log", namespace, pod)
        try:
            # An error of the server is the node's, which may stay for long.
            path = resources.path("Pod", namespace, pod, "log")
            answer = self._transport.raw(call, "GET", path, query=query, repeats=False)
        except ClusterError as problem:
            if problem.status in (400, 404, 500):  # Not started, gone, or its node cannot be asked.
                return ""
            raise
        return str(answer.data.decode("utf-8", "replace"))

    def port_forward(self, namespace: str, pod: str, port: int) -> AbstractContextManager[Callable[[], Stream]]:
        """A context manager that yields `open()`: each call is a new connection to the Pod's port. Leaving closes what is open."""
        return streams.port_forward(self._transport, namespace, pod, port)

    def exec(
        self, place: tuple[str, str, str], command: Sequence[str], max_bytes: int, timeout: float, say: Say = silent
    ) -> ExecResult:
        """Runs a command in a container. Output beyond `max_bytes` is cut off; after `timeout` seconds cluster-timeout is raised. See execute()."""
        return streams.execute(self._transport, place, command, max_bytes=max_bytes, timeout=timeout, say=say)
