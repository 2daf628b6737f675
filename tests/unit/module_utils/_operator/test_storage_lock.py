# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The storage lock: which switches it makes invalid."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator import (
    storage_lock,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.chart.prediction import (
    predict,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import catalog
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import Store
from ansible_collections.kyma.docker_registry.tests.support import operator_cases


def _merged(live: dict[str, Any], thing: Mapping[str, Any]) -> dict[str, Any]:
    """The overlay in the Deployment, as the API server merges it."""
    pod, ours = live["spec"]["template"]["spec"], thing["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    for item in ours["containers"][0]["env"]:
        container["env"] = [other for other in container["env"] if other["name"] != item["name"]] + [item]
    for item in ours.get("volumes", []):
        pod["volumes"] = [other for other in pod["volumes"] if other["name"] != item["name"]] + [item]
    return live


@pytest.mark.parametrize("case", ["default", "pvc", "azure", "s3", "gcs-escaped-key", "btp-aws"])
def test_storage_lock(case: str) -> None:
    """Every other recorded switch of driver or to an emptyDir would meet a field of ours that makes it invalid."""
    driver = {"default": "filesystem", "pvc": "filesystem", "gcs-escaped-key": "gcs", "btp-aws": "s3"}.get(case, case)
    claim = {"default": "dockerregistry", "pvc": "existing-pvc"}.get(case)
    store = Store(case, driver, {}, "storage_id", claim=claim)
    ours = {item["name"] for item in storage_lock.lock_variables(store)}
    assert len(ours) == 3 and storage_lock.mandatory_variables().keys() == catalog.drivers().keys()
    for other in operator_cases.CASES:
        expected = predict(
            operator_cases.CASES[other].storage,
            operator_cases.CASES[other].secret,
            "0.15.0",
            claims={operator_cases.CLAIM},
        )
        if expected.stage != "applied":
            continue
        blown = bool(ours & expected.env.keys())
        empty = expected.data is not None and expected.data.claim is None
        assert blown == (storage_lock.mandatory_variables()[driver] not in expected.env), other
        assert blown or not empty or bool(storage_lock.lock_volumes(store)), other
    live = operator_cases.CASES[case].live_deployment()
    assert not storage_lock.is_locked(json.loads(json.dumps(live)), store)
    thing = {
        "spec": {
            "template": {
                "spec": {
                    "containers": [{"env": storage_lock.lock_variables(store)}],
                    "volumes": storage_lock.lock_volumes(store),
                }
            }
        }
    }
    merged = _merged(json.loads(json.dumps(live)), thing)
    assert storage_lock.is_locked(merged, store)
    merged["spec"]["template"]["spec"]["volumes"] = [{"name": "data", "emptyDir": {}}]
    assert storage_lock.is_locked(merged, store) == (claim is None)


def test_explanation() -> None:
    """What refuses, how to lift it; what the API server says is recognised."""
    store = Store("azure", "azure", {}, "azure/account/images")
    text = storage_lock.explanation(store, "ns")
    assert all(words in text and storage_lock.is_rejection(f"x {words} y") for words in storage_lock.REJECTIONS)
    assert store.storage_id in text and "--field-manager=kyma.docker_registry" in text and "namespace: ns" in text
    assert not storage_lock.is_rejection("quota exceeded")
