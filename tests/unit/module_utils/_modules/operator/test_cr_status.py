# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The status of the DockerRegistry as Kyma's clients read it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator import cr_status
from ansible_collections.kyma.docker_registry.tests.support.contexts import make_context

CR: dict[str, Any] = {
    "apiVersion": "operator.kyma-project.io/v1alpha1",
    "kind": "DockerRegistry",
    "metadata": {"name": "default", "namespace": "ns", "labels": {"a": "b"}, "uid": "x"},
    "spec": {"storage": {}},
}
GOOD = cr_status.RegistryStatus("filesystem", "dockerregistry", True, 32137)
FIRST, LATER = "2026-01-01T00:00:00Z", "2026-02-02T00:00:00Z"


def test_document() -> None:
    """Every field of a working registry; nothing but its identity of the CR itself."""
    document = cr_status.build_document(CR, GOOD, FIRST)
    conditions = document["status"].pop("conditions")
    assert document == {
        "apiVersion": "operator.kyma-project.io/v1alpha1",
        "kind": "DockerRegistry",
        "metadata": {"name": "default", "namespace": "ns"},
        "status": {
            "state": "Ready",
            "served": "True",
            "storage": "filesystem",
            "pvc": "dockerregistry",
            "deleteEnabled": "True",
            "internalAccess": {
                "enabled": "True",
                "secretName": "dockerregistry-config",
                "pushAddress": "dockerregistry.ns.svc.cluster.local:5000",
                "pullAddress": "localhost:32137",
            },
        },
    }
    assert [(item["type"], item["status"], item["reason"]) for item in conditions] == [
        ("Configured", "True", "Configured"),
        ("Installed", "True", "Installed"),
    ]
    assert all(item["lastTransitionTime"] == FIRST and "direct mode" in item["message"] for item in conditions)


def test_object_store() -> None:
    """No claim, no pvc field; deletion switched off is a text."""
    found = cr_status.build_document(CR, replace(GOOD, storage_type="s3", claim=None, delete_enabled=False), FIRST)[
        "status"
    ]
    assert "pvc" not in found and found["storage"] == "s3" and found["deleteEnabled"] == "False"


def test_long_problem_is_cut() -> None:
    """The API server takes 32768 characters of a message."""
    (_configured, installed) = cr_status.build_conditions(replace(GOOD, problem="x" * 40000), [], FIRST)
    assert len(installed["message"]) == 32768


def test_times() -> None:
    """A time moves when its status turns, not when only the message changes; foreign conditions are not ours to keep."""
    before = cr_status.build_conditions(GOOD, [], FIRST)
    other = [{"type": "Foreign", "status": "True", "lastTransitionTime": FIRST}]
    assert cr_status.build_conditions(GOOD, other + before, LATER) == before
    broken = cr_status.build_conditions(replace(GOOD, problem="a"), before, LATER)
    assert [item["lastTransitionTime"] for item in broken] == [FIRST, LATER]
    worse = cr_status.build_conditions(replace(GOOD, problem="b"), broken, "2026-03-03T00:00:00Z")
    assert [item["lastTransitionTime"] for item in worse] == [FIRST, LATER] and worse[1]["message"].startswith("b")
    corrected = cr_status.build_conditions(GOOD, worse, "2026-03-03T00:00:00Z")
    assert corrected[1]["lastTransitionTime"] == "2026-03-03T00:00:00Z" and corrected[1]["status"] == "True"


@dataclass
class _Applied:
    changed: bool
    after: dict[str, Any]


class _Cluster:
    """Takes a status and says whether it differed."""

    def __init__(self, changed: bool) -> None:
        self.changed = changed
        self.written: list[dict[str, Any]] = []

    def apply_status(self, document: dict[str, Any], live: dict[str, Any]) -> _Applied:
        assert live is CR
        self.written.append(document)
        return _Applied(self.changed, document)


@pytest.mark.parametrize(("changed", "check_mode"), [(True, False), (False, False), (True, True)])
def test_write(changed: bool, check_mode: bool) -> None:
    """A change is one if something was written; check mode writes none."""
    cluster = _Cluster(changed)
    context = make_context({}, check_mode, cluster=cluster)
    cr_status.write_status(context, CR, GOOD)
    assert len(cluster.written) == (not check_mode)
    assert len(context.changes) == (changed and not check_mode)
    if context.changes:
        assert context.changes[0]["before_header"] == "DockerRegistry/default (status)"
        assert (context.changes[0]["before"], context.changes[0]["after"]) == (None, "Ready")


PLAIN_CR = {
    "apiVersion": "operator.kyma-project.io/v1alpha1",
    "kind": "DockerRegistry",
    "metadata": {"name": "default", "namespace": "ns"},
}

DEPLOYED = cr_status.RegistryStatus("filesystem", "dockerregistry", False, 32137)


def test_status_is_stable() -> None:
    """A later run with the same outcome writes the same bytes, its time included."""
    first = cr_status.build_document(PLAIN_CR, DEPLOYED, "2026-01-01T00:00:00Z")
    second = cr_status.build_document({**PLAIN_CR, "status": first["status"]}, DEPLOYED, "2026-02-02T00:00:00Z")
    assert second == first
    assert first["status"]["state"] == "Ready" and first["status"]["pvc"] == "dockerregistry"


def test_status_of_a_failure() -> None:
    """Installed turns False with the cause; the time moves only for what turned."""
    good = cr_status.build_document(PLAIN_CR, DEPLOYED, "2026-01-01T00:00:00Z")["status"]
    bad = cr_status.build_document(
        {**PLAIN_CR, "status": good},
        cr_status.RegistryStatus("filesystem", None, False, None, "it crashed"),
        "2026-02-02T00:00:00Z",
    )["status"]
    conditions = {item["type"]: item for item in bad["conditions"]}
    assert bad["state"] == "Error"
    assert conditions["Installed"]["status"] == "False" and "it crashed" in conditions["Installed"]["message"]
    assert conditions["Installed"]["lastTransitionTime"] == "2026-02-02T00:00:00Z"
    assert conditions["Configured"]["lastTransitionTime"] == "2026-01-01T00:00:00Z"
    assert "pullAddress" not in bad["internalAccess"]
