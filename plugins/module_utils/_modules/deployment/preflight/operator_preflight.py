# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The preflight in operator mode: the image of the operator's live Deployment with the collection's configuration and the new credentials.

Its rights are optional (docs/rbac/operator-preflight.yml).
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import errors, warning
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import (
    ObjectDict,
    annotations_of,
    is_managed,
    secret_data,
    spec_of,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import Forbidden
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.deployment.options import DeploymentOptions
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.deployment.pod_template import (
    environment,
    volume_mounts,
    volumes,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.deployment.references import (
    rename_references,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.deployment.rollout_report import (
    report_current,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator import deploy
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator.mode import is_operator_owned
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator.plan import OperatorPlan
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared import ca_bundle, object_catalog
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.resolve_store import ResolvedStore
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.live import find_differences
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.overlay import CA_CHECKSUM
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.config import CONFIG_FILE
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.environment_table import ROLE_SECTIONS
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.htpasswd import create_entry
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import Store
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.spec import Resolved

from .decision import run_or_plan, storage_path
from .pod_objects import Preflight, store_config
from .run_preflight import remove_preflight

_USER = "preflight"
_COMMAND = ["/bin/registry", "serve", CONFIG_FILE]


def preflight_with_operator(
    context: Context[DeploymentOptions], resolved: Resolved, resolved_store: ResolvedStore
) -> None:
    """Tests an object store in a preflight Pod, unless the registry that the operator deployed uses exactly this store already.

    There is no preflight before the operator's first Deployment, which has the image. A right that is missing is a warning.
    """
    context.result["preflight_run"] = False
    try:
        _preflight(context, resolved, resolved_store)
    except Forbidden as problem:
        if problem.denied:
            raise
        if context.result["preflight_run"]:
            text = f"passed, but objects of the preflight are left: {problem.findings[0].message}"
            remedy = "Grant the rights of docs/rbac/operator-preflight.yml: the next run removes them. Until then runs make no preflight."
            context.report([warning("preflight-left", f"Pod/{constants.PREFLIGHT}", text, remedy)])
            return
        text = f"does not test the new configuration: {problem.findings[0].message}"
        remedy = "Grant the rights of docs/rbac/operator-preflight.yml, or set registry_preflight: false."
        context.report([warning("preflight-skipped", f"Pod/{constants.PREFLIGHT}", text, remedy)])


def remove_left_preflight(context: Context[DeploymentOptions]) -> None:
    """Removes what an interrupted run has left of its preflight, in a run without a preflight. The rights for that are optional."""
    if context.check_mode:
        return
    namespace = context.options.namespace
    try:
        policy = context.cluster.get("NetworkPolicy", constants.PREFLIGHT, namespace)
    except Forbidden:
        return
    if policy is None or not is_managed(policy):
        return
    try:
        remove_preflight(context, namespace)
    except Forbidden as problem:
        if problem.denied:
            raise
        text = f"objects of an interrupted preflight are left: {problem.findings[0].message}"
        remedy = "Grant the rights of docs/rbac/operator-preflight.yml: the next run removes them."
        context.report([warning("preflight-left", f"Pod/{constants.PREFLIGHT}", text, remedy)])


def _preflight(context: Context[DeploymentOptions], resolved: Resolved, resolved_store: ResolvedStore) -> None:
    namespace, store = context.options.namespace, resolved_store.store
    if not context.check_mode:
        remove_preflight(context, namespace)
    live = context.cluster.get(*object_catalog.DEPLOYMENT, namespace) if store.claim is None else None
    if live is None or not is_operator_owned(live):
        return
    cr = context.cluster.get("DockerRegistry", context.options.name, namespace)
    plan, overlay, found = deploy.plan_overlay(context, resolved, resolved_store, cr)
    # The deployment reports them.
    if errors(found) or _is_unchanged(context, live, plan, overlay):
        return
    password = secrets.token_hex(16)
    context.secrets.hide(password)
    own = {constants.HTPASSWD_KEY: create_entry(_USER, password), constants.HTTP_SECRET_KEY: secrets.token_hex(16)}
    account = deploy.wanted_account(context)
    run_or_plan(
        context,
        Preflight(
            _with_our_configuration(context, live, store, has_own_account=account is not None),
            store,
            account,
            store_config(store),
            {**store.secret, **own},
            storage_path(context),
            user=(_USER, password),
        ),
    )


def is_deployed_by_operator(
    context: Context[DeploymentOptions], resolved: Resolved, resolved_store: ResolvedStore
) -> bool:
    """Compares everything with an operator. If nothing differs, the result is that of a deployment."""
    namespace = context.options.namespace
    if is_managed(context.cluster.get("NetworkPolicy", constants.PREFLIGHT, namespace)):
        return False
    cr = context.cluster.get("DockerRegistry", context.options.name, namespace)
    live = context.cluster.get(*object_catalog.DEPLOYMENT, namespace)
    plan, overlay, found = deploy.plan_overlay(context, resolved, resolved_store, cr)
    if errors(found) or not deploy.is_deployed(context, plan, overlay, cr, live):
        return False
    context.report(found)
    report_current(context)
    context.result["preflight_run"] = False
    return True


def _is_unchanged(
    context: Context[DeploymentOptions], live: ObjectDict, plan: OperatorPlan, overlay: ObjectDict
) -> bool:
    """Whether Deployment and Secret of the operator hold what this run would have them hold."""
    checksums = (annotations_of(spec_of(item).get("template")).get(CA_CHECKSUM) for item in (live, overlay))
    if len(set(checksums)) > 1 or any(find_differences(live, plan.expected, overlay)):
        return False
    # The storage ID is that of the last deployment by this collection.
    if annotations_of(live).get(constants.STORAGE_ID) != annotations_of(overlay)[constants.STORAGE_ID]:
        return False
    if not plan.intended:
        return True
    secret = context.cluster.get("Secret", constants.STORAGE_SECRET, context.options.namespace)
    return secret_data(secret) == dict(plan.intended)


def _with_our_configuration(
    context: Context[DeploymentOptions], live: ObjectDict, store: Store, *, has_own_account: bool
) -> ObjectDict:
    """The operator's Deployment with environment and files as in direct mode, all of them from objects of the preflight's own."""
    options = context.options
    storage: Mapping[str, Any] = {
        "claim": None,
        "secret_environment": store.environment,
        "key_file": store.key_file,
        "ca_bundle": ca_bundle.parse_ca_bundle(options.ca_bundle),
    }
    extra = {name: value for name, value in options.environment.items() if name not in ROLE_SECTIONS}
    template = live["spec"]["template"]
    left_out = ("initContainers", "serviceAccount")
    pod = {name: value for name, value in template["spec"].items() if name not in left_out}
    registry = next(item for item in pod["containers"] if item["name"] == constants.CONTAINER)
    container = {name: value for name, value in registry.items() if name != "envFrom"}
    container.update(command=_COMMAND, env=environment(storage, extra), volumeMounts=volume_mounts(storage))
    pod.update(containers=[container], volumes=volumes(storage))
    if has_own_account:
        pod["serviceAccountName"] = constants.REGISTRY
    spec = rename_references(pod, {("Secret", constants.PRIVATE_SECRET): constants.PREFLIGHT})
    return {**live, "spec": {**live["spec"], "template": {**template, "spec": spec}}}
