# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes that the API server has done, although their answer got lost."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.apply import lost_answers
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import ClusterError
from ansible_collections.kyma.docker_registry.tests.unit.module_utils._k8s.transport.server import (
    CONFIG_MAP,
    Heard,
    Talk,
    serve,
    to,
)

pytestmark = pytest.mark.usefixtures("slept")


EXISTS = {"reason": "AlreadyExists"}
DEFAULTED = {**CONFIG_MAP, "metadata": {"name": "c", "namespace": "n", "uid": "u", "resourceVersion": "2"}}
OTHER = {**DEFAULTED, "data": {"a": "other"}}


def _after_a_lost_answer(method: str, refusal: tuple[int, dict[str, Any]], live: dict[str, Any] | None) -> Any:
    """An answer to `method` that gets lost, then what the repetition meets; then reads give `live`."""

    def answer(heard: Heard, talk: Talk) -> None:
        if heard.method == "GET":
            talk.reply(200 if live else 404, live)
        elif [item.method for item in server.heard].count(method) == 1:
            talk.reset()
        else:
            talk.reply(*refusal)

    with serve(answer) as server:
        cluster = to(server.url)
        if method == "POST":
            return cluster.create(CONFIG_MAP)
        if method == "DELETE":
            return cluster.delete("ConfigMap", "c", "n", uid="u" if live is None else "former")
        return cluster.patch("ConfigMap", "c", "n", [{"op": "test", "path": "/data/a", "value": "x"}, PATCH])


PATCH = {"op": "replace", "path": "/data/a", "value": "b"}


def test_writes_whose_answer_got_lost() -> None:
    """They are done: a rejected repetition is not a failure. An object of another client is one."""
    assert _after_a_lost_answer("POST", (409, EXISTS), DEFAULTED) == DEFAULTED
    assert _after_a_lost_answer("PATCH", (422, {"reason": "Invalid"}), DEFAULTED) == DEFAULTED
    assert _after_a_lost_answer("DELETE", (404, {}), None) is True
    # Its controller has made another one in the meantime.
    assert _after_a_lost_answer("DELETE", (409, {"reason": "Conflict"}), DEFAULTED) is True
    for method, refusal in (("POST", (409, EXISTS)), ("PATCH", (422, {"reason": "Invalid"}))):
        for live in (OTHER, None):
            with pytest.raises(ClusterError) as caught:
                _after_a_lost_answer(method, refusal, live)
            assert caught.value.status == refusal[0]


def test_without_a_lost_answer_a_refusal_is_one() -> None:
    """Also if the object is as it should be: another run made it."""
    with (
        serve(
            lambda heard, talk: talk.reply(409 if heard.method == "POST" else 200, {**DEFAULTED, **EXISTS})
        ) as server,
        pytest.raises(ClusterError),
    ):
        to(server.url).create(CONFIG_MAP)
    with serve(lambda _heard, talk: talk.reply(404)) as server:
        assert to(server.url).delete("ConfigMap", "c", "n", uid="u") is False


def _lost_apply(live_after: str) -> Any:
    """An apply with a version that is sent again after it was done."""
    owned = {
        "manager": "kyma.docker_registry",
        "operation": "Apply",
        "apiVersion": "v1",
        "fieldsV1": {"f:data": {"f:a": {}}},
    }

    def stored(value: str, version: str) -> dict[str, Any]:
        metadata = {**CONFIG_MAP["metadata"], "resourceVersion": version, "managedFields": [owned]}  # type: ignore[dict-item]
        return {**CONFIG_MAP, "metadata": metadata, "data": {"a": value}}

    def answer(heard: Heard, talk: Talk) -> None:
        writes = [item.method for item in server.heard].count("PATCH")
        if heard.method == "GET":
            talk.reply(200, stored(live_after, "2") if writes else stored("old", "1"))
        elif writes == 1:
            talk.reset()
        else:
            talk.reply(409, {"reason": "Conflict"})

    wanted = {**CONFIG_MAP, "metadata": {**CONFIG_MAP["metadata"], "resourceVersion": "1"}}  # type: ignore[dict-item]
    with serve(answer) as server:
        return to(server.url).apply(wanted)


