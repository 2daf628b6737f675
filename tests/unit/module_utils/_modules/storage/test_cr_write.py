# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests around the DockerRegistry: what is tried again, and what is not asked."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.apply.changes import Applied
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import ClusterError
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.storage import (
    cr_write,
    desired_state,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import spec, volume
from ansible_collections.kyma.docker_registry.tests.support.contexts import make_context


class _Cluster:
    """A DockerRegistry whose version goes up `moves` times, each at an attempt to write it; every attempt fails."""

    def __init__(self, code: str, moves: int) -> None:
        self.code, self.moves = code, moves
        self.version = 1
        self.attempts = 0

    def get(self, kind: str, name: str, namespace: str) -> dict[str, Any]:
        assert (kind, name, namespace) == ("DockerRegistry", "default", "ns")
        metadata = {"name": name, "namespace": namespace, "resourceVersion": str(self.version)}
        return {"kind": kind, "metadata": metadata, "spec": {"storage": {"pvc": {"name": "theirs"}}}}

    def patch(self, *_: Any, **__: Any) -> dict[str, Any]:
        return self.get("DockerRegistry", "default", "ns")

    def apply(self, obj: dict[str, Any], **_: Any) -> Any:
        self.attempts += 1
        assert obj["metadata"]["resourceVersion"] == str(self.version)
        if self.moves:
            self.moves -= 1
            self.version += 1
        raise ClusterError(self.code, "DockerRegistry/default", "says no", "", 422)


def _want() -> desired_state.DesiredState:
    resolved, found = spec.check_storage({"pvc": {"name": "own"}}, "registry_storage")
    assert resolved is not None and not found
    return desired_state.DesiredState(
        "default", "ns", "registry_storage", resolved, volume.VolumeRequest("1Gi", None, ()), {}, {}, 1
    )


@pytest.mark.parametrize("write", [cr_write.apply_cr, cr_write.record_accepted_loss])
@pytest.mark.parametrize("code", ["cluster-invalid", "cluster-precondition"])
@pytest.mark.parametrize(("moves", "attempts"), [(0, 1), (2, 3), (99, 6)])
def test_again_only_after_a_change(code: str, moves: int, attempts: int, write: Callable[..., Any]) -> None:
    """An operator's status may come between; what is refused for itself is refused once."""
    cluster = _Cluster(code, moves)
    context = make_context({}, check_mode=False, cluster=cluster)
    with pytest.raises(ClusterError, match=code):
        write(context, _want().with_accepted_loss("accepted"), cluster.get("DockerRegistry", "default", "ns"))
    assert cluster.attempts == attempts


class _Operator(_Cluster):
    """Between the look and the write an operator adds its finalizer, and with it leaves out what Go leaves out."""

    def __init__(self, spec: dict[str, Any], dropped: dict[str, Any]) -> None:
        super().__init__("cluster-precondition", 1)
        self.specs = [spec, dropped]

    def get(self, kind: str, name: str, namespace: str) -> dict[str, Any]:
        return {**super().get(kind, name, namespace), "spec": self.specs[self.version - 1]}

    def apply(self, obj: dict[str, Any], **more: Any) -> Any:
        if self.version > 1:
            return Applied(obj, True)
        return super().apply(obj, **more)


S3 = {"bucket": "images", "region": "eu-central-1"}


@pytest.mark.parametrize(
    ("spec", "dropped"),
    [
        ({"storage": {"pvc": {"name": "own"}, "deleteEnabled": False}}, {"storage": {"pvc": {"name": "own"}}}),
        ({"storage": {"s3": {**S3, "encrypt": False, "regionEndpoint": ""}}}, {"storage": {"s3": S3}}),
        (
            {"storage": {"gcs": {"bucket": "b", "chunksize": 0, "rootdirectory": ""}}},
            {"storage": {"gcs": {"bucket": "b"}}},
        ),
        ({"storage": {"deleteEnabled": False}}, {"storage": {}}),
        ({"logging": {"accessLogEnabled": False}}, {"logging": {}}),
        ({"logging": {}}, {}),
    ],
)
def test_what_an_operator_drops_is_nobodys_change(spec: dict[str, Any], dropped: dict[str, Any]) -> None:
    """The same meaning is the same spec: the write is tried again. Another meaning is another client's write."""
    for second, refused in ((dropped, False), ({"storage": {"pvc": {"name": "theirs"}}}, True)):
        cluster = _Operator(spec, second)
        context = make_context({}, check_mode=False, cluster=cluster)
        live = cluster.get("DockerRegistry", "default", "ns")
        live["spec"] = {**spec}
        with pytest.raises(ClusterError) if refused else nullcontext():
            cr_write.apply_cr(context, _want(), live)
        assert cluster.attempts == 1
