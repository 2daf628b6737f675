"""Brings a running cluster back to the state after `up`, in seconds and without a restart."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass

from kymalab import preconditions, record
from kymalab.api import DISCOVERY, Api, ApiError, Json
from kymalab.settings import SYSTEM_NAMESPACES, LabError, Paths, say

TIMEOUT = 60
STUCK_AFTER = 10
# Cluster-wide objects that the system itself makes and removes as the cluster lives.
_SYSTEM_KINDS = {"csinodes", "ipaddresses", "nodes", "volumeattachments"}
_SYSTEM_GROUPS = {"flowcontrol.apiserver.k8s.io"}
# These can stop every other request, and no object of another kind goes before them.
_FIRST = ("validatingwebhookconfigurations", "mutatingwebhookconfigurations", "apiservices",
          "validatingadmissionpolicybindings", "validatingadmissionpolicies")  # fmt: skip
_VOLUMES = "persistentvolumes"


@dataclass(frozen=True)
class Kind:
    """One kind of object that can be listed and deleted."""

    group: str
    version: str
    plural: str
    namespaced: bool

    @property
    def key(self) -> str:
        """The kind's name in the baseline."""
        return f"{self.plural}.{self.group}"

    def path(self, namespace: str = "", name: str = "") -> str:
        """Return the path of all objects, of a namespace's objects, or of one object."""
        parts = [f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"]
        parts += [f"namespaces/{namespace}"] if namespace else []
        return "/".join([*parts, self.plural, *([name] if name else [])])


def save_baseline(paths: Paths) -> None:
    """Remember which cluster-wide objects an empty cluster has."""
    with Api(paths) as api:
        names = {kind.key: [item["name"] for item in api.list_metadata(kind.path())] for kind in _cluster_wide(api)}
    (paths.run / "baseline.json").write_text(json.dumps(names), encoding="utf-8")


def reset(paths: Paths) -> None:
    """Delete what was made since `up`: namespaces and all in them, and cluster-wide objects."""
    preconditions.require_root()
    with record.machine_lock():
        known = record.load()
        if not known or not known.belongs_to(paths) or not known.complete:
            raise LabError("The lab does not run. Start it with `tests/lab/lab up`.")
        begin = time.monotonic()
        baseline: dict[str, list[str]] = json.loads((paths.run / "baseline.json").read_text(encoding="utf-8"))
        with Api(paths) as api:
            _delete_cluster_wide(api, baseline, lambda kind: kind.plural in _FIRST)
            _empty_namespaces(api)
            _release_volumes(api, paths)
            _delete_cluster_wide(api, baseline, lambda kind: kind.plural not in (*_FIRST, _VOLUMES))
    say(f"The cluster is empty after {time.monotonic() - begin:.1f} s.")


def _kinds(api: Api) -> list[Kind]:
    """Return every kind that can be listed and deleted, each in its preferred version."""
    found: dict[tuple[str, str], Kind] = {}
    for root in ("/api", "/apis"):
        for item in api.call("GET", root, accept=DISCOVERY)["items"]:
            group = item["metadata"].get("name", "")
            for version in item["versions"]:
                for resource in version.get("resources", []):
                    if {"list", "delete"} <= set(resource["verbs"]):
                        kind = Kind(group, version["version"], resource["resource"], resource["scope"] == "Namespaced")
                        found.setdefault((group, kind.plural), kind)
    return list(found.values())


def _cluster_wide(api: Api) -> list[Kind]:
    return [
        kind for kind in _kinds(api)
        if not kind.namespaced and kind.plural not in _SYSTEM_KINDS and kind.group not in _SYSTEM_GROUPS
    ]  # fmt: skip


def _custom_kinds(api: Api) -> set[tuple[str, str]]:
    """Return (group, plural) of the kinds that CustomResourceDefinitions made."""
    definitions = api.get("/apis/apiextensions.k8s.io/v1/customresourcedefinitions").get("items", [])
    return {(item["spec"]["group"], item["spec"]["names"]["plural"]) for item in definitions}


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
    custom = _custom_kinds(api)
    kinds = [kind for kind in _kinds(api) if kind.namespaced]
    holding = {}
    for kind in kinds:
        is_custom = (kind.group, kind.plural) in custom
        spaces = {item["namespace"] for item in api.list_metadata(kind.path())}
        holding[kind] = spaces if is_custom else spaces & doomed
        for namespace in sorted(holding[kind]):
            api.delete(kind.path(namespace), grace=1 if kind.plural == "pods" else None)

    def remaining(seconds: float) -> list[str]:
        left = []
        for kind, spaces in holding.items():
            for namespace in sorted(spaces):
                objects = api.list_metadata(kind.path(namespace))
                for item in objects:
                    path = kind.path(namespace, item["name"])
                    left.append(path)
                    if item.get("finalizers") and ((kind.group, kind.plural) in custom or seconds > STUCK_AFTER):
                        api.drop_finalizers(path)
                    elif kind.plural == "pods" and seconds > STUCK_AFTER:
                        api.delete(path, grace=0)
                    elif not item.get("deletionTimestamp"):
                        api.delete(path)
                if not objects:
                    holding[kind] = holding[kind] - {namespace}
        return left

    _wait("objects", remaining)

    def remaining_namespaces(_: float) -> list[str]:
        left = sorted(doomed & {item["name"] for item in api.list_metadata("/api/v1/namespaces")})
        for namespace in left:
            _finalize(api, namespace)
        return left

    _wait("namespaces", remaining_namespaces)


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
        if error.status != 409:  # Changed meanwhile: the next round reads it again.
            raise


def _release_volumes(api: Api, paths: Paths) -> None:
    """Let the provisioner remove the volumes that it may; remove the others, and their folders, from here."""

    def volumes() -> list[Json]:
        items: list[Json] = api.get("/api/v1/persistentvolumes").get("items", [])
        return items

    def remaining(seconds: float) -> list[str]:
        left = []
        for volume in volumes():
            name = volume["metadata"]["name"]
            left.append(name)
            by_provisioner = (
                volume["spec"].get("persistentVolumeReclaimPolicy") == "Delete"
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
    """Delete cluster-wide objects of some kinds that an empty cluster does not have."""
    kinds = [kind for kind in _cluster_wide(api) if chosen(kind)]
    custom = _custom_kinds(api)

    def remaining(seconds: float) -> list[str]:
        left = []
        for kind in list(kinds):
            known = baseline.get(kind.key, [])
            objects = [item for item in api.list_metadata(kind.path()) if not _is_system(item, known)]
            for item in objects:
                path = kind.path(name=item["name"])
                left.append(path)
                if not item.get("deletionTimestamp"):
                    api.delete(path)
                elif (kind.group, kind.plural) in custom or seconds > STUCK_AFTER:
                    api.drop_finalizers(path)
            if not objects:
                kinds.remove(kind)
        return left

    _wait("objects", remaining)


def _is_system(metadata: Json, known: list[str]) -> bool:
    """Whether an object was there from the beginning, or comes and goes with a CustomResourceDefinition."""
    return metadata["name"] in known or "kube-aggregator.kubernetes.io/automanaged" in metadata.get("labels", {})
