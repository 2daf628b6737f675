# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A verified migration as evidence for the data guard."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import Forbidden
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.migration_evidence import (
    check_migrated,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution import migration_record as record
from ansible_collections.kyma.docker_registry.tests.support.contexts import make_context

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
SINCE = "2026-01-02T03:05:00Z"


class _Cluster:
    def __init__(self, found: Any) -> None:
        self.found = found
        self.asked = 0

    def get(self, kind: str, name: str, namespace: str) -> Any:
        assert (kind, name, namespace) == ("ConfigMap", constants.DAY2_RECORD, "ns")
        self.asked += 1
        if isinstance(self.found, Refusal):
            raise self.found
        return self.found


def _deployment(since: str = SINCE, is_open: bool = True) -> dict[str, Any]:
    template = {"metadata": {"labels": constants.READ_ONLY_LABEL if is_open else {}}}
    return {"metadata": {"annotations": {constants.READ_ONLY_SINCE: since}}, "spec": {"template": template}}


def _codes(found: Any, deployment: Any, new: str = "gcs/b") -> tuple[list[str], int]:
    cluster = _Cluster(found)
    context = make_context({}, check_mode=False, cluster=cluster)
    return [item.code for item in check_migrated(context, "ns", deployment, "s3/a", new)], cluster.asked


def test_evidence() -> None:
    """The guard lets a switch pass if the copy was verified in the window that is open now."""
    verified = record.begin("s3/a", "gcs/b", NOW).at(record.SWITCH, NOW, window_opened_at=SINCE)
    config_map = record.build_migration_record("ns", verified)
    assert _codes(config_map, _deployment()) == (["images-migrated"], 1)
    assert _codes(config_map, _deployment("2026-01-02T09:00:00Z"))[0] == []
    assert _codes(config_map, _deployment(is_open=False)) == ([], 0)
    assert _codes(config_map, None) == ([], 0)
    assert _codes(config_map, _deployment(), "gcs/other")[0] == []
    assert _codes(record.build_migration_record("ns", verified.at(record.VERIFY, NOW)), _deployment())[0] == []
    assert _codes(None, _deployment())[0] == []
    assert _codes(Forbidden("ConfigMap", "not allowed", ""), _deployment())[0] == []
