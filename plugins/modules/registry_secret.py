#!/usr/bin/python
# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes the registry's credentials and their copies."""

from __future__ import annotations

DOCUMENTATION = r"""
module: registry_secret
short_description: Make and keep the registry's credentials
version_added: 0.1.0
author:
  - Kyma Docker Registry collection contributors (@kyma-docker-registry)
description:
  - Makes the Secret C(dockerregistry-config) with the registry's user, its password, its addresses and a C(.dockerconfigjson).
    What is there is kept, what is missing is made once.
  - Makes the Secret C(dockerregistry-secret) with the bcrypt hash and the random values that only the registry reads.
  - Keeps copies of the pull Secret in other namespaces, and removes its own copies elsewhere.
  - Chooses the registry's NodePort, V(32137) or a free one, and keeps it.
extends_documentation_fragment:
  - kyma.docker_registry.attributes
  - kyma.docker_registry.connection
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
options:
  state:
    description: Whether the Secrets shall be there.
    type: str
    choices: [present, absent]
    default: present
  purpose:
    description: What the Secret is for.
    type: str
    choices: [credentials]
    default: credentials
  namespace:
    description: Namespace of the DockerRegistry and of the registry's objects.
    type: str
    default: kyma-system
  registry_username:
    description: Name of the registry's user. Left out keeps the one that is there, or makes V(registry).
    type: str
  registry_password:
    description: Password, at most 72 bytes. Left out keeps the one that is there, or makes a random one.
    type: str
  pull_secret_namespaces:
    description: Namespaces that keep a copy of the pull Secret. V(all) alone means every namespace but the system's.
    type: list
    elements: str
    default: []
seealso:
  - module: kyma.docker_registry.registry_deployment
"""

EXAMPLES = r"""
- name: Credentials, made once
  kyma.docker_registry.registry_secret:
    purpose: credentials
    pull_secret_namespaces:
      - default
"""

RETURN = r"""
namespace:
  description: Namespace of the Secrets.
  returned: when O(state=present)
  type: str
  sample: kyma-system
secret:
  description: Name of the credentials Secret, good for C(imagePullSecrets).
  returned: when O(state=present)
  type: str
  sample: dockerregistry-config
username:
  description: Name of the registry's user.
  returned: when O(state=present)
  type: str
  sample: registry
push_address:
  description: The registry's address inside the cluster.
  returned: when O(state=present)
  type: str
  sample: dockerregistry.kyma-system.svc.cluster.local:5000
pull_address:
  description: The registry's address for the kubelets.
  returned: when O(state=present)
  type: str
  sample: localhost:32137
node_port:
  description: The NodePort.
  returned: when O(state=present)
  type: int
  sample: 32137
keys:
  description: Names of the keys in the credentials Secret.
  returned: when O(state=present)
  type: list
  elements: str
  sample: [".dockerconfigjson", "password", "pullRegAddr", "pushRegAddr", "username"]
fingerprint:
  description: Changes when a value changes. An HMAC under a key that stays in the cluster.
  returned: when O(state=present)
  type: str
  sample: 2f1c0a9b8d7e6f50
pull_secret_namespaces:
  description: The namespaces that keep a copy.
  returned: when O(state=present)
  type: list
  elements: str
  sample: ["default"]
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

from ansible_collections.kyma.docker_registry.plugins.module_utils.ensure.secret import SPEC, run
from ansible_collections.kyma.docker_registry.plugins.module_utils.runner import run_module


def main() -> None:
    """Runs the use case as a module."""
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
