# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ServiceAccount of the preflight Pod.

The identity that a cloud gives to a Pod is bound to the name of its ServiceAccount, so new annotations are tested on the registry's own. What
the account had before is recorded in an annotation on it, and restored at the end, or by the next run if this one is killed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, warning
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import ObjectDict, annotations_of
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.apply.owned import owned_part
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import ClusterError
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.deployment.options import DeploymentOptions
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator.ownership import check_ownership
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.object_catalog import (
    SERVICE_ACCOUNT,
    diff_object,
)

# On the ServiceAccount during a preflight: the annotations that it had, as JSON; null for an account that did not exist.
FORMER_ANNOTATIONS = f"{constants.PREFIX}/former-annotations"
_PATH = f"ServiceAccount/{constants.REGISTRY}"


class PreflightAccount:
    """The registry's ServiceAccount with the wanted annotations, while the context lasts. account: as it is wanted, None if none is.

    Nothing is written if the live account has the wanted annotations, or if none are wanted. exists: whether the account exists in the context.
    altered: it is not as it was before; after the context, because it could not be restored.
    """

    def __init__(self, context: Context[DeploymentOptions], namespace: str, account: ObjectDict | None) -> None:
        self.exists = self.altered = False
        self._context, self._namespace, self._account = context, namespace, account
        self._before: ObjectDict | None = None
        self._written: ObjectDict | None = None

    def __enter__(self) -> PreflightAccount:
        """Writes the annotations."""
        context, account, wanted = self._context, self._account, annotations_of(self._account)
        self._before = context.cluster.get(*SERVICE_ACCOUNT, self._namespace)
        self.exists = self._before is not None
        if account is not None and wanted and not wanted.items() <= annotations_of(self._before).items():
            context.require(check_ownership(self._before))
            # Before the request: it may be carried out although its answer is lost.
            self.exists = self.altered = True
            document = _annotated(account, self._before)
            try:
                self._written = context.cluster.apply(document, live=self._before, force=True).after
            except ClusterError:
                # A context that is not entered has no end.
                self.__exit__()
                raise
        return self

    def __exit__(self, *exception: object) -> None:
        """Restores the account; if that fails, a warning reports it."""
        if not self.altered:
            return
        try:
            restored = _restore(self._context, self._namespace)
        except ClusterError as problem:
            self._context.change(_PATH, diff_object(self._before), diff_object(self._written))
            text = f"still has the annotations of the preflight: {problem.findings[0].message}"
            remedy = "Run again: the next run restores them."
            self._context.report([warning("preflight-account-kept", _PATH, text, remedy)])
            return
        self.altered = False
        if restored is None:
            return
        names = ", ".join(sorted(annotations_of(self._account)))
        outcome = "did not exist and was deleted again" if self._before is None else "has its former annotations again"
        text = f"had the new annotations {names} during the preflight; it {outcome}."
        self._context.report([Finding("preflight-account", "info", _PATH, text)])


def restore_account(context: Context[DeploymentOptions], namespace: str) -> None:
    """Restores the account as a preflight that was killed has found it. This is a change."""
    restored = _restore(context, namespace)
    if restored is None:
        return
    before, after = restored
    context.change(_PATH, diff_object(before), diff_object(after))
    text = "had the annotations of an interrupted preflight. Its former annotations are restored."
    context.report([Finding("preflight-account", "info", _PATH, text)])


def _annotated(account: ObjectDict, live: ObjectDict | None) -> ObjectDict:
    """The account for the test: the live one with the wanted annotations and the record, or the wanted one if there is none."""
    if live is None:
        return _with_annotations(account, {**annotations_of(account), FORMER_ANNOTATIONS: "null"})
    owned, present, wanted = _owned(live), annotations_of(live), annotations_of(account)
    former = owned["metadata"].get("annotations")
    replaced = {name: present[name] for name in wanted if name in present}
    if replaced:
        former = {**(former or {}), **replaced}
    record = json.dumps({} if former is None else {"annotations": former}, sort_keys=True)
    return _with_annotations(owned, {**wanted, FORMER_ANNOTATIONS: record})


def _restore(context: Context[DeploymentOptions], namespace: str) -> tuple[ObjectDict, ObjectDict | None] | None:
    """The account before and after it was restored (None: deleted), None if no preflight has changed it."""
    live = context.cluster.get(*SERVICE_ACCOUNT, namespace)
    if live is None or FORMER_ANNOTATIONS not in annotations_of(live):
        return None
    former = _former(live)
    if former is None:
        context.cluster.delete(*SERVICE_ACCOUNT, namespace, uid=live["metadata"]["uid"])
        return live, None
    return live, context.cluster.apply(former, live=live, force=True).after


def _former(live: ObjectDict) -> ObjectDict | None:
    """The object that restores the account, None if the account did not exist."""
    record: Mapping[str, Any] | None = json.loads(annotations_of(live)[FORMER_ANNOTATIONS])
    return None if record is None else _with_annotations(_owned(live), record.get("annotations"))


def _owned(live: ObjectDict) -> ObjectDict:
    """The part of the live account that this collection has applied."""
    bare = {key: live["metadata"][key] for key in ("name", "namespace")}
    return owned_part(live, constants.FIELD_MANAGER) or {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": bare}


def _with_annotations(account: ObjectDict, annotations: Mapping[str, str] | None) -> ObjectDict:
    kept = {key: value for key, value in account["metadata"].items() if key != "annotations"}
    return {**account, "metadata": {**kept, **({} if annotations is None else {"annotations": dict(annotations)})}}
