# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Operator mode: what is sent to Kyma's operator for a storage, what it will make of it, and what is risky about that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.image_counting import (
    count_images,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.migration_evidence import (
    check_migrated,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.storage_ids import storage_id_of
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.options import (
    ConsentOptions,
    Options,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.resolve_store import ResolvedStore
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator import credentials_secret, overlay
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.chart.prediction import (
    Expected,
    predict,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.checks.facts import (
    BASE_NAMESPACE,
    Facts,
    Measures,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.checks.spec_checks import check_spec
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import claim_storage_id
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.spec import Resolved

from .mode import Mode, has_finalizer, is_operator_owned


@dataclass(frozen=True)
class OperatorPlan:
    """sent: spec.storage of the DockerRegistry, None: left out. derived: data of our Secret that it names, None for none.

    intended: what the operator's own Secret must hold in the end, {} for volumes. claims: names of the namespace's claims.
    """

    sent: dict[str, Any] | None
    expected: Expected
    derived: Mapping[str, bytes] | None = field(default=None, repr=False)
    intended: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    claims: frozenset[str] = frozenset()


def make_operator_plan(
    context: Context[ConsentOptions],
    resolved: Resolved,
    resolved_store: ResolvedStore,
    namespace: str,
    version: str | None,
    logging: Mapping[str, Any],
) -> OperatorPlan:
    """Plans what is sent. Reads the names of the namespace's claims."""
    sent = overlay.cr_storage(resolved)
    choice = credentials_secret.choose_secret(resolved_store.store, sent, resolved_store.secret, version)
    secret = resolved_store.secret
    if choice.derived is not None and sent is not None:
        sent, secret = credentials_secret.with_secret_name(sent), choice.derived
    claims = frozenset(namespace_claims(context, namespace))
    expected = predict(sent, secret, version, claims=claims, logging=logging)
    return OperatorPlan(sent, expected, choice.derived, choice.intended, claims)


def namespace_claims(context: Context[Options], namespace: str) -> dict[str, dict[str, Any]]:
    """The namespace's claims by name, which the operator also reads."""
    return {str(item["metadata"]["name"]): item for item in context.cluster.list("PersistentVolumeClaim", namespace)}


def is_own_claim(deployment: Mapping[str, Any] | None, claim: Mapping[str, Any] | None) -> bool:
    """True if the claim `dockerregistry` is the operator's own and in use, or was in use until the Deployment was deleted."""
    if deployment is None:
        return is_operator_owned(claim)
    # A claim of that name that the registry does not use may be left from a switch that the storage lock rejected.
    return storage_id_of(deployment) == claim_storage_id(constants.DEFAULT_CLAIM)


def check_plan(
    context: Context[ConsentOptions],
    plan: OperatorPlan,
    resolved_store: ResolvedStore,
    namespace: str,
    mode: Mode,
    deployment: Mapping[str, Any] | None,
    default_claim: Mapping[str, Any] | None,
) -> list[Finding]:
    """The risks of what would be sent, as far as the collection does not correct them. deployment, default_claim: in their current state."""
    owns_claim = is_own_claim(deployment, default_claim)
    leaves = owns_claim and plan.expected.default_claim is False
    # The user has accepted the loss, or the data guard decides: about a volume without a Deployment, and about one whose images were copied.
    judged = bool(context.options.accept_data_loss) or deployment is None
    if leaves and not judged:
        own, new = claim_storage_id(constants.DEFAULT_CLAIM), resolved_store.store.storage_id
        judged = bool(check_migrated(context, namespace, deployment, own, new))
    facts = Facts(
        namespace=namespace,
        secret=plan.derived if plan.derived is not None else resolved_store.secret,
        claims=plan.claims,
        own_claim=owns_claim,
        images=(False if judged or count_images(context, namespace).empty else None) if leaves else None,
        others=_other_registries(context, namespace),
        base_namespace=context.cluster.get("Namespace", BASE_NAMESPACE) is not None,
    )
    found = list(check_spec(plan.sent, facts, mode.version, Measures(copies=False), path="spec.storage"))
    # What cannot be added to the operator's Deployment is reported before anything is written.
    _overlay, unusable = overlay.build_overlay(resolved_store.store, plan.expected, namespace=namespace)
    known = {item.code for item in found}
    return [*found, *(item for item in unusable if item.code not in known)]


def _other_registries(context: Context[ConsentOptions], namespace: str) -> tuple[str, ...]:
    """Other DockerRegistries of the cluster that the operator has taken. It serves one."""
    mine = (namespace, context.options.name)
    return tuple(
        f"{item['metadata']['namespace']}/{item['metadata']['name']}"
        for item in context.cluster.list("DockerRegistry")
        if has_finalizer(item) and (item["metadata"]["namespace"], item["metadata"]["name"]) != mine
    )
