# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the operator reads out of spec.storage and the Secret."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.chart.inputs import (
    ChartInputs,
    prune_storage,
    read_chart_inputs,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.versions import release
from ansible_collections.kyma.docker_registry.tests.support import operator_cases

S3: dict[str, Any] = {"bucket": "images", "region": "eu-central-1", "secretName": "mine"}
BINDING: dict[str, Any] = {"btpObjectStore": {"secretName": "mine"}}


def _inputs(storage: Any, secret: Mapping[str, bytes] | None = None) -> ChartInputs:
    return read_chart_inputs(prune_storage(storage), secret, {operator_cases.CLAIM}, release("0.15.0").names)


def _of(storage: Any, **secret: str) -> ChartInputs:
    return _inputs(storage, {name: value.encode() for name, value in secret.items()})


@pytest.mark.parametrize("case", sorted(operator_cases.CASES))
def test_recorded(case: str) -> None:
    """The error, and the storage type that the status names as soon as it is resolved."""
    recorded = operator_cases.CASES[case]
    found = _inputs(recorded.storage, recorded.secret)
    configured = recorded.condition("Configured")
    assert (configured["status"] == "True") == (not found.failed)
    assert found.failed in configured["message"]
    if recorded.status["state"] in ("Ready", "Warning"):
        assert recorded.status["storage"] == found.storage_type


def test_bindings() -> None:
    """The storage type is unknown without a Secret, and with the Secret of another backend."""
    found = _inputs(BINDING)
    assert (found.storage_type, found.claim) == (None, None)
    assert found.failed == 'secrets "mine" not found'
    assert _of(BINDING, other="x").failed == "unknown storage type"
    assert _of(BINDING, base64EncodedPrivateKeyData="?", bucket="b").failed == "illegal base64 data"
    # AWS comes first, whatever else is there.
    found = _of(BINDING, host="h", sas_token="t", bucket="b", region="r", access_key_id="a", secret_access_key="s")
    assert found.storage_type == "btp-objectstore-aws" and not found.failed
    assert found.values == {"s3.encrypt": False, "s3.secure": True, "s3.bucket": "b", "s3.region": "r"}
    assert found.secrets == {"s3.accessKey": "a", "s3.secretKey": "s"}


def test_claims() -> None:
    """The default volume is not named by the spec."""
    assert (_inputs(None).claim, _inputs(None).claim_is_named) == (constants.DEFAULT_CLAIM, False)
    found = _inputs({"pvc": {"name": "absent"}})
    assert (found.claim, found.claim_is_named) == ("absent", True)
    assert found.failed == 'PersistentVolumeClaim "absent" not found'
    assert not _inputs({"pvc": {"name": operator_cases.CLAIM}}).failed


def test_no_name() -> None:
    """A Secret that is not named, or named by an empty text."""
    for values in ({}, {"secretName": ""}):
        assert _inputs({"azure": values}, {}).failed == "resource name may not be empty"


def test_pruned() -> None:
    """What the CRD does not know is not there."""
    storage = {"filesystem": {}, "s3": {**S3, "Bucket": "x", "encrypt": None}, "azure": None, "deleteEnabled": None}
    assert prune_storage(storage) == {"s3": S3}
    assert prune_storage(None) is None and prune_storage({}) == {}
