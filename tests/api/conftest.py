# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The domain's behaviour is tested in process; what depends on how a module is run is tested both ways."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.plugin_utils.in_process import HAS_WIRE
from ansible_collections.kyma.docker_registry.tests.support import in_process
from ansible_collections.kyma.docker_registry.tests.support.playbook import TaskResult

Call = Callable[..., TaskResult]
# Before ansible-core 2.19 every task runs as a module, whatever is asked for.
EXECUTIONS = ("action", "module") if HAS_WIRE else ("action",)
# As modules in make test on ansible-core 2.16, in make test-long on newer ones.
LATER = [EXECUTIONS[0], *(pytest.param(name, marks=pytest.mark.long) for name in EXECUTIONS[1:])]


@pytest.fixture(params=EXECUTIONS)
def execution(request: pytest.FixtureRequest) -> str:
    """How ansible-playbook runs the module."""
    return str(request.param)


@pytest.fixture
def call(kubeconfig: str) -> Call:
    """Runs one module in this process."""

    def run(name: str, arguments: dict[str, Any], *, check: bool = False) -> TaskResult:
        return in_process.module(name, arguments, kubeconfig=kubeconfig, check=check)

    return run
