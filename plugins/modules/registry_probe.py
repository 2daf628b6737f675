#!/usr/bin/python
# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Proves the running registry."""

from __future__ import annotations

DOCUMENTATION = r"""
module: registry_probe
short_description: Prove that the running registry takes an image and gives it back
version_added: 0.1.0
author:
  - Kyma Docker Registry collection contributors (@kyma-docker-registry)
description:
  - Talks to a ready Pod of the registry through the API server's port-forward, so that it works from wherever the API server is reached.
  - Never reported as a change. Not run in check mode.
extends_documentation_fragment:
  - kyma.docker_registry.attributes
  - kyma.docker_registry.connection
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
options:
  namespace:
    description: Namespace of the DockerRegistry and of the registry's objects.
    type: str
    default: kyma-system
  level:
    description:
      - V(reachable) asks whether the registry answers with the credentials.
      - V(write) begins an upload, writes to it and cancels it; nothing stays.
      - V(image) pushes an image of two small layers and an index, pulls it by digest and by tag, compares, and removes it where
        deletion is enabled.
    type: str
    choices: [none, reachable, write, image]
    default: image
  wait_timeout:
    description: Seconds in which a registry that is not up yet is tried again.
    type: int
    default: 60
seealso:
  - module: kyma.docker_registry.registry_deployment
"""

EXAMPLES = r"""
- name: Push and pull an image
  kyma.docker_registry.registry_probe:
    level: image
"""

RETURN = r"""
proven:
  description: Whether the proof was made.
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
  returned: when the proof was made
  type: str
  sample: dockerregistry-5d8f7c9b6d-x2x4z
repository:
  description: The repository of the proof.
  returned: when the proof was made
  type: str
  sample: kyma-docker-registry-proof
digest:
  description: Digest of the image index.
  returned: when O(level=image)
  type: str
  sample: sha256:9f2c1e
tag:
  description: Tag of the image.
  returned: when O(level=image)
  type: str
  sample: proof
removed:
  description: Whether the image was removed again.
  returned: when the proof was made
  type: bool
  sample: false
steps:
  description: What was done.
  returned: when the proof was made
  type: list
  elements: str
  sample: ["registry answers"]
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

from ansible_collections.kyma.docker_registry.plugins.module_utils.ensure.probe import SPEC, run
from ansible_collections.kyma.docker_registry.plugins.module_utils.runner import run_module


def main() -> None:
    """Runs the use case as a module."""
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
