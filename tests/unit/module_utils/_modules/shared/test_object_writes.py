# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is reported of an apply."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.apply.changes import Applied
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.apply.foreign_variables import ForeignVariable
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.object_writes import apply_object
from ansible_collections.kyma.docker_registry.tests.support.contexts import make_context

ITEM: dict[str, Any] = {"kind": "Deployment", "metadata": {"name": "d"}, "spec": {}}


@pytest.mark.parametrize("check", [False, True])
def test_variables_of_other_clients(check: bool) -> None:
    """A warning with their names and their managers, in check mode too."""
    foreign = tuple(ForeignVariable("containers", "c", name, "/", "kubectl-set") for name in ("A", "B"))
    cluster: Any = SimpleNamespace(apply=lambda *_arguments, **_options: Applied(ITEM, True, [], foreign))
    context = make_context({}, check_mode=check, cluster=cluster)
    apply_object(context, ITEM, ITEM)
    (found,) = context.findings
    assert (found.code, found.severity, found.path) == ("drift-corrected", "warning", "Deployment/d")
    assert "kubectl-set" in found.message and "A, B" in found.message and len(context.changes) == 1
