# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab's model of Kyma's operator for one namespace of an API server without nodes; the modules run in this process."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator.mode import OPERATOR
from ansible_collections.kyma.docker_registry.tests.support import objects, playbook

# The namespace that the operator keeps its own Secret in.
BASE = "docker-registry"
_DEPLOYMENT = objects.running(objects.operator_deployment(BASE))


@contextmanager
def serving(kubeconfig: str, namespace: str) -> Iterator[None]:
    """The operator serves the namespace as long as the context lasts."""
    command = [sys.executable, "-m", "kymaoperator", "--fast", "--kubeconfig", kubeconfig]
    command += ["--namespaces", namespace, "--base-namespace", BASE]
    process = subprocess.Popen(
        command,
        cwd=playbook.REPOSITORY / "tests/lab",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.kill()
        process.wait()


@contextmanager
def seen(runs: Callable[[], bool]) -> Iterator[None]:
    """The modules see this operator and no other, if it runs. Other tests run beside it."""
    read = Cluster.list

    def listed(cluster: Cluster, kind: str, namespace: str | None = None, **selectors: Any) -> Any:
        if kind == "Deployment" and selectors.get("field_selector") == f"metadata.name={OPERATOR}":
            return [_DEPLOYMENT] if runs() else []
        return read(cluster, kind, namespace, **selectors)

    with mock.patch.object(Cluster, "list", listed):
        yield
