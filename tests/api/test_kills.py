# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs of the role that are killed right after any of their writes: the registry continues to run, and the next run completes the change.

On an API server without nodes: tests/support/kubelet.py starts the Pods, and says what that cannot show. Registries are not verified with an image.
tests/e2e/test_interrupted.py kills runs with real Pods and images.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.tests.api.kill_cases import OPERATIONS
from ansible_collections.kyma.docker_registry.tests.api.killed_operation import KilledOperation

pytestmark = pytest.mark.nodeless


@pytest.fixture
def killed(nodeless_server: Path, request: pytest.FixtureRequest) -> Iterator[Any]:
    """Makes registries, each in its own namespace."""
    with KilledOperation(nodeless_server, OPERATIONS[request.node.callspec.params["name"]]) as made:
        yield made


@pytest.mark.parametrize("name", [name for name, operation in OPERATIONS.items() if operation.daily])
def test_first_and_last_write(killed: KilledOperation, name: str) -> None:
    """After the last one there is nothing to interrupt: a complete run shows what it leaves."""
    assert name
    assert killed.complete() > 0
    killed.kill(1)


@pytest.mark.long
@pytest.mark.parametrize("in_flight", [False, True], ids=["answered", "in flight"])
@pytest.mark.parametrize("name", OPERATIONS)
def test_every_write(killed: KilledOperation, name: str, in_flight: bool) -> None:
    """Each kill begins with a new registry. in flight: the run ends before it reads the answer."""
    assert name
    for number in range(1, killed.complete() + 1):
        killed.kill(number, in_flight=in_flight)
