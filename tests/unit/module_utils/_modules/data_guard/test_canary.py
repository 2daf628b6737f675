# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The canary of the running registry: pushed and recorded once for each storage, and reported if it is missing."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal, error
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import Forbidden
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.canary import keep_canary
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.registry_access import (
    RegistryCredentials,
    RunningRegistry,
)
from ansible_collections.kyma.docker_registry.tests.support.contexts import make_context
from ansible_collections.kyma.docker_registry.tests.unit.module_utils._registry.fake_registry import (
    FakeRegistry,
    talking,
)

UID = "0a1b2c3d-4e5f-0000-0000-000000000000"
TAGS = {constants.CANARY_REPOSITORY: {"canary-0a1b2c3d4e5f": "sha256:" + "a" * 64}}
OTHERS = {constants.CANARY_REPOSITORY: {"canary-000000000000": "sha256:" + "a" * 64}}
STORAGE_ID = "s3/r/b"


class _Cluster:
    def __init__(self, problem: Exception | None = None) -> None:
        self.patched: list[dict[str, Any]] = []
        self._problem = problem

    def patch(self, kind: str, name: str, namespace: str, body: dict[str, Any], *, content_type: str) -> None:
        assert (kind, name, namespace) == ("Secret", constants.CREDENTIALS_SECRET, "ns")
        assert content_type == "application/merge-patch+json"
        if self._problem:
            raise self._problem
        self.patched.append(body["metadata"])


def _keep(
    registry: FakeRegistry, recorded: str, storage_id: str = STORAGE_ID, problem: Exception | None = None
) -> tuple[list[str], list[dict[str, Any]], list[str]]:
    """Codes of the findings, what was written to the Secret, and the methods of the requests to the registry."""
    cluster = _Cluster(problem)
    context = make_context({}, check_mode=False, cluster=cluster)
    with talking(registry) as (api, served):
        running = RunningRegistry(api, "pod", RegistryCredentials("user", "password", UID, recorded), storage_id)
        found = keep_canary(context, "ns", running)
        return [item.code for item in found], cluster.patched, [item.method for item in served.heard]


@pytest.mark.parametrize("recorded", ["", "gcs/other"], ids=["first verification", "first one of another storage"])
def test_it_is_pushed_and_recorded_once(recorded: str) -> None:
    """The record names the storage and the Secret of the registry; the next verification asks once and writes nothing."""
    registry = FakeRegistry()
    codes, patched, _methods = _keep(registry, recorded)
    assert (codes, patched) == ([], [{"uid": UID, "annotations": {constants.CANARY: STORAGE_ID}}])
    assert set(registry.tags[constants.CANARY_REPOSITORY]) == {"canary-0a1b2c3d4e5f"}
    assert _keep(registry, STORAGE_ID) == ([], [], ["GET"])


def test_one_that_is_there_is_only_recorded() -> None:
    """A run that ended between the push and the record is completed."""
    assert _keep(FakeRegistry(tags=TAGS), "") == (
        [],
        [{"uid": UID, "annotations": {constants.CANARY: STORAGE_ID}}],
        ["GET"],
    )


@pytest.mark.parametrize("tags", [{}, OTHERS], ids=["nothing", "another registry's"])
def test_one_that_is_missing_is_reported(tags: dict[str, dict[str, str]]) -> None:
    """It is not pushed again."""
    registry = FakeRegistry(tags=dict(tags))
    assert _keep(registry, STORAGE_ID) == (["canary-missing"], [], ["GET"]) and registry.tags == tags


FORBIDDEN = Forbidden(
    "Secret/dockerregistry-config", "the user is not allowed to patch secrets.", "Give it this right."
)
HELD = Refusal([error("lease-held", "Lease/kyma-docker-registry-ansible", "is held by another run.")])


@pytest.mark.parametrize("problem", [FORBIDDEN, HELD], ids=["without the right", "beside another run"])
def test_one_that_cannot_be_recorded(problem: Exception) -> None:
    """The verification still passes."""
    assert _keep(FakeRegistry(), "", problem=problem)[:2] == (["canary-not-recorded"], [])


def test_a_storage_that_is_not_known() -> None:
    """Nothing can be recorded for it."""
    assert _keep(FakeRegistry(), "", "unknown/dockerregistry") == ([], [], [])
