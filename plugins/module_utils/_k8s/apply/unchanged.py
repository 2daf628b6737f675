# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A patch of an object whose specification is still the one that was read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import ObjectDict
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import ClusterError, changed_concurrently
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.transport.calls import (
    describe_call,
    object_identity,
)

from .strategy import is_same_specification

_ATTEMPTS = 5


class _Cluster(Protocol):
    def get(self, kind: str, name: str, namespace: str | None) -> ObjectDict | None:
        """The object, None if it does not exist."""

    def patch(self, kind: str, name: str, namespace: str | None, patch: Any) -> ObjectDict:
        """Sends a JSON patch."""


def patch_unchanged(cluster: _Cluster, before: ObjectDict, patch_of: Callable[[ObjectDict], Any]) -> None:
    """Patches an object. patch_of: makes the JSON patch, which tests what it relies on, from the object as it was read.

    Repeated if something else than the specification has changed, for example an entry of managedFields. Raises ClusterError: of concurrent changes,
    or the API server's own.
    """
    kind, name, namespace = object_identity(before)
    patch = patch_of(before)
    for _attempt in range(_ATTEMPTS):
        try:
            cluster.patch(kind, name, namespace, patch)
            return
        except ClusterError as problem:
            if problem.code != "cluster-invalid":
                raise
            # A failed test of the patch and a rejected object have the same code.
            live = cluster.get(kind, name, namespace)
            if live is None or not is_same_specification(before, live):
                break
            former, patch = patch, patch_of(live)
            if former == patch:
                raise
    raise changed_concurrently(describe_call("patch", kind, namespace, name))
