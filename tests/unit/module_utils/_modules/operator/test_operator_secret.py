# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Secret of ours that the DockerRegistry names in operator mode."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.apply.changes import Applied
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator import operator_secret
from ansible_collections.kyma.docker_registry.tests.support.contexts import make_context


def test_no_derived_secret() -> None:
    """Where none is needed none is asked for."""
    operator_secret.write_operator_secret(make_context({}, check_mode=False, cluster=object()), "ns", None)


class _Secrets:
    """Secrets by name, and what was applied and deleted."""

    def __init__(self, **secrets: dict[str, str]) -> None:
        self.secrets = {name.replace("_", "-"): data for name, data in secrets.items()}
        self.applied: dict[str, Any] = {}
        self.deleted: list[str] = []
        self.labels = dict(constants.MANAGED_BY)

    def get(self, kind: str, name: str, namespace: str) -> Any:
        assert (kind, namespace) == ("Secret", "ns")
        if name not in self.secrets:
            return None
        metadata = {"name": name, "uid": f"of {name}", "labels": self.labels}
        return {"kind": "Secret", "metadata": metadata, "data": self.secrets[name]}

    def apply(self, obj: dict[str, Any], *, live: Any, **_: Any) -> Applied:
        self.applied[obj["metadata"]["name"]] = obj["data"]
        return Applied(live or obj, False)

    def delete(self, _kind: str, name: str, _namespace: str, *, uid: str) -> bool:
        assert uid == f"of {name}"
        self.deleted.append(name)
        return True


def _context(cluster: _Secrets, *, check_mode: bool = False) -> Context:
    return make_context({}, check_mode, cluster=cluster)


OLD, NEW, VERIFIED = {"a": "b2xk"}, {"a": "bmV3"}, {"a": "dmVyaWZpZWQ="}
SECRET = "dockerregistry_storage_operator"
FORMER = "dockerregistry_storage_operator_previous"


@pytest.mark.parametrize(
    ("there", "check_mode", "kept"),
    [
        ({}, False, None),
        ({SECRET: OLD}, False, OLD),
        ({SECRET: OLD}, True, None),
        ({SECRET: NEW}, False, None),
        ({SECRET: OLD, FORMER: VERIFIED}, False, None),
    ],
    ids=["new", "changed", "check mode", "same", "an interrupted run has kept the verified values"],
)
def test_a_derived_secret(there: dict[str, dict[str, str]], check_mode: bool, kept: dict[str, str] | None) -> None:
    """It is compared with the one that is there, and written; values that are replaced are kept first, unless verified ones are kept."""
    cluster = _Secrets(**there)
    new = operator_secret.write_operator_secret(_context(cluster, check_mode=check_mode), "ns", {"a": b"new"})
    assert new is (SECRET not in there)
    assert cluster.applied[constants.OPERATOR_SECRET] == NEW
    assert cluster.applied.get(constants.PREVIOUS_OPERATOR_SECRET) == kept


def test_former_values() -> None:
    """They are written again, and deleted when others are verified."""
    cluster = _Secrets(**{SECRET: NEW, FORMER: VERIFIED})
    former = operator_secret.read_former_values(_context(cluster), "ns")
    assert former is not None
    operator_secret.restore_operator_secret(_context(cluster), "ns", former)
    assert cluster.applied == {constants.OPERATOR_SECRET: VERIFIED}
    operator_secret.delete_former_values(_context(cluster), "ns")
    assert cluster.deleted == [constants.PREVIOUS_OPERATOR_SECRET]
    assert operator_secret.read_former_values(_context(_Secrets()), "ns") is None


@pytest.mark.parametrize(
    ("named", "used", "managed", "deleted"),
    [
        ("mine", set(), True, True),
        (None, set(), True, True),
        (constants.OPERATOR_SECRET, set(), True, False),
        ("mine", {("Secret", constants.OPERATOR_SECRET)}, True, False),
        ("mine", {("ConfigMap", constants.OPERATOR_SECRET)}, True, True),
        ("mine", set(), False, False),
    ],
)
def test_unused(named: str | None, used: set[tuple[str, str]], managed: bool, deleted: bool) -> None:
    """It has former credentials when neither the DockerRegistry nor the Deployment names it; a Secret of others stays."""
    cluster = _Secrets(**{SECRET: OLD})
    cluster.labels = dict(constants.MANAGED_BY) if managed else {}
    cr = {"spec": {"storage": {"s3": {"bucket": "images", "secretName": named}}}} if named else None
    operator_secret.delete_unused_secret(_context(cluster), "ns", cr, used)
    assert cluster.deleted == [constants.OPERATOR_SECRET] * deleted
    operator_secret.delete_unused_secret(_context(_Secrets()), "ns", cr, used)
