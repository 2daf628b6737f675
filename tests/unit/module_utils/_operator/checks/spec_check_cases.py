# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Specs with what the operator would do to them, for the tests of the checks."""

from __future__ import annotations

from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.checks.facts import (
    Facts,
    Measures,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.checks.spec_checks import (
    check_spec,
)
from ansible_collections.kyma.docker_registry.tests.support import operator_cases

VERSION = "0.15.0"
# Reported of every object store and of every DockerRegistry if the collection does nothing.
ALWAYS = {"operator-status-unverified", "operator-late-failure", "operator-falls-back", "operator-secrets-not-copied"}
SECRET = operator_cases.data("s3s")
S3: dict[str, Any] = {"bucket": "images", "region": "eu-central-1", "secretName": "mine"}


def describe(
    storage: Any, facts: Facts, measures: Measures = operator_cases.NO_MEASURES, version: str = VERSION
) -> dict[str, str]:
    """Code to path of what the checks report, without what they always report."""
    found = check_spec(storage, facts, version, measures)
    assert len({(item.code, item.path) for item in found}) == len(found)
    assert all(item.message and item.remedy for item in found)
    return {item.code: item.path for item in found if item.code not in ALWAYS}


def secret_data(**values: str) -> dict[str, bytes]:
    """Data of a Secret."""
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
        Facts(secret=secret_data(accountkey="x")),
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
        Facts(secret=secret_data(base64EncodedPrivateKeyData="?", bucket="b")),
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
        Facts(secret=secret_data(accountkey="x")),
        {"operator-value-retyped": "spec.storage.gcs.rootdirectory"},
        {"operator-value-retyped"},
    ),
    (
        "chunk size",
        {"gcs": {"bucket": "b", "chunksize": 5242880, "secretName": "mine"}},
        Facts(secret=secret_data(accountkey="x")),
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
        Facts(secret=secret_data(accountkey=operator_cases.SECRETS["gcs-plain"]["accountkey"] + "\n")),
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
        Facts(secret=secret_data(accountkey="a\\b")),
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
            Facts(secret=secret_data(accessKey="AKIA", secretKey=key)),
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
        Facts(secret=secret_data(accountName="a", accountKey="k")),
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
