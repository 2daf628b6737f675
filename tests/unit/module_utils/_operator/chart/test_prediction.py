# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Outcomes beyond the recorded ones, as the operator's source implies them; and that nothing makes the prediction crash."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator import storage_lock
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.chart.prediction import (
    Expected,
    PodVolume,
    predict,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.checks.facts import Facts
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.checks.spec_checks import check_spec
from ansible_collections.kyma.docker_registry.tests.support import operator_cases
from hypothesis import given
from hypothesis import strategies as st

S3: dict[str, Any] = {"bucket": "images", "region": "eu-central-1", "secretName": "mine"}
GCS: dict[str, Any] = {"bucket": "images", "secretName": "mine"}


def _of(storage: Any, version: str = "0.15.0", **secret: str) -> Expected:
    return predict(storage, {name: value.encode() for name, value in secret.items()}, version)


def test_missing_keys() -> None:
    """S3 and Google fall back to the node's identity; Azure's Pod refers to a Secret without keys and never starts."""
    found = _of({"s3": S3}, accessKey="AKIA")
    assert found.stage == "applied" and found.secret == {}
    assert set(found.env) == {"REGISTRY_STORAGE_S3_BUCKET", "REGISTRY_STORAGE_S3_REGION"}
    found = _of({"gcs": GCS}, other="x")
    assert found.stage == "applied" and not found.key_file and set(found.env) == {"REGISTRY_STORAGE_GCS_BUCKET"}
    found = _of({"azure": {"secretName": "mine"}}, "0.7.0", accountName="a", accountKey="k")
    assert found.stage == "applied" and found.secret == {} and len(found.env) == 3


def test_credentials_that_are_typed() -> None:
    """Zero, null and false count as missing; other numbers and booleans stop the rendering."""
    for text in ("0", "null", "FALSE"):
        assert _of({"s3": S3}, accessKey="AKIA", secretKey=text).secret == {}
    for text in ("123", "true"):
        found = _of({"s3": S3}, accessKey="AKIA", secretKey=text)
        assert found.stage == "stopped"
        assert found.why == "s3.secretKey: wrong type for value; expected string" and found.default_claim is None


def test_cut_credentials() -> None:
    """The registry gets only the first part, without an error."""
    found = _of({"s3": S3}, accessKey="AKIA", secretKey="abc,replicaCount=3")
    assert found.stage == "applied" and found.secret == {"s3AccessKey": b"AKIA", "s3SecretKey": b"abc"}


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
    """Where it ends. After the API server's refusal the generated Secret is there already."""
    found = _of({"s3": {**S3, "bucket": bucket}}, accessKey="AKIA", secretKey="x")
    assert (found.stage, found.why) == (stage, why)
    assert (found.secret is None) == (stage == "stopped")


def test_logging_and_deletion() -> None:
    """What rolls the Pods."""
    logging = {"level": "debug", "format": "console", "accessLogEnabled": True}
    found = predict({"pvc": {"name": "a"}, "deleteEnabled": True}, claims={"a"}, logging=logging)
    assert found.rollme == (
        "configData.log.level=debug",
        "configData.log.formatter=text",
        "configData.log.accesslog.disabled=false",
        "configData.storage.delete.enabled=true",
    )
    assert not found.rollme_known


def test_a_claim_of_the_operators_name() -> None:
    """Named as the user's own it is not an object of the operator's any more."""
    found = predict({"pvc": {"name": "dockerregistry"}}, claims={"dockerregistry"})
    assert (found.data, found.default_claim) == (PodVolume("dockerregistry"), False)


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
    found = predict(storage, secret, version)
    check_spec(storage, Facts(secret=secret), version, operator_cases.NO_MEASURES)
    check_spec(storage, Facts(secret=secret), version)
    if found.stage == "applied":
        (driver,) = {name.split("_")[2].lower() for name in found.env}
        assert storage_lock.mandatory_variables()[driver] in found.env
        assert (found.data is None) == (driver != "filesystem")


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
    found = predict(storage, {"accessKey": b"a", "secretKey": b"b", "accountkey": b"key"}, "0.15.0")
    assert found.stage == "stopped" and "is required" in found.why
