# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Four controllers deploy, rotate and remove one registry at the same time, while a user pushes images.

KYMA_SOAK_SECONDS: how long (600). KYMA_SOAK_SEED: of the sequence of operations; the printed one repeats a run's choices, not its timing.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.pods import is_ready
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster, connect
from ansible_collections.kyma.docker_registry.tests.e2e.conftest import SITE
from ansible_collections.kyma.docker_registry.tests.support import image, playbook, registry_client
from ansible_collections.kyma.docker_registry.tests.support.audit import Audit

SECONDS = float(os.environ.get("KYMA_SOAK_SECONDS", "600"))
SEED = int(os.environ.get("KYMA_SOAK_SEED") or random.SystemRandom().randrange(10**6))
CONTROLLERS = 4
# A run that finds the registry in the middle of another one's work may stop with these; the next one completes it.
LEGAL = {"lease-held", "lease-lost", "cr-missing", "registry-missing", "registry-not-ready"}
_PAUSE = 1.0


@dataclass
class Report:
    """What happened so far; threads only add to it."""

    operations: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    pushed: dict[str, str] = field(default_factory=dict)
    rejected: int = 0
    looks: int = 0


def _variables(kind: str, choice: random.Random) -> dict[str, Any]:
    if kind == "remove":
        return {"registry_state": "absent"}
    if kind == "rotate":
        return {"registry_password": f"{choice.randrange(10**9):032d}"}
    level = choice.choice(["debug", "info", "warn", "error"])
    return {"registry_logging": {"level": level}, "registry_verify": choice.choice(["none", "reachable", "image"])}


class _Controllers:
    """Runs of the role until `end`, each controller as another user in the audit log."""

    def __init__(self, namespace: str, kubeconfig: str, end: float, report: Report) -> None:
        self._namespace, self._kubeconfig, self._end, self._report = namespace, kubeconfig, end, report

    def deploy(self, number: int, **variables: Any) -> playbook.Run:
        """One run of site.yml by this controller."""
        user = {
            "K8S_AUTH_IMPERSONATE_USER": f"{self._namespace}-{number}",
            "K8S_AUTH_IMPERSONATE_GROUPS": "system:masters",
        }
        known = {"registry_namespace": self._namespace, "registry_wait_timeout": 120, **variables}
        return playbook.run(SITE, kubeconfig=self._kubeconfig, variables=known, extra_environment=user)

    def work(self, number: int) -> None:
        """Random operations, one after the other."""
        choice = random.Random(SEED + number)
        while time.monotonic() < self._end:
            (kind,) = choice.choices(["deploy", "rotate", "remove"], [6, 3, 1])
            done = self.deploy(number, **_variables(kind, choice))
            codes = set(done.failure.codes()) if done.returncode else set()
            self._report.operations[f"{kind}: {', '.join(sorted(codes)) or 'ok'}"] += 1
            if done.returncode and (not codes or codes - LEGAL):
                self._report.failures.append(f"{kind} by controller {number}: {codes}\n{done.output[-3000:]}")


@contextmanager
def _beside(*steps: Callable[[int], None]) -> Iterator[None]:
    """Repeats each step in a separate thread, as long as the context lasts."""
    stop = threading.Event()

    def repeat(step: Callable[[int], None]) -> None:
        number = 0
        while not stop.wait(_PAUSE):
            number += 1
            step(number)

    with ThreadPoolExecutor(len(steps)) as pool:
        running = [pool.submit(repeat, step) for step in steps]
        try:
            yield
        finally:
            stop.set()
        for item in running:
            item.result()


def _look(cluster: Cluster, namespace: str, report: Report) -> None:
    """Everything that a ready Pod names exists: otherwise it could not restart."""
    for pod in cluster.list("Pod", namespace, label_selector="app=docker-registry"):
        if not is_ready(pod) or pod["metadata"].get("deletionTimestamp"):
            continue
        report.looks += 1
        named = [
            ("ConfigMap", volume["configMap"]["name"]) for volume in pod["spec"]["volumes"] if "configMap" in volume
        ]
        named += [("Secret", volume["secret"]["secretName"]) for volume in pod["spec"]["volumes"] if "secret" in volume]
        missing = [item for item in named if cluster.get(*item, namespace) is None]
        if missing and cluster.get("Deployment", constants.REGISTRY, namespace) is not None:
            live = cluster.get("Pod", pod["metadata"]["name"], namespace)
            if live is not None and not live["metadata"].get("deletionTimestamp"):
                report.failures.append(f"Pod {pod['metadata']['name']} names {missing}, which do not exist")


def _push(cluster: Cluster, namespace: str, folder: Path, report: Report, number: int) -> None:
    """One fresh image; a registry that is away or has another password by now rejects it."""
    layout = folder / str(number)
    digest = image.oci_layout(layout, 1024)
    try:
        client = registry_client.from_cluster(cluster, namespace)
        client.push(layout, f"soak/app:v{number}")
    except AssertionError:
        report.rejected += 1
    else:
        report.pushed[f"soak/app:v{number}"] = digest


def _writes_without_lease(audit: Audit) -> list[str]:
    """Writes of a controller while another one, or none, held the Lease."""
    owner, found = "", []
    for request in audit.requests():
        if not request.writes or not 200 <= request.status < 300 or not request.namespace:
            continue
        if request.resource == "leases":
            owner = "" if request.verb == "delete" else request.user
        elif request.user != owner:
            found.append(f"{request.verb} {request.uri} by {request.user}, the Lease is of {owner or 'no holder'}")
    return found


def test_controllers(namespace: str, kubeconfig: str, audit_log: str, tmp_path: Path) -> None:
    """Only the owner of the Lease writes, Pods can always restart, and no accepted push is missing afterwards."""
    report, audit = Report(), Audit(audit_log, namespace, namespace)
    look, push = (connect({"kubeconfig": kubeconfig}, {}, user_agent="tests") for _ in range(2))
    controllers = _Controllers(namespace, kubeconfig, time.monotonic() + SECONDS, report)
    with (
        _beside(
            lambda _number: _look(look, namespace, report),
            lambda number: _push(push, namespace, tmp_path, report, number),
        ),
        ThreadPoolExecutor(CONTROLLERS) as pool,
    ):
        list(pool.map(controllers.work, range(CONTROLLERS)))
    print(f"seed {SEED}, {SECONDS:.0f} s, {dict(report.operations)}")
    print(f"{len(report.pushed)} pushes accepted, {report.rejected} rejected; {report.looks} looks at ready Pods")
    assert report.failures == [], "\n".join(report.failures)
    assert _writes_without_lease(audit) == []
    last = controllers.deploy(0)
    assert last.returncode == 0, last.output
    assert controllers.deploy(1).changed == 0
    assert look.get("Lease", constants.LEASE, namespace) is None
    client = registry_client.from_cluster(look, namespace)
    missing = {name: digest for name, digest in report.pushed.items() if client.digest(name) != digest}
    assert report.pushed and missing == {}
