# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a connection does before it writes, and how it names the object that it deletes. Its requests are tested against an API server."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import (
    ClusterError,
    changed_concurrently,
)

MAP = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "ns"}, "data": {"x": "1"}}
STORED = {**MAP, "metadata": {**MAP["metadata"], "resourceVersion": "1"}}  # type: ignore[dict-item]
PLACE = ("ConfigMap", "a", "ns")


class _Transport:
    """Answers each request with the stored object, and keeps what was sent."""

    def __init__(self) -> None:
        self.warnings: list[str] = []
        self.sent: list[tuple[str, Any]] = []

    def json(self, _call: Any, method: str, _path: str, *, body: Any = None, **_more: Any) -> dict[str, Any]:
        """As Transport."""
        self.sent.append((method, body))
        return STORED


def _cluster(transport: _Transport | None = None) -> tuple[Cluster, _Transport]:
    transport = transport or _Transport()
    target = SimpleNamespace(host="https://server", source="host", verify_ssl=True)
    return Cluster(target, transport), transport  # type: ignore[arg-type]


WRITES: dict[str, Callable[[Cluster, bool], Any]] = {
    "create": lambda cluster, dry: cluster.create(MAP, dry_run=dry),
    "apply": lambda cluster, dry: cluster.apply(MAP, live=None, dry_run=dry),
    "patch": lambda cluster, dry: cluster.patch(*PLACE, [], dry_run=dry),
    "delete": lambda cluster, dry: cluster.delete(*PLACE, uid="1", dry_run=dry),
}


class _StopError(Exception):
    """What a preparation may raise."""


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_before_write(write: Callable[[Cluster, bool], Any]) -> None:
    """It gets the kind, before the request, which it can prevent. A request that stores nothing is not a write."""
    cluster, transport = _cluster()

    def stop(kind: str) -> None:
        raise _StopError(kind)

    cluster.before_write = stop
    with pytest.raises(_StopError, match=r"^ConfigMap$"):
        write(cluster, False)
    assert transport.sent == []
    write(cluster, True)
    assert len(transport.sent) == 1


def test_no_difference() -> None:
    """An apply that changes nothing is not a write."""
    cluster, transport = _cluster()
    cluster.before_write = pytest.fail
    owned = {"f:data": {"f:x": {}}}
    entry = {"manager": "kyma.docker_registry", "operation": "Apply", "apiVersion": "v1", "fieldsV1": owned}
    live = {**STORED, "metadata": {**STORED["metadata"], "managedFields": [entry]}}  # type: ignore[dict-item]
    assert not cluster.apply(MAP, live=live).changed
    cluster.get(*PLACE)
    assert [method for method, _body in transport.sent] == ["GET"]


@pytest.mark.parametrize(("version", "sent"), [(None, {"uid": "1"}), ("7", {"uid": "1", "resourceVersion": "7"})])
def test_preconditions(version: str | None, sent: dict[str, str]) -> None:
    """The UID always, the version if it matters."""
    cluster, transport = _cluster()
    cluster.delete(*PLACE, uid="1", resource_version=version)
    assert transport.sent[0][1]["preconditions"] == sent


@pytest.mark.parametrize(("given", "attempts"), [({}, 5), ({"resourceVersion": "0"}, 1)], ids=["no version", "version"])
def test_attempts(given: dict[str, str], attempts: int) -> None:
    """A number of replicas that we own applies to the version that was read, so another read helps. A version of the caller stays the same."""
    desired = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a", "namespace": "ns", **given}}
    desired["spec"] = {"paused": True}  # type: ignore[assignment]
    owner = {"manager": "kyma.docker_registry", "operation": "Apply", "fieldsV1": {"f:spec": {"f:replicas": {}}}}
    versions = itertools.count()

    class Busy(_Transport):
        def json(self, call: Any, method: str, path: str, **more: Any) -> dict[str, Any]:
            """Another version at each read, and a conflict at each write."""
            super().json(call, method, path, **more)
            if method != "GET":
                raise changed_concurrently(call)
            metadata = {
                "name": "a",
                "namespace": "ns",
                "resourceVersion": str(next(versions)),
                "managedFields": [owner],
            }
            return {**desired, "metadata": metadata, "spec": {"replicas": 2}}

    cluster, transport = _cluster(Busy())
    with pytest.raises(ClusterError, match="concurrently"):
        cluster.apply(desired)
    assert [method for method, _body in transport.sent] == ["GET", "PATCH"] * attempts
