# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The domain's behaviour is tested in process; what depends on how a module is run is tested both ways."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible.release import __version__
from ansible_collections.kyma.docker_registry.plugins.plugin_utils.in_process import HAS_WIRE
from ansible_collections.kyma.docker_registry.tests.support import in_process
from ansible_collections.kyma.docker_registry.tests.support.playbook import TaskResult

Call = Callable[..., TaskResult]
# Before ansible-core 2.19 every task runs as a module, whatever is asked for.
EXECUTIONS = ("action", "module") if HAS_WIRE else ("action",)
# In make test, modules run in processes of their own on the oldest and on the newest version.
_OLDER = HAS_WIRE and tuple(map(int, __version__.split(".")[:2])) < (2, 20)
BOTH = [pytest.param(name, marks=pytest.mark.long if _OLDER and name == "module" else []) for name in EXECUTIONS]
LATER = [EXECUTIONS[0], *(pytest.param(name, marks=pytest.mark.long) for name in EXECUTIONS[1:])]


@pytest.fixture(params=BOTH)
def execution(request: pytest.FixtureRequest) -> str:
    """How ansible-playbook runs the module."""
    return str(request.param)


@pytest.fixture
def call(kubeconfig: str) -> Call:
    """Runs one module in this process."""

    def run(name: str, arguments: dict[str, Any], *, check: bool = False) -> TaskResult:
        return in_process.module(name, arguments, kubeconfig=kubeconfig, check=check)

    return run
