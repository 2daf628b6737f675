# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What registry_info reports of a registry that Kyma's operator runs: the storage lock, what it rejected, and what is at risk now."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, warning
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import (
    Object,
    annotations_of,
    condition,
    secret_data,
    spec_of,
    status_of,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.storage_ids import (
    recorded_storage_id,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator.plan import (
    is_own_claim,
    namespace_claims,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator import storage_lock
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.checks.facts import (
    BASE_NAMESPACE,
    Facts,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.checks.live_measures import live_measures
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.checks.spec_checks import (
    check_deletion,
    check_spec,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.credentials_secret import derived_secret
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.readiness import check_served
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import Store

from .options import InfoOptions

_DEPLOYMENT = f"Deployment/{constants.REGISTRY}"
_CR = "DockerRegistry"


def requested_storage(cr: Object | None) -> Any:
    """spec.storage as the user requested it: as a run recorded it, else as it is in the DockerRegistry."""
    text = annotations_of(cr).get(constants.REQUESTED_STORAGE)
    try:
        return json.loads(text) if text else spec_of(cr).get("storage")
    except ValueError:
        return spec_of(cr).get("storage")


def check_operator_state(
    context: Context[InfoOptions],
    cr: Object,
    deployment: Object | None,
    store: Store | None,
    *,
    running: str | None,
    version: str | None,
) -> list[Finding]:
    """Findings about the registry that the operator runs; errors are reported as warnings.

    store: what the user requested, None if its Secret does not show it. running: the storage ID in use. version: of the operator.
    """
    namespace = cr["metadata"]["namespace"]
    found = [*_check_deployment(deployment, running, store), *_check_rejection(cr)]
    facts = _read_facts(context, cr, namespace, deployment)
    storage = spec_of(cr).get("storage")
    found += check_spec(storage, facts, version, live_measures(storage, deployment, store))
    found += check_deletion(facts)
    unserved = check_served(cr)
    if unserved is not None:
        found.append(unserved)
    if store is not None and storage is not None:
        found += _check_derived_secret(context, namespace, storage, store, version)
    return [replace(finding, severity="warning") if finding.severity == "error" else finding for finding in found]


def _check_deployment(deployment: Object | None, running: str | None, store: Store | None) -> Iterator[Finding]:
    if deployment is None:
        return
    last = recorded_storage_id(deployment)
    if running is not None and running.startswith("emptyDir/"):
        text = "stores the images on an emptyDir. They are lost when its Pod is deleted."
        yield warning(
            "registry-on-emptydir",
            _DEPLOYMENT,
            text,
            "Copy the images to another registry now, then correct spec.storage.",
        )
    if last is not None and running not in (None, last):
        text = f"stores its images in {running}, but at the end of the last run of the role they were in {last}."
        yield warning(
            "storage-id-changed",
            _DEPLOYMENT,
            text,
            "Restore spec.storage, or run the role with the storage that you want.",
        )
    if store is not None and not storage_lock.is_locked(deployment, store):
        text = "has no complete storage lock: a wrong change of the DockerRegistry would switch its storage silently."
        yield warning("storage-lock-missing", _DEPLOYMENT, text, "Run the role with registry_storage_lock: true.")


def _check_rejection(cr: Object) -> Iterator[Finding]:
    installed = condition(cr, "Installed")
    # Between two attempts the operator reports Processing; with Ready the condition may be left from before.
    retries = status_of(cr).get("state") in ("Error", "Processing")
    if (
        retries
        and installed.get("status") == "False"
        and storage_lock.is_rejection(str(installed.get("message") or ""))
    ):
        message = "was changed in a way that would have switched the storage; the storage lock rejected it, and the registry still uses its former storage."
        yield warning("storage-lock-rejected", _CR, message, "Restore spec.storage, or make the change with the role.")


def _read_facts(context: Context[InfoOptions], cr: Object, namespace: str, deployment: Object | None) -> Facts:
    get, storage = context.cluster.get, spec_of(cr).get("storage") or {}
    name = next((str(fields["secretName"]) for fields in storage.values() if _names_secret(fields)), "")
    secret = get("Secret", name, namespace) if name else None
    claims = namespace_claims(context, namespace)
    return Facts(
        namespace=namespace,
        secret=secret_data(secret) if secret else None,
        claims=frozenset(claims),
        own_claim=is_own_claim(deployment, claims.get(constants.DEFAULT_CLAIM)),
        images=None,
        base_namespace=get("Namespace", BASE_NAMESPACE) is not None,
    )


def _names_secret(fields: object) -> bool:
    return isinstance(fields, Mapping) and bool(fields.get("secretName"))


def _check_derived_secret(
    context: Context[InfoOptions], namespace: str, storage: Object, store: Store, version: str | None
) -> Iterator[Finding]:
    """Our Secret against the user's, from which it was made."""
    named = [str(fields["secretName"]) for fields in storage.values() if _names_secret(fields)]
    if constants.OPERATOR_SECRET not in named:
        return
    live = secret_data(context.cluster.get("Secret", constants.OPERATOR_SECRET, namespace))
    if live != derived_secret(store, version):
        text = "does not match the storage Secret any more: the operator uses the former values."
        yield warning("derived-secret-stale", f"Secret/{constants.OPERATOR_SECRET}", text, "Run the role.")
