# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plan of a migration between any two storage types, and the record of its phases."""

from __future__ import annotations

import itertools

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import errors
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution import migration_record as record
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.migration.planning import (
    Side,
    plan_migration,
)

_OBJECT_STORES = {
    "azure": "azure",
    "s3": "s3",
    "gcs": "gcs",
    "btp-objectstore-aws": "s3",
    "btp-objectstore-gcp": "gcs",
}
SIDES = {
    **{name: Side(name, f"{driver}/{name}") for name, driver in _OBJECT_STORES.items()},
    "filesystem": Side(
        "filesystem",
        "persistentvolumeclaim/dockerregistry",
        claim=constants.DEFAULT_CLAIM,
        access_modes=("ReadWriteOnce",),
    ),
    "pvc": Side("pvc", "persistentvolumeclaim/own", claim="own", access_modes=("ReadWriteMany",)),
}
PAIRS = list(itertools.permutations(SIDES, 2))


def test_all_pairs_are_there() -> None:
    """Seven storage types."""
    assert len(PAIRS) == 42


@pytest.mark.parametrize("with_operator", [False, True], ids=["direct", "operator"])
@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_pair(source: str, target: str, with_operator: bool) -> None:
    """The phases are the same; what differs follows from the two sides."""
    plan = plan_migration(SIDES[source], SIDES[target], with_operator=with_operator)
    assert tuple(phase for phase, _text in plan.steps) == record.PHASES
    assert not errors(plan.findings)
    assert plan.near_registry == (source == "filesystem")
    assert plan.deletes_source == (with_operator and source == "filesystem")
    assert not plan.creates_claim
    texts = " ".join(text for _phase, text in plan.steps)
    assert SIDES[source].storage_id in texts and SIDES[target].storage_id in texts


@pytest.mark.parametrize("with_operator", [False, True], ids=["direct", "operator"])
def test_new_volume(with_operator: bool) -> None:
    """The default volume that does not exist yet is created; an operator adopts it."""
    target = Side("filesystem", "persistentvolumeclaim/dockerregistry", claim=constants.DEFAULT_CLAIM)
    plan = plan_migration(SIDES["s3"], target, with_operator=with_operator)
    assert plan.creates_claim and not errors(plan.findings)
    assert "creates the volume" in plan.steps[0][1]


@pytest.mark.parametrize("side", ["source", "target"])
def test_volume_of_one_pod(side: str) -> None:
    """A second Pod would stay Pending."""
    exclusive = Side("pvc", "persistentvolumeclaim/x", claim="x", access_modes=("ReadWriteOncePod",))
    pair = (exclusive, SIDES["s3"]) if side == "source" else (SIDES["s3"], exclusive)
    plan = plan_migration(*pair, with_operator=False)
    assert [item.code for item in errors(plan.findings)] == ["migration-volume-exclusive"]


def test_same_and_nested_storage() -> None:
    """The same one is an error, one inside the other a warning."""
    bucket, inner = Side("s3", "s3/r/b"), Side("s3", "s3/r/b/root")
    assert [item.code for item in plan_migration(bucket, bucket, with_operator=False).findings] == [
        "migration-same-storage"
    ]
    assert [item.code for item in plan_migration(bucket, inner, with_operator=False).findings] == [
        "migration-nested-storage"
    ]
    beside = Side("s3", "s3/r/b2")
    assert plan_migration(bucket, beside, with_operator=False).findings == ()


def test_source_that_an_operator_deletes() -> None:
    """The plan says what becomes of it."""
    plans = [
        plan_migration(SIDES["filesystem"], SIDES["s3"], with_operator=True, accepts_deletion=accepts)
        for accepts in (False, True)
    ]
    assert ["deleted" in plan.steps[-1][1] for plan in plans] == [False, True]
    assert all(plan.deletes_source and plan.findings == () for plan in plans)


def test_copy_mode() -> None:
    """Who copies is a part of the plan."""
    texts = [
        plan_migration(SIDES["s3"], SIDES["gcs"], with_operator=False, copies_in_pod=value).steps[1][1]
        for value in (True, False)
    ]
    assert "regsync" in texts[0] and "this machine" in texts[1]
