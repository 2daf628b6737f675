# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The operator that runs: the lab's own, another one that the lab started, or one that was started otherwise."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.tests.support.roundtrip import LAB

NAME = "dockerregistry-operator"
_VERSION_LABEL = "app.kubernetes.io/version"


@dataclass(frozen=True)
class Operator:
    """serves: patterns of namespaces. is_model: the lab's own. fast: its registries count as ready sooner than in Kyma."""

    serves: str
    is_model: bool = False
    fast: bool = False


def find() -> Operator:
    """The operator that runs. SystemExit without one: every test would only time out.

    OPERATOR_NAMESPACES (and OPERATOR_BASE_NAMESPACE) describe one that the lab did not start.
    """
    if os.environ.get("OPERATOR_NAMESPACES"):
        return Operator(os.environ["OPERATOR_NAMESPACES"])
    status = _lab("operator", "status", "--json")
    if not status["running"]:
        raise SystemExit(f"{'; '.join(status['problems'])}: start it with `tests/lab/lab operator up`")
    return Operator(str(status["serves"]), "kymaoperator" in status["command"], bool(status["fast"]))


def kubeconfig() -> str:
    """KUBECONFIG, or the lab's."""
    return os.environ.get("KUBECONFIG") or str(_lab("status", "--json")["kubeconfig"])


def version(cluster: Cluster) -> str:
    """The release that the operator's Deployment says it is."""
    for found in cluster.list("Deployment"):
        if found["metadata"]["name"] == NAME:
            return str(found["metadata"]["labels"][_VERSION_LABEL])
    raise SystemExit(f"there is no Deployment {NAME}: give the operator's release with --version")


def _lab(*arguments: str) -> dict[str, Any]:
    done = subprocess.run([LAB, *arguments], stdout=subprocess.PIPE, text=True, check=False)
    return dict(json.loads(done.stdout))
