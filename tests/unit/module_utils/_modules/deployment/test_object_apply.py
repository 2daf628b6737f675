# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which objects are pruned, and which are created again."""

from __future__ import annotations

from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.deployment import object_apply
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared import object_catalog
from ansible_collections.kyma.docker_registry.tests.support.contexts import make_context

Object = dict[str, Any]


class _Cluster:
    """Notes what is deleted."""

    def __init__(self, items: dict[object_catalog.ObjectKey, Object] | None = None) -> None:
        self.items = items or {}
        self.deleted: list[tuple[str, str]] = []

    def get(self, kind: str, name: str, namespace: str) -> Object | None:
        assert namespace == "ns"
        return self.items.get((kind, name))

    def delete(self, kind: str, name: str, namespace: str, *, uid: str) -> bool:
        assert uid == f"uid-{kind}" and namespace == "ns"
        self.deleted.append((kind, name))
        return True


def _object(place: object_catalog.ObjectKey, ours: bool = True) -> Object:
    kind, name = place
    labels = dict(constants.MANAGED_BY) if ours else {}
    return {"kind": kind, "metadata": {"name": name, "namespace": "ns", "uid": f"uid-{kind}", "labels": labels}}


def test_what_is_wanted_no_more_is_pruned() -> None:
    """The budget of a registry that has one Pod again. Claims stay, and so does what another made."""
    budget, claim = ("PodDisruptionBudget", constants.REGISTRY), ("PersistentVolumeClaim", constants.DEFAULT_CLAIM)
    wanted, other = ("ConfigMap", constants.CONFIG_MAP), ("ServiceAccount", constants.REGISTRY)
    live: dict[object_catalog.ObjectKey, Object | None] = {place: _object(place) for place in (budget, claim, wanted)}
    live[other] = _object(other, ours=False)
    live["Deployment", constants.REGISTRY] = None
    for check_mode in (True, False):
        cluster = _Cluster()
        context = make_context({"namespace": "ns"}, check_mode, cluster=cluster)
        object_apply.prune_objects(context, {wanted: {}}, live)
        assert [change["before_header"] for change in context.changes] == ["/".join(budget)]
        assert cluster.deleted == ([] if check_mode else [budget])


def test_what_a_verified_revision_does_not_use_is_pruned() -> None:
    """The network policy and the budget of a store that was left. Claims stay, and so does what another made or an operator needs."""
    egress, budget = ("NetworkPolicy", constants.NETWORK_POLICIES[-1]), ("PodDisruptionBudget", constants.REGISTRY)
    used, foreign = ("ServiceAccount", constants.REGISTRY), ("NetworkPolicy", constants.NETWORK_POLICIES[0])
    others = [("PersistentVolumeClaim", constants.DEFAULT_CLAIM), ("ConfigMap", constants.CONFIG_MAP)]
    items = {place: _object(place) for place in (egress, budget, used, *others)}
    items[foreign] = _object(foreign, ours=False)
    deployment = object_apply.with_deployed_objects(_object(object_catalog.DEPLOYMENT), [used])
    for record, pruned in ((deployment, [egress, budget]), (_object(object_catalog.DEPLOYMENT), [])):
        cluster = _Cluster(items)
        context = make_context({"namespace": "ns"}, False, cluster=cluster)
        object_apply.prune_undeployed(context, record)
        assert cluster.deleted == pruned
        assert [change["before_header"] for change in context.changes] == ["/".join(place) for place in pruned]


def test_tampered_objects_are_created_anew() -> None:
    """An immutable object whose content is not that of its name is deleted, so that the apply creates it. Others stay."""
    tampered, same, absent = (("Secret", f"runtime-{number}") for number in range(3))
    wanted = [{**_object(place), "data": {"key": "dmFsdWU="}} for place in (tampered, same, absent)]
    live: dict[object_catalog.ObjectKey, Object | None] = {
        tampered: {**_object(tampered), "data": {"key": "b3RoZXI="}},
        same: wanted[1],
        absent: None,
    }
    cluster = _Cluster()
    context = make_context({"namespace": "ns"}, False, cluster=cluster)
    object_apply.delete_tampered(context, wanted, live)
    assert cluster.deleted == [tampered]
    assert live == {tampered: None, same: wanted[1], absent: None}
