# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The status of the DockerRegistry holds no secret: nothing masks it, and many may read it."""

from __future__ import annotations

from types import SimpleNamespace

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal, error
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.deployment import (
    rollout_report,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import spec


def test_a_problem_is_masked_before_it_is_written() -> None:
    """What is known to be secret is not in it."""
    resolved, _found = spec.check_storage({}, "storage")
    assert resolved is not None
    store, _found = resolved.store(None)
    assert store is not None
    context = Context({"namespace": "ns"}, False, _cluster=SimpleNamespace(get=lambda *_place: None))  # type: ignore[arg-type]
    context.secrets.hide("c4n4ry-of-the-status")
    problem = Refusal([error("rollout-crashloop", "Deployment/a", "it says: c4n4ry-of-the-status.")])
    assert rollout_report._build_status(context, resolved, store, problem).problem == "it says: ********."
    assert rollout_report._build_status(context, resolved, store, None).problem == ""
