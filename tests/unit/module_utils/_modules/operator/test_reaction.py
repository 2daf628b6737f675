# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An operator that does not take the DockerRegistry: what the run has created is deleted again, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import ClusterError, Forbidden
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator import reaction
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator.mode import FINALIZER, Mode
from ansible_collections.kyma.docker_registry.tests.support.contexts import make_context

MODE = Mode("operator", "Deployment dockerregistry-operator is in namespace kyma-system (1 ready)")
OURS = {"manager": constants.FIELD_MANAGER, "operation": "Apply"}
STATUS_OF_DIRECT_MODE = {**OURS, "subresource": "status"}


def _cr(
    *, finalizers: tuple[str, ...] = (), served: str | None = None, managers: tuple[dict[str, str], ...] = (OURS,)
) -> dict[str, Any]:
    metadata = {"name": "default", "namespace": "ns", "uid": "7", "resourceVersion": "12"}
    metadata = {**metadata, "finalizers": list(finalizers), "managedFields": list(managers)}
    return {"kind": "DockerRegistry", "metadata": metadata, "spec": {}, "status": {"served": served} if served else {}}


TAKEN = _cr(finalizers=(FINALIZER,))


class _Cluster:
    """States of the DockerRegistry that a watch gives, what is there afterwards, and what is deleted."""

    def __init__(self, *states: Any, live: Any = None, problem: ClusterError | None = None) -> None:
        self.states, self.live, self.problem = states, live, problem
        self.deleted: list[tuple[str, str, str, str | None]] = []
        self.watched = False

    def watch(self, kind: str, name: str, namespace: str, deadline: float, tick: float) -> Any:
        assert (kind, name, namespace) == ("DockerRegistry", "default", "ns")
        self.watched = True
        yield from self.states

    def get(self, kind: str, name: str, namespace: str) -> Any:
        if kind == "Secret":
            metadata = {"name": name, "namespace": namespace, "uid": "8", "labels": dict(constants.MANAGED_BY)}
            return {"kind": kind, "metadata": metadata}
        return self.live

    def delete(self, kind: str, name: str, namespace: str, *, uid: str, resource_version: str | None = None) -> bool:
        if self.problem is not None:
            raise self.problem
        self.deleted.append((kind, name, uid, resource_version))
        return True


def _context(cluster: _Cluster, *, check: bool = False, timeout: int = 300) -> Context:
    return make_context({"wait_timeout": timeout}, check_mode=check, cluster=cluster)


def _changed(*_: Any) -> ClusterError:
    return ClusterError("cluster-precondition", "DockerRegistry/default", "was changed", "", 409)


@pytest.mark.parametrize(
    "state",
    [
        TAKEN,
        _cr(served="True"),
        # A second DockerRegistry: the operator reacts, and the wait for the Deployment reports that.
        _cr(served="False"),
        _cr(served="False", managers=(OURS, STATUS_OF_DIRECT_MODE)),
    ],
    ids=["finalizer", "served", "not served", "not served any more"],
)
def test_a_reaction_ends_the_wait(state: dict[str, Any]) -> None:
    """As soon as the watch shows it; nothing is deleted."""
    for wait in (reaction.require_reaction, lambda *given: reaction.require_reaction_to_new(*given, derived=True)):
        cluster = _Cluster(_cr(), state)
        wait(_context(cluster), MODE, _cr())
        assert cluster.watched and not cluster.deleted


def test_what_is_taken_is_not_waited_for() -> None:
    """A second run sends no request for this."""
    cluster = _Cluster()
    reaction.require_reaction(_context(cluster), MODE, TAKEN)
    assert not cluster.watched


def test_check_mode_does_not_wait() -> None:
    """Nothing was written that an operator could take."""
    cluster = _Cluster()
    reaction.require_reaction(_context(cluster, check=True), MODE, _cr())
    reaction.require_reaction_to_new(_context(cluster, check=True), MODE, _cr(), derived=True)
    assert not cluster.watched and not cluster.deleted


@pytest.mark.parametrize("status", [None, "True"], ids=["new", "as direct mode left it"])
def test_an_existing_one_stays(status: str | None) -> None:
    """It was not created by this run. The status that direct mode wrote is not a reaction."""
    cr = _cr(served=status, managers=(OURS, STATUS_OF_DIRECT_MODE))
    cluster = _Cluster(cr, cr)
    with pytest.raises(Refusal) as caught:
        reaction.require_reaction(_context(cluster), MODE, cr)
    (finding,) = caught.value.findings
    assert (finding.code, finding.path) == ("operator-not-reacting", "DockerRegistry/default")
    assert "was not changed" in finding.message and not cluster.deleted


@pytest.mark.parametrize(("timeout", "limit"), [(300, "60 s"), (20, "20 s")])
@pytest.mark.parametrize("derived", [False, True])
def test_a_new_one_is_deleted_again(derived: bool, timeout: int, limit: str) -> None:
    """Exactly as it was created, and with it the Secret of the same call; after a minute, or the shorter time of the user."""
    cluster = _Cluster(_cr(), None)
    context = _context(cluster, timeout=timeout)
    with pytest.raises(Refusal) as caught:
        reaction.require_reaction_to_new(context, MODE, _cr(), derived=derived)
    (finding,) = caught.value.findings
    assert finding.code == "operator-not-reacting" and limit in finding.message
    assert "kyma-system (1 ready)" in finding.message and "was deleted again" in finding.message
    assert "registry in direct mode" in finding.remedy
    secret = [("Secret", constants.OPERATOR_SECRET, "8", None)] if derived else []
    assert cluster.deleted == [("DockerRegistry", "default", "7", "12"), *secret]
    assert context.changes[0]["before_header"] == "DockerRegistry/default"


def test_an_operator_that_reacts_in_the_last_moment_is_believed() -> None:
    """It took the DockerRegistry between the wait and the deletion, which the resourceVersion prevents."""
    cluster = _Cluster(_cr(), live=TAKEN, problem=_changed())
    reaction.require_reaction_to_new(_context(cluster), MODE, _cr(), derived=True)
    assert not cluster.deleted


@pytest.mark.parametrize("live", [_cr(), None], ids=["changed", "deleted"])
def test_what_another_client_has_written_stays(live: Any) -> None:
    """And with it the Secret that it names."""
    cluster = _Cluster(_cr(), live=live, problem=_changed())
    with pytest.raises(Refusal, match="Another client changed or deleted it"):
        reaction.require_reaction_to_new(_context(cluster), MODE, _cr(), derived=True)
    assert not cluster.deleted


def test_what_another_client_has_created_concurrently_stays() -> None:
    """The apply of this run came second."""
    cr = _cr(managers=(OURS, {"manager": "kubectl", "operation": "Update"}))
    cluster = _Cluster(cr, live=cr)
    with pytest.raises(Refusal, match="operator-not-reacting"):
        reaction.require_reaction_to_new(_context(cluster), MODE, cr, derived=True)
    assert not cluster.deleted


def test_a_deletion_that_is_not_allowed_is_reported_too() -> None:
    """The first cause comes first."""
    cluster = _Cluster(_cr(), problem=Forbidden("DockerRegistry/default", "may not be deleted.", "Ask."))
    with pytest.raises(Refusal) as caught:
        reaction.require_reaction_to_new(_context(cluster), MODE, _cr(), derived=True)
    assert [item.code for item in caught.value.findings] == ["operator-not-reacting", "cluster-forbidden"]
    assert "could not be deleted" in caught.value.findings[0].message
