# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Lease against a fake API server: which run takes it, waits, renews and releases it, and with which requests."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import ClusterError, Forbidden
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.lease_record import identity_of
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.run_lease import (
    LeaseTaken,
    RunLease,
    new_identity,
)
from ansible_collections.kyma.docker_registry.tests.unit.module_utils._modules.execution.lease_server import Server


@pytest.fixture(name="server")
def _server() -> Server:
    return Server()


def _run(server: Server, identity: str = "", limit: float = 300, said: list[str] | None = None) -> RunLease:
    """The Lease as one task sees it."""

    def awaiting(_what: str, _limit: float) -> Callable[[str], None]:
        return (said if said is not None else []).append

    return RunLease(
        server,  # type: ignore[arg-type]
        "ns",
        identity=identity,
        limit=limit,
        awaiting=awaiting,
        clock=server.clock,
        wall_clock=server.wall_clock,
        sleep=server.sleep,
    )


def _take(lease: RunLease) -> None:
    with pytest.raises(LeaseTaken):
        lease.before_write("Secret")


def _codes(call: Callable[[], None]) -> list[str]:
    with pytest.raises(Refusal) as refused:
        call()
    return [finding.code for finding in refused.value.findings]


def test_a_module_alone(server: Server) -> None:
    """One request takes it and one releases it; writes in between need none."""
    lease = _run(server)
    _take(lease)
    assert lease.taken and identity_of(server.lease) == lease.identity
    lease.before_write("ConfigMap")
    lease.end_task()
    assert server.lease is None and server.requests == ["create", "delete"]


@pytest.mark.parametrize("kind", ["Lease", "Namespace"])
def test_without_lease(kind: str, server: Server) -> None:
    """The namespace has to be there first."""
    _run(server).before_write(kind)
    assert server.requests == []


def test_nothing_is_written(server: Server) -> None:
    """Then nothing is asked for either."""
    lease = _run(server, "run")
    lease.while_waiting()
    lease.end_task()
    assert server.requests == [] and not lease.taken


def test_tasks_of_a_run(server: Server) -> None:
    """The first takes it, the next joins with one request and does not start again; the last one releases it."""
    first = _run(server, "run")
    _take(first)
    first.end_task()
    assert identity_of(server.lease) == "run"
    server.requests.clear()
    second = _run(server, "run")
    second.before_write("Secret")
    second.end_task()
    assert second.taken and server.requests == ["patch"]
    server.requests.clear()
    _run(server, "run").end_run()
    assert server.lease is None and server.requests == ["get", "delete"]


def test_release_of_another_run(server: Server) -> None:
    """It stays."""
    server.held_by("other")
    _run(server, "run").end_run()
    assert identity_of(server.lease) == "other" and server.requests == ["get"]


def test_wait_for_a_run_that_ends(server: Server) -> None:
    """It is shown who holds the Lease; it is taken as soon as it is released."""
    server.held_by("other")
    said: list[str] = []

    def release(verb: str) -> None:
        if verb == "get" and server.now >= 10:
            server.lease = None

    server.concurrently = release
    lease = _run(server, said=said)
    _take(lease)
    assert said and all("other" in text for text in said)
    assert 10 <= server.now < 15 and lease.findings == [] and identity_of(server.lease) == lease.identity


def test_wait_for_a_run_that_goes_on(server: Server) -> None:
    """The error names it, after the limit and not before."""
    server.held_by("other")

    def renew(verb: str) -> None:
        if verb == "get":
            server.held_by("other")

    server.concurrently = renew
    lease = _run(server, limit=20)
    assert _codes(lambda: lease.before_write("Secret")) == ["lease-held"]
    assert 20 <= server.now < 25 and not lease.taken and identity_of(server.lease) == "other"


@pytest.mark.parametrize("limit", [5, 300])
def test_interrupted_run(limit: float, server: Server) -> None:
    """A Lease that is not renewed is taken over after 60 s, also with a lower limit. The wall clock of its holder does not count."""
    server.held_by("other")
    assert server.lease is not None
    server.lease["spec"]["renewTime"] = "2099-01-01T00:00:00.000000Z"
    lease = _run(server, limit=limit)
    _take(lease)
    assert 60 <= server.now < 65 and identity_of(server.lease) == lease.identity
    assert [finding.code for finding in lease.findings] == ["lease-taken-over"]


