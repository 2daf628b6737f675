# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A storage Secret through runs that are killed, fail or verify their values: what is restored is what was verified last, whole."""

from __future__ import annotations

import base64
import copy
import uuid
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.apply.changes import Applied
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import Forbidden, NotFound
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.credentials import storage_secret
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.tests.support.contexts import make_context
from hypothesis import given
from hypothesis import strategies as st

NAME = "store-secret"
# What S3 needs, and keys that a Secret may have besides.
NEEDED, FREE = ("accessKey", "secretKey"), ("note", "tool")
Values = dict[str, str]


class _KilledError(Exception):
    """The run ends between two writes."""


class _Cluster:
    """Secrets of one namespace, with owners of their keys as server-side apply keeps them; dies where no write is left."""

    def __init__(self) -> None:
        self.secrets: dict[str, dict[str, Any]] = {}
        self.owners: dict[str, dict[str, set[str]]] = {}
        self.left = 0
        self.deployed: str | None = None
        self.failure: Forbidden | None = None

    def create(self, name: str, values: Values, ours: set[str]) -> None:
        """A Secret that is there before the first run; `ours`: keys that this collection wrote."""
        self.owners[name] = {key: {constants.FIELD_MANAGER if key in ours else "kubectl"} for key in values}
        self._store({"kind": "Secret", "metadata": {"name": name}, "data": _encoded(values)}, str(uuid.uuid4()))

    def values(self, name: str) -> Values | None:
        """The values in clear."""
        found = self.secrets.get(name)
        return None if found is None else {k: base64.b64decode(v).decode() for k, v in found["data"].items()}

    def get(self, kind: str, name: str, namespace: str) -> dict[str, Any] | None:
        assert namespace == "ns"
        if kind == "Deployment":
            if self.failure is not None:
                raise self.failure
            if self.deployed is None:
                return None
            annotations, labels = {constants.STORAGE_ID: self.deployed}, dict(constants.MANAGED_BY)
            spec = {"template": {"spec": {"containers": []}}}
            return {"metadata": {"annotations": annotations, "labels": labels}, "spec": spec}
        assert kind == "Secret"
        return self.secrets.get(name)

    def apply(self, obj: Mapping[str, Any], *, live: Any = None, dry_run: bool = False, force: bool = False) -> Applied:
        assert force and not dry_run
        name, manager = obj["metadata"]["name"], constants.FIELD_MANAGER
        before = self.secrets.get(name)
        data = dict(before["data"]) if before else {}
        owners = {key: set(found) for key, found in self.owners.get(name, {}).items()}
        for key in [key for key in owners if key not in obj["data"]]:
            owners[key].discard(manager)
            if not owners[key]:
                del owners[key], data[key]
        for key, value in obj["data"].items():
            owners[key] = {manager} | (owners.get(key, set()) if data.get(key) == value else set())
            data[key] = value
        reported = obj["metadata"].get("annotations")
        if before and (data, owners, reported) == (
            before["data"],
            self.owners[name],
            before["metadata"].get("annotations"),
        ):
            return Applied(before, False)
        self._write()
        self.owners[name] = owners
        uid = before["metadata"]["uid"] if before else str(uuid.uuid4())
        after = self._store({**obj, "data": data}, uid)
        return Applied(after, True)

    def delete(self, kind: str, name: str, namespace: str, *, uid: str) -> bool:
        assert (kind, namespace, self.secrets[name]["metadata"]["uid"]) == ("Secret", "ns", uid)
        self._write()
        del self.secrets[name], self.owners[name]
        return True

    def _write(self) -> None:
        if not self.left:
            raise _KilledError
        self.left -= 1

    def _store(self, obj: Mapping[str, Any], uid: str) -> dict[str, Any]:
        name = obj["metadata"]["name"]
        ours = {f"f:{key}": {} for key, found in self.owners[name].items() if constants.FIELD_MANAGER in found}
        entry = {"manager": constants.FIELD_MANAGER, "operation": "Apply", "fieldsV1": {"f:data": ours}}
        metadata = {**obj["metadata"], "namespace": "ns", "uid": uid, "managedFields": [entry]}
        self.secrets[name] = {**obj, "metadata": metadata}
        return self.secrets[name]


def _encoded(values: Values) -> Values:
    return {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}


def _task(cluster: _Cluster, state: str, values: Values | None = None) -> dict[str, Any]:
    context = _context(cluster, state, values)
    storage_secret.manage_storage_secret(context)
    return context.result


def _context(cluster: _Cluster, state: str, values: Values | None, *, check_mode: bool = False) -> Context:
    params = {
        "state": state,
        "purpose": "s3",
        "namespace": "ns",
        "secret_name": NAME,
        "secret_source": {"values": values or {}},
        "manifest": None,
        "driver_parameters": {},
        "failed_with": None,
    }
    return make_context(params, check_mode, cluster=cluster)


class _NoNamespace(_Cluster):
    """The API server answers every write with 404."""

    def apply(self, obj: Mapping[str, Any], **_options: Any) -> Applied:
        raise NotFound(obj["metadata"]["name"], 'namespaces "ns" not found', "")


def test_check_mode_without_namespace() -> None:
    """The Secret counts as a change, without its values; a real write fails."""
    values = {"accessKey": "key-A1", "secretKey": "key-S1"}
    context = _context(_NoNamespace(), "present", values, check_mode=True)
    storage_secret.manage_storage_secret(context)
    assert context.result["created"] and [change["after_header"] for change in context.changes] == [f"Secret/{NAME}"]
    assert "key-S1" not in str(context.changes)
    with pytest.raises(NotFound):
        _task(_NoNamespace(), "present", values)


