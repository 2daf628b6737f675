# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A namespace that the lab's operator serves, and what is seen in it."""

from __future__ import annotations

import base64
import os
import uuid
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.tests.support import objects, operator_cases
from ansible_collections.kyma.docker_registry.tests.support.waiting import until

REGISTRY = "DockerRegistry"
# Where the operator keeps what it rendered, and from where credentials are copied.
BASE_NAMESPACE = os.environ.get("OPERATOR_BASE_NAMESPACE", "docker-registry")
# Tests use names that the first pattern of an operator takes that was not started by the lab.
PREFIX = os.environ.get("OPERATOR_NAMESPACES", "").partition("*")[0] or "op-"


class Sandbox:
    """One namespace with at most one registry under test."""

    def __init__(self, cluster: Cluster, namespace: str = "") -> None:
        """Take the cluster; nothing is made yet."""
        self.cluster = cluster
        self.namespace = namespace or f"{PREFIX}{uuid.uuid4().hex[:10]}"

    def prepare(self) -> None:
        """Make the namespace with Secrets and a claim."""
        self.make_namespace()
        for name, values in operator_cases.SECRETS.items():
            self.secret(name, values)
        self.cluster.create(objects.claim(operator_cases.CLAIM, self.namespace))

    def make_namespace(self) -> None:
        """Make the namespace, empty."""
        self.cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.namespace}})

    def remove(self) -> None:
        """Delete registries and namespace."""
        for found in self.cluster.list(REGISTRY, self.namespace):
            self.delete(found["metadata"]["name"])
        found = self.cluster.get("Namespace", self.namespace)
        if found:
            self.cluster.delete("Namespace", self.namespace, None, uid=found["metadata"]["uid"])

    def secret(self, name: str, values: dict[str, str]) -> None:
        """Make a Secret, or change it."""
        data = {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}
        metadata = {"name": name, "namespace": self.namespace}
        self.cluster.apply({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": data}, force=True)

    def apply(self, storage: dict[str, Any] | None, name: str = "default") -> None:
        """Make a registry with this storage, or replace what it had."""
        found = self.cluster.get(REGISTRY, name, self.namespace)
        spec = {} if storage is None else {"storage": storage}
        if found:
            change = [{"op": "add", "path": "/spec", "value": spec}]
            self.cluster.patch(REGISTRY, name, self.namespace, change)
            return
        metadata = {"name": name, "namespace": self.namespace}
        version = "operator.kyma-project.io/v1alpha1"
        self.cluster.create({"apiVersion": version, "kind": REGISTRY, "metadata": metadata, "spec": spec})

    def delete(self, name: str = "default") -> None:
        """Delete a registry and wait until it no longer exists."""
        found = self.cluster.get(REGISTRY, name, self.namespace)
        if found:
            self.cluster.delete(REGISTRY, name, self.namespace, uid=found["metadata"]["uid"])
        until("the registry to be gone", lambda: self.cluster.get(REGISTRY, name, self.namespace) is None)

    def status(self, name: str = "default") -> dict[str, Any]:
        """The status that the operator wrote."""
        found = self.cluster.get(REGISTRY, name, self.namespace) or {}
        return dict(found.get("status") or {})

    def condition(self, kind: str, name: str = "default") -> dict[str, Any]:
        """One condition, empty where there is none."""
        found = [item for item in self.status(name).get("conditions", []) if item["type"] == kind]
        return found[0] if found else {}

    def deployment(self) -> dict[str, Any]:
        """The Deployment's spec, empty where there is none."""
        found = self.cluster.get("Deployment", "dockerregistry", self.namespace) or {}
        return dict(found.get("spec") or {})

    def volumes(self) -> dict[str, Any]:
        """The Pod template's volumes by name."""
        spec = self.deployment()
        return {item["name"]: item for item in spec["template"]["spec"]["volumes"]} if spec else {}

    def rollme(self) -> str:
        """The annotation `rollme` of the Pod template. The operator changes it to replace the Pods."""
        spec = self.deployment()
        return str(spec["template"]["metadata"]["annotations"]["rollme"]) if spec else ""

    def names(self, kind: str) -> list[str]:
        """Names of all objects of a kind in the namespace."""
        return self.names_in(self.namespace, kind)

    def names_in(self, namespace: str, kind: str) -> list[str]:
        """The same of another namespace."""
        return sorted(item["metadata"]["name"] for item in self.cluster.list(kind, namespace))

    def overlay(self, template: dict[str, Any]) -> None:
        """Apply fields to the Deployment's Pod under another name than the operator's."""
        metadata = {"name": "dockerregistry", "namespace": self.namespace}
        spec = {"spec": {"template": {"spec": template}}} if template else {}
        self.cluster.apply({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, **spec})

    def set_azure_credentials_type(self) -> dict[str, str]:
        """Add the variable without which the registry breaks down; return it."""
        variable = {"name": "REGISTRY_STORAGE_AZURE_CREDENTIALS_TYPE", "value": "shared_key"}
        self.overlay({"containers": [{"name": "docker-registry", "env": [variable]}]})
        return variable

    def release(self) -> None:
        """Remove our fields."""
        self.overlay({})

    def await_state(self, state: str, name: str = "default") -> None:
        """Wait for status.state."""
        until(f"state {state}", lambda: self.status(name).get("state") == state)

    def observed_state(self) -> dict[str, Any]:
        """What a recording holds, of now: without labels of a version, and as if the namespace were the recordings'."""
        generated = self.cluster.get("Secret", "dockerregistry-secret", self.namespace)
        return {
            "status": operator_cases.recorded_status(self.status(), self.namespace),
            "deployment": self._recorded_deployment(),
            "pvcs": self.names("PersistentVolumeClaim"),
            "secrets": self.names("Secret"),
            "networkpolicies": self.names("NetworkPolicy"),
            "generated secret keys": sorted(generated.get("data") or {}) if generated else None,
        }

    def _recorded_deployment(self) -> dict[str, Any] | None:
        found = self.cluster.get("Deployment", "dockerregistry", self.namespace)
        if not found:
            return None
        spec = operator_cases.without_http_secret(found["spec"])
        template = spec["template"]["metadata"]
        template["labels"] = operator_cases.plain_labels(template["labels"])
        return {"labels": operator_cases.plain_labels(found["metadata"]["labels"]), "spec": spec}

    def _pods(self) -> list[dict[str, Any]]:
        found = self.cluster.list("Pod", self.namespace, label_selector="app=docker-registry")
        return [pod for pod in found if not pod["metadata"].get("deletionTimestamp")]

    def pod_reasons(self) -> set[str]:
        """Why Pods do not run."""
        reasons = set()
        for pod in self._pods():
            containers = pod["status"].get("containerStatuses") or []
            waiting = [item["state"].get("waiting") or {} for item in containers]
            reasons |= {str(item.get("reason")) for item in (*waiting, *(pod["status"].get("conditions") or []))}
        return reasons

    def panic(self) -> list[str]:
        """The line with which the newest Pod's registry broke down."""
        for pod in self._pods():
            for previous in (False, True):
                text = self.cluster.pod_log(
                    self.namespace, pod["metadata"]["name"], "docker-registry", previous=previous
                )
                found = [line for line in text.splitlines() if line.startswith("panic:")]
                if found:
                    return found[:1]
        return []
