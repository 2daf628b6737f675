# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A fake API server that keeps one Lease, with its own clock."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import (
    ClusterError,
    Conflict,
    NotFound,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.lease_record import build_renewal


class Server:
    """One Lease, kept as an API server does, and the requests about it. The clock moves only by sleeping."""

    class target:  # noqa: N801
        """As a Cluster has it."""

        host, source = "https://server", "host"

    def close(self) -> None:
        """As a Cluster has it."""

    def __init__(self) -> None:
        self.lease: dict[str, Any] | None = None
        self.record: dict[str, Any] | None = None
        self.requests: list[str] = []
        self.now = 0.0
        self.skipped = 0.0
        self.version = 0
        self.warnings: list[str] = []
        self.before_write: Callable[[str], None] = lambda _kind: None
        # Called with each verb, before the request: a write of another run, or a failure.
        self.concurrently: Callable[[str], None] = lambda _verb: None

    def show_repetitions(self, _start_progress: Any) -> None:
        """No request is repeated."""

    def clock(self) -> float:
        """Seconds."""
        return self.now

    def wall_clock(self) -> float:
        """Seconds, with those for which the machine was suspended and those by which the clock was set."""
        return self.now + self.skipped

    def sleep(self, seconds: float) -> None:
        """Does not wait."""
        self.now += seconds

    def store(self, lease: dict[str, Any] | None) -> None:
        """A write of any client."""
        self.version += 1
        if lease is not None:
            lease["metadata"] = {**lease["metadata"], "resourceVersion": str(self.version)}
            lease["metadata"].setdefault("uid", f"uid-{self.version}")
        self.lease = lease

    def held_by(self, identity: str) -> None:
        """Another run writes the Lease."""
        self.store({"metadata": {}, "spec": {"holderIdentity": identity}})

    def _heard(self, verb: str) -> None:
        self.requests.append(verb)
        self.concurrently(verb)

    def get(self, kind: str, _name: str, _namespace: str) -> dict[str, Any] | None:
        """A copy, or the record of a migration."""
        if kind == "ConfigMap":
            return self.record
        assert kind == "Lease"
        self._heard("get")
        return copy.deepcopy(self.lease)

    def create(self, obj: dict[str, Any]) -> dict[str, Any]:
        """A name that is taken is a conflict. Another kind is only announced."""
        self.before_write(obj["kind"])
        if obj["kind"] != "Lease":
            self.requests.append(obj["kind"])
            return obj
        self._heard("create")
        if self.lease is not None:
            raise Conflict("Lease", "exists", "")
        self.store(copy.deepcopy(obj))
        return copy.deepcopy(self.lease or {})

    def patch(self, kind: str, _name: str, _namespace: str, patch: Any, **_content: Any) -> dict[str, Any]:
        """A JSON patch that tests the holder, or a merge patch with a version."""
        assert kind == "Lease"
        self._heard("patch")
        if self.lease is None:
            raise NotFound("Lease", "is not there", "")
        spec = dict(self.lease["spec"])
        if isinstance(patch, list):
            if spec.get("holderIdentity") != patch[0]["value"]:
                raise ClusterError("cluster-invalid", "Lease", "the test failed", status=422)
            assert [item["path"] for item in patch] == [item["path"] for item in build_renewal("", _Moment())]
            spec["renewTime"] = patch[1]["value"]
        else:
            self._compare(patch["metadata"])
            spec |= patch["spec"]
        self.store({**self.lease, "spec": spec})
        return copy.deepcopy(self.lease)

    def delete(self, kind: str, _name: str, _namespace: str, *, uid: str, resource_version: str) -> bool:
        """Only with what is stored."""
        assert kind == "Lease"
        self._heard("delete")
        if self.lease is None:
            return False
        self._compare({"uid": uid, "resourceVersion": resource_version})
        self.store(None)
        return True

    def _compare(self, metadata: dict[str, Any]) -> None:
        assert self.lease is not None
        if any(self.lease["metadata"][key] != value for key, value in metadata.items()):
            raise ClusterError("cluster-precondition", "Lease", "it was changed", status=409)


class _Moment:
    """A time of which only the form counts."""

    def strftime(self, _form: str) -> str:
        """Any."""
        return ""
