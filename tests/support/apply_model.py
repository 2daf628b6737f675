# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A model of the API server's server-side apply, as far as the registry's objects need it. The tests on a real API server show that it is right.

It merges lists by their keys, keeps `managedFields`, fills in defaults of a Deployment, and rejects what the API server would reject.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import Call, error_from_answer

Object = dict[str, Any]
Path = tuple[str, ...]
_KEYS = {
    "containers": ("name",),
    "env": ("name",),
    "volumes": ("name",),
    "imagePullSecrets": ("name",),
    "volumeMounts": ("mountPath",),
    "ports": ("containerPort", "port", "protocol"),
}
_WHOLE = frozenset({"selector", "secretKeyRef", "nodeSelector", "podSelector"})
_WRITTEN_BY_SERVER = frozenset({"name", "namespace", "uid", "resourceVersion", "generation", "managedFields"})
_DEFAULT_STRATEGY = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}}


def _key(name: str, item: Mapping[str, Any]) -> str:
    return "k:" + json.dumps({key: item[key] for key in _KEYS[name] if key in item})


def _children(value: Any, name: str) -> dict[str, Any] | None:
    """The parts of a value that are owned one by one, None if it is owned as a whole."""
    if isinstance(value, Mapping) and value and name not in _WHOLE:
        return {f"f:{key}": inner for key, inner in value.items()}
    if isinstance(value, list) and value and name in _KEYS:
        return {_key(name, item): item for item in value}
    return None


def _leaves(value: Any, path: Path = ()) -> Iterator[Path]:
    name = path[-1][2:] if path and path[-1].startswith("f:") else ""
    parts = _children(value, name)
    if parts is None:
        yield path
        return
    if path and path[-1].startswith("k:"):
        yield (*path, ".")
    for step, inner in parts.items():
        yield from _leaves(inner, (*path, step))


def _owned(item: Object) -> set[Path]:
    """The paths that an apply of the object owns."""
    body = {key: value for key, value in item.items() if key not in ("apiVersion", "kind", "metadata", "status")}
    metadata = {key: value for key, value in item["metadata"].items() if key not in _WRITTEN_BY_SERVER}
    return set(_leaves({**body, **({"metadata": metadata} if metadata else {})}))


def _tree(paths: set[Path]) -> Object:
    found: Object = {}
    for path in paths:
        place = found
        for step in path:
            place = place.setdefault(step, {})
    return found


def _paths(tree: Mapping[str, Any], path: Path = ()) -> Iterator[Path]:
    if not tree and path:
        yield path
    for step, inner in tree.items():
        yield from _paths(inner, (*path, step))


def _find(value: Any, path: Path) -> Any:
    name = ""
    for step in path:
        if step == ".":
            return None
        parts = _children(value, name) or (value if isinstance(value, Mapping) else {})
        value = parts.get(step)
        name = step[2:] if step.startswith("f:") else ""
    return value


def _merge(live: Any, wanted: Any, name: str = "") -> Any:
    if _children(wanted, name) is None or not isinstance(live, type(wanted)):
        return copy.deepcopy(wanted)
    if isinstance(wanted, Mapping):
        return {**live, **{key: _merge(live.get(key), value, key) for key, value in wanted.items()}}
    items = {_key(name, item): item for item in live}
    given = {_key(name, item): _merge(items.get(_key(name, item)), item) for item in wanted}
    return [*given.values(), *(item for key, item in items.items() if key not in given)]


def _without(value: Any, gone: set[Path], name: str = "") -> Any:
    """The value without these paths, and without mappings and lists that are empty then."""
    parts = _children(value, name)
    if parts is None:
        return value
    kept = {}
    for step, inner in parts.items():
        below = {path[1:] for path in gone if path[0] == step}
        if () in below or (".",) in below:
            continue
        left = _without(inner, below, step[2:] if step.startswith("f:") else "") if below else inner
        if left not in ({}, []) or inner in ({}, []):
            kept[step] = left
    return list(kept.values()) if isinstance(value, list) else {step[2:]: inner for step, inner in kept.items()}


