# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether Kyma's operator reacts to a DockerRegistry. An operator that runs adds its finalizer within a second, or reports that it serves another one."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, Refusal, error
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import (
    ObjectDict,
    foreign_entries,
    is_managed,
    spec_of,
    status_of,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.progress import TICK
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import ClusterError
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.options import (
    Options,
    WaitOptions,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.object_writes import delete_object

from .mode import OPERATOR, Mode, is_taken

# Seconds that the operator has.
PATIENCE = 60.0


def require_reaction(context: Context[WaitOptions], mode: Mode, cr: ObjectDict) -> None:
    """Waits until the operator reacts to a DockerRegistry that exists. Raises Refusal (operator-not-reacting) if it does not."""
    if not _await_reaction(context, cr):
        raise Refusal([_not_reacting(context, mode, cr, "It existed before this run and was not changed.")])


def require_reaction_to_new(context: Context[WaitOptions], mode: Mode, cr: ObjectDict, *, derived: bool) -> None:
    """As require_reaction(), for the DockerRegistry that this call has created, which is deleted again if the operator does not react.

    cr: as the API server answered. derived: this call has also created the Secret for the operator, which is deleted with it.
    """
    if _await_reaction(context, cr):
        return
    outcome, problems = "It was deleted again.", tuple[Finding, ...]()
    try:
        deleted = _withdraw(context, cr)
    except ClusterError as problem:
        deleted, outcome, problems = False, "It could not be deleted.", problem.findings
    else:
        if not deleted:
            live = context.cluster.get("DockerRegistry", cr["metadata"]["name"], cr["metadata"]["namespace"])
            if _has_reacted(live):
                return
            outcome = "Another client changed or deleted it, so this run did not change it."
    if deleted and derived:
        _delete_derived_secret(context, cr["metadata"]["namespace"])
    raise Refusal([_not_reacting(context, mode, cr, outcome), *problems])


def _has_reacted(cr: Mapping[str, Any] | None) -> bool:
    return is_taken(cr) or status_of(cr).get("served") == "False"


def _limit(context: Context[WaitOptions]) -> float:
    return min(PATIENCE, float(context.options.wait_timeout))


def _await_reaction(context: Context[WaitOptions], cr: ObjectDict) -> bool:
    """True as soon as the operator has reacted, False if it has not in time. Check mode does not wait."""
    if context.check_mode or _has_reacted(cr):
        return True
    name, namespace = cr["metadata"]["name"], cr["metadata"]["namespace"]
    limit = _limit(context)
    progress = context.awaiting(f"Kyma's operator to take over DockerRegistry/{name} in namespace {namespace}", limit)
    deadline = time.monotonic() + limit
    for state in context.cluster.watch("DockerRegistry", name, namespace, deadline, tick=TICK):
        if _has_reacted(state):
            return True
        progress("the DockerRegistry has neither the operator's finalizer nor status.served")
    return False


def _withdraw(context: Context[Options], cr: ObjectDict) -> bool:
    """Deletes the DockerRegistry exactly as this call has created it. False if another client has written it."""
    metadata = cr["metadata"]
    if foreign_entries(cr):
        return False
    name, namespace = metadata["name"], metadata["namespace"]
    try:
        deleted = context.cluster.delete(
            "DockerRegistry", name, namespace, uid=metadata["uid"], resource_version=metadata["resourceVersion"]
        )
    except ClusterError as problem:
        if problem.code != "cluster-precondition":
            raise
        return False
    if deleted:
        context.change(f"DockerRegistry/{name}", {"spec": spec_of(cr)}, {})
    return deleted


def _delete_derived_secret(context: Context[Options], namespace: str) -> None:
    live = context.cluster.get("Secret", constants.OPERATOR_SECRET, namespace)
    if live is not None and is_managed(live):
        delete_object(context, live)


def _not_reacting(context: Context[WaitOptions], mode: Mode, cr: ObjectDict, outcome: str) -> Finding:
    text = f"was not taken over by Kyma's operator within {_limit(context):.0f} s, although {mode.evidence}: it has neither "
    text += f"the operator's finalizer nor status.served. {outcome}"
    remedy = f"Check the log of Deployment {OPERATOR}. To run the registry in direct mode, remove that operator or scale it to 0 first."
    return error("operator-not-reacting", f"DockerRegistry/{cr['metadata']['name']}", text, remedy)
