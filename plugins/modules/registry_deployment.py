#!/usr/bin/python
# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Applies the registry's objects and waits for the rollout."""

from __future__ import annotations

DOCUMENTATION = r"""
module: registry_deployment
short_description: Apply the registry's objects and wait for the rollout
version_added: 0.1.0
author:
  - Kyma Docker Registry collection contributors (@kyma-docker-registry)
description:
  - Applies the registry's objects in one call, in the right order, with server-side apply; nothing is written where nothing differs.
  - Removes objects of its own that are no longer wanted; never a volume's claim, unless its loss is accepted.
  - Waits for the rollout and fails early, with the Pod's reason, the last events and the registry's own last words.
  - Writes what came of it into the status of the DockerRegistry.
extends_documentation_fragment:
  - kyma.docker_registry.attributes
  - kyma.docker_registry.connection
  - kyma.docker_registry.secret_source
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
options:
  state:
    description:
      - Whether the objects shall be there. V(absent) keeps the volume unless O(accept_data_loss) names it.
      - With V(preflight) a short-lived Pod tries the storage with the registry's own image, and nothing else is applied.
        It is skipped where the running registry uses exactly this storage already, and in check mode.
    type: str
    choices: [present, preflight, absent]
    default: present
  name:
    description: Name of the DockerRegistry.
    type: str
    default: default
  namespace:
    description: Namespace of the DockerRegistry and of the registry's objects.
    type: str
    default: kyma-system
  objects:
    description: The objects, a fixed set of kinds and names, as the role's templates make them.
    type: list
    elements: dict
    default: []
  storage:
    description: C(spec.storage) of the DockerRegistry, as M(kyma.docker_registry.docker_registry_storage) returns it.
    type: raw
  driver_parameters:
    description: Options of Distribution's storage driver beyond the fields of the DockerRegistry, such as C(forcepathstyle).
    type: dict
    default: {}
  accept_data_loss:
    description:
      - The only way past the guard, the name of what may be lost, exactly as the finding states it.
    type: str
    default: ""
  mode:
    description:
      - Who reconciles the registry.
      - With V(operator) the operator's Deployment is completed (overlay) and held to its storage (fuse), and all is awaited by a strict rule.
    type: str
    choices: [direct, operator]
    default: direct
  operator_version:
    description: Version of the operator, as M(kyma.docker_registry.docker_registry_storage) returns it.
    type: str
  fuse:
    description: With O(mode=operator), whether the Deployment is held to its storage.
    type: bool
    default: true
  ca_bundle:
    description: With O(mode=operator), trusted authorities as M(kyma.docker_registry.docker_registry_storage) returns them.
    type: raw
  environment:
    description: With O(mode=operator), further variables of the registry's container. No credentials, they are readable in the Pod.
    type: dict
    default: {}
  wait:
    description: Whether to wait for the rollout.
    type: bool
    default: true
  wait_timeout:
    description: Seconds to wait.
    type: int
    default: 300
seealso:
  - module: kyma.docker_registry.docker_registry_storage
  - module: kyma.docker_registry.registry_probe
"""

EXAMPLES = r"""
- name: Remove the registry, keep its volume
  kyma.docker_registry.registry_deployment:
    state: absent
"""

RETURN = r"""
push_address:
  description: The registry's address inside the cluster.
  returned: when O(state=present) and not in check mode
  type: str
  sample: dockerregistry.kyma-system.svc.cluster.local:5000
pull_address:
  description: The registry's address for the kubelets.
  returned: when O(state=present) and not in check mode
  type: str
  sample: localhost:32137
tried:
  description: Whether the storage was tried; not where it is the running registry's, and not in check mode.
  returned: when O(state=preflight)
  type: bool
  sample: true
changes:
  description: What was changed, or would be in check mode, in words.
  returned: when something changed
  type: list
  elements: str
  sample:
    - Deployment/dockerregistry created
findings:
  description: What was found, errors and warnings. Never a secret value.
  returned: always
  type: list
  elements: dict
  contains:
    code:
      description: Stable name of the finding.
      type: str
    severity:
      description: V(error), V(warning) or V(info).
      type: str
    path:
      description: Place in the input, or the object.
      type: str
    message:
      description: What is wrong.
      type: str
    remedy:
      description: How to mend it.
      type: str
  sample: []
cluster:
  description: The API server that was talked to, and where its address came from.
  returned: when a cluster was connected
  type: dict
  contains:
    host:
      description: Address of the API server.
      type: str
    source:
      description: The option, variable, file or in-cluster account that named it.
      type: str
  sample: {"host": "https://127.0.0.1:6443", "source": "variable KUBECONFIG"}
"""

from ansible_collections.kyma.docker_registry.plugins.module_utils.ensure.deployment import SPEC, run
from ansible_collections.kyma.docker_registry.plugins.module_utils.runner import run_module


def main() -> None:
    """Runs the use case as a module."""
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
