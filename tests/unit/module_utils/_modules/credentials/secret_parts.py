# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""registry_secret for the registry's own credentials, in a cluster of memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import ClusterError, Forbidden
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.credentials import registry_secret
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.tests.support.contexts import run_body

FORBIDDEN = Forbidden("Secret", "says no", "Ask.")


class Cluster:
    """Namespaces `ns`, `apps` and `other`, with the Secrets that are given. Without a failure, Secrets of all may be listed."""

    warnings: tuple[str, ...] = ()

    def __init__(self, failure: ClusterError | None, secrets: Sequence[dict[str, Any]]) -> None:
        self.failure = failure
        self.secrets = {(item["metadata"]["namespace"], item["metadata"]["name"]): item for item in secrets}
        self.applied: list[tuple[str, str]] = []
        self.deleted: list[tuple[str, str]] = []

    def get(self, kind: str, name: str, namespace: str | None = None) -> Any:
        """Namespaces, and the Secrets."""
        if kind == "Namespace":
            return {"metadata": {"name": name}}
        return self.secrets.get((str(namespace), name)) if kind == "Secret" else None

    def list(self, kind: str, namespace: str | None = None, label_selector: str = "", **_: Any) -> list[Any]:
        """Namespaces, and the Secrets of all namespaces."""
        if kind == "Namespace":
            return [{"metadata": {"name": name}} for name in ("ns", "apps", "other")]
        if kind != "Secret" or namespace is not None:
            return []
        if self.failure:
            raise self.failure
        wanted = dict(part.split("=") for part in label_selector.split(","))
        return [item for item in self.secrets.values() if wanted.items() <= item["metadata"]["labels"].items()]

    def list_if_served(self, kind: str, namespace: str) -> None:
        """No such kind."""

    def apply(self, obj: dict[str, Any], **_: Any) -> Any:
        """Notes Secrets."""
        if obj["kind"] == "Secret":
            self.applied.append((obj["metadata"]["namespace"], obj["metadata"]["name"]))
            self.secrets[self.applied[-1]] = {**obj, "metadata": {**obj["metadata"], "uid": "new"}}
        return type("Applied", (), {"changed": True, "after": obj, "before": None})

    def delete(self, kind: str, name: str, namespace: str, *, uid: str) -> bool:
        """Notes it; the UID has to be right."""
        assert kind == "Secret" and self.secrets.pop((namespace, name))["metadata"]["uid"] == uid
        self.deleted.append((namespace, name))
        return True


def run(
    monkeypatch: pytest.MonkeyPatch,
    failure: ClusterError | None = FORBIDDEN,
    secrets: Sequence[dict[str, Any]] = (),
    **options: Any,
) -> tuple[Any, Cluster]:
    """The module's result, and what became of the cluster. failure: of a list of all Secrets."""
    cluster = Cluster(failure, secrets)
    monkeypatch.setattr(Context, "cluster", property(lambda _context: cluster))
    params = {
        "mode": "direct",
        "state": "present",
        "purpose": "credentials",
        "name": "default",
        "namespace": "ns",
        "create_namespace": False,
        "registry_username": None,
        "registry_password": None,
        "pull_secret_namespaces": [],
        **options,
    }
    return run_body(registry_secret.manage_secrets, params, check_mode=False, secrets=()).result, cluster
