# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The status of the DockerRegistry holds no secret: nothing masks it, and many may read it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal, error
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.deployment import (
    rollout_report,
)
from ansible_collections.kyma.docker_registry.tests.support.contexts import make_context


def test_a_problem_is_masked_before_it_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is known to be secret is not in it."""
    written: list[str] = []
    monkeypatch.setattr(
        rollout_report.cr_status, "write_status", lambda context, cr, found: written.append(found.problem)
    )
    cluster = SimpleNamespace(get=lambda kind, *_place: {} if kind == "DockerRegistry" else None)
    context = make_context({"namespace": "ns", "name": "default"}, False, cluster=cluster)
    context.secrets.hide("c4n4ry-of-the-status")
    problem = Refusal([error("rollout-crashloop", "Deployment/a", "it says: c4n4ry-of-the-status.")])
    storage = rollout_report.DeployedStorage("filesystem", "dockerregistry", False)
    for failure in (problem, None):
        assert rollout_report.report_status(context, storage, failure)
    assert written == ["it says: ********.", ""]
