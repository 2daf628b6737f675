"""The NetworkPolicies of the chart."""

from __future__ import annotations

from typing import Any

from kymaoperator.gotypes import go_print
from kymaoperator.strvals import Values

_PREFIX = "kyma-project.io--dockerregistry-"


def policies(namespace: str, values: Values) -> list[dict[str, Any]]:
    """Return the policies by name; everything may be left only where storage is elsewhere."""
    found = [
        _policy(values, namespace, "allow-metrics-policy", "metrics", {"ingress": [_metrics()]}),
        _policy(values, namespace, "allow-registry-api", "allow-registry-api", {"ingress": [{"ports": [_port(5000)]}]}),
        _policy(values, namespace, "allow-to-dns", "dns", {"egress": _dns()}),
    ]
    if values["storage"] != "filesystem":
        found.insert(2, _policy(values, namespace, "allow-to-all", "external-storage", {"egress": [{}]}))
    return found


def _policy(values: Values, namespace: str, name: str, purpose: str, rules: dict[str, Any]) -> dict[str, Any]:
    labels = {key: go_print(value) for key, value in values["commonLabels"].items()}
    labels |= {"app.kubernetes.io/instance": f"dockerregistry-{name}", "purpose": purpose}
    spec = {
        "podSelector": {"matchLabels": {"app": "docker-registry"}},
        "policyTypes": [kind.capitalize() for kind in rules],
        **rules,
    }
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": f"{_PREFIX}{name}", "namespace": namespace, "labels": labels},
        "spec": spec,
    }


def _port(number: int, protocol: str = "TCP") -> dict[str, Any]:
    return {"port": number, "protocol": protocol}


def _metrics() -> dict[str, Any]:
    agents = {
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kyma-system"}},
        "podSelector": {"matchLabels": {"app.kubernetes.io/instance": "rma"}},
    }
    scrapers = {"podSelector": {"matchLabels": {"networking.kyma-project.io/metrics-scraping": "allowed"}}}
    return {"from": [agents, scrapers], "ports": [_port(5001)]}


def _dns() -> list[dict[str, Any]]:
    def rule(number: int, to: dict[str, Any]) -> dict[str, Any]:
        return {"ports": [_port(number, "UDP"), _port(number)], "to": [to]}

    def pods(name: str) -> dict[str, Any]:
        return {
            "namespaceSelector": {"matchLabels": {"gardener.cloud/purpose": "kube-system"}},
            "podSelector": {"matchLabels": {"k8s-app": name}},
        }

    return [
        rule(53, {"ipBlock": {"cidr": "0.0.0.0/0"}}),
        rule(8053, pods("kube-dns")),
        rule(53, pods("node-local-dns")),
    ]
