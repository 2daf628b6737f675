# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Readers of Deployments and Pods."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants, pods
from ansible_collections.kyma.docker_registry.tests.unit.module_utils._core.rollout_parts import deployment


@pytest.mark.parametrize(
    ("status", "done"),
    [
        ({}, False),
        ({"updatedReplicas": 1, "replicas": 1, "readyReplicas": 1, "availableReplicas": 1}, True),
        ({"updatedReplicas": 1, "replicas": 2, "readyReplicas": 2, "availableReplicas": 2}, False),
        ({"updatedReplicas": 1, "replicas": 1, "readyReplicas": 1}, False),
        ({"updatedReplicas": 0, "replicas": 1, "readyReplicas": 1, "availableReplicas": 1}, False),
        (
            {"updatedReplicas": 1, "replicas": 1, "readyReplicas": 1, "availableReplicas": 1, "observedGeneration": 1},
            False,
        ),
    ],
)
def test_the_rule_of_a_finished_rollout(status: dict[str, Any], done: bool) -> None:
    """The present generation; updated, ready, available and all are one number."""
    assert pods.is_rolled_out(deployment(**status)) is done


def test_no_replicas_are_wanted() -> None:
    """Then none is waited for."""
    none = deployment()
    none["spec"]["replicas"] = 0
    assert pods.is_rolled_out(none)


@pytest.mark.parametrize(
    ("conditions", "ready"),
    [
        (None, False),
        ([], False),
        ([{"type": "Ready", "status": "False"}], False),
        ([{"type": "ContainersReady", "status": "True"}], False),
        ([{"type": "Initialized", "status": "True"}, {"type": "Ready", "status": "True"}], True),
    ],
)
def test_readiness_of_a_pod(conditions: Any, ready: bool) -> None:
    """The condition Ready counts, not the phase."""
    assert pods.is_ready({"status": {"phase": "Running", "conditions": conditions}}) is ready
    assert not pods.is_ready({"metadata": {}})


@pytest.mark.parametrize(
    "text",
    [
        'MountVolume.SetUp failed for volume "dockerregistry-secret" : secret "dockerregistry-secret" not found',
        "couldn't find key s3SecretKey in Secret ns/dockerregistry-secret",
        "failed to fetch oauth token: unexpected status from GET request to https://auth/token?scope=a: 401 Unauthorized",
        'failed to fetch anonymous token: Get "https://auth/token?scope=a": dial tcp: lookup auth: no such host',
        'Back-off pulling image "registry:3.1.1"',
    ],
)
def test_what_the_cluster_says_stays_readable(text: str) -> None:
    """Words that only look like a credential's place."""
    assert pods.redact_message(text) == text


def test_claims_of_a_pod() -> None:
    """Volumes of other kinds have none."""
    volumes = [{"persistentVolumeClaim": {"claimName": "a"}}, {"emptyDir": {}}, {"persistentVolumeClaim": None}]
    assert pods.claim_names({"spec": {"volumes": volumes}}) == ["a"] and pods.claim_names({}) == []
    assert pods.claim_name(volumes[0]) == "a" and pods.claim_name({"secret": {"secretName": "a"}}) is None


@pytest.mark.parametrize(
    ("verified", "observed", "expected"),
    [("2", 2, True), ("2", 1, False), ("1", 2, False), (None, 2, False)],
    ids=["verified", "another template that the controller has not observed", "another revision", "never"],
)
def test_a_verified_revision(verified: str | None, observed: int, expected: bool) -> None:
    """The controller writes the revision's number: until it has observed a change, the number is that of the former template."""
    annotations = {pods.REVISION: "2", **({constants.VERIFIED_REVISION: verified} if verified else {})}
    found = {"metadata": {"generation": 2, "annotations": annotations}, "status": {"observedGeneration": observed}}
    assert pods.is_verified(found) is expected
