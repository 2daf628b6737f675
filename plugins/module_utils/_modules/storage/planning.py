# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plan that state `validated` returns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard import judged_objects
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.plan import (
    Differences,
    JudgedObject,
    Plan,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.run_lease import new_identity
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator import cr_status
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator.ownership import (
    check_user_ownership,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.secret_content.previous_values import (
    read_previous_values,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.secret_content.storage_secret import (
    is_written,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.secret_content.user_checks import (
    check_throughput,
    check_user_options,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.secret_content.user_state import (
    UserOptions,
    read_user_state,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.resolve_store import ResolvedStore

from .comparison import is_cr_current
from .decision import Decision
from .options import StorageOptions

# Options of the module that the following modules take over as they are; what is resolved comes from the result.
_INPUTS = (
    "finding_names",
    "driver_parameters",
    "labels",
    "replicas",
    "install_crd",
    "create_namespace",
    "image",
    "memory_limit",
)
_VOLUME = ("volume_size", "volume_storage_class", "volume_access_modes")
_RESOLVED = (
    "name",
    "namespace",
    "mode",
    "operator_version",
    "storage",
    "logging",
    "redirect",
    "ca_bundle",
    "secret_name",
)


def make_plan(
    context: Context[StorageOptions],
    decision: Decision,
    resolved: ResolvedStore,
    values: Mapping[str, bytes],
    result: Mapping[str, Any],
) -> Plan:
    """The plan. values: given for the storage Secret. result: of the module. Reports what is wrong with the registry's user."""
    desired, options = decision.desired, context.options
    user, credentials_differ = _compare_user(context, decision)
    name = desired.resolved.secret_name
    namespace = decision.current.namespace
    plan = Plan(
        namespace_uid=str(namespace["metadata"]["uid"]) if namespace is not None else "",
        lease_identity=new_identity(),
        lease_timeout=options.wait_timeout,
        options={
            **{option: getattr(options, option) for option in (*_INPUTS, *_VOLUME)},
            **{option: result[option] for option in _RESOLVED},
        },
        storage_path=desired.path,
        external_access=desired.external_access,
        storage_id=decision.store.storage_id,
        storage_type=decision.store.storage_type,
        differs=Differences(
            credentials=credentials_differ,
            storage_secret=bool(values)
            and name is not None
            and not is_written(name, desired.namespace, values, resolved.live),
            docker_registry=not is_cr_current(context, decision, switched=result["storage_switch"]),
            status=not decision.mode.is_operator and not _is_status_current(decision, user),
            former_values=name is not None and read_previous_values(context, name, desired.namespace) is not None,
        ),
        objects=_judged_objects(decision),
        user=user,
        findings=tuple(dict.fromkeys(finding.code for finding in context.findings)),
    )
    context.secrets.require_visible({"plan": plan.to_result()})
    return plan


def _compare_user(context: Context[StorageOptions], decision: Decision) -> tuple[dict[str, Any], bool]:
    """What is known about the registry's user, {} if nothing is, and whether its Secrets have to be written. Not asked for counts as different."""
    given = context.options.credentials
    if given is None:
        return {}, True
    options = UserOptions(
        decision.mode.name, given["username"], given["password"], tuple(given["pull_secret_namespaces"] or ())
    )
    check_user_options(context, options.username, options.password)
    if not options.needed:
        return {}, False
    if decision.current.namespace is None:
        return {}, True
    state = read_user_state(context, decision.desired.namespace, options.pull_secret_namespaces)
    context.require(check_user_ownership(state))
    if state.own is None or state.private is None:
        return {}, True
    user, described = state.resolve(context, options, state.choice.port)
    if options.mode == "direct":
        context.report(check_throughput(user.public["password"], options.password))
    return described, state.differs(user, options.mode)


def _is_status_current(decision: Decision, user: Mapping[str, Any]) -> bool:
    cr, store = decision.current.cr, decision.store
    if cr is None or not user:
        return False
    deletion = decision.desired.resolved.delete_enabled
    wanted = cr_status.RegistryStatus(store.storage_type, store.claim, deletion, user["node_port"])
    return cr_status.is_current(cr, wanted)


def _judged_objects(decision: Decision) -> tuple[JudgedObject, ...]:
    desired, current, operator = decision.desired, decision.current, decision.mode.is_operator
    claim = judged_objects.judge_claim(
        constants.DEFAULT_CLAIM, current.default_claim, desired.claim_spec() if not operator else None
    )
    found = [
        judged_objects.judge_namespace(desired.namespace, current.namespace),
        judged_objects.judge_registry(desired.name, current.cr, decision.written.document()["spec"]),
        judged_objects.judge_deployment(current.deployment, decision.store.storage_id, managed=not operator),
    ]
    if desired.claim is not None and not desired.claim_is_ours and desired.claim != constants.DEFAULT_CLAIM:
        found.append(judged_objects.judge_claim(desired.claim, current.claim))
    # An operator creates the default claim itself, with the defaults of its release.
    return tuple(found if operator and current.default_claim is None else [*found, claim])