def _run(cluster: _Cluster, values: Values, works: bool, writes: int) -> bool:
    """One run of the role, as far as the storage Secret goes, which dies where it has no write left; whether it came to its end."""
    cluster.left = writes
    with suppress(_KilledError):
        _task(cluster, "present", values)
        _task(cluster, "confirmed" if works else "restored")
        return True
    return False


def _verified_secret(*ours: str) -> tuple[_Cluster, Values]:
    """A cluster with a Secret whose values are verified."""
    cluster, verified = _Cluster(), {"accessKey": "key-A1", "secretKey": "key-S1", "note": "key-N1"}
    cluster.create(NAME, verified, set(ours))
    return cluster, verified


@pytest.mark.parametrize(
    "first", [{"secretKey": "key-S2"}, {"secretKey": "key-S2", "tool": "key-T2"}, {"note": "key-N2"}]
)
@pytest.mark.parametrize("writes", range(3))
def test_another_key_after_a_killed_run(first: Values, writes: int) -> None:
    """A run that gives other keys than the one that was killed keeps what it replaces besides."""
    cluster, verified = _verified_secret(*NEEDED)
    _run(cluster, first, False, writes)
    assert _run(cluster, {"accessKey": "key-A3", "secretKey": "key-S3", "tool": "key-T3"}, False, 9)
    assert cluster.values(NAME) == verified
    assert cluster.values(constants.PREVIOUS_SECRET) is None


def test_a_secret_that_was_taken_away() -> None:
    """What is kept of it is restored, and nothing of a run that failed is mixed in."""
    cluster, _verified = _verified_secret()
    assert not _run(cluster, {"secretKey": "key-S2"}, False, 2)
    del cluster.secrets[NAME], cluster.owners[NAME]
    assert _run(cluster, {"accessKey": "key-A3", "secretKey": "key-S3"}, False, 9)
    assert cluster.values(NAME) == {"secretKey": "key-S1"}


@pytest.mark.parametrize("second", [{"secretKey": "key-S2"}, {"secretKey": "key-S3", "accessKey": "key-A3"}])
def test_values_of_another_storage(second: Values) -> None:
    """A killed run has switched the storage, with other values for the same Secret. The next run fails: the former values are not written for the new storage.

    They return with the former storage.
    """
    cluster, verified = _verified_secret(*NEEDED)
    cluster.deployed = "s3/r/former"
    assert not _run(cluster, {"secretKey": "key-S2"}, False, 2)
    cluster.deployed = "s3/r/new"
    kept = cluster.values(constants.PREVIOUS_SECRET)
    assert kept is not None
    cluster.left = 9
    _task(cluster, "present", second)
    assert _task(cluster, "restored")["restored"] is False
    assert cluster.values(NAME) == {**verified, **second}
    assert (cluster.values(constants.PREVIOUS_SECRET) or {}).items() >= kept.items()
    cluster.deployed = "s3/r/former"
    assert _task(cluster, "restored")["restored"] is True
    assert cluster.values(NAME) == verified and cluster.values(constants.PREVIOUS_SECRET) is None


def test_a_storage_that_cannot_be_read() -> None:
    """Without the right to read the Deployment, and without a Deployment, the values are kept and restored as those of the only storage."""
    cluster, verified = _verified_secret(*NEEDED)
    cluster.failure = Forbidden("Deployment/dockerregistry", "no.", "")
    assert _run(cluster, {"secretKey": "key-S2"}, False, 9)
    assert cluster.values(NAME) == verified


def test_a_new_secret_keeps_nothing() -> None:
    """There are no former values, so that those that failed stay."""
    cluster = _Cluster()
    values = {"accessKey": "key-A1", "secretKey": "key-S1"}
    assert _run(cluster, values, False, 1), "one write is enough"
    assert cluster.values(NAME) == values


def test_a_removal_that_is_killed() -> None:
    """Never is a Secret gone and its former values left: they would be put into the next one of its name."""
    cluster = _Cluster()
    assert _run(cluster, {"accessKey": "key-A1", "secretKey": "key-S1"}, True, 1)
    assert not _run(cluster, {"secretKey": "key-S2"}, False, 2)
    cluster.left = 1
    with pytest.raises(_KilledError):
        _task(cluster, "absent")
    assert set(cluster.secrets) == {NAME}


@st.composite
def _runs(draw: st.DrawFn) -> tuple[set[str], list[tuple[Values, bool, int]]]:
    """Keys that this collection wrote before, and runs: what each gives, whether it works, after how many writes it dies."""
    value = st.sampled_from(["key-V1", "key-V2", "key-V3"])
    values = st.dictionaries(st.sampled_from([*NEEDED, *FREE]), value)
    one = st.tuples(values, st.booleans(), st.sampled_from([0, 1, 2, 3, 9]))
    return draw(st.sets(st.sampled_from([*NEEDED, "note"]))), draw(st.lists(one, min_size=1, max_size=6))


@given(_runs())
def test_any_sequence_of_runs(case: tuple[set[str], list[tuple[Values, bool, int]]]) -> None:
    """After a run that failed, and not before a run that worked has forgotten them, the live values are the last verified ones."""
    ours, runs = case
    cluster, verified = _verified_secret(*ours)
    for values, works, writes in runs:
        ended = _run(cluster, values, works, writes)
        live = cluster.values(NAME)
        assert live is not None
        if ended and works:
            verified = live
        elif ended:
            assert live == verified
        if ended:
            assert cluster.values(constants.PREVIOUS_SECRET) is None
        else:
            later = copy.deepcopy(cluster)
            assert _run(later, {}, False, 9) and later.values(NAME) == verified, "nothing is lost"
