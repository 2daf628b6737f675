# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The definition of the DockerRegistry: installed once, and in check mode only reported."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.storage import definition
from ansible_collections.kyma.docker_registry.tests.support.contexts import make_context


class _Cluster:
    """Notes what is created, and serves it at once."""

    def __init__(self) -> None:
        self.created: list[str] = []

    def create(self, obj: dict[str, Any]) -> None:
        self.created.append(obj["kind"])

    def serves(self, kind: str, namespace: str) -> bool:
        return bool(self.created)


@pytest.mark.parametrize("check_mode", [True, False])
def test_install(check_mode: bool) -> None:
    """Check mode reports the same change and creates nothing."""
    cluster = _Cluster()
    context = make_context({}, check_mode, cluster=cluster)
    definition.install_definition(context, "ns")
    assert cluster.created == ([] if check_mode else ["CustomResourceDefinition"])
    assert [change["before_header"] for change in context.changes] == [definition.PATH]
