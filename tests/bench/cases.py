# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The commands that `make bench` compares. Each applies, or reads, the objects of one deployed registry, and changes nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.constants import FIELD_MANAGER
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.apply.owned import owned_part
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.tests.support import playbook

# Of the registry's namespace. The Lease is not applied by a run that changes nothing.
KINDS = (
    "ServiceAccount",
    "ConfigMap",
    "Secret",
    "PersistentVolumeClaim",
    "NetworkPolicy",
    "Service",
    "Deployment",
    "PodDisruptionBudget",
    "DockerRegistry",
)
LEVELS = ("none", "reachable", "image")
# KYMA_DOCKER_REGISTRY_EXECUTION: value and what the page calls it.
EXECUTIONS = {"action": "in process", "module": "as modules"}
FLOOR, APPLY = "one debug task", "kubectl apply --server-side"
_MANAGER = "bench"
# Empty, the API server stores none of them: another owner of such a field counts as one that has changed it.
_NOT_STORED = frozenset({"annotations", "labels", "nodeSelector", "tolerations"})


@dataclass(frozen=True)
class Case:
    """One command. agent: how the name begins under which it sends requests; empty if it sends none."""

    title: str
    command: Sequence[str]
    environment: Mapping[str, str]
    agent: str = ""


@dataclass(frozen=True)
class Place:
    """What the commands share. programs: folder of ansible-playbook; work: an empty folder for their files."""

    programs: Path
    kubectl: str
    kubeconfig: str
    namespace: str
    work: Path

    def environment(self, execution: str = "action") -> dict[str, str]:
        """The tests' environment without what they record."""
        found = playbook.environment(
            self.kubeconfig, execution, self.work, {"KUBECACHEDIR": str(self.work / "kubectl")}
        )
        for name in ("ANSIBLE_CALLBACK_PLUGINS", "ANSIBLE_CALLBACKS_ENABLED"):
            del found[name]
        return found

    def play(self, title: str, play: Path, *, agent: str = "", execution: str = "action", **variables: str) -> Case:
        """A run of ansible-playbook."""
        command = [str(self.programs / "ansible-playbook"), str(play), "-e", json.dumps(variables)]
        return Case(title, command, self.environment(execution), agent)


def applied_objects(cluster: Cluster, namespace: str) -> list[dict[str, Any]]:
    """The objects of the namespace as the collection has applied them, in a form that a second owner can apply."""
    live = [item for kind in KINDS for item in cluster.list(kind, namespace)]
    return [shared(part) for part in (owned_part(item, FIELD_MANAGER) for item in live) if part]


def shared(applied: Mapping[str, Any]) -> dict[str, Any]:
    """The object without what the role takes for a change by its second owner."""
    found: dict[str, Any] = _without_empty(applied)
    if found["kind"] == "Deployment":
        # Another owner of the field has scaled the registry.
        found["spec"].pop("replicas", None)
    return found


def _without_empty(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_empty(item) for key, item in value.items() if item or key not in _NOT_STORED}
    return [_without_empty(item) for item in value] if isinstance(value, list) else value


def all_cases(place: Place, objects: Sequence[Mapping[str, Any]]) -> list[Case]:
    """The commands, in the order of the page. Writes their files."""
    files = [_write(place.work / f"object-{number}.json", item) for number, item in enumerate(objects)]
    everything = _write(place.work / "objects.json", {"apiVersion": "v1", "kind": "List", "items": list(objects)})
    floor = _write(place.work / "floor.yml", [playbook.local_play([{"ansible.builtin.debug": {"msg": "one task"}}])])
    one = _write(place.work / "one.yml", [playbook.local_play([_kubernetes_core(everything)])])
    each = _write(place.work / "each.yml", [playbook.local_play([_kubernetes_core(file) for file in files])])
    apply = ["apply", "--server-side", f"--field-manager={_MANAGER}", "-f", str(everything)]
    playbooks = playbook.REPOSITORY / "playbooks"
    return [
        place.play(FLOOR, floor),
        Case(APPLY, [place.kubectl, *apply], place.environment(), "kubectl"),
        place.play("kubernetes.core, all objects in one task", one, agent="OpenAPI-Generator"),
        place.play("kubernetes.core, a task for each object", each, agent="OpenAPI-Generator"),
        *(
            place.play(
                f"site {name}, verification {level}",
                playbooks / "site.yml",
                agent=FIELD_MANAGER,
                execution=execution,
                registry_namespace=place.namespace,
                registry_verify=level,
            )
            for execution, name in EXECUTIONS.items()
            for level in LEVELS
        ),
        place.play("info in process", playbooks / "info.yml", agent=FIELD_MANAGER, registry_namespace=place.namespace),
    ]


def _kubernetes_core(source: Path) -> dict[str, Any]:
    """A task that applies the objects of the file."""
    how = {"apply": True, "server_side_apply": {"field_manager": _MANAGER}}
    return {"kubernetes.core.k8s": {"src": str(source), **how}}


def _write(path: Path, content: Any) -> Path:
    """For the owner alone: some of the objects are Secrets."""
    path.touch(0o600)
    path.write_text(json.dumps(content), encoding="utf-8")
    return path
