# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The switch away from the operator's volume is rejected because of its images, unless a verified migration has copied them."""

from __future__ import annotations

from datetime import datetime, timezone
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution import migration_record as record
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator import plan
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator.mode import Mode
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.chart.prediction import predict
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import Store, claim_storage_id
from ansible_collections.kyma.docker_registry.tests.support.contexts import make_context

_SINCE = "2026-01-02T03:04:05Z"
_TARGET = "s3/eu-central-1/images"
_STORAGE = {"s3": {"bucket": "images", "region": "eu-central-1", "secretName": "keys"}}
_SECRET = {"accessKey": b"access", "secretKey": b"secret"}


def _deployment(is_open: bool) -> dict[str, Any]:
    volume = {"name": constants.DATA_VOLUME, "persistentVolumeClaim": {"claimName": constants.DEFAULT_CLAIM}}
    labels = constants.READ_ONLY_LABEL if is_open else {}
    return {
        "metadata": {"annotations": {constants.READ_ONLY_SINCE: _SINCE} if is_open else {}},
        "spec": {"template": {"metadata": {"labels": dict(labels)}, "spec": {"volumes": [volume], "containers": []}}},
    }


@pytest.mark.parametrize(
    ("phase", "target", "is_open", "rejected"),
    [
        (record.SWITCH, _TARGET, True, False),
        (record.SWITCH, _TARGET, False, True),
        (record.SWITCH, "gcs/other", True, True),
        (record.VERIFY, _TARGET, True, True),
    ],
)
def test_migrated_volume(
    monkeypatch: pytest.MonkeyPatch, phase: str, target: str, is_open: bool, rejected: bool
) -> None:
    """The evidence is that of the data guard."""
    now = datetime(2026, 1, 2, tzinfo=timezone.utc)
    migration = record.begin(claim_storage_id(constants.DEFAULT_CLAIM), target, now)
    live = record.build_migration_record("ns", migration.at(phase, now, window_opened_at=_SINCE))
    cluster = SimpleNamespace(
        get=lambda kind, *_name: live if kind == "ConfigMap" else None, list=lambda *_arguments: []
    )
    context = make_context({"accept_data_loss": "", "name": "default"}, check_mode=False, cluster=cluster)
    monkeypatch.setattr(plan, "count_images", lambda *_arguments: SimpleNamespace(empty=False))
    store = Store("s3", "s3", {"bucket": "images"}, _TARGET)
    expected = predict(_STORAGE, _SECRET, "0.15.0")
    made = plan.OperatorPlan(_STORAGE, expected, None, _SECRET)
    resolved: Any = SimpleNamespace(store=store, secret=_SECRET)
    found = plan.check_plan(
        context, made, resolved, "ns", Mode("operator", "x", "0.15.0"), _deployment(is_open), {"metadata": {}}
    )
    assert ("operator-deletes-volume" in [item.code for item in found]) == rejected
