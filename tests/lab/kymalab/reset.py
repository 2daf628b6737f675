"""Brings a running cluster back to the state after `up`, in seconds and without a restart."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from contextlib import closing

from kymalab import kinds, preconditions, record, volumes
from kymalab.api import Api, ApiError, Json
from kymalab.clouds import lifecycle as clouds
from kymalab.kinds import Kind
from kymalab.operator import lifecycle as operator
from kymalab.settings import SYSTEM_NAMESPACES, LabError, Paths, say

TIMEOUT = 60
STUCK_AFTER = 10
POD_GRACE = 1
# These can stop every other request, and no object of another kind goes before them.
_FIRST = ("validatingwebhookconfigurations", "mutatingwebhookconfigurations", "apiservices",
          "validatingadmissionpolicybindings", "validatingadmissionpolicies")  # fmt: skip
# These go in steps of their own.
_DONE = ("namespaces", "persistentvolumes")


def save_baseline(paths: Paths) -> None:
    """Remember which cluster-wide objects an empty cluster has."""
    with closing(Api(paths)) as api:
        names = {
            kind.key: [item["name"] for item in api.list_metadata(kind.path())] for kind in kinds.cluster_wide(api)
        }
    (paths.run / "baseline.json").write_text(json.dumps(names), encoding="utf-8")


def reset(paths: Paths) -> None:
    """Delete what was made since `up`: namespaces and all in them, and cluster-wide objects."""
    preconditions.require_root()
    with record.machine_lock():
        known = record.load()
        if not known or not known.belongs_to(paths) or not known.complete:
            raise LabError("The lab does not run. Start it with `tests/lab/lab up`.")
        begin = time.monotonic()
        operator.remove(paths)
        baseline: dict[str, list[str]] = json.loads((paths.run / "baseline.json").read_text(encoding="utf-8"))
        with closing(Api(paths)) as api:
            _delete_cluster_wide(api, baseline, lambda kind: kind.plural in _FIRST)
            _empty_namespaces(api)
            _release_volumes(api, paths, provisioned=not known.minimal)
            _delete_cluster_wide(api, baseline, lambda kind: kind.plural not in (*_FIRST, *_DONE))
            if known.minimal:
                volumes.offer(api, paths)
        clouds.empty(paths)
    say(f"The cluster is empty after {time.monotonic() - begin:.1f} s.")


def _wait(what: str, remaining: Callable[[float], list[str]]) -> None:
    """Ask until nothing remains; `remaining` gets the seconds that have passed."""
    begin = time.monotonic()
    while left := remaining(time.monotonic() - begin):
        if time.monotonic() - begin > TIMEOUT:
            raise LabError(f"These {what} do not go away: {', '.join(left[:10])}. Try `tests/lab/lab down` and `up`.")
        time.sleep(0.05)


def _empty_namespaces(api: Api) -> None:
    """Delete the namespaces that are not the system's, with what they hold, and every custom object.

    A namespace that is being deleted takes no new objects, so its controllers cannot fill it again. It is emptied from
    here, since the namespace controller begins only after five seconds.
    """
    doomed = {item["name"] for item in api.list_metadata("/api/v1/namespaces")} - set(SYSTEM_NAMESPACES)
    for namespace in sorted(doomed):
        api.delete(f"/api/v1/namespaces/{namespace}")
    custom = kinds.custom(api)
    holding = _delete_contents(api, doomed, custom)

    def remaining_objects(seconds: float) -> list[str]:
        left = []
        for kind, namespace in list(holding):
            objects = api.list_metadata(kind.path(namespace))
            for item in objects:
                path = kind.path(namespace, item["name"])
                left.append(path)
                _hasten(api, kind, path, item, kind.resource in custom or seconds > STUCK_AFTER)
            if not objects:
                holding.discard((kind, namespace))
        return left

    def remaining_namespaces(_: float) -> list[str]:
        left = sorted(doomed & {item["name"] for item in api.list_metadata("/api/v1/namespaces")})
        for namespace in left:
            _finalize(api, namespace)
        return left

    _wait("objects", remaining_objects)
    _wait("namespaces", remaining_namespaces)


def _delete_contents(api: Api, doomed: set[str], custom: set[tuple[str, str]]) -> set[tuple[Kind, str]]:
    """Ask for the deletion of what doomed namespaces hold; return where there was something."""
    holding = set()
    for kind in kinds.every(api):
        if kind.namespaced:
            spaces = {item["namespace"] for item in api.list_metadata(kind.path())}
            holding |= {(kind, namespace) for namespace in (spaces if kind.resource in custom else spaces & doomed)}
    for kind, namespace in holding:
        api.delete(kind.path(namespace), grace=POD_GRACE if kind.plural == "pods" else None)
    return holding


def _hasten(api: Api, kind: Kind, path: str, metadata: Json, orphaned: bool) -> None:
    """Make sure that an object is deleted: if its controller was removed or does not act, its finalizers are removed."""
    if orphaned and metadata.get("finalizers"):
        api.drop_finalizers(path)
    elif orphaned and kind.plural == "pods":
        api.delete(path, grace=0)
    elif not metadata.get("deletionTimestamp"):
        api.delete(path)


def _finalize(api: Api, name: str) -> None:
    """Do for an emptied namespace what the namespace controller would do later."""
    namespace = api.get(f"/api/v1/namespaces/{name}")
    if not namespace:
        return
    namespace["spec"]["finalizers"] = []
    namespace["metadata"].pop("finalizers", None)
    try:
        api.call("PUT", f"/api/v1/namespaces/{name}/finalize", namespace, missing_ok=True)
    except ApiError as error:
        if error.status != 409:  # Modified concurrently: the next round reads it again.
            raise


def _release_volumes(api: Api, paths: Paths, *, provisioned: bool) -> None:
    """Let the provisioner remove the volumes that it may; remove the others, and their folders, from here."""

    def present() -> list[Json]:
        items: list[Json] = api.get("/api/v1/persistentvolumes").get("items", [])
        return items

    def remaining(seconds: float) -> list[str]:
        left = []
        for volume in present():
            name = volume["metadata"]["name"]
            left.append(name)
            by_provisioner = (
                provisioned
                and volume["spec"].get("persistentVolumeReclaimPolicy") == "Delete"
                and volume.get("status", {}).get("phase") in ("Bound", "Released")
                and seconds < STUCK_AFTER
            )
            if not by_provisioner:
                api.delete(f"/api/v1/persistentvolumes/{name}")
                if volume["metadata"].get("finalizers"):
                    api.drop_finalizers(f"/api/v1/persistentvolumes/{name}")
        return left

    _wait("volumes", remaining)
    for folder in paths.volumes.iterdir():
        shutil.rmtree(folder, ignore_errors=True)


def _delete_cluster_wide(api: Api, baseline: dict[str, list[str]], chosen: Callable[[Kind], bool]) -> None:
    """Delete the cluster-wide objects of some kinds that are there now and that an empty cluster does not have."""
    custom = kinds.custom(api)
    doomed = {
        (kind, item["name"])
        for kind in kinds.cluster_wide(api)
        if chosen(kind)
        for item in api.list_metadata(kind.path())
        if not _is_system(item, baseline.get(kind.key, []))
    }

    def remaining(seconds: float) -> list[str]:
        left = []
        for kind, name in list(doomed):
            found = api.get(kind.path(name=name))
            if not found:
                doomed.discard((kind, name))
                continue
            left.append(kind.path(name=name))
            if not found["metadata"].get("deletionTimestamp"):
                api.delete(left[-1])
            elif kind.resource in custom or seconds > STUCK_AFTER:
                api.drop_finalizers(left[-1])
        return left

    _wait("objects", remaining)


def _is_system(metadata: Json, known: list[str]) -> bool:
    """Whether an object was there from the beginning, or comes and goes with a CustomResourceDefinition."""
    return metadata["name"] in known or "kube-aggregator.kubernetes.io/automanaged" in metadata.get("labels", {})
