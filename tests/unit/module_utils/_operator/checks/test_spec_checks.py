# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every risk is reported at its place, and not if the collection removes it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
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
from ansible_collections.kyma.docker_registry.tests.unit.module_utils._operator.checks.spec_check_cases import (
    ALWAYS,
    ROWS,
    S3,
    SECRET,
    VERSION,
    describe,
    secret_data,
)


@pytest.mark.parametrize(
    ("storage", "facts", "reported", "stays"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS]
)
def test_risk(storage: Any, facts: Facts, reported: dict[str, str], stays: set[str]) -> None:
    """Without help, and what of it is left with ours."""
    assert describe(storage, facts) == reported
    found = check_spec(storage, facts, VERSION)
    assert {item.code for item in found} == stays


def test_what_is_always_reported() -> None:
    """Each goes away with the help against it."""
    facts, alone = Facts(secret=SECRET), operator_cases.NO_MEASURES
    for measures, gone in (
        (replace(alone, wait=True), {"operator-status-unverified", "operator-late-failure"}),
        (replace(alone, storage_lock=True), {"operator-falls-back"}),
        (replace(alone, copies=True), {"operator-secrets-not-copied"}),
    ):
        assert {item.code for item in check_spec({"s3": S3}, facts, VERSION, measures)} == ALWAYS - gone
    assert "operator-secrets-not-copied" not in {
        item.code for item in check_spec(None, Facts(namespace="docker-registry"), VERSION, operator_cases.NO_MEASURES)
    }
    assert Measures() == ALL_MEASURES


def test_versions() -> None:
    """An unknown one is reported; faults that it did not have yet are not."""
    azure = Facts(secret=operator_cases.data("azure-storage"))
    storage = {"azure": {"secretName": "mine"}}
    assert describe(storage, azure, version="0.7.0") == {}
    assert describe(storage, azure, version="0.16.0").keys() == {"operator-version-unknown", "operator-azure-no-type"}
    old = describe({"s3": S3}, Facts(secret=secret_data(accessKey="AKIA", secretKey="abc,def")), version="0.6.0")
    assert old.keys() == {"operator-version-unknown"}


@pytest.mark.parametrize(("images", "reported"), [(True, 1), (None, 1), (False, 0)])
def test_deletion(images: bool | None, reported: int) -> None:
    """Of the DockerRegistry: with it goes the operator's own volume."""
    assert len(check_deletion(Facts(own_claim=True, images=images))) == reported
    assert check_deletion(Facts(images=images)) == ()
    known = [
        item.message for item in check_spec({"s3": S3}, Facts(secret=SECRET, own_claim=True, images=images), VERSION)
    ]
    assert len(known) == reported and all(("could not be queried" in text) == (images is None) for text in known)


@pytest.mark.parametrize("case", sorted(operator_cases.CASES))
def test_recorded(case: str) -> None:
    """Whatever went wrong on the real operator is reported before."""
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
    # migration-unsupported: tests/unit/module_utils/_operator/test_default_claim.py.
    assert made - {"operator-parameter-no-variable", "migration-unsupported"} == tested
