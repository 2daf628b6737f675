# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which objects are pruned, and which are created anew."""

from __future__ import annotations

from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.deployment import object_apply
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared import object_catalog

Object = dict[str, Any]


class _Cluster:
    """Objects by kind; notes what is deleted."""

    def __init__(self, *objects: Object) -> None:
        self.objects = {item["kind"]: item for item in objects}
        self.deleted: list[tuple[str, str]] = []

    def get(self, kind: str, name: str, namespace: str) -> Object | None:
        return self.objects.get(kind)

    def delete(self, kind: str, name: str, namespace: str, *, uid: str) -> bool:
        assert uid == f"uid-{kind}" and namespace == "ns"
        self.deleted.append((kind, name))
        return True


def _object(place: object_catalog.ObjectKey, ours: bool = True) -> Object:
    kind, name = place
    labels = dict(constants.MANAGED_BY) if ours else {}
    return {"kind": kind, "metadata": {"name": name, "namespace": "ns", "uid": f"uid-{kind}", "labels": labels}}


def _context(cluster: _Cluster, check_mode: bool = False) -> Context:
    return Context({"namespace": "ns", "manifest": None}, check_mode, _cluster=cluster)  # type: ignore[arg-type]


def test_what_is_wanted_no_more_is_pruned() -> None:
    """The budget of a registry that has one Pod again. Claims stay, and so does what another made."""
    budget, claim = ("PodDisruptionBudget", constants.REGISTRY), ("PersistentVolumeClaim", constants.DEFAULT_CLAIM)
    wanted, other = ("ConfigMap", constants.CONFIG_MAP), ("ServiceAccount", constants.REGISTRY)
    live: dict[object_catalog.ObjectKey, Object | None] = {place: _object(place) for place in (budget, claim, wanted)}
    live[other] = _object(other, ours=False)
    live["Deployment", constants.REGISTRY] = None
    for check_mode in (True, False):
        cluster = _Cluster()
        context = _context(cluster, check_mode)
        object_apply.prune_objects(context, {wanted: {}}, live)
        assert [change["before_header"] for change in context.changes] == ["/".join(budget)]
        assert cluster.deleted == ([] if check_mode else [budget])
