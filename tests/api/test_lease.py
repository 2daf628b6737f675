# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Lease on an API server: one run at a time writes, and what a run sends for it."""

from __future__ import annotations

import contextlib
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.progress import silent
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster, connect
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import ClusterError
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.lease_record import (
    build_lease,
    build_renewal,
    identity_of,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.run_lease import (
    LeaseTaken,
    RunLease,
)
from ansible_collections.kyma.docker_registry.tests.api.conftest import Call
from ansible_collections.kyma.docker_registry.tests.support import playbook
from ansible_collections.kyma.docker_registry.tests.support.audit import Audit
from ansible_collections.kyma.docker_registry.tests.support.playbook import TaskResult

pytestmark = pytest.mark.nodeless
LEASES = "leases"


@pytest.fixture(autouse=True)
def user(monkeypatch: pytest.MonkeyPatch, namespace: str) -> None:
    """Modules that run in this process are known to the audit log, as the playbooks of the test are."""
    monkeypatch.setenv("K8S_AUTH_IMPERSONATE_USER", namespace)
    monkeypatch.setenv("K8S_AUTH_IMPERSONATE_GROUPS", "system:masters")


def _now() -> datetime:
    return datetime.now(timezone.utc)


def _lease(cluster: Cluster, namespace: str) -> dict[str, Any] | None:
    return cluster.get("Lease", constants.LEASE, namespace)


def _of_lease(audit: Audit) -> list[str]:
    return [item.verb for item in audit.requests() if item.resource == LEASES]


@contextlib.contextmanager
def _other_run(cluster: Cluster, namespace: str) -> Iterator[None]:
    """Another run that holds the Lease, and renews it."""
    cluster.create(build_lease(namespace, "other-run", _now()))
    over = threading.Event()

    def renew() -> None:
        while not over.wait(1):
            cluster.patch("Lease", constants.LEASE, namespace, build_renewal("other-run", _now()))

    with ThreadPoolExecutor(1) as pool:
        renewed = pool.submit(renew)
        try:
            yield
        finally:
            over.set()
            renewed.result()


def _run(
    cluster: Cluster, namespace: str, identity: str = "", clock: Callable[[], float] | None = None, **more: Any
) -> RunLease:
    times = {"clock": clock} if clock else {}
    return RunLease(
        cluster, namespace, identity=identity, limit=300, awaiting=lambda _what, _limit: silent, **times, **more
    )


def test_a_module_alone(call: Call, cluster: Cluster, namespace: str, audit: Audit) -> None:
    """It creates and deletes the Lease, with nothing asked in between; without a change it does not ask for it."""
    arguments = {"namespace": namespace}
    first = call("registry_secret", arguments)
    assert not first.failed and first.result["lease_taken"], first.result
    writes = [item.resource for item in audit.writes()]
    assert (writes[0], writes[-1]) == (LEASES, LEASES) and _of_lease(audit) == ["create", "delete"]
    assert _lease(cluster, namespace) is None
    audit.restart()
    second = call("registry_secret", arguments)
    assert not second.failed and "lease_taken" not in second.result
    assert _of_lease(audit) == []


def test_tasks_of_a_run(call: Call, cluster: Cluster, namespace: str, audit: Audit) -> None:
    """They share it: each further task sends one request. The last one releases it, once."""
    validated = call("docker_registry_storage", {"namespace": namespace, "state": "validated"})
    assert not validated.failed and _of_lease(audit) == []
    shared = {"plan": validated.result["plan"]}
    for name in ("registry_secret", "docker_registry_storage"):
        done = call(name, shared)
        assert not done.failed and done.result["lease_taken"], done.result
    assert identity_of(_lease(cluster, namespace)) == validated.result["plan"]["lease_identity"]
    assert _of_lease(audit)[:3] == ["patch", "create", "patch"]
    for _turn in range(2):
        done = call("registry_deployment", {**shared, "state": "released"})
        assert not done.failed and not done.changed
        assert _lease(cluster, namespace) is None


def test_another_run_holds_it(call: Call, cluster: Cluster, namespace: str, audit: Audit) -> None:
    """The error names it; nothing is written."""
    with _other_run(cluster, namespace):
        audit.restart()
        done = call("registry_secret", {"namespace": namespace, "lease": {"timeout": 3}})
        assert done.codes() == ["lease-held"] and "other-run" in done.result["msg"]
        # Creating the Lease was tried.
        assert audit.changes() == []
        assert identity_of(_lease(cluster, namespace)) == "other-run"


@pytest.mark.parametrize("state", ["present", "validated"])
def test_reading_does_not_wait(state: str, call: Call, cluster: Cluster, namespace: str) -> None:
    """Neither check mode nor a validation."""
    with _other_run(cluster, namespace):
        arguments = {"namespace": namespace, "state": state}
        assert not call("docker_registry_storage", arguments, check=state == "present").failed


def test_it_is_shown(kubeconfig: str, cluster: Cluster, namespace: str) -> None:
    """Who waits for another run reads which."""
    arguments = {"namespace": namespace, "lease": {"timeout": 8}}
    with _other_run(cluster, namespace):
        run = playbook.run([{"kyma.docker_registry.registry_secret": arguments}], kubeconfig=kubeconfig)
    assert run.failure.codes() == ["lease-held"], run.output
    assert f"Lease/{constants.LEASE} in namespace {namespace}" in run.output
    assert "another run holds the Lease: other-run" in run.output


def test_one_at_a_time(kubeconfig: str, cluster: Cluster, namespace: str) -> None:
    """Runs that begin together: no two of them are between taking and releasing, and each gets its turn."""
    inside: list[int] = []
    most: list[int] = []

    def work(number: int) -> None:
        lease = _run(connect({"kubeconfig": kubeconfig}), namespace)
        with pytest.raises(LeaseTaken):
            lease.before_write("Secret")
        inside.append(number)
        most.append(len(inside))
        threading.Event().wait(0.3)
        inside.remove(number)
        lease.end_task()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert most == [1] * 4 and _lease(cluster, namespace) is None


def test_modules_at_once(call: Call, cluster: Cluster, namespace: str) -> None:
    """Each of them succeeds, and there is one user in the end: who waited has read again what the others wrote."""
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _turn: call("registry_secret", {"namespace": namespace}), range(4)))
    assert [task.result.get("msg") for task in done if task.failed] == []
    assert sum(task.changed for task in done) == 1
    assert _lease(cluster, namespace) is None


