"""Which kinds of objects the cluster has, asked of the cluster itself."""

from __future__ import annotations

from dataclasses import dataclass

from kymalab.api import DISCOVERY, Api

# Cluster-wide objects that the system itself makes and removes as the cluster lives.
_SYSTEM_KINDS = {"csinodes", "ipaddresses", "nodes", "volumeattachments"}
_SYSTEM_GROUPS = {"flowcontrol.apiserver.k8s.io"}


@dataclass(frozen=True)
class Kind:
    """One kind of object that can be listed and deleted."""

    group: str
    version: str
    plural: str
    namespaced: bool

    @property
    def key(self) -> str:
        """The kind's name in the baseline."""
        return f"{self.plural}.{self.group}"

    @property
    def resource(self) -> tuple[str, str]:
        """What a CustomResourceDefinition says about the kind."""
        return self.group, self.plural

    def path(self, namespace: str = "", name: str = "") -> str:
        """Return the path of all objects, of a namespace's objects, or of one object."""
        parts = [f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"]
        parts += [f"namespaces/{namespace}"] if namespace else []
        return "/".join([*parts, self.plural, *([name] if name else [])])


def every(api: Api) -> list[Kind]:
    """Return every kind that can be listed and deleted, each in its preferred version."""
    found: dict[tuple[str, str], Kind] = {}
    for root in ("/api", "/apis"):
        for item in api.call("GET", root, accept=DISCOVERY)["items"]:
            group = item["metadata"].get("name", "")
            for version in item["versions"]:
                for resource in version.get("resources", []):
                    if {"list", "delete"} <= set(resource["verbs"]):
                        kind = Kind(group, version["version"], resource["resource"], resource["scope"] == "Namespaced")
                        found.setdefault((group, kind.plural), kind)
    return list(found.values())


def cluster_wide(api: Api) -> list[Kind]:
    """Return the kinds of cluster-wide objects that users make."""
    return [
        kind for kind in every(api)
        if not kind.namespaced and kind.plural not in _SYSTEM_KINDS and kind.group not in _SYSTEM_GROUPS
    ]  # fmt: skip


def custom(api: Api) -> set[tuple[str, str]]:
    """Return (group, plural) of the kinds that CustomResourceDefinitions made."""
    definitions = api.get("/apis/apiextensions.k8s.io/v1/customresourcedefinitions").get("items", [])
    return {(item["spec"]["group"], item["spec"]["names"]["plural"]) for item in definitions}
