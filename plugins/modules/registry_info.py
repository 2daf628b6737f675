#!/usr/bin/python
# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reports the state of the registry and its problems."""

from __future__ import annotations

DOCUMENTATION = r"""
module: registry_info
short_description: Show the state, addresses and findings of a Docker Registry
version_added: 0.1.0
author:
  - Kyma Docker Registry collection contributors (@kyma-docker-registry)
description:
  - Reads the DockerRegistry, the Deployment and the addresses. Changes nothing.
  - Reports differences between the running registry and the DockerRegistry, and with an operator the risks.
  - If the registry does not exist, the module succeeds and RV(exists) is false.
extends_documentation_fragment:
  - kyma.docker_registry.attributes
  - kyma.docker_registry.connection
  - kyma.docker_registry.rights
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
options:
  name:
    description: Name of the DockerRegistry.
    type: str
    default: default
  namespace:
    description: Namespace of the DockerRegistry and of the registry's objects.
    type: str
    default: kyma-system
  count_images:
    description: Whether to count the repositories with images in the running registry, up to 100. See RV(images).
    type: bool
    default: false
  query:
    description:
      - A JMESPath expression over what the module returns, for example C(findings[?severity=='warning'].code).
      - The result of the expression is returned as RV(queried), in addition to the other values.
      - Needs the Python library C(jmespath) on the controller.
    type: str
requirements:
  - jmespath, for O(query)
notes:
  - "Rights, all in C(docs/rbac/info.yml):
    C(get dockerregistries); C(get deployments); C(get secrets), add the storage Secret there by its name;
    C(list deployments) in all namespaces, else RV(mode) is null unless direct mode runs the registry;
    C(get leases), else RV(findings) has no C(lease-abandoned); C(get configmaps), else RV(migration) is null;
    with an operator C(get namespaces) and C(list persistentvolumeclaims);
    for O(count_images) C(list replicasets), C(list pods), C(get, create pods/portforward) and C(get, create pods/exec)."
  - "Rights in C(kube-system), optional, all in C(docs/rbac/node-ports.yml): C(list configmaps), for C(node-port-localhost) in RV(findings)."
seealso:
  - module: kyma.docker_registry.docker_registry_storage
  - module: kyma.docker_registry.registry_verify
  - name: JMESPath
    description: The language of O(query).
    link: https://jmespath.org/specification.html
"""

EXAMPLES = r"""
- name: Read the state of the registry
  kyma.docker_registry.registry_info:
    count_images: true
  register: registry

- name: Show the number of repositories and the storage ID
  ansible.builtin.debug:
    msg: "{{ registry.images.repositories }} repositories in {{ registry.storage_id.running }}"

- name: Query the values that the play needs
  kyma.docker_registry.registry_info:
    query: "{state: state, pods: replicas.ready, to_do: findings[?severity=='warning'].remedy}"
  register: short

- name: Continue only if the registry is ready and has no warning
  ansible.builtin.assert:
    that:
      - short.queried.state == 'Ready'
      - short.queried.pods > 0
      - short.queried.to_do == []

- name: Wait for a rollout that another run has started
  kyma.docker_registry.registry_info:
  register: now
  until: now.replicas.rolled_out
  retries: 30
  delay: 10

- name: Read the state of a registry in another cluster
  kyma.docker_registry.registry_info:
    kubeconfig: ~/.kube/production.yml
    context: production
    namespace: kyma-system
"""

