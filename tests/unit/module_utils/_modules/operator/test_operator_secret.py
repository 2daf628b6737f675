# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Secret of ours that the DockerRegistry names in operator mode."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Applied
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator import operator_secret


def test_no_derived_secret() -> None:
    """Where none is needed none is asked for."""
    operator_secret.write_operator_secret(Context({}, check_mode=False, _cluster=object()), "ns", None)  # type: ignore[arg-type]


@pytest.mark.parametrize("there", [None, {"data": {"a": "b2xk"}}])
def test_a_derived_secret(there: dict[str, Any] | None) -> None:
    """It is compared with the one that is there, and written."""

    class _Secrets:
        applied: Any = None

        def get(self, *place: str) -> Any:
            assert place == ("Secret", constants.OPERATOR_SECRET, "ns")
            return there and {**there, "kind": "Secret", "metadata": {"labels": dict(constants.MANAGED_BY)}}

        def apply(self, obj: dict[str, Any], *, live: Any, **_: Any) -> Applied:
            self.applied = obj
            return Applied(live or obj, False)

    cluster = _Secrets()
    operator_secret.write_operator_secret(Context({}, check_mode=False, _cluster=cluster), "ns", {"a": b"new"})  # type: ignore[arg-type]
    assert cluster.applied["data"] == {"a": "bmV3"}
