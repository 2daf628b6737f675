# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kinds that the collection deals with, and their paths in the API."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from .errors import ClusterError


@dataclass(frozen=True)
class Resource:
    """One kind and its place in the API. `group` is empty for the core group."""

    kind: str
    group: str
    version: str
    plural: str
    namespaced: bool

    @property
    def api_version(self) -> str:
        """As in `apiVersion` of an object."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def full_name(self) -> str:
        """As RBAC rules and the server's messages name it, e.g. `deployments.apps`."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def root(self) -> str:
        """The path above namespaces and names."""
        return f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"


_TABLE = (
    Resource("Namespace", "", "v1", "namespaces", False),
    Resource("Secret", "", "v1", "secrets", True),
    Resource("ConfigMap", "", "v1", "configmaps", True),
    Resource("Service", "", "v1", "services", True),
    Resource("PersistentVolumeClaim", "", "v1", "persistentvolumeclaims", True),
    Resource("Pod", "", "v1", "pods", True),
    Resource("Event", "", "v1", "events", True),
    Resource("ServiceAccount", "", "v1", "serviceaccounts", True),
    Resource("Deployment", "apps", "v1", "deployments", True),
    Resource("ReplicaSet", "apps", "v1", "replicasets", True),
    Resource("NetworkPolicy", "networking.k8s.io", "v1", "networkpolicies", True),
    Resource("PodDisruptionBudget", "policy", "v1", "poddisruptionbudgets", True),
    Resource("PersistentVolume", "", "v1", "persistentvolumes", False),
    Resource("StorageClass", "storage.k8s.io", "v1", "storageclasses", False),
    Resource("Lease", "coordination.k8s.io", "v1", "leases", True),
    Resource("CustomResourceDefinition", "apiextensions.k8s.io", "v1", "customresourcedefinitions", False),
    Resource("DockerRegistry", "operator.kyma-project.io", "v1alpha1", "dockerregistries", True),
)
RESOURCES: dict[str, Resource] = {entry.kind: entry for entry in _TABLE}


def resource(kind: str) -> Resource:
    """The kind's entry. Raises ClusterError (cluster-invalid) for a kind that the collection does not deal with."""
    found = RESOURCES.get(kind)
    if found is None:
        raise ClusterError(
            "cluster-invalid",
            kind or "kind",
            f"the collection cannot apply objects of kind {kind!r}.",
            f"Use one of: {', '.join(sorted(RESOURCES))}.",
        )
    return found


def _segment(kind: str, what: str, value: str) -> str:
    try:
        if value not in ("", ".", ".."):
            return quote(value, safe="")
    except UnicodeEncodeError:
        pass  # Half of a character, which JSON can carry and an address cannot.
    raise ClusterError(
        "cluster-invalid", kind, f"{what} {value!r} is not a valid object name.", "Specify a valid name."
    )


def path(kind: str, namespace: str | None = None, name: str | None = None, subresource: str | None = None) -> str:
    """The path of an object, or of the collection without `name`.

    A kind outside namespaces ignores `namespace`; a namespaced one without it is the collection over all namespaces.
    Raises ClusterError (cluster-invalid) if a name is empty or an object's namespace is missing.
    """
    entry = resource(kind)
    parts = [entry.root]
    if entry.namespaced:
        if namespace is not None:
            parts += ["namespaces", _segment(kind, "namespace", namespace)]
        elif name is not None:
            raise ClusterError(
                "cluster-invalid", f"{kind}/{name}", "the object has no namespace.", "Set metadata.namespace."
            )
    parts.append(entry.plural)
    if name is not None:
        parts.append(_segment(kind, "name", name))
    if subresource is not None:
        parts.append(subresource)
    return "/".join(parts)
