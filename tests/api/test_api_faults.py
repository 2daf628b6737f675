# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs of the role while the API server resets connections, is too busy, loses answers, drips, or is out of reach for a moment.

Nothing is lost, there is no internal error, and each run ends right or with a finding that the next run makes good.
On an API server without nodes, as test_kills.py. `make soak SUITE=api-faults` injects more than 500 faults (tests/soak/test_api_faults.py).
"""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.kyma.docker_registry.tests.api.kill_cases import OPERATIONS
from ansible_collections.kyma.docker_registry.tests.api.killed_operation import KilledOperation
from ansible_collections.kyma.docker_registry.tests.support import fault_proxy

pytestmark = pytest.mark.nodeless

# Long enough for a watch.
START_SECONDS = 1.0
FAULTS = 20


@pytest.mark.parametrize(
    "name", ["first deployment", pytest.param("switch from volume to store", marks=pytest.mark.long)]
)
def test_short_outages(nodeless_server: Path, name: str) -> None:
    """A run that repeats its requests for long enough succeeds."""
    faults = fault_proxy.Faults(rate=0.3, seed=len(name))
    with (
        KilledOperation(nodeless_server, OPERATIONS[name], START_SECONDS) as disturbed,
        fault_proxy.proxy(nodeless_server) as proxy,
    ):
        while faults.count < FAULTS:
            assert disturbed.disturb(proxy, faults, connect_timeout=1, request_timeout=1) == []
