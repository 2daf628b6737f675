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
  - Connects to a ready Pod of the registry through the API server's port-forward, so that it works from every machine that can reach the API server.
  - The verification is never reported as a change, and is skipped in check mode.
extends_documentation_fragment:
  - kyma.docker_registry.attributes
  - kyma.docker_registry.connection
  - kyma.docker_registry.lease
  - kyma.docker_registry.plan
  - kyma.docker_registry.rights
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: full
    details: Each run pushes the parts of the verification image that the registry does not have. This is never reported as a change.
options:
  namespace:
    description: Namespace of the DockerRegistry and of the registry's objects.
    type: str
    default: kyma-system
  level:
    description:
      - V(none) sends no request, and RV(verified) is false.
      - V(reachable) checks whether the registry responds and accepts the credentials.
      - V(write) starts an upload, writes to it and cancels it. No data remains.
      - V(image) pushes an image of two small layers and an index, pulls it by digest and by tag, compares the content, and removes the image if
        deletion is enabled.
    type: str
    choices: [none, reachable, write, image]
    default: image
  wait_timeout:
    description: Seconds during which the module tries again if the registry is not ready.
    type: int
    default: 60
notes:
  - The verification image is in a dedicated repository, C(kyma-docker-registry-verification), which the data guard does not count.
  - The first verification at O(level=image) also pushes a small image to C(kyma-docker-registry-verification/canary), which is kept, and records the
    storage in an annotation of the Secret C(dockerregistry-config). Later verifications report C(canary-missing) if the registry does not list that image.
    Neither is reported as a change.
  - "Rights in either mode, all in C(docs/rbac/direct.yml) and C(docs/rbac/operator.yml):
    C(get secrets), for the credentials; C(get deployments); C(list replicasets); C(list pods); C(get, create pods/portforward);
    C(get pods/log), if the registry fails; C(patch secrets), for the record, which is skipped without this right;
    C(get, create, patch, delete leases) and C(get configmaps), for the same."
  - "Rights in C(kube-system), optional, all in C(docs/rbac/node-ports.yml): C(list configmaps), for C(node-port-localhost) in RV(findings),
    which the first verification of a storage reports."
seealso:
  - module: kyma.docker_registry.registry_deployment
  - module: kyma.docker_registry.registry_info
"""

EXAMPLES = r"""
- name: Check that the registry responds within two minutes
  kyma.docker_registry.registry_verify:
    level: reachable
    wait_timeout: 120

- name: Check that its storage accepts an upload
  kyma.docker_registry.registry_verify:
    level: write

- name: Push an image and pull it again
  kyma.docker_registry.registry_verify:
    level: image
  register: verification

- name: Show the steps of the verification
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
  description: The requested level.
  returned: always
  type: str
  sample: image
pod:
  description: The Pod that responded.
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
    - Tag of the image, C(verification-) and an ID of the registry. If images can be deleted, the tag is different in each run.
    - Empty below O(level=image).
  returned: when the registry was verified
  type: str
  sample: verification-0a1b2c3d4e5f
removed:
  description: Whether the image was deleted. It is deleted if the registry allows the deletion of images.
  returned: when the registry was verified
  type: bool
  sample: false
steps:
  description: The steps of the verification, as text.
  returned: when the registry was verified
  type: list
  elements: str
  sample: ["the registry responds and accepts the credentials", "started an upload, wrote to it and cancelled it"]
lease_taken: {description: Whether the task has written under the Lease., returned: when it has written, type: bool, sample: true}
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
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.verify.options import VerifyOptions
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.verify.registry_verify import (
    SPEC,
    verify_running_registry,
)


def main() -> None:
    """Runs the module's body as a module."""
    run_module(SPEC, VerifyOptions, verify_running_registry)


if __name__ == "__main__":
    main()