def test_first_runs_at_once(call: Call, cluster: Cluster) -> None:
    """In a namespace that does not exist: a run whose creation loses the race continues, and each object is created once."""
    name = f"test-{uuid.uuid4().hex[:10]}"

    def run(_turn: int) -> list[TaskResult]:
        return [call(module, {"namespace": name}) for module in ("docker_registry_storage", "registry_secret")]

    try:
        with ThreadPoolExecutor(3) as pool:
            done = [task for tasks in pool.map(run, range(3)) for task in tasks]
        assert [task.result.get("msg") for task in done if task.failed] == []
        changes = Counter(change for task in done for change in task.result.get("changes") or [])
        assert len(changes) > 4 and set(changes.values()) == {1}, changes
        assert _lease(cluster, name) is None
    finally:
        found = cluster.get("Namespace", name)
        assert found is not None
        cluster.delete("Namespace", name, None, uid=found["metadata"]["uid"])


def test_interrupted_run(cluster: Cluster, namespace: str) -> None:
    """It is not renewed: after 60 s of the waiting run's clock it is taken over. The former run cannot renew or release it then."""
    former = _run(cluster, namespace, "former")
    with pytest.raises(LeaseTaken):
        former.before_write("Secret")
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    waiting = _run(cluster, namespace, "waiting", clock=lambda: now[0], sleep=sleep)
    with pytest.raises(LeaseTaken):
        waiting.before_write("Secret")
    assert 60 <= now[0] < 65
    lease = _lease(cluster, namespace)
    assert lease is not None and identity_of(lease) == "waiting" and lease["spec"]["leaseTransitions"] == 1
    former.end_run()
    assert _lease(cluster, namespace) == lease
    with pytest.raises(ClusterError) as refused:
        cluster.patch("Lease", constants.LEASE, namespace, build_renewal("former", _now()))
    assert refused.value.code == "cluster-invalid"


def test_release_of_what_was_read(cluster: Cluster, namespace: str) -> None:
    """A Lease that was changed after it was read stays."""
    first = cluster.create(build_lease(namespace, "one", _now()))["metadata"]
    second = cluster.patch("Lease", constants.LEASE, namespace, build_renewal("one", _now()))["metadata"]
    assert first["resourceVersion"] != second["resourceVersion"]
    with pytest.raises(ClusterError) as refused:
        cluster.delete("Lease", constants.LEASE, namespace, uid=first["uid"], resource_version=first["resourceVersion"])
    assert refused.value.code == "cluster-precondition"
    assert cluster.delete(
        "Lease", constants.LEASE, namespace, uid=first["uid"], resource_version=second["resourceVersion"]
    )
