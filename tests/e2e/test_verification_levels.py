# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How far the verification goes, as the registry itself saw it."""

from __future__ import annotations

import re

from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.tests.e2e.conftest import Deploy
from ansible_collections.kyma.docker_registry.tests.support import roundtrip

# By level, what the registry is asked beside reading. Of an image the removal is tried as well.
WRITES = {
    "none": set(),
    "reachable": set(),
    "write": {"POST", "PATCH", "DELETE"},
    "image": {"POST", "PATCH", "PUT", "DELETE"},
}


class AccessLog:
    """What clients asked of the only Pod."""

    def __init__(self, cluster: Cluster, namespace: str) -> None:
        """Begin with the Pod's first line."""
        self._cluster, self._namespace, self._seen = cluster, namespace, 0

    def methods(self) -> list[str]:
        """Of the requests since the last look."""
        (pod,) = self._cluster.list("Pod", self._namespace, label_selector=roundtrip.SELECTOR)
        text = self._cluster.pod_log(self._namespace, pod["metadata"]["name"], "docker-registry", tail_lines=10000)
        found = re.findall(r'"([A-Z]+) /v2/\S* HTTP', text)
        new, self._seen = found[self._seen :], len(found)
        return new


def test_every_level(deploy: Deploy, cluster: Cluster, namespace: str) -> None:
    """`none` asks nothing, `reachable` reads, `write` cancels what it begins, `image` stores; the registry stays as it is."""
    log = AccessLog(cluster, namespace)
    for level, writes in WRITES.items():
        run = deploy(registry_verify=level, registry_logging={"accessLogEnabled": True})
        assert run.returncode == 0, run.output
        assert level == "none" or run.changed == 0
        verification = run.of("Verify").result
        assert (verification["level"], verification["verified"]) == (level, level != "none")
        methods = log.methods()
        assert set(methods) - {"GET", "HEAD"} == writes, (level, methods)
        assert bool(methods) == (level != "none")
