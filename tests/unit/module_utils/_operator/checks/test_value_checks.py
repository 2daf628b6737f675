# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No finding holds a value, and a value without a finding reaches the registry as it was written."""

from __future__ import annotations

import base64
import json

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.chart.prediction import predict
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.checks.facts import (
    Facts,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.checks.live_measures import live_measures
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.checks.spec_checks import (
    check_spec,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.credentials_secret import choose_secret
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import spec
from ansible_collections.kyma.docker_registry.tests.support import operator_cases
from ansible_collections.kyma.docker_registry.tests.unit.module_utils._operator.checks.spec_check_cases import (
    ROWS,
    S3,
    SECRET,
    VERSION,
    describe,
    secret_data,
)
from hypothesis import given
from hypothesis import strategies as st

_TEXT = st.text(st.sampled_from("abcAKz019,\\{}=/+: #-._~!*&%@'\"ntrueyo"), min_size=1, max_size=24)
VALUE = st.text(st.characters(exclude_categories=("Cs",)), min_size=6, max_size=30) | st.text("ab,\\{}=12", min_size=6)


@given(VALUE, VALUE)
def test_no_secret_is_reported(access: str, secret: str) -> None:
    """No finding holds a value; without one of them, and without help, the operator carries both unharmed."""
    data = secret_data(accessKey=access, secretKey=secret)
    found = check_spec({"s3": S3}, Facts(secret=data), VERSION, operator_cases.NO_MEASURES)
    texts = json.dumps([item.as_dict() for item in found], ensure_ascii=False)
    assert all(value not in texts or value in json.dumps(_fixed()) for value in (access, secret))
    if not [item for item in found if item.path.startswith("Secret/")]:
        expected = predict({"s3": S3}, data, VERSION)
        assert expected.stage == "applied" and expected.secret == {
            "s3AccessKey": access.encode(),
            "s3SecretKey": secret.encode(),
        }


def _fixed() -> list[dict[str, str]]:
    found: list[Finding] = []
    for _name, storage, facts, *_rest in ROWS:
        found += check_spec(storage, facts, VERSION, operator_cases.NO_MEASURES)
    return [item.as_dict() for item in found]


@given(st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=20) | st.text("0123.,\\{e", min_size=1))
def test_values_without_risk_arrive(bucket: str) -> None:
    """A bucket of which nothing is reported is in the Deployment as it was written, and an error of the operator is reported."""
    storage = {"s3": {**S3, "bucket": bucket}}
    found = [item for item in check_spec(storage, Facts(secret=SECRET), VERSION) if item.path.endswith("bucket")]
    expected = predict(storage, SECRET, VERSION)
    if found:
        return
    assert expected.stage == "applied" and expected.env["REGISTRY_STORAGE_S3_BUCKET"] == bucket


def test_binding_key_is_decoded() -> None:
    """As the operator does, line ends left out."""
    data = operator_cases.data("btp-gcp")
    lines = base64.encodebytes(base64.b64decode(data["base64EncodedPrivateKeyData"]))
    storage = {"btpObjectStore": {"secretName": "mine"}}
    found = describe(storage, Facts(secret={**data, "base64EncodedPrivateKeyData": lines}))
    assert found.keys() == {"operator-key-file"}


@given(_TEXT, _TEXT)
def test_a_secret_that_the_role_leaves_to_the_operator(access: str, secret: str) -> None:
    """Where the user's Secret serves, the role makes none, and registry_info finds no risk in it."""
    data = secret_data(accessKey=access, secretKey=secret)
    resolved, _found = spec.check_storage({"s3": S3}, "spec.storage")
    assert resolved is not None
    store, _found = resolved.store(data)
    if store is None or choose_secret(store, {"s3": S3}, data, VERSION).derived is not None:
        return
    found = check_spec({"s3": S3}, Facts(secret=data), VERSION, live_measures({"s3": S3}, None, store))
    assert [item.code for item in found if item.path.startswith("Secret/")] == []
