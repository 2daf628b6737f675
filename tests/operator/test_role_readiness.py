# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keys that do not work end a run early with their cause, though the operator says Ready; keys are rotated; the fuse is a choice."""

from __future__ import annotations

import time
import uuid
from typing import Any

from ansible_collections.kyma.docker_registry.tests.operator.bench import Bench
from ansible_collections.kyma.docker_registry.tests.support import clouds as lab_clouds

LONG = 180


def _key() -> dict[str, str]:
    mark = uuid.uuid4().hex
    return lab_clouds.s3_key(f"KYMA{mark[:16].upper()}", mark[:24])


def test_wrong_keys_and_new_ones(bench: Bench, clouds: dict[str, Any]) -> None:
    """A wrong key is told by its cause long before the time-out and the former one put back; a good one rolls the Pod."""
    variables = lab_clouds.own_s3(clouds, bench.namespace)
    first, second = _key(), _key()
    wrong = {**first, "secretKey": "w" * 24}

    began = time.monotonic()
    failed = bench.deploy(**{**variables, "registry_storage_secret": wrong, "registry_wait_timeout": LONG})
    assert failed.returncode != 0
    assert time.monotonic() - began < LONG / 2, "the run waited"
    assert failed.failure.codes() == ["store-credentials"], failed.output

    bench.deployed(**{**variables, "registry_storage_secret": first})
    bench.push()
    pods = bench.pods()
    bench.deployed(**{**variables, "registry_storage_secret": second})
    assert bench.pods() and not bench.pods() & pods
    bench.assert_kept()

    failed = bench.deploy(**{**variables, "registry_storage_secret": wrong, "registry_wait_timeout": LONG})
    assert failed.failure.codes() == ["store-credentials"], failed.output
    assert "[storage-secret-restored]" in failed.tasks[-1].result["msg"], failed.output
    bench.assert_kept()
    bench.unchanged(**{**variables, "registry_storage_secret": second})


def test_without_a_fuse(bench: Bench) -> None:
    """`registry_fuse: false` takes the fuse off, which info tells, and true sets it again; the images stay."""
    bench.deployed()
    bench.push()
    assert bench.has_fuse() and "fuse-missing" not in bench.warned()
    bench.deployed(registry_fuse=False)
    assert not bench.has_fuse() and "fuse-missing" in bench.warned()
    assert "kyma-docker-registry.ansible/fuse" not in bench.whole()["metadata"]["annotations"]
    bench.unchanged(registry_fuse=False)
    bench.deployed()
    assert bench.has_fuse() and "fuse-missing" not in bench.warned()
    bench.assert_kept()
