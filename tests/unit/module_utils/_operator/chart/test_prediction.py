# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Outcomes beyond the recorded ones, as the operator's source implies them; and that nothing makes the prediction crash."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator import storage_lock
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.chart import inputs
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.chart.prediction import (
    Expected,
    Volume,
    expected_fields,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.chart.rendering import reads_as
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.checks.facts import Facts
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.checks.spec_checks import check_spec
from ansible_collections.kyma.docker_registry.tests.support import operator_cases
from hypothesis import given
from hypothesis import strategies as st

S3: dict[str, Any] = {"bucket": "images", "region": "eu-central-1", "secretName": "mine"}
GCS: dict[str, Any] = {"bucket": "images", "secretName": "mine"}


def _of(storage: Any, version: str = "0.15.0", **secret: str) -> Expected:
    return expected_fields(storage, {name: value.encode() for name, value in secret.items()}, version)


def test_missing_keys() -> None:
    """S3 and Google fall back to the node's identity and look Ready; Azure's Pod never starts."""
    found = _of({"s3": S3}, accessKey="AKIA")
    assert found.state == "Ready" and found.secret == {}
    assert set(found.env) == {"REGISTRY_STORAGE_S3_BUCKET", "REGISTRY_STORAGE_S3_REGION"}
    found = _of({"gcs": GCS}, other="x")
    assert found.state == "Ready" and not found.key_file and set(found.env) == {"REGISTRY_STORAGE_GCS_BUCKET"}
    found = _of({"azure": {"secretName": "mine"}}, "0.7.0", accountName="a", accountKey="k")
    assert found.state == "Processing" and found.secret == {} and len(found.env) == 3


def test_credentials_that_are_typed() -> None:
    """Zero, null and false count as missing; other numbers and booleans stop the rendering."""
    for text in ("0", "null", "FALSE"):
        assert _of({"s3": S3}, accessKey="AKIA", secretKey=text).secret == {}
    for text in ("123", "true"):
        found = _of({"s3": S3}, accessKey="AKIA", secretKey=text)
        assert (found.stage, found.state, found.installed) == ("stopped", "Error", False)
        assert found.why == "s3.secretKey: wrong type for value; expected string" and found.default_claim is None


def test_cut_credentials() -> None:
    """The registry gets the first part; nothing says so."""
    found = _of({"s3": S3}, accessKey="AKIA", secretKey="abc,replicaCount=3")
    assert found.state == "Ready" and found.secret == {"s3AccessKey": b"AKIA", "s3SecretKey": b"abc"}


def test_before_the_grammar() -> None:
    """0.6 took values as they are."""
    found = _of({"s3": S3}, "0.6.0", accessKey="AKIA", secretKey="abc,def")
    assert found.secret == {"s3AccessKey": b"AKIA", "s3SecretKey": b"abc,def"}


@pytest.mark.parametrize(
    ("bucket", "stage", "why"),
    [
        ("null", "stopped", ".Values.s3.bucket is required"),
        ("0", "stopped", ".Values.s3.bucket is required"),
        ("{a}", "stopped", "s3.bucket: a list where text belongs"),
        ("a,b", "stopped", "failed to parse s3.bucket: a key has no value"),
        ("true", "rendered", "bucket: expected string"),
        ("123", "rendered", "bucket: expected string"),
        ("a #b", "rendered", "bucket: expected string"),
        ('"open', "rendered", "bucket: expected string"),
        ("no", "applied", ""),
    ],
)
def test_buckets(bucket: str, stage: str, why: str) -> None:
    """Where it ends. After the API server's refusal the generated Secret and the way out are there already."""
    found = _of({"s3": {**S3, "bucket": bucket}}, accessKey="AKIA", secretKey="x")
    assert (found.stage, found.why) == (stage, why)
    assert found.egress == (stage != "stopped") and (found.secret is None) == (stage == "stopped")


def test_bindings() -> None:
    """Without a Secret the status cannot be written; with a foreign one it can not be named."""
    storage = {"btpObjectStore": {"secretName": "mine"}}
    found = expected_fields(storage, None, "0.15.0")
    assert (found.state, found.status_storage, found.data) == ("Processing", None, Volume(None))
    assert found.failed == 'secrets "mine" not found'
    assert _of(storage, other="x").failed == "unknown storage type"
    found = _of(storage, base64EncodedPrivateKeyData="?", bucket="b")
    assert (found.state, found.failed) == ("Warning", "illegal base64 data")
    # AWS comes first, whatever else is there.
    found = _of(storage, host="h", sas_token="t", bucket="b", region="r", access_key_id="a", secret_access_key="s")
    assert found.status_storage == "btp-objectstore-aws"


def test_logging_and_deletion() -> None:
    """What rolls the Pods."""
    logging = {"level": "debug", "format": "console", "accessLogEnabled": True}
    found = expected_fields({"pvc": {"name": "a"}, "deleteEnabled": True}, claims={"a"}, logging=logging)
    assert found.rollme == (
        "configData.log.level=debug",
        "configData.log.formatter=text",
        "configData.log.accesslog.disabled=false",
        "configData.storage.delete.enabled=true",
    )
    assert not found.rollme_known


def test_pruned() -> None:
    """What the CRD does not know is not there."""
    storage = {"filesystem": {}, "s3": {**S3, "Bucket": "x", "encrypt": None}, "azure": None, "deleteEnabled": None}
    assert inputs.pruned(storage) == {"s3": S3}
    assert inputs.pruned(None) is None and inputs.pruned({}) == {}


def test_a_claim_of_the_operators_name() -> None:
    """Named as the user's own it is no object of the operator's any more."""
    found = expected_fields({"pvc": {"name": "dockerregistry"}}, claims={"dockerregistry"})
    assert (found.data, found.default_claim) == (Volume("dockerregistry"), False)


@pytest.mark.parametrize(
    ("written", "meant", "same"),
    [
        ("images", "images", True),
        ("images", "other", False),
        ("no", "no", False),
        ('"no"', "no", True),
        ("a$$b", "a$$b", False),
        ("true", True, True),
        ("false", True, False),
        ("5", 5, True),
    ],
)
def test_reads_as(written: str, meant: object, same: bool) -> None:
    """As Distribution reads a variable, and Kubernetes before it."""
    assert reads_as(written, meant) == same


TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=12) | st.sampled_from(
    ["", "0", "true", "a,b=c", "{"]
)
FIELDS = st.dictionaries(
    st.sampled_from(["bucket", "region", "secretName", "name", "rootdirectory", "chunksize", "regionEndpoint", "x"]),
    TEXT | st.integers() | st.booleans() | st.none(),
)
STORAGE = st.none() | st.dictionaries(
    st.sampled_from(["azure", "s3", "gcs", "btpObjectStore", "pvc", "filesystem", "deleteEnabled"]),
    FIELDS | st.none() | st.booleans(),
    max_size=3,
)
KEYS = [key for secret in operator_cases.SECRETS.values() for key in secret]


