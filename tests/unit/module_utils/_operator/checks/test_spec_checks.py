# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every risk is reported at its place, and not if the collection removes it."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.chart.prediction import predict
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.checks.facts import (
    ALL_MEASURES,
    Facts,
    Measures,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.checks.spec_checks import (
    check_deletion,
    check_spec,
)
from ansible_collections.kyma.docker_registry.tests.support import codes, operator_cases
from hypothesis import given
from hypothesis import strategies as st

VERSION = "0.15.0"
# Told of every object store and of every DockerRegistry where nothing helps.
ALWAYS = {"operator-status-unverified", "operator-late-failure", "operator-falls-back", "operator-secrets-not-copied"}
SECRET = operator_cases.data("s3s")
S3: dict[str, Any] = {"bucket": "images", "region": "eu-central-1", "secretName": "mine"}


def _describe(
    storage: Any, facts: Facts, measures: Measures = operator_cases.NO_MEASURES, version: str = VERSION
) -> dict[str, str]:
    found = check_spec(storage, facts, version, measures)
    assert len({(item.code, item.path) for item in found}) == len(found)
    assert all(item.message and item.remedy for item in found)
    return {item.code: item.path for item in found if item.code not in ALWAYS}


def _secret(**values: str) -> dict[str, bytes]:
    return {name: value.encode() for name, value in values.items()}


# Storage, facts, code to path without help, codes that stay with help.
ROWS: list[tuple[str, Any, Facts, dict[str, str], set[str]]] = [
    ("default", None, Facts(own_claim=True), {}, set()),
    (
        "empty",
        {},
        Facts(own_claim=True, images=True),
        {"operator-empty-storage": "spec.storage", "operator-deletes-volume": "spec.storage"},
        set(),
    ),
    ("deletion alone", {"deleteEnabled": True}, Facts(), {"operator-empty-storage": "spec.storage"}, set()),
    (
        "unknown backend",
        {"filesystem": {}},
        Facts(),
        {"operator-empty-storage": "spec.storage", "operator-field-dropped": "spec.storage.filesystem"},
        {"operator-field-dropped"},
    ),
    (
        "unknown field",
        {"gcs": {"bucket": "b", "chunkSize": 1, "secretName": "mine"}},
        Facts(secret=_secret(accountkey="x")),
        {"operator-field-dropped": "spec.storage.gcs.chunkSize"},
        {"operator-field-dropped"},
    ),
    (
        "no Secret",
        {"s3": S3},
        Facts(own_claim=True),
        {"operator-secret-missing": "spec.storage.s3.secretName", "operator-deletes-volume": "spec.storage"},
        {"operator-secret-missing", "operator-deletes-volume"},
    ),
    (
        "no name",
        {"s3": {"bucket": "b", "region": "eu-central-1"}},
        Facts(),
        {"operator-no-secret-name": "spec.storage.s3.secretName"},
        set(),
    ),
    (
        "empty name of a binding",
        {"btpObjectStore": {"secretName": ""}},
        Facts(),
        {"operator-no-secret-name": "spec.storage.btpObjectStore.secretName"},
        {"operator-no-secret-name"},
    ),
    (
        "BTP on Azure",
        {"btpObjectStore": {"secretName": "mine"}},
        Facts(secret=operator_cases.data("btp-azure")),
        {"operator-binding-refused": "spec.storage.btpObjectStore.secretName"},
        {"operator-binding-refused"},
    ),
    (
        "no binding at all",
        {"btpObjectStore": {"secretName": "mine"}},
        Facts(secret=SECRET),
        {"operator-binding-refused": "spec.storage.btpObjectStore.secretName"},
        {"operator-binding-refused"},
    ),
    (
        "BTP on Google, no base64",
        {"btpObjectStore": {"secretName": "mine"}},
        Facts(secret=_secret(base64EncodedPrivateKeyData="?", bucket="b")),
        {"operator-binding-refused": "spec.storage.btpObjectStore.secretName"},
        {"operator-binding-refused"},
    ),
    (
        "BTP on AWS, numbers",
        {"btpObjectStore": {"secretName": "mine"}},
        Facts(secret={**operator_cases.data("btp-aws"), "bucket": b"0123"}),
        {"operator-value-retyped": "Secret/mine.bucket"},
        set(),
    ),
    (
        "BTP on Google",
        {"btpObjectStore": {"secretName": "mine"}},
        Facts(secret=operator_cases.data("btp-gcp")),
        {"operator-key-file": "Secret/mine.base64EncodedPrivateKeyData"},
        set(),
    ),
    (
        "two backends",
        {"s3": S3, "azure": {"secretName": "a"}},
        Facts(secret=SECRET, own_claim=True),
        {"operator-two-backends": "spec.storage"},
        {"operator-two-backends"},
    ),
    (
        "away from the volume",
        {"s3": S3},
        Facts(secret=SECRET, own_claim=True, images=True),
        {"operator-deletes-volume": "spec.storage"},
        {"operator-deletes-volume"},
    ),
    ("away from an empty volume", {"s3": S3}, Facts(secret=SECRET, own_claim=True, images=False), {}, set()),
    (
        "the operator's own claim",
        {"pvc": {"name": "dockerregistry"}},
        Facts(claims=frozenset({"dockerregistry"}), own_claim=True),
        {"operator-own-claim": "spec.storage.pvc.name", "operator-deletes-volume": "spec.storage"},
        {"operator-own-claim", "operator-deletes-volume"},
    ),
    (
        "claim of that name of the user's",
        {"pvc": {"name": "dockerregistry"}},
        Facts(claims=frozenset({"dockerregistry"})),
        {},
        set(),
    ),
    (
        "no claim",
        {"pvc": {"name": "mine"}},
        Facts(),
        {"operator-claim-missing": "spec.storage.pvc.name"},
        {"operator-claim-missing"},
    ),
    (
        "claim of digits",
        {"pvc": {"name": "123"}},
        Facts(claims=frozenset({"123"}), own_claim=True),
        {"operator-value-retyped": "spec.storage.pvc.name"},
        {"operator-value-retyped"},
    ),
    *(
        (
            f"bucket {bucket}",
            {"s3": {**S3, "bucket": bucket}},
            Facts(secret=SECRET),
            {code: "spec.storage.s3.bucket"},
            {code},
        )
        for bucket, code in {
            "123456": "operator-value-retyped",
            "0123": "operator-value-retyped",
            "1e5": "operator-value-retyped",
            "true": "operator-value-retyped",
            "null": "operator-value-retyped",
            "a #b": "operator-value-retyped",
            "a,b": "operator-value-mangled",
            "a,b=c": "operator-value-mangled",
            "a,": "operator-value-mangled",
            "a\\b": "operator-value-mangled",
            "{a}": "operator-value-mangled",
            "no": "operator-value-misread",
        }.items()
    ),
    (
        "folder of digits",
        {"gcs": {"bucket": "b", "rootdirectory": "2024", "secretName": "mine"}},
        Facts(secret=_secret(accountkey="x")),
        {"operator-value-retyped": "spec.storage.gcs.rootdirectory"},
        {"operator-value-retyped"},
    ),
    (
        "chunk size",
        {"gcs": {"bucket": "b", "chunksize": 5242880, "secretName": "mine"}},
        Facts(secret=_secret(accountkey="x")),
        {"operator-chunksize": "spec.storage.gcs.chunksize"},
        set(),
    ),
    (
        "Google's key",
        {"gcs": {"bucket": "b", "secretName": "mine"}},
        Facts(secret=operator_cases.data("gcs-plain")),
        {"operator-key-file": "Secret/mine.accountkey"},
        set(),
    ),
    (
        "Google's key with a line end",
        {"gcs": {"bucket": "b", "secretName": "mine"}},
        Facts(secret=_secret(accountkey=operator_cases.SECRETS["gcs-plain"]["accountkey"] + "\n")),
        {"operator-secret-leak": "Secret/mine.accountkey"},
        set(),
    ),
    (
        "Google's key, escaped",
        {"gcs": {"bucket": "b", "secretName": "mine"}},
        Facts(secret=operator_cases.data("gcs-esc")),
        {},
        set(),
    ),
    (
        "Google's key, with a backslash",
        {"gcs": {"bucket": "b", "secretName": "mine"}},
        Facts(secret=_secret(accountkey="a\\b")),
        {"operator-secret-mangled": "Secret/mine.accountkey"},
        set(),
    ),
    (
        "no key of Google",
        {"gcs": {"bucket": "b", "secretName": "mine"}},
        Facts(secret=SECRET),
        {"operator-secret-key-missing": "Secret/mine.accountkey"},
        {"operator-secret-key-missing"},
    ),
    *(
        (
            f"secret key {key}",
            {"s3": S3},
            Facts(secret=_secret(accessKey="AKIA", secretKey=key)),
            {code: "Secret/mine.secretKey"} if code else {},
            {code} & {"operator-secret-key-missing"},
        )
        for key, code in {
            "": "operator-secret-key-missing",
            "abc,def": "operator-secret-leak",
            "abc,replicaCount=3": "operator-secret-injects",
            "ab\\cd": "operator-secret-mangled",
            "abc,": "operator-secret-mangled",
            "{a}": "operator-secret-mangled",
            "123": "operator-secret-mangled",
            "true": "operator-secret-mangled",
            "0123": "operator-secret-misread",
            "AK #x": "operator-secret-misread",
            "no": "operator-secret-misread",
            "abc\n": "operator-secret-misread",
            "wJalr/K7+x": "",
        }.items()
    ),
    (
        "Azure",
        {"azure": {"secretName": "mine"}},
        Facts(secret=operator_cases.data("azure-storage")),
        {"operator-azure-no-type": "spec.storage.azure"},
        set(),
    ),
    (
        "Azure without container",
        {"azure": {"secretName": "mine"}},
        Facts(secret=_secret(accountName="a", accountKey="k")),
        {"operator-azure-no-type": "spec.storage.azure", "operator-secret-key-missing": "Secret/mine.container"},
        {"operator-secret-key-missing"},
    ),
    (
        "MinIO without TLS",
        {"s3": {**S3, "regionEndpoint": "minio:9000", "secure": False}},
        Facts(secret=SECRET),
        {
            "operator-secure-ignored": "spec.storage.s3.secure",
            "operator-path-style": "spec.storage.s3.regionEndpoint",
        },
        set(),
    ),
    (
        "AWS' own endpoint",
        {"s3": {**S3, "regionEndpoint": "https://s3.eu-central-1.amazonaws.com"}},
        Facts(secret=SECRET),
        {},
        set(),
    ),
    (
        "no base namespace",
        None,
        Facts(base_namespace=False),
        {"operator-base-namespace": "Namespace/docker-registry"},
        {"operator-base-namespace"},
    ),
    (
        "another registry",
        None,
        Facts(others=("a/b",)),
        {"operator-second-registry": "DockerRegistry"},
        {"operator-second-registry"},
    ),
]


@pytest.mark.parametrize(
    ("storage", "facts", "reported", "stays"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS]
)
def test_risk(storage: Any, facts: Facts, reported: dict[str, str], stays: set[str]) -> None:
    """Without help, and what of it is left with ours."""
    assert _describe(storage, facts) == reported
    found = check_spec(storage, facts, VERSION)
    assert {item.code for item in found} == stays


def test_what_is_always_told() -> None:
    """Each goes away with the help against it."""
    facts = Facts(secret=SECRET)
    for measures, gone in (
        (Measures(False, False, False, False, True), {"operator-status-unverified", "operator-late-failure"}),
        (Measures(False, False, True, False, False), {"operator-falls-back"}),
        (Measures(False, False, False, True, False), {"operator-secrets-not-copied"}),
    ):
        assert {item.code for item in check_spec({"s3": S3}, facts, VERSION, measures)} == ALWAYS - gone
    assert "operator-secrets-not-copied" not in {
        item.code for item in check_spec(None, Facts(namespace="docker-registry"), VERSION, operator_cases.NO_MEASURES)
    }
    assert Measures() == ALL_MEASURES


def test_versions() -> None:
    """An unknown one is told; faults that it did not have yet are not."""
    azure = Facts(secret=operator_cases.data("azure-storage"))
    storage = {"azure": {"secretName": "mine"}}
    assert _describe(storage, azure, version="0.7.0") == {}
    assert _describe(storage, azure, version="0.16.0").keys() == {"operator-version-unknown", "operator-azure-no-type"}
    old = _describe({"s3": S3}, Facts(secret=_secret(accessKey="AKIA", secretKey="abc,def")), version="0.6.0")
    assert old.keys() == {"operator-version-unknown"}


@pytest.mark.parametrize(("images", "reported"), [(True, 1), (None, 1), (False, 0)])
def test_deletion(images: bool | None, reported: int) -> None:
    """Of the DockerRegistry: with it goes the operator's own volume."""
    assert len(check_deletion(Facts(own_claim=True, images=images))) == reported
    assert check_deletion(Facts(images=images)) == ()
    known = [
        item.message for item in check_spec({"s3": S3}, Facts(secret=SECRET, own_claim=True, images=images), VERSION)
    ]
    assert len(known) == reported and all(("could not be asked" in text) == (images is None) for text in known)


VALUE = st.text(st.characters(exclude_categories=("Cs",)), min_size=6, max_size=30) | st.text("ab,\\{}=12", min_size=6)


@given(VALUE, VALUE)
def test_no_secret_is_told(access: str, secret: str) -> None:
    """No finding holds a value; without one of them, and without help, the operator carries both unharmed."""
    data = _secret(accessKey=access, secretKey=secret)
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
    """A bucket of which nothing is told is in the Deployment as it was written, and an error of the operator is told."""
    storage = {"s3": {**S3, "bucket": bucket}}
    found = [item for item in check_spec(storage, Facts(secret=SECRET), VERSION) if item.path.endswith("bucket")]
    expected = predict(storage, SECRET, VERSION)
    if found:
        return
    assert expected.stage == "applied" and expected.env["REGISTRY_STORAGE_S3_BUCKET"] == bucket


@pytest.mark.parametrize("case", sorted(operator_cases.CASES))
def test_recorded(case: str) -> None:
    """Whatever went wrong on the real operator is told before."""
    facts = Facts(secret=operator_cases.CASES[case].secret, claims={operator_cases.CLAIM}, own_claim=True)
    reported = {
        item.code
        for item in check_spec(operator_cases.CASES[case].storage, facts, VERSION, operator_cases.NO_MEASURES)
        if item.severity == "error"
    }
    emptied = "dockerregistry" not in operator_cases.CASES[case].pvcs
    assert ("operator-deletes-volume" in reported) == emptied
    sound = operator_cases.CASES[case].status["state"] == "Ready" and case not in (
        "delete-enabled-only",
        "storage-empty",
    )
    rest = reported - {"operator-deletes-volume", "operator-secure-ignored"}
    assert (not rest) == sound


def test_every_code_is_tested() -> None:
    """Those of risks; the others have tests of their own."""
    tested = (
        {code for row in ROWS for code in row[3]}
        | ALWAYS
        | {"operator-deletion-takes-volume", "operator-version-unknown"}
    )
    ours, backends = (codes.of_folder(f"plugins/module_utils/{folder}") for folder in ("_operator", "_storage"))
    made = ours | {code for code in backends if code.startswith("operator-")}
    assert made - {"operator-parameter-no-variable"} == tested


def test_binding_key_is_decoded() -> None:
    """As the operator does, line ends left out."""
    data = operator_cases.data("btp-gcp")
    lines = base64.encodebytes(base64.b64decode(data["base64EncodedPrivateKeyData"]))
    storage = {"btpObjectStore": {"secretName": "mine"}}
    found = _describe(storage, Facts(secret={**data, "base64EncodedPrivateKeyData": lines}))
    assert found.keys() == {"operator-key-file"}
