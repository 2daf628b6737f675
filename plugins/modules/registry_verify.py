#!/usr/bin/python
# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Verifies the running registry."""

from __future__ import annotations

DOCUMENTATION = r"""
module: registry_verify
short_description: Verify the running registry with a push and a pull
version_added: 0.1.0
author:
  - Kyma Docker Registry collection contributors (@kyma-docker-registry)
description:
  - Talks to a ready Pod of the registry through the API server's port-forward, so that it works from every place that can reach the API server.
  - Never reported as a change. Not run in check mode.
extends_documentation_fragment:
  - kyma.docker_registry.attributes
  - kyma.docker_registry.connection
  - kyma.docker_registry.lease
  - kyma.docker_registry.rights
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: full
    details: The verification image is pushed each time, as far as it is not there yet. That is never reported as a change.
options:
  namespace:
    description: Namespace of the DockerRegistry and of the registry's objects.
    type: str
    default: kyma-system
  level:
    description:
      - V(none) sends no request, and RV(verified) is false.
      - V(reachable) asks whether the registry answers with the credentials.
      - V(write) starts an upload, writes to it and cancels it; nothing stays.
      - V(image) pushes an image of two small layers and an index, pulls it by digest and by tag, compares, and removes it if
        deletion is enabled.
    type: str
    choices: [none, reachable, write, image]
    default: image
  wait_timeout:
    description: Seconds in which a registry that is not up yet is tried again.
    type: int
    default: 60
notes:
  - The verification image is in a dedicated repository, C(kyma-docker-registry-verification), which the data guard does not count.
  - The first verification at O(level=image) also pushes a small image to C(kyma-docker-registry-verification/canary), which stays, and records the
    storage in an annotation of the Secret C(dockerregistry-config). Later ones report C(canary-missing) if the registry does not list that image.
    Neither is reported as a change.
  - "Rights in either mode, all in C(docs/rbac/direct.yml) and C(docs/rbac/operator.yml):
    C(get secrets), for the credentials; C(get deployments); C(list replicasets); C(list pods); C(get, create pods/portforward);
    C(get pods/log), if the registry fails; C(patch secrets), for the record, which is left out without this right;
    C(get, create, patch, delete leases), for the same."
  - "Rights in C(kube-system), optional, all in C(docs/rbac/node-ports.yml): C(list configmaps), for C(node-port-localhost) in RV(findings),
    which the first verification of a storage reports."
seealso:
  - module: kyma.docker_registry.registry_deployment
  - module: kyma.docker_registry.registry_info
"""

EXAMPLES = r"""
- name: Does the registry answer? Give it two minutes
  kyma.docker_registry.registry_verify:
    level: reachable
    wait_timeout: 120

- name: Does its storage take an upload? Nothing stays of it
  kyma.docker_registry.registry_verify:
    level: write

- name: Push an image and pull it again
  kyma.docker_registry.registry_verify:
    level: image
  register: verification

- name: Show what was done
  ansible.builtin.debug:
    msg: "{{ verification.steps }}"
"""

RETURN = r"""
verified:
  description: Whether the registry was verified. False with O(level=none) and in check mode. If the verification fails, the module fails.
  returned: always
  type: bool
  sample: true
level:
  description: The level asked for.
  returned: always
  type: str
  sample: image
pod:
  description: The Pod that answered.
  returned: when the registry was verified
  type: str
  sample: dockerregistry-5d8f7c9b6d-x2x4z
repository:
  description: The verification repository.
  returned: when the registry was verified
  type: str
  sample: kyma-docker-registry-verification
digest:
  description: Digest of the image index. Empty below O(level=image).
  returned: when the registry was verified
  type: str
  sample: sha256:5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03
tag:
  description:
    - Tag of the image, C(verification-) and what differs from registry to registry. If images can be deleted, it differs from run to run too.
    - Empty below O(level=image).
  returned: when the registry was verified
  type: str
  sample: verification-0a1b2c3d4e5f
removed:
  description: Whether the image was removed again. It is if the registry accepts the deletion of images.
  returned: when the registry was verified
  type: bool
  sample: false
steps:
  description: What was done, for people.
  returned: when the registry was verified
  type: list
  elements: str
  sample: ["the registry answers and takes the credentials", "an upload was begun, written and cancelled"]
lease_taken: {description: Whether the task has written under the Lease., returned: when it has written, type: bool, sample: true}
findings:
  description: What was found, errors and warnings. Never a secret value.
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
  description: The API server that was talked to, and where its address came from.
  returned: when a cluster was connected
  type: dict
  contains:
    host: {description: Address of the API server., type: str}
    source: {description: "The option, variable, file or in-cluster account that named it.", type: str}
  sample: {"host": "https://127.0.0.1:6443", "source": "variable KUBECONFIG"}
"""

from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.ansible_module import run_module
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.verify.registry_verify import (
    SPEC,
    verify_running_registry,
)


def main() -> None:
    """Runs the module's body as a module."""
    run_module(SPEC, verify_running_registry)


if __name__ == "__main__":
    main()
