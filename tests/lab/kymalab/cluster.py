"""What the lab itself puts into the cluster, and how one sees that the cluster can be used."""

from __future__ import annotations

from kymalab import volumes
from kymalab.api import Api, Json
from kymalab.settings import NODE_NAME, STORAGE_CLASS, Paths

_RBAC = "rbac.authorization.k8s.io"


def bootstrap(api: Api, paths: Paths) -> None:
    """Create the lab's own objects in a cluster that has just begun."""
    _grant(api, "system:kube-proxy", "system:node-proxier")
    _grant(
        api, "system:coredns", "system:coredns",
        [
            _rule("", ["endpoints", "namespaces", "pods", "services"], ["list", "watch"]),
            _rule("discovery.k8s.io", ["endpointslices"], ["list", "watch"]),
        ],
    )  # fmt: skip
    _grant(
        api, "system:local-path-provisioner", "system:local-path-provisioner",
        [
            _rule("", ["configmaps", "nodes", "persistentvolumeclaims"], ["get", "list", "watch"]),
            _rule("", ["persistentvolumes"], ["get", "list", "watch", "create", "patch", "update", "delete"]),
            _rule("", ["pods"], ["get", "list", "watch", "create", "delete"]),
            _rule("", ["pods/log"], ["get"]),
            _rule("", ["events"], ["create", "patch"]),
            _rule("storage.k8s.io", ["storageclasses"], ["get", "list", "watch"]),
        ],
    )  # fmt: skip
    volumes.bootstrap(api, paths)


def problems(api: Api) -> list[str]:
    """Return what still keeps the cluster from being usable; empty when it is."""
    found = []
    node = api.get(f"/api/v1/nodes/{NODE_NAME}")
    conditions = {item["type"]: item["status"] for item in node.get("status", {}).get("conditions", [])}
    if conditions.get("Ready") != "True":
        found.append(f"node {NODE_NAME} is not Ready")
    elif node.get("spec", {}).get("taints"):
        found.append(f"node {NODE_NAME} takes no Pods yet")
    if not api.get("/api/v1/namespaces/default/serviceaccounts/default"):
        found.append("ServiceAccount default is not there")
    if not api.get(f"/apis/storage.k8s.io/v1/storageclasses/{STORAGE_CLASS}"):
        found.append(f"StorageClass {STORAGE_CLASS} is not there")
    return found


def _rule(group: str, resources: list[str], verbs: list[str]) -> Json:
    return {"apiGroups": [group], "resources": resources, "verbs": verbs}


def _grant(api: Api, user: str, role: str, rules: list[Json] | None = None) -> None:
    """Bind a user to a cluster role, which is created where rules are given."""
    version = f"{_RBAC}/v1"
    if rules is not None:
        body: Json = {"apiVersion": version, "kind": "ClusterRole", "metadata": {"name": role}, "rules": rules}
        api.call("POST", f"/apis/{version}/clusterroles", body)
    binding = {
        "apiVersion": version,
        "kind": "ClusterRoleBinding",
        "metadata": {"name": user},
        "roleRef": {"apiGroup": _RBAC, "kind": "ClusterRole", "name": role},
        "subjects": [{"apiGroup": _RBAC, "kind": "User", "name": user}],
    }
    api.call("POST", f"/apis/{version}/clusterrolebindings", binding)
