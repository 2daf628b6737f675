# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The comparison on objects as a real API server (1.34) returned them; tests/api asks a server about each answer."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.apply.compare import (
    find_difference,
    remove_nulls,
)
from hypothesis import given
from hypothesis import strategies as st

RECORDED = json.loads((Path(__file__).parent / "live_objects.json").read_text())
BY_KIND: dict[str, dict[str, Any]] = {entry["applied"]["kind"]: entry for entry in RECORDED}
MANAGER = "kyma.docker_registry"
KINDS = sorted(BY_KIND)
IDENTITY = {("apiVersion",), ("kind",), ("metadata",), ("metadata", "name"), ("metadata", "namespace")}


def applied(kind: str) -> dict[str, Any]:
    """A copy of what was applied."""
    return copy.deepcopy(BY_KIND[kind]["applied"])


def live(kind: str) -> dict[str, Any]:
    """What the server then held."""
    return copy.deepcopy(BY_KIND[kind]["live"])


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Paths of all parts."""
    if path and path not in IDENTITY:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from places(item, (*path, key))


def at(value: Any, path: tuple[Any, ...]) -> Any:
    """The part at a path."""
    for key in path:
        value = value[key]
    return value


ANY_PLACE = st.sampled_from([(kind, path) for kind in KINDS for path in places(BY_KIND[kind]["applied"])])
ANY_DICT = st.sampled_from(
    [
        (kind, path)
        for kind in KINDS
        for path in places(BY_KIND[kind]["applied"])
        if isinstance(at(BY_KIND[kind]["applied"], path), dict)
    ]
)


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_again_differs_in_nothing(kind: str) -> None:
    """Also with a guard, with nulls, and in another order of keys."""
    assert find_difference(applied(kind), live(kind), MANAGER) is None
    guarded = applied(kind)
    guarded["metadata"].update(resourceVersion="1", uid="u")
    assert find_difference(guarded, live(kind), MANAGER) is None
    nulls = {**applied(kind), "status": None}
    nulls["metadata"]["deletionGracePeriodSeconds"] = None
    assert find_difference(nulls, live(kind), MANAGER) is None
    turned = json.loads(json.dumps(applied(kind), sort_keys=True))
    assert find_difference(turned, live(kind), MANAGER) is None


@given(ANY_PLACE)
def test_whatever_is_left_out_differs(place: tuple[str, tuple[Any, ...]]) -> None:
    """Every single part of every object."""
    kind, path = place
    obj = applied(kind)
    del at(obj, path[:-1])[path[-1]]
    filled_in = path[-1] in ("protocol", "apiVersion")
    assert find_difference(obj, live(kind), MANAGER) is not None or filled_in


@given(
    ANY_PLACE, st.one_of(st.integers(), st.text(max_size=3), st.booleans(), st.just([]), st.just({}), st.just(["x"]))
)
def test_whatever_is_replaced_differs(place: tuple[str, tuple[Any, ...]], value: Any) -> None:
    """By a value that is not the same one."""
    kind, path = place
    obj = applied(kind)
    before = at(obj, path)
    at(obj, path[:-1])[path[-1]] = value
    same = type(before) is type(value) and before == value
    # Spellings of one number, and an empty value that the server left out: its type cannot be known any more.
    alike = (before == "1" and value in (1, "1")) or (before == "" and not value and not isinstance(value, dict))
    assert (find_difference(obj, live(kind), MANAGER) is None) <= (same or alike)
    assert not same or find_difference(obj, live(kind), MANAGER) is None


@given(ANY_DICT, st.sampled_from(["zzz", "name", "value", "optional"]), st.sampled_from(["", "x", 0, False, {}, []]))
def test_whatever_is_added_differs(place: tuple[str, tuple[Any, ...]], key: str, value: Any) -> None:
    """An empty value too: a label with an empty text is a label."""
    kind, path = place
    obj = applied(kind)
    if key in at(obj, path):
        return
    at(obj, path)[key] = value
    assert find_difference(obj, live(kind), MANAGER) is not None


@given(st.data())
def test_order_of_lists_counts(data: st.DataObject) -> None:
    """Neighbours that change places."""
    kind, path = data.draw(ANY_PLACE)
    obj = applied(kind)
    items = at(obj, path)
    if not isinstance(items, list) or len(items) < 2:
        return
    items[0], items[1] = items[1], items[0]
    assert find_difference(obj, live(kind), MANAGER) is not None


@given(st.sampled_from(KINDS), st.sampled_from(KINDS))
def test_never_raises_for_another_object(one: str, other: str) -> None:
    """Whatever is compared with whatever."""
    result = find_difference(applied(one), live(other), MANAGER)
    assert (result is None) is (one == other)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["spec", "metadata", "a", "name"]), inner, max_size=3)
    ),
)
FIELDS = st.recursive(
    st.just({}),
    lambda inner: st.dictionaries(
        st.sampled_from(["f:a", "f:spec", "f:name", ".", 'k:{"name":"x"}', 'v:"x"', "odd"]), inner, max_size=3
    ),
)


@given(JSON, JSON, FIELDS)
def test_never_raises(wanted: Any, there: Any, fields: Any) -> None:
    """Any values, any entry of ours."""
    entry = {"manager": MANAGER, "operation": "Apply", "apiVersion": "v1", "fieldsV1": fields}
    desired = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}, "spec": wanted}
    find_difference(desired, {"metadata": {"managedFields": [entry]}, "spec": there}, MANAGER)


def change(kind: str, path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    """What was applied, with another value at the path."""
    obj = applied(kind)
    at(obj, path[:-1])[path[-1]] = value
    return obj


POD = ("spec", "template", "spec")
REGISTRY = (*POD, "containers", 0)


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [
        ("Deployment", (*REGISTRY, "resources", "requests", "memory"), "1Gi"),
        ("Deployment", (*REGISTRY, "resources", "requests", "cpu"), "100m"),
        ("Deployment", (*REGISTRY, "resources", "limits", "cpu"), 1),
        ("Deployment", (*POD, "volumes", 1, "emptyDir", "sizeLimit"), "1Gi"),
        ("PersistentVolumeClaim", ("spec", "resources", "requests", "storage"), "1Gi"),
        ("Secret", ("data", "a"), "YQ\n=="),
        ("NetworkPolicy", ("spec", "ingress", 0, "ports", 0), {"port": 5000, "protocol": "TCP"}),
        ("Deployment", (*REGISTRY, "env", 2, "valueFrom", "fieldRef", "apiVersion"), "v1"),
    ],
)
def test_other_spellings_of_the_same(kind: str, path: tuple[Any, ...], value: Any) -> None:
    """What the server stores alike."""
    assert find_difference(change(kind, path, value), live(kind), MANAGER) is None


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [
        ("Deployment", (*REGISTRY, "resources", "requests", "memory"), "1073741824"),
        ("Deployment", ("spec", "replicas"), "1"),
        ("Deployment", ("spec", "replicas"), True),
        ("Secret", ("data", "a"), "YQ= ="),
        ("Secret", ("data", "a"), "Yg=="),
        ("ConfigMap", ("data", "a"), "1Gi"),
        ("NetworkPolicy", ("spec", "ingress", 0, "from", 0), {}),
        ("PodDisruptionBudget", ("spec", "selector", "matchLabels"), {"app": "web", "release": "r", "x": ""}),
    ],
)
def test_what_looks_alike_and_is_not(kind: str, path: tuple[Any, ...], value: Any) -> None:
    """What the server stores otherwise, or refuses."""
    assert find_difference(change(kind, path, value), live(kind), MANAGER) is not None


def test_an_absent_or_foreign_object_differs() -> None:
    """None, another manager's, two versions of ours, stringData."""
    obj = applied("ConfigMap")
    assert find_difference(obj, None, MANAGER) == ("absent",)
    assert find_difference(obj, live("ConfigMap"), "other") == ("managedFields",)
    assert find_difference(obj, live("ConfigMap"), MANAGER, "status") == ("managedFields",)
    two = live("ConfigMap")
    two["metadata"]["managedFields"] *= 2
    assert find_difference(obj, two, MANAGER) == ("managedFields",)
    none = live("ConfigMap")
    del none["metadata"]["managedFields"]
    assert find_difference(obj, none, MANAGER) == ("managedFields",)
    secret = {**applied("Secret"), "stringData": {}}
    assert find_difference(secret, live("Secret"), MANAGER) == ("stringData",)
    other = {**obj, "apiVersion": "v2"}
    assert find_difference(other, live("ConfigMap"), MANAGER) == ("managedFields",)