def test_two_take_it_over(server: Server) -> None:
    """The one that comes second waits again: the Lease has another version then."""
    server.held_by("other")

    def overtake(verb: str) -> None:
        if verb == "patch" and server.now < 100:
            server.held_by("third")

    server.concurrently = overtake
    lease = _run(server)
    _take(lease)
    assert server.now >= 120 and identity_of(server.lease) == lease.identity
    assert "third" in lease.findings[0].message


def test_lost_race_for_the_creation(server: Server) -> None:
    """Another run was faster, and has released it before it is read."""

    def overtake(verb: str) -> None:
        if server.requests == ["create"]:
            server.held_by("other")
        elif verb == "get":
            server.store(None)

    server.concurrently = overtake
    _take(_run(server))
    assert server.requests == ["create", "get", "create"]


def test_renewal(server: Server) -> None:
    """Each 20 s at most, by waits and by writes."""
    lease = _run(server)
    _take(lease)
    server.requests.clear()
    for _second in range(50):
        server.sleep(1)
        lease.while_waiting()
    assert server.requests == ["patch", "patch"]
    server.sleep(11)
    lease.before_write("Secret")
    assert server.requests == ["patch"] * 3
    lease.end_task()
    assert server.lease is None


def test_wait_of_a_task_that_writes_nothing(server: Server) -> None:
    """It keeps the Lease of its run, after one look; a run without changes is asked for it once, and writes nothing."""
    _take(_run(server, "run"))
    server.requests.clear()
    lease = _run(server, "run")
    for _second in range(45):
        server.sleep(1)
        lease.while_waiting()
    assert server.requests == ["get", "patch", "patch"]
    server.store(None)
    server.requests.clear()
    lease = _run(server, "run")
    for _second in range(100):
        server.sleep(1)
        lease.while_waiting()
    assert server.requests == ["get"]


@pytest.mark.parametrize("left", ["other", ""])
def test_stopped_for_too_long(left: str, server: Server) -> None:
    """Another run has taken the Lease over, or has released it since: nothing is written. A run that only waits continues."""
    lease = _run(server)
    _take(lease)
    server.sleep(100)
    if left:
        server.held_by(left)
    else:
        server.store(None)
    lease.while_waiting()
    assert _codes(lambda: lease.before_write("Secret")) == ["lease-lost"]
    lease.end_task()
    assert identity_of(server.lease) == left


@pytest.mark.parametrize("left", ["other", "own"])
@pytest.mark.parametrize("skipped", [3600, 30, -3600])
def test_a_suspended_machine(left: str, skipped: float, server: Server) -> None:
    """The monotonic clock has stood still: the run asks before it writes. So it does if the clock was set."""
    lease = _run(server)
    _take(lease)
    server.sleep(1)
    server.skipped = skipped
    server.requests.clear()
    if left == "other":
        server.held_by("other")
        assert _codes(lambda: lease.before_write("Secret")) == ["lease-lost"]
        return
    lease.before_write("Secret")
    lease.before_write("Secret")
    lease.while_waiting()
    assert server.requests == ["patch"]


def test_a_wait_on_a_clock_that_was_set(server: Server) -> None:
    """A run that waits takes nothing over earlier: only the monotonic clock counts."""
    server.held_by("other")

    def set_clock(verb: str) -> None:
        if verb == "get" and server.now >= 10:
            server.skipped = 3600

    server.concurrently = set_clock
    _take(_run(server))
    assert 60 <= server.now < 65


def test_an_interrupted_renewal(server: Server) -> None:
    """No answer during a wait does not end it; a write is not made then."""
    lease = _run(server)
    _take(lease)
    server.sleep(30)

    def fail(_verb: str) -> None:
        raise ClusterError("cluster-unreachable", "host", "no answer")

    server.concurrently = fail
    lease.while_waiting()
    assert _codes(lambda: lease.before_write("Secret")) == ["cluster-unreachable"]


@pytest.mark.parametrize(("forbidden", "whole_run"), [("delete", False), ("delete", True), ("get", True)])
def test_without_the_right_to_release(forbidden: str, whole_run: bool, server: Server) -> None:
    """The run has done its work: a warning."""
    lease = _run(server, "run" if whole_run else "")
    _take(lease)

    def forbid(verb: str) -> None:
        if verb == forbidden:
            raise Forbidden("Lease", f"is not allowed to {verb} leases", "")

    server.concurrently = forbid
    (lease.end_run if whole_run else lease.end_task)()
    assert [(finding.code, finding.severity) for finding in lease.findings] == [("lease-not-released", "warning")]


def test_names_of_runs() -> None:
    """Each has its own."""
    assert new_identity() != new_identity()
