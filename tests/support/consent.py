# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Consents to a loss of images, as a user finds them in a finding, and as the objects of the cluster make them."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster, connect
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.consent import build_consent
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import claim_storage_id
from ansible_collections.kyma.docker_registry.tests.support.playbook import REPOSITORY

DEFAULT_STORAGE_ID = claim_storage_id(constants.DEFAULT_CLAIM)


def offered(result: Mapping[str, Any]) -> str:
    """The consent that the result's findings offer to be copied."""
    texts = {text for item in result["findings"] for text in re.findall(r"accept_data_loss: '([^']+)'", item["remedy"])}
    (text,) = texts
    return text


def fitting(cluster: Cluster, namespace: str, storage_id: str = DEFAULT_STORAGE_ID) -> str:
    """The consent that fits the registry of the namespace as it is now."""
    deployment = cluster.get("Deployment", constants.REGISTRY, namespace)
    claim = cluster.get("PersistentVolumeClaim", constants.DEFAULT_CLAIM, namespace)
    return build_consent(storage_id, namespace, deployment, claim)


def lookup(kubeconfig: str, namespace: str) -> str:
    """Jinja for the consent that fits when the task runs."""
    command = f"cd {REPOSITORY}/.collections && {sys.executable} -m {__spec__.name} {kubeconfig} {namespace}"
    return f"{{{{ lookup('ansible.builtin.pipe', '{command}') }}}}"


if __name__ == "__main__":
    _kubeconfig, _namespace = sys.argv[1:]
    print(fitting(connect({"kubeconfig": _kubeconfig}, {}, user_agent="tests"), _namespace))
