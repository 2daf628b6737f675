# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The summary that the role shows at its end."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.summary import (
    summarize_deployment,
    summarize_removal,
)

STORAGE = {
    "name": "default",
    "namespace": "kyma-system",
    "mode": "direct",
    "storage_type": "s3",
    "storage_id": "s3/eu-central-1/images",
    "findings": [{"code": "bucket-dots", "severity": "warning"}, {"code": "mode-direct", "severity": "info"}],
}
DEPLOYMENT = {
    "push_address": "dockerregistry.kyma-system.svc.cluster.local:5000",
    "pull_address": "localhost:32137",
    "changes": ["Service/dockerregistry created", "Service/dockerregistry", "DockerRegistry/default (status)"],
    "findings": [{"code": "bucket-dots", "severity": "warning"}],
}
VERIFICATION = {"level": "image", "verified": True, "steps": ["the registry answers", "pulled it"], "findings": []}
SKIPPED: dict[str, Any] = {"changed": False, "skipped": True, "skip_reason": "Conditional result was False"}


def test_deployed() -> None:
    """Storage type, addresses, verification, what changed and what was found, each once."""
    assert summarize_deployment(
        STORAGE, DEPLOYMENT, VERIFICATION, [STORAGE, SKIPPED, DEPLOYMENT, DEPLOYMENT, VERIFICATION], False
    ) == [
        "DockerRegistry kyma-system/default: deployed",
        "mode: direct, storage type: s3 (s3/eu-central-1/images)",
        "push, inside the cluster: dockerregistry.kyma-system.svc.cluster.local:5000",
        "pull, from the nodes: localhost:32137",
        "credentials: Secret dockerregistry-config in namespace kyma-system",
        "verification: image: the registry answers; pulled it",
        "created: Service/dockerregistry",
        "changed: DockerRegistry/default (status)",
        "findings: bucket-dots, mode-direct",
    ]


@pytest.mark.parametrize(
    ("before", "recorded", "kept"),
    [(True, SKIPPED, False), (False, {"confirmed": True}, False), (False, SKIPPED, True)],
    ids=["before", "now", "not yet"],
)
def test_not_confirmed(before: bool, recorded: dict[str, Any], kept: bool) -> None:
    """A run without a verification does not forget what works for sure, and its outcome reports that."""
    lines = summarize_deployment(
        STORAGE, {**DEPLOYMENT, "confirmed": before}, {"level": "none"}, [STORAGE, DEPLOYMENT, recorded], False
    )
    line = "not confirmed: former credentials are kept until a run verifies the registry at level write or image"
    assert (line in lines) is kept


def test_planned() -> None:
    """Check mode: no address where there is no registry yet."""
    lines = summarize_deployment(STORAGE, {}, {"level": "image", "verified": False}, [SKIPPED], True)
    assert lines[0] == "DockerRegistry kyma-system/default: planned, nothing was written"
    assert lines[2:] == [
        "push, inside the cluster: not yet known",
        "pull, from the nodes: not yet known",
        "credentials: Secret dockerregistry-config in namespace kyma-system",
        "verification: image (not run)",
        "would be changed: nothing",
        "findings: none",
    ]


def test_removed() -> None:
    """What went and what stays."""
    results = [
        {"changes": ["Deployment/dockerregistry removed"], "findings": [{"code": "volume-kept"}]},
        {"changes": ["DockerRegistry/default removed"], "findings": []},
        SKIPPED,
    ]
    assert summarize_removal(results, "kyma-system", "default", False) == [
        "DockerRegistry kyma-system/default: removed",
        "removed: Deployment/dockerregistry, DockerRegistry/default",
        "findings: volume-kept",
    ]
    assert summarize_removal(results, "ns", "name", True)[:2] == [
        "DockerRegistry ns/name: would be removed, nothing was written",
        "would be removed: Deployment/dockerregistry, DockerRegistry/default",
    ]


@pytest.mark.parametrize("check", [False, True])
def test_nothing_to_remove(check: bool) -> None:
    """A registry that is not there is not reported as removed."""
    results = [{"changed": False, "findings": [{"code": "cr-absent"}]}, SKIPPED]
    assert summarize_removal(results, "ns", "name", check) == [
        "DockerRegistry ns/name: there was nothing to remove",
        "would be changed: nothing" if check else "changed: nothing",
        "findings: cr-absent",
    ]