@given(STORAGE, st.none() | st.dictionaries(st.sampled_from(KEYS), st.binary(max_size=12)), st.text(max_size=6))
def test_never_crashes(storage: Any, secret: dict[str, bytes] | None, version: str) -> None:
    """Neither the prediction nor the risks; and what is applied has exactly one driver."""
    found = expected_fields(storage, secret, version)
    check_spec(storage, Facts(secret=secret), version, operator_cases.NO_HELP)
    check_spec(storage, Facts(secret=secret), version)
    if found.stage == "applied":
        assert storage_lock.MANDATORY[found.driver] in found.env
        assert len({name.split("_")[2] for name in found.env}) == 1
        assert (found.data is None) == (found.driver != "filesystem")
        assert found.egress == (found.driver != "filesystem")


@pytest.mark.parametrize(
    "storage",
    [
        {"s3": {"bucket": "", "region": "r", "secretName": "s"}},
        {"s3": {"bucket": "b", "region": "", "secretName": "s"}},
        {"s3": {"secretName": "s"}},
        {"gcs": {"bucket": "", "secretName": "s"}},
    ],
)
def test_what_the_chart_requires(storage: Any) -> None:
    """An empty text, which the definition of the DockerRegistry takes, is as good as none to the chart."""
    found = expected_fields(storage, {"accessKey": b"a", "secretKey": b"b", "accountkey": b"key"}, "0.15.0")
    assert (found.stage, found.state) == ("stopped", "Error") and "is required" in found.why
