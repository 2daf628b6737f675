# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The record of a migration, and what it blocks."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution import context as contexts
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution import migration_record as record
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.tests.support.contexts import run_body
from ansible_collections.kyma.docker_registry.tests.unit.module_utils._modules.execution.lease_server import Server

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
SINCE = "2026-01-02T03:05:00Z"


def test_round_trip() -> None:
    """What is written is read; each phase keeps the rest."""
    first = record.begin("s3/a", "gcs/b", NOW)
    later = first.at(record.SWITCH, NOW + timedelta(minutes=1), window_opened_at=SINCE, counts={"tags": 3})
    config_map = record.build_migration_record("ns", later)
    assert record.read_record(config_map) == later and later.began_at == first.began_at != later.changed_at
    config_map["data"].update(record.tags_data({"app": {"v1": "sha256:0"}}))
    assert record.read_tags_data(config_map) == {"app": {"v1": "sha256:0"}}
    assert record.owner_reference({"metadata": {"name": "x", "uid": "u"}})["uid"] == "u"


@pytest.mark.parametrize(
    "data", [None, {}, {"record.json": "{"}, {"record.json": "[]"}, {"record.json": '{"version": 2}'}]
)
def test_another_record(data: dict[str, str] | None) -> None:
    """It counts as none."""
    config_map = None if data is None else {"data": data}
    assert record.read_record(config_map) is None and record.read_tags_data(config_map) == {}


def test_what_blocks() -> None:
    """From the plan to the verification no other run writes; the switch is a run of the role."""
    first = record.begin("s3/a", "gcs/b", NOW)
    blocking = [phase for phase in (*record.PHASES, record.ABORTED) if record.check_writer(first.at(phase, NOW))]
    assert blocking == [record.PLAN, record.COPY, record.WINDOW, record.DELTA, record.VERIFY]
    assert [phase for phase in record.PHASES if first.at(phase, NOW).is_running] == list(record.PHASES[:-1])
    assert record.check_writer(None) == []


@pytest.mark.parametrize(
    ("migrates", "phase", "written"),
    [(False, record.COPY, False), (True, record.COPY, True), (False, record.SWITCH, True)],
)
def test_writers_beside_a_migration(monkeypatch: pytest.MonkeyPatch, migrates: bool, phase: str, written: bool) -> None:
    """A run that takes the Lease while a migration copies writes nothing and releases it; the migration itself writes."""
    server = Server()
    server.record = record.build_migration_record("ns", record.begin("s3/a", "gcs/b", NOW).at(phase, NOW))
    monkeypatch.setattr(contexts, "connect", lambda _params: server)

    def body(context: Context) -> None:
        context.migrates = migrates
        context.cluster.create({"kind": "Secret"})

    result = run_body(body, {"namespace": "ns"}, check_mode=False).result
    assert ("Secret" in server.requests) == written and server.lease is None
    assert [item["code"] for item in result["findings"]] == ([] if written else ["migration-running"])


def test_lease_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Others can take it while the migration copies; afterwards it is held again."""
    server = Server()
    monkeypatch.setattr(contexts, "connect", lambda _params: server)
    held: list[bool] = []

    def body(context: Context) -> None:
        context.migrates = True
        context.cluster.create({"kind": "Secret"})
        with context.lease.suspended():
            held.append(server.lease is not None)
        held.append(server.lease is not None)
        context.cluster.create({"kind": "Pod"})

    assert "failed" not in run_body(body, {"namespace": "ns"}, check_mode=False).result
    assert held == [False, True] and server.requests.count("Pod") == 1 and server.lease is None
