# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The end of the registry program: with the drain timeout it takes no new connection and finishes what it has begun."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.tests.distribution.running import started
from ansible_collections.kyma.docker_registry.tests.support.registry_client import Client, open_api
from ansible_collections.kyma.docker_registry.tests.support.slow_push import REPOSITORY, SlowPush
from ansible_collections.kyma.docker_registry.tests.support.waiting import until

pytestmark = pytest.mark.beside

SECRET = {"REGISTRY_HTTP_SECRET": "the same for all Pods"}
DRAIN = {constants.DRAIN_VARIABLE: f"{constants.DRAIN_SECONDS}s"}


def test_a_push_finishes(registry_program: Path, tmp_path: Path) -> None:
    """A push in progress completes after SIGTERM, because of the drain timeout. The next program finds the blob complete."""
    with started(registry_program, tmp_path, {**SECRET, **DRAIN}) as registry:
        client = Client(registry.address, "user", "password")
        with SlowPush(client, 8, 200.0) as push:
            until("the last part", lambda: push.sent == 7)
            registry.process.send_signal(signal.SIGTERM)
            until("the end of listening", lambda: not _listens(client))
            with started(registry_program, tmp_path, {**SECRET, **DRAIN}, address=client.address) as following:
                assert push.is_running and registry.process.poll() is None
                digest = push.finish()
                until("the end of the program", lambda: registry.process.poll() is not None)
                with following.api() as api:
                    assert api.has_blob(REPOSITORY, digest)
    assert registry.process.returncode == 0


def test_a_push_is_cut_without_it(registry_program: Path, tmp_path: Path) -> None:
    """Without the drain timeout, SIGTERM interrupts the push."""
    with started(registry_program, tmp_path, SECRET) as registry:
        client = Client(registry.address, "user", "password")
        with SlowPush(client, 8, 200.0) as push:
            until("the last part", lambda: push.sent == 7)
            registry.process.send_signal(signal.SIGTERM)
            until("the end of the push", lambda: not push.is_running)
            assert push.problem is not None
    assert push.sent < 8


def _listens(client: Client) -> bool:
    try:
        open_api(client).ping()
    except Exception:
        return False
    return True
