# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is predicted equals what the real operator made, for every recorded case."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.chart.prediction import (
    Expected,
    PodVolume,
    predict,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.chart.rendering import SecretRef
from ansible_collections.kyma.docker_registry.tests.support import operator_cases

every_case = pytest.mark.parametrize("case", sorted(operator_cases.CASES))
# The cases in between which the CR was set back to the default; after an error the Deployment is that of before.
BEFORE = "default"


def _expected(case: str, version: str | None = "0.15.0") -> Expected:
    return predict(
        operator_cases.CASES[case].storage, operator_cases.CASES[case].secret, version, claims={operator_cases.CLAIM}
    )


def _template(case: str) -> dict[str, Any]:
    template: dict[str, Any] = operator_cases.CASES[case].deployment["spec"]["template"]
    return template


def _env(case: str) -> dict[str, Any]:
    (container,) = _template(case)["spec"]["containers"]
    found: dict[str, Any] = {}
    for item in container["env"]:
        if item["name"].startswith("REGISTRY_STORAGE_"):
            ref = (item.get("valueFrom") or {}).get("secretKeyRef")
            found[item["name"]] = SecretRef(ref["name"], ref["key"]) if ref else item["value"]
    return found


def _volumes(case: str) -> dict[str, Any]:
    return {volume["name"]: volume for volume in _template(case)["spec"]["volumes"]}


def _data(case: str) -> PodVolume | None:
    volume = _volumes(case).get("data")
    if volume is None:
        return None
    return PodVolume((volume.get("persistentVolumeClaim") or {}).get("claimName"))


def _applied(case: str) -> Expected:
    """What the Deployment shows: of a case that failed, the state of before."""
    expected = _expected(case)
    return expected if expected.stage == "applied" else _expected(BEFORE)


@every_case
def test_environment(case: str) -> None:
    """Every REGISTRY_STORAGE_* variable and no other."""
    assert dict(_applied(case).env) == _env(case)


@every_case
def test_volumes(case: str) -> None:
    """The images' volume, and the key file of Google."""
    assert _applied(case).data == _data(case)
    assert _applied(case).key_file == (constants.STORAGE_SECRET in _volumes(case))


@every_case
def test_rollme(case: str) -> None:
    """The annotation that rolls the Pods; a digest is left open."""
    recorded = _template(case)["metadata"]["annotations"]["rollme"].split(",")
    parts = _applied(case).rollme
    assert len(recorded) == len(parts)
    for there, part in zip(recorded, parts, strict=True):
        assert there == part or (part.endswith("=") and there.startswith(part))


@every_case
def test_claims(case: str) -> None:
    """The default volume is there, or deleted."""
    there = constants.DEFAULT_CLAIM in operator_cases.CASES[case].pvcs
    expected = _expected(case)
    assert (expected.default_claim if expected.stage == "applied" else _expected(BEFORE).default_claim) == there


@every_case
def test_generated_secret(case: str) -> None:
    """Its keys. Where nothing was rendered it is what was left of the case before."""
    keys = operator_cases.CASES[case].generated_keys
    expected = _expected(case)
    if expected.stage != "stopped":
        assert (None if expected.secret is None else sorted(expected.secret)) == keys
