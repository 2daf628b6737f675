# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A write of the ServiceAccount that fails before the preflight leaves nothing that the next run has to restore."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import ClusterError
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.deployment.preflight.service_account import (
    PreflightAccount,
)
from ansible_collections.kyma.docker_registry.tests.support.contexts import make_context

METADATA = {"name": constants.REGISTRY, "namespace": "ns", "labels": dict(constants.MANAGED_BY), "uid": "1"}
WANTED = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {**METADATA, "annotations": {"role": "new"}}}


class _Cluster:
    """A ServiceAccount. done: whether the first write is carried out before it fails."""

    def __init__(self, *, done: bool) -> None:
        self.done = done
        self.account: dict[str, Any] = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": METADATA}
        self.writes = 0

    def get(self, *_place: str) -> Any:
        return self.account

    def apply(self, document: Any, **_options: Any) -> Any:
        self.writes += 1
        if self.writes > 1 or self.done:
            self.account = document
        if self.writes == 1:
            raise ClusterError("cluster-unreachable", "ServiceAccount/x", "", "")
        return SimpleNamespace(after=document)


@pytest.mark.parametrize("done", [True, False], ids=["its answer got lost", "it was rejected"])
def test_a_write_that_fails(done: bool) -> None:
    """The account is as before, whether or not the write was carried out."""
    cluster = _Cluster(done=done)
    context = make_context({}, check_mode=False, cluster=cluster)
    account = PreflightAccount(context, "ns", WANTED)
    with pytest.raises(ClusterError), account:
        pytest.fail("the preflight must not run")
    assert not account.altered and "annotations" not in cluster.account["metadata"]
    assert [item.code for item in context.findings] == (["preflight-account"] if done else [])
