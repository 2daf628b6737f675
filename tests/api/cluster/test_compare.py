# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The comparison against the truth: what the API server itself would do (dryRun=All)."""

from __future__ import annotations

import base64
import copy
import os
import random
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.constants import FIELD_MANAGER
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.apply.compare import find_difference
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import ClusterError
from ansible_collections.kyma.docker_registry.tests.api.cluster.samples import samples

pytestmark = pytest.mark.beside
ROUNDS = int(os.environ.get("COMPARE_ROUNDS", "40"))
KINDS = [obj["kind"] for obj in samples("x")]
_QUANTITIES = ["1Gi", "1024Mi", "1073741824", "1000m", "1", 1, "0.1", "100m", "0.5", "1e3", "1k"]
_TEXTS = ["", "x", "true", "TCP", "v1", "0", "é", base64.b64encode(b"x").decode(), "YQ==\n", "YQ=="]
_OTHERS: list[Any] = [0, 1, 5000, True, False, None, {}, [], 3600, 0.5]


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _places(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _places(item, (*path, index))


def mutate(obj: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """A neighbour of the object: a value replaced, removed, added, doubled or moved; its identity stays."""
    result = copy.deepcopy(obj)
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        fixed = {("apiVersion",), ("kind",), ("metadata",), ("metadata", "name"), ("metadata", "namespace")}
        paths = [path for path in _places(result) if path not in fixed]
        if not paths:
            return result
        path = chance.choice(paths)
        parent = result
        for part in path[:-1]:
            parent = parent[part]
        here: Any = parent[path[-1]]
        action = chance.choice(("replace", "replace", "remove", "grow", "move", "respell"))
        if action == "replace":
            parent[path[-1]] = copy.deepcopy(chance.choice([*_QUANTITIES, *_TEXTS, *_OTHERS]))
        elif action == "remove":
            del parent[path[-1]]
        elif action == "grow" and isinstance(here, dict):
            here[chance.choice(("new", "protocol", "optional", "name", "a"))] = copy.deepcopy(
                chance.choice([*_TEXTS, *_OTHERS])
            )
        elif action == "grow" and isinstance(here, list):
            here.append(copy.deepcopy(chance.choice(here)) if here and chance.random() < 0.7 else chance.choice(_TEXTS))
        elif action == "move" and isinstance(here, list):
            chance.shuffle(here)
        elif action == "respell" and isinstance(here, str):
            spellings = {"1024Mi": "1Gi", "1Gi": "1024Mi", "0.1": "100m", "1000m": "1", "2Gi": "2048Mi"}
            parent[path[-1]] = spellings.get(here, here)
    return result


def would_change(cluster: Cluster, obj: dict[str, Any]) -> tuple[bool, dict[str, Any]] | None:
    """The response of the API server and the live object; None if the API server rejects the object."""
    kind, name, namespace = obj["kind"], obj["metadata"]["name"], obj["metadata"]["namespace"]
    while True:
        live = cluster.get(kind, name, namespace)
        assert live is not None
        # Without managedFields the comparison says yes, so that the request is really sent.
        bare = {**live, "metadata": {key: value for key, value in live["metadata"].items() if key != "managedFields"}}
        try:
            answer = cluster.apply(obj, dry_run=True, force=True, live=bare).after
        except ClusterError as refusal:
            assert refusal.code == "cluster-invalid", str(refusal)
            return None
        again = cluster.get(kind, name, namespace)
        assert again is not None
        if again["metadata"]["resourceVersion"] == live["metadata"]["resourceVersion"]:  # Else a controller wrote.
            return _content(live) != _content(answer), live


def _content(obj: dict[str, Any]) -> dict[str, Any]:
    """All but the marks of time."""
    kept = obj["metadata"].items()
    metadata = {key: value for key, value in kept if key not in ("resourceVersion", "generation")}
    entries = [
        {key: value for key, value in entry.items() if key != "time"} for entry in metadata.get("managedFields") or []
    ]
    entries.sort(key=lambda entry: (entry["manager"], entry["operation"], str(entry.get("subresource"))))
    return {**obj, "metadata": {**metadata, "managedFields": entries}}


@pytest.mark.parametrize("kind", KINDS)
def test_a_second_apply_differs_in_nothing(cluster: Cluster, namespace: str, kind: str) -> None:
    """Every kind."""
    obj = next(obj for obj in samples(namespace) if obj["kind"] == kind)
    assert cluster.apply(obj).changed
    live = cluster.get(kind, "sample", namespace)
    assert find_difference(obj, live, FIELD_MANAGER) is None
    assert not cluster.apply(obj).changed


@pytest.mark.parametrize("kind", KINDS)
def test_mutations_never_a_wrong_no(cluster: Cluster, namespace: str, kind: str) -> None:
    """Neighbours of an applied object."""
    base = next(obj for obj in samples(namespace) if obj["kind"] == kind)
    cluster.apply(base)
    chance = random.Random(f"{kind}-{os.environ.get('COMPARE_SEED', '1')}")
    counted = needless = 0
    for _ in range(ROUNDS):
        obj = mutate(base, chance)
        answer = would_change(cluster, obj)
        if answer is None:
            continue
        truth, live = answer
        where = find_difference(obj, live, FIELD_MANAGER)
        assert where is not None or not truth, f"wrong no: {obj}"
        counted += 1
        needless += where is not None and not truth
    assert counted >= ROUNDS // 20
    print(f"{kind}: {counted} compared, {needless} needless")
    assert needless <= max(3, counted // 8), f"{needless} needless of {counted}"


@pytest.mark.parametrize("kind", KINDS)
def test_walks_of_applied_mutations(cluster: Cluster, namespace: str, kind: str) -> None:
    """Objects applied one after another: ownership grows and shrinks, and applying twice never differs."""
    obj = next(obj for obj in samples(namespace) if obj["kind"] == kind)
    cluster.apply(obj)
    chance = random.Random(f"walk-{kind}-{os.environ.get('COMPARE_SEED', '1')}")
    needless = 0
    for _ in range(max(5, ROUNDS // 4)):
        preflight = mutate(obj, chance)
        try:
            cluster.apply(preflight, force=True)
        except ClusterError:
            continue
        obj = preflight
        if obj.keys() == {"apiVersion", "kind", "metadata"} and obj["metadata"].keys() == {"name", "namespace"}:
            break  # The server then forgets all ownership, and takes a note of that at the next apply: no change of ours.
        answer = would_change(cluster, obj)
        if answer is None:  # A key given twice passes once, and is refused from then on.
            continue
        truth, live = answer
        where = find_difference(obj, live, FIELD_MANAGER)
        assert where is not None or not truth, f"wrong no: {obj}"
        needless += where is not None and not truth
    assert needless <= max(3, ROUNDS // 10)
