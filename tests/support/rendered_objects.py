# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The registry's objects as the role's templates print them for a storage, without a cluster. One play renders all cases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.storage.desired_state import DesiredState
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import spec, volume
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import Store
from ansible_collections.kyma.docker_registry.tests.support import playbook
from ansible_collections.kyma.docker_registry.tests.support.documented import ROLE

Objects = dict[tuple[str, str], dict[str, Any]]


@dataclass(frozen=True)
class Case:
    """spec.storage, the values of its Secret, and other variables of the role."""

    storage: Mapping[str, Any]
    secret: Mapping[str, bytes] | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)

    def resolved(self) -> spec.Resolved:
        """The storage as it is checked."""
        resolved, found = spec.check_storage(self.storage, "storage")
        assert resolved is not None, found
        return resolved

    def store(self) -> Store:
        """The store that the storage and its Secret define."""
        store, found = self.resolved().store(self.secret, {})
        assert store is not None, found
        return store

    def result(self) -> dict[str, Any]:
        """What docker_registry_storage returns, as far as the templates read it."""
        store = self.store()
        requested = volume.VolumeRequest("20Gi", None, ("ReadWriteOnce",))
        replicas = self.variables.get("registry_replicas")
        desired = DesiredState("default", "ns", "registry_storage", self.resolved(), requested, {}, {}, replicas)
        return {
            **desired.result(None),
            "mode": "direct",
            "object_store": store.claim is None,
            "storage_id": store.storage_id,
            "driver": {store.driver: dict(store.parameters)},
            "secret_environment": dict(store.environment),
            "key_file": store.key_file,
            "ca_bundle": {},
            "redirect": None,
        }


def render(cases: Mapping[str, Case]) -> dict[str, Objects]:
    """The objects of each case, by kind and name."""
    done = playbook.run([task for name, case in cases.items() for task in _tasks(name, case)], kubeconfig=None)
    assert done.returncode == 0, done.output
    found = {}
    for name in cases:
        text = done.of(f"Render {name}").result["msg"]
        documents = [item for item in yaml.safe_load_all(text) if item]
        found[name] = {(item["kind"], item["metadata"]["name"]): item for item in documents}
        assert len(found[name]) == len(documents), "an object is there twice"
    return found


def _tasks(name: str, case: Case) -> list[dict[str, Any]]:
    """What says how Pods are replaced, then the templates."""
    result = case.result()
    user = {"fingerprint": "f", "node_port": constants.NODE_PORT}
    known = {"__registry_cr": result, "__registry_user": user, **case.variables}
    tasks = f"storage/{result['task_file']}.yml"
    role = {"name": "kyma.docker_registry.registry", "tasks_from": tasks, "public": True}
    text = f"{{{{ lookup('ansible.builtin.template', '{ROLE}/templates/objects.yml.j2') }}}}"
    return [
        {"name": f"Prepare {name}", "ansible.builtin.include_role": role, "vars": known},
        {"name": f"Render {name}", "ansible.builtin.debug": {"msg": text}, "vars": known},
    ]