def test_an_object_of_which_nothing_is_ours() -> None:
    """A bare namespace: nothing to own, nothing owned."""
    bare = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "n"}}
    assert find_difference(bare, {"metadata": {"name": "n"}}, MANAGER) is None
    assert find_difference({**bare, "spec": {"finalizers": []}}, {"metadata": {"name": "n"}}, MANAGER) is not None


def test_somebody_elses_change_of_our_field_differs() -> None:
    """The value moved, the ownership as well."""
    there = live("ConfigMap")
    there["data"]["a"] = "theirs"
    assert find_difference(applied("ConfigMap"), there, MANAGER) == ("data", "a")


def test_somebody_elses_field_does_not() -> None:
    """What we never owned."""
    there = live("Deployment")
    there["spec"]["minReadySeconds"] = 5
    there["metadata"]["labels"]["theirs"] = "x"
    there["spec"]["template"]["spec"]["containers"][0]["env"].append({"name": "THEIRS", "value": "x"})
    assert find_difference(applied("Deployment"), there, MANAGER) is None


def test_the_status_of_a_custom_resource() -> None:
    """Own entry of the subresource; own types are taken literally."""
    wanted = {
        "apiVersion": "operator.kyma-project.io/v1alpha1",
        "kind": "DockerRegistry",
        "metadata": {"name": "default", "namespace": "n", "resourceVersion": "3"},
        "status": {"state": "Ready", "served": "", "conditions": [{"type": "Installed", "status": "True"}]},
    }
    fields = {
        "f:status": {
            "f:state": {},
            "f:served": {},
            "f:conditions": {'k:{"type":"Installed"}': {".": {}, "f:type": {}, "f:status": {}}},
        }
    }
    entry = {
        "manager": MANAGER,
        "operation": "Apply",
        "apiVersion": wanted["apiVersion"],
        "subresource": "status",
        "fieldsV1": fields,
    }
    there: dict[str, Any] = {**copy.deepcopy(wanted), "metadata": {"managedFields": [entry]}}
    assert find_difference(wanted, there, MANAGER, "status") is None
    del there["status"]["served"]
    assert find_difference(wanted, there, MANAGER, "status") == ("status", "served")


def test_prune() -> None:
    """Nulls go, whatever else is empty stays."""
    assert remove_nulls({"a": None, "b": [None, {"c": None}], "d": {}, "e": ""}) == {"b": [None, {}], "d": {}, "e": ""}
