# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the DockerRegistry is as it is wanted, so that a run does not write it."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator.mode import FINALIZER, Mode
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.storage import comparison
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.storage.current_state import CurrentState
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.storage.decision import Decision
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.storage.desired_state import DesiredState
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import spec, volume
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import Store
from ansible_collections.kyma.docker_registry.tests.support.apply_model import Server
from ansible_collections.kyma.docker_registry.tests.support.contexts import make_context

STORE = Store("pvc", "filesystem", {}, "persistentvolumeclaim/own", claim="own")
CONTEXT = make_context({"namespace": "ns"}, False)


def _desired(storage: Any, **more: Any) -> DesiredState:
    resolved, found = spec.check_storage(storage, "storage")
    assert resolved is not None, found
    size = volume.VolumeRequest("1Gi", None, ("ReadWriteOnce",))
    return DesiredState("default", "ns", "storage", resolved, size, {}, {}, 1, **more)


OWN = _desired({"pvc": {"name": "own"}})


@pytest.fixture(name="decision")
def _decision() -> Decision:
    """In direct mode, as a run has left it."""
    live = Server().cluster().apply(OWN.document(), live=None).after
    namespace = {"metadata": {"name": "ns", "uid": "n"}}
    current = CurrentState(namespace, True, live, (), None, None, None)
    return Decision(OWN, current, Mode("direct", "no operator runs"), STORE, None)


def _is_current(decision: Decision, *, switched: bool = False) -> bool:
    return comparison.is_cr_current(CONTEXT, decision, switched=switched)


def test_nothing_differs(decision: Decision) -> None:
    """Also for an object of which the server has defaulted other parts, for example a status."""
    assert _is_current(decision)
    assert decision.current.cr is not None
    served = replace(decision.current, cr={**decision.current.cr, "status": {"state": "Ready"}})
    assert _is_current(replace(decision, current=served))


@pytest.mark.parametrize(
    "desired",
    [
        _desired({"pvc": {"name": "other"}}),
        _desired({}),
        replace(OWN, logging={"level": "debug"}),
        replace(OWN, labels={"team": "a"}),
    ],
    ids=["storage", "no storage", "logging", "label"],
)
def test_something_else_is_wanted(decision: Decision, desired: DesiredState) -> None:
    """Each field that the user can give."""
    assert not _is_current(replace(decision, desired=desired))


def test_what_another_client_has_changed(decision: Decision) -> None:
    """A field of spec.storage beside the requested ones, with any owner; no DockerRegistry, and no namespace."""
    cr = copy.deepcopy(decision.current.cr)
    assert cr is not None
    cr["spec"]["storage"]["deleteEnabled"] = True
    assert not _is_current(replace(decision, current=replace(decision.current, cr=cr)))
    assert not _is_current(replace(decision, current=replace(decision.current, cr=None)))
    assert not _is_current(replace(decision, current=replace(decision.current, namespace=None)))


def test_a_switch_and_what_an_operator_has_left(decision: Decision) -> None:
    """They are written, whatever the specification says: another place for the images, an accepted loss, a finalizer, a Deployment."""
    assert not _is_current(decision, switched=True)
    assert not _is_current(replace(decision, consent="persistentvolumeclaim/dockerregistry#12345678"))
    cr = copy.deepcopy(decision.current.cr)
    assert cr is not None
    cr["metadata"]["finalizers"] = [FINALIZER]
    assert not _is_current(replace(decision, current=replace(decision.current, cr=cr)))
    labels = {constants.MANAGED_BY_LABEL: "dockerregistry-operator"}
    assert not _is_current(
        replace(decision, current=replace(decision.current, deployment={"metadata": {"labels": labels}}))
    )
