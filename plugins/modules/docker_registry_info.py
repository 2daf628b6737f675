#!/usr/bin/python
# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tells what is there and what is wrong with it."""

from __future__ import annotations

DOCUMENTATION = r"""
module: docker_registry_info
short_description: Show the state, addresses and findings of a Docker Registry
version_added: 0.1.0
author:
  - Kyma Docker Registry collection contributors (@kyma-docker-registry)
description:
  - Reads the DockerRegistry, the Deployment and the addresses; changes nothing.
  - Tells where the running registry differs from the DockerRegistry.
extends_documentation_fragment:
  - kyma.docker_registry.attributes
  - kyma.docker_registry.connection
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
    description: Whether to ask the running registry how many repositories hold images.
    type: bool
    default: false
  query:
    description:
      - A JMESPath expression over what the module returns, for example C(findings[?severity=='warning'].code).
      - What it finds is returned as RV(queried).
      - Needs the Python library C(jmespath) on the controller.
    type: str
requirements:
  - jmespath, for O(query)
seealso:
  - module: kyma.docker_registry.docker_registry_storage
"""

EXAMPLES = r"""
- name: Look at the registry
  kyma.docker_registry.docker_registry_info:
    count_images: true
  register: registry

- name: Is there anything to do?
  kyma.docker_registry.docker_registry_info:
    query: "{state: state, to_do: findings[].remedy}"
  register: short
"""

RETURN = r"""
exists:
  description: Whether the DockerRegistry is there.
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
  description: Its C(status.state).
  returned: always
  type: str
  sample: Ready
route:
  description: Its C(status.storage).
  returned: always
  type: str
  sample: filesystem
conditions:
  description: Its conditions.
  returned: always
  type: list
  elements: dict
  sample: []
storage:
  description: Its C(spec.storage).
  returned: always
  type: dict
  sample: {"pvc": {"name": "existing-pvc"}}
mode:
  description: Who reconciles it, V(direct) or V(operator); null where that may not be asked.
  returned: always
  type: str
  sample: direct
routes:
  description:
    - C(asked) is what the DockerRegistry asks for, before it was made fit for an operator; C(status) is C(status.storage);
      C(running) is the kind of what holds the images.
  returned: always
  type: dict
  sample: {"asked": "s3", "status": "s3", "running": "s3"}
holder:
  description: What holds the images, as the DockerRegistry asks for and as the Deployment runs.
  returned: always
  type: dict
  sample: {"wanted": "persistentvolumeclaim/dockerregistry", "running": "persistentvolumeclaim/dockerregistry"}
replicas:
  description: Pods wanted, ready and up to date.
  returned: always
  type: dict
  sample: {"wanted": 1, "ready": 1, "updated": 1}
push_address:
  description: Address inside the cluster.
  returned: always
  type: str
  sample: dockerregistry.kyma-system.svc.cluster.local:5000
pull_address:
  description: Address for the kubelets.
  returned: always
  type: str
  sample: localhost:32137
images:
  description: How many repositories hold images; C(known) is false where the registry could not be asked.
  returned: when O(count_images=true) and the Deployment is there
  type: dict
  sample: {"known": true, "repositories": 3, "at_least": false, "why": ""}
queried:
  description: What O(query) finds in all other values, null where it finds nothing.
  returned: when O(query) is given
  type: raw
  sample: {"state": "Ready", "to_do": []}
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

from ansible_collections.kyma.docker_registry.plugins.module_utils.ensure.info import SPEC, run
from ansible_collections.kyma.docker_registry.plugins.module_utils.runner import run_module


def main() -> None:
    """Runs the use case as a module."""
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
