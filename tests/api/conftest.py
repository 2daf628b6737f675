# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every test of the whole modules runs through both front doors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.tests.support import playbook

Call = Callable[..., playbook.TaskResult]


@pytest.fixture(params=["action", "module"])
def door(request: pytest.FixtureRequest) -> str:
    """The front door."""
    return str(request.param)


@pytest.fixture
def call(kubeconfig: str, door: str) -> Call:
    """Runs one module through the door."""

    def run(name: str, arguments: dict[str, Any], flags: Sequence[str] = ()) -> playbook.TaskResult:
        return playbook.module(name, arguments, kubeconfig=kubeconfig, door=door, flags=flags)[0]

    return run