def _problem(item: Object, live: Object | None) -> str:
    if item["kind"] in ("ConfigMap", "Secret") and live and live.get("immutable") and live["data"] != item["data"]:
        return "data: field is immutable"
    if item["kind"] != "Deployment":
        return ""
    spec = item["spec"]
    pod = spec["template"]["spec"]
    if spec["strategy"]["type"] == "Recreate" and "rollingUpdate" in spec["strategy"]:
        return "rollingUpdate may not be specified when strategy type is Recreate"
    for volume in pod["volumes"]:
        if len(volume) != 2:
            return f"volume {volume['name']} has not exactly one source"
    for container in pod["containers"]:
        if any(
            mount["name"] not in {volume["name"] for volume in pod["volumes"]} for mount in container["volumeMounts"]
        ):
            return "volumeMounts: not found"
        if any(len(variable) != 2 for variable in container["env"]):
            return "env: value and valueFrom exclude each other"
    return ""


class Server:
    """Answers like a transport. objects: by kind and name. writes: verb and `kind/name` of each request that stored something."""

    warnings: tuple[str, ...] = ()

    def __init__(self) -> None:
        self.objects: dict[tuple[str, str], Object] = {}
        self.writes: list[str] = []
        self._version = 0

    def cluster(self) -> Cluster:
        """A client of this server."""
        found = Cluster.__new__(Cluster)
        found.before_write = lambda _kind: None
        found._transport = self  # type: ignore[assignment]
        return found

    def json(
        self,
        call: Call,
        method: str,
        _path: str,
        *,
        query: Sequence[tuple[str, str]] = (),
        body: Any = None,
        content_type: str = "",
        before_repetition: Any = None,
    ) -> Object:
        """The answer to one request. Raises ClusterError like the real transport."""
        key = (call.kind, str(call.name))
        live = self.objects.get(key)
        options = dict(query)
        if method == "PATCH" and "apply-patch" in content_type:
            return self._apply(call, live, body, options)
        if live is None:
            raise error_from_answer(call, 404, b"{}")
        if method == "GET":
            return copy.deepcopy(live)
        if method == "DELETE":
            self.writes.append(f"DELETE {call.path}")
            return self.objects.pop(key)
        if isinstance(body, list):
            return self._store(call, live, self._patched(call, live, body), options, "")
        merged = copy.deepcopy(live)
        _merge_patch(merged, body)
        return self._store(call, live, merged, options, "")

    def scale(self, name: str, number: int, manager: str = "kube-controller-manager") -> None:
        """Another client sets the number of replicas through the subresource `scale`."""
        live = self.objects["Deployment", name]
        wanted = copy.deepcopy(live)
        wanted["spec"]["replicas"] = number
        self._store(
            Call("update", "Deployment", "deployments", "ns", name), live, wanted, {"fieldManager": manager}, "scale"
        )

    def _apply(self, call: Call, live: Object | None, body: Object, options: Mapping[str, str]) -> Object:
        manager = options["fieldManager"]
        expected = body["metadata"].get("resourceVersion")
        if expected is not None and (live is None or live["metadata"]["resourceVersion"] != expected):
            raise error_from_answer(call, 409, b"{}")
        mine = {"manager": manager, "operation": "Apply", "apiVersion": body["apiVersion"]}
        owned = _owned(body)
        entries = (live or {"metadata": {}})["metadata"].get("managedFields") or []
        former: set[Path] = set()
        others = []
        causes = []
        for entry in entries:
            paths = set(_paths(entry["fieldsV1"]))
            if (entry["manager"], entry["operation"]) == (manager, "Apply"):
                former = paths
                continue
            taken = {path for path in paths & owned if _find(live, path) != _find(body, path)}
            causes += [_conflict(entry["manager"], path) for path in taken]
            others.append({**entry, "fieldsV1": _tree(paths - taken)})
        if causes and options["force"] != "true":
            status = {"details": {"causes": causes}}
            raise error_from_answer(call, 409, json.dumps(status).encode())
        kept = {path for entry in others for path in _paths(entry["fieldsV1"])}
        merged = _merge(_without(live or {}, former - owned - kept), body)
        metadata = merged["metadata"]
        metadata["managedFields"] = [{**mine, "fieldsV1": _tree(owned)}, *(item for item in others if item["fieldsV1"])]
        return self._save(call, live, merged, options)

    def _patched(self, call: Call, live: Object, patch: list[Object]) -> Object:
        wanted = copy.deepcopy(live)
        for operation in patch:
            *path, last = operation["path"].lstrip("/").split("/")
            place: Any = wanted
            for step in path:
                place = place[int(step)] if isinstance(place, list) else place.get(step, {})
            if operation["op"] == "add" or (operation["op"] == "replace" and last in place):
                place[last] = operation["value"]
            elif operation["op"] == "remove" and last in place:
                del place[last]
            elif operation["op"] != "test" or place.get(last) != operation["value"]:
                raise error_from_answer(call, 422, json.dumps({"message": "the patch does not apply"}).encode())
        return wanted

    def _store(self, call: Call, live: Object, wanted: Object, options: Mapping[str, str], subresource: str) -> Object:
        """An Update: who changes a field owns it alone."""
        manager = options["fieldManager"]
        before, after = _owned(live), _owned(wanted)
        changed = {path for path in after if path not in before or _find(live, path) != _find(wanted, path)}
        gone = before - after
        entries = []
        mine = {"manager": manager, "operation": "Update", "apiVersion": live["apiVersion"], "fieldsV1": {}}
        mine.update({"subresource": subresource} if subresource else {})
        for entry in wanted["metadata"].get("managedFields") or []:
            if (entry["manager"], entry["operation"]) == (manager, "Update"):
                mine = entry
            else:
                entries.append({**entry, "fieldsV1": _tree(set(_paths(entry["fieldsV1"])) - changed - gone)})
        mine = {**mine, "fieldsV1": _tree(set(_paths(mine["fieldsV1"])) - gone | changed)}
        found = [*entries, mine]
        wanted["metadata"]["managedFields"] = [entry for entry in found if entry["fieldsV1"]]
        return self._save(call, live, wanted, options)

    def _save(self, call: Call, live: Object | None, wanted: Object, options: Mapping[str, str]) -> Object:
        if wanted["kind"] == "Deployment":
            spec = wanted["spec"]
            spec.setdefault("replicas", 1)
            if spec["strategy"]["type"] == "RollingUpdate":
                spec["strategy"] = {**_DEFAULT_STRATEGY, **spec["strategy"]}
        problem = _problem(wanted, live)
        if problem:
            raise error_from_answer(call, 422, json.dumps({"message": problem}).encode())
        metadata = wanted["metadata"]
        metadata.setdefault("uid", f"uid-{self._version}")
        if wanted == live or options.get("dryRun"):
            return copy.deepcopy(wanted)
        self._version += 1
        same = live is not None and live.get("spec") == wanted.get("spec")
        metadata["resourceVersion"] = str(self._version)
        metadata["generation"] = metadata.get("generation", 0) + (0 if same else 1)
        self.writes.append(f"PATCH {call.path}")
        self.objects[wanted["kind"], metadata["name"]] = wanted
        return copy.deepcopy(wanted)


def _merge_patch(value: Object, patch: Mapping[str, Any]) -> None:
    for key, inner in patch.items():
        if inner is None:
            value.pop(key, None)
        elif isinstance(inner, Mapping):
            _merge_patch(value.setdefault(key, {}), inner)
        else:
            value[key] = inner


def _conflict(manager: str, path: Path) -> Object:
    field = "".join(f".{step[2:]}" for step in path)
    return {"reason": "FieldManagerConflict", "message": f'conflict with "{manager}"', "field": field}