def test_an_apply_whose_answer_got_lost() -> None:
    """It is done, and a change; unless another made it otherwise."""
    applied = _lost_apply("b")
    assert applied.changed and applied.after["data"] == {"a": "b"} and applied.fields == ["data.a"]
    with pytest.raises(ClusterError) as caught:
        _lost_apply("other")
    assert caught.value.code == "cluster-precondition"


OBJECT = {"metadata": {"annotations": {"a/b": "1"}}, "spec": {"list": [{"x": 1, "default": 2}], "n": 3}}


def test_merge_patches() -> None:
    """Null is absence; a version is a condition."""
    for patch, done in (
        ({"metadata": {"resourceVersion": "1", "annotations": {"a/b": "1", "c": None}}}, True),
        ({"metadata": {"annotations": {"a/b": None}}}, False),
        ({"spec": {"other": {"deep": 1}}}, False),
        ({"spec": {"n": 3}}, True),
    ):
        assert lost_answers.is_patched(patch, OBJECT) is done, patch


def test_json_patches() -> None:
    """Tests are conditions; a step that is not understood is not done."""
    for step, done in (
        ({"op": "test", "path": "/spec/n", "value": 9}, True),
        ({"op": "add", "path": "/metadata/annotations/a~1b", "value": "1"}, True),
        ({"op": "replace", "path": "/spec/n", "value": 4}, False),
        ({"op": "remove", "path": "/spec/gone"}, True),
        ({"op": "remove", "path": "/spec/n"}, False),
        ({"op": "move", "from": "/spec/n", "path": "/spec/n"}, False),
        ({"op": "add", "path": "/spec/list/0", "value": {}}, False),
    ):
        assert lost_answers.is_patched([step], OBJECT) is done, step


def test_creations() -> None:
    """The server adds to what was asked for."""
    assert lost_answers.is_created({"spec": {"list": [{"x": 1}], "n": 3, "none": None}}, OBJECT)
    assert lost_answers.is_created({"spec": {"list": []}}, OBJECT), "a Pod without tolerations gets two"
    assert not lost_answers.is_created({"spec": {"list": [{"x": 2}]}}, OBJECT)
    assert not lost_answers.is_created({"command": ["a"]}, {"command": ["a", "b"]})
    assert not lost_answers.is_created({"spec": {"n": 4}}, OBJECT)


@pytest.mark.parametrize(
    ("path", "done"),
    [("/data/b", True), ("/other/b", True), ("/data/a", False), ("/items/0", False), ("/items/9", False)],
    ids=["gone", "gone with its parent", "still there", "item of a list", "perhaps the item that followed"],
)
def test_a_removal(path: str, done: bool) -> None:
    """An item of a list is in doubt: another one may have its index now."""
    live = {**DEFAULTED, "data": {"a": "b"}, "items": ["x"]}
    assert lost_answers.is_patched([{"op": "remove", "path": path}], live) is done


@pytest.mark.parametrize(
    ("asked", "stored", "created"),
    [("250000000", "250M", True), ("0.5", "500m", True), (1, "1", True), ("1000M", "1Gi", False), ("1", "2", False)],
)
def test_amounts(asked: str | int, stored: str, created: bool) -> None:
    """The server writes an amount in its own form, in the fields that are amounts. Elsewhere it is a text."""

    def pod(amount: str | int) -> dict[str, Any]:
        return {"spec": {"containers": [{"name": "a", "resources": {"limits": {"memory": amount}}}]}}

    assert lost_answers.is_created(pod(asked), pod(stored)) is created
    assert not lost_answers.is_created({"data": {"limit": asked}}, {"data": {"limit": stored}})