RETURN = r"""
exists:
  description: Whether the DockerRegistry exists.
  returned: always
  type: bool
  sample: true
name:
  description: Name of the DockerRegistry.
  returned: always
  type: str
  sample: default
namespace:
  description: Its namespace.
  returned: always
  type: str
  sample: kyma-system
state:
  description: Its C(status.state). Null if it has none.
  returned: always
  type: str
  sample: Ready
storage_type:
  description: Its C(status.storage). Null if it has none.
  returned: always
  type: str
  sample: filesystem
conditions:
  description: Its conditions, from C(status.conditions). Text that can be a credential is removed from the messages.
  returned: always
  type: list
  elements: dict
  sample:
    - type: Installed
      status: "True"
      reason: Installed
      message: Docker Registry is installed.
      lastTransitionTime: "2026-01-01T12:00:00Z"
storage:
  description: Its C(spec.storage). Null if it has none, which means the default volume.
  returned: always
  type: dict
  sample: {"pvc": {"name": "existing-pvc"}}
mode:
  description: Who reconciles it, V(direct) or V(operator). Null if the right to read it is missing, or if it is uncertain.
  returned: always
  type: str
  sample: direct
storage_types:
  description:
    - C(requested) is the storage type that the DockerRegistry specifies, before any adaptation for an operator. C(status) is C(status.storage).
      C(running) is the storage type that the registry uses now.
  returned: always
  type: dict
  contains:
    requested:
      description: Null if the DockerRegistry or its Secret does not show it.
      type: str
    status:
      description: Null if there is none.
      type: str
    running:
      description:
        - Equal to C(requested) if the registry uses the requested storage, else V(filesystem), V(pvc), V(s3), V(gcs), V(azure) or V(emptyDir).
        - Null without a Deployment.
      type: str
  sample: {"requested": "s3", "status": "s3", "running": "s3"}
storage_id:
  description: Identity of the place that holds the images, as the data guard compares it.
  returned: always
  type: dict
  contains:
    requested:
      description: The storage ID that the DockerRegistry specifies. Null if it cannot be determined.
      type: str
    running:
      description: The storage ID that the Deployment uses. Null without a Deployment.
      type: str
  sample: {"requested": "persistentvolumeclaim/dockerregistry", "running": "persistentvolumeclaim/dockerregistry"}
replicas:
  description: Numbers of Pods.
  returned: always
  type: dict
  contains:
    requested:
      description: Number of Pods that the Deployment specifies.
      type: int
    ready:
      description: Number of ready Pods.
      type: int
    updated:
      description: Number of Pods of the current revision.
      type: int
    rolled_out:
      description: Whether all Pods are of the current revision and ready, and no others exist. False without a Deployment.
      type: bool
  sample: {"requested": 1, "ready": 1, "updated": 1, "rolled_out": true}
read_only_since:
  description:
    - Time (UTC) from which the registry rejects pushes because a run switches its storage. Null without such a maintenance window.
    - Null if the registry is read-only because of the role's C(registry_readonly).
  returned: always
  type: str
  sample: "2026-01-02T03:04:05Z"
migration:
  description: The record of the last migration of M(kyma.docker_registry.registry_migration), in the form that this module returns. Null if there is none.
  returned: always
  type: dict
  sample: {"phase": "copy", "source": "persistentvolumeclaim/dockerregistry", "target": "s3/eu-central-1/company-images"}
push_address:
  description: Address inside the cluster. Null before the credentials are created.
  returned: always
  type: str
  sample: dockerregistry.kyma-system.svc.cluster.local:5000
pull_address:
  description: Address for the kubelets. Null before the credentials are created.
  returned: always
  type: str
  sample: localhost:32137
images:
  description: Number of repositories with images.
  returned: when O(count_images=true) and the Deployment exists
  type: dict
  contains:
    known:
      description: False if the registry could not be queried.
      type: bool
    repositories:
      description: The number, without the verification repository.
      type: int
    at_least:
      description: Whether the count stopped before the end, so that there may be more.
      type: bool
    why:
      description: The reason if the number is unknown, else empty.
      type: str
  sample: {"known": true, "repositories": 3, "at_least": false, "why": ""}
queried:
  description: The result of O(query), applied to all other values. Null if it finds nothing.
  returned: when O(query) is set
  type: raw
  sample: {"state": "Ready", "to_do": []}
findings:
  description: Findings of the severities error, warning and info. They never contain a secret value.
  returned: always
  type: list
  elements: dict
  contains:
    code: {description: Stable name of the finding., type: str}
    severity: {description: "V(error), V(warning) or V(info).", type: str}
    path: {description: "Place in the input, or the object.", type: str}
    message: {description: What is wrong., type: str}
    remedy: {description: How to correct it., type: str}
  sample: []
cluster:
  description: The API server that the module used, and the source of its address.
  returned: when a cluster was connected
  type: dict
  contains:
    host: {description: Address of the API server., type: str}
    source: {description: "The option, variable, file or in-cluster account that contains the address.", type: str}
  sample: {"host": "https://127.0.0.1:6443", "source": "variable KUBECONFIG"}
"""

from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.ansible_module import run_module
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.info.options import InfoOptions
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.info.registry_info import (
    SPEC,
    read_registry_info,
)


def main() -> None:
    """Runs the module's body as a module."""
    run_module(SPEC, InfoOptions, read_registry_info)


if __name__ == "__main__":
    main()
