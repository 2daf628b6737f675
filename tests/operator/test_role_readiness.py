# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keys that do not work end a run early with their cause, though the operator says Ready; keys are rotated."""

from __future__ import annotations

import base64
import uuid
from typing import Any

from ansible_collections.kyma.docker_registry.tests.operator.bench import Bench
from ansible_collections.kyma.docker_registry.tests.support import clouds as lab_clouds

LONG = 180


def _key() -> dict[str, str]:
    mark = uuid.uuid4().hex
    return lab_clouds.s3_key(f"KYMA{mark[:16].upper()}", mark[:24])


def test_wrong_keys_and_new_ones(bench: Bench, clouds: dict[str, Any]) -> None:
    """A wrong key is reported by its cause, not by a time-out, and the former one is restored; a good one rolls the Pod."""
    variables = lab_clouds.own_s3(clouds, bench.namespace)
    first, second = _key(), _key()
    wrong = {**first, "secretKey": "w" * 24}

    failed = bench.deploy(**{**variables, "registry_storage_secret": wrong, "registry_wait_timeout": LONG})
    assert failed.returncode != 0
    # A run that waits until the end says operator-timeout.
    assert failed.failure.codes() == ["store-credentials"], failed.output

    bench.deployed(**{**variables, "registry_storage_secret": first})
    bench.push()
    pods = bench.pods()
    bench.deployed(**{**variables, "registry_storage_secret": second})
    assert bench.pods() and not bench.pods() & pods
    bench.assert_kept()

    behind = {"registry_storage_secret": wrong, "registry_wait_timeout": LONG, "registry_preflight": False}
    failed = bench.deploy(**{**variables, **behind})
    assert failed.failure.codes() == ["store-credentials"], failed.output
    assert "[storage-secret-restored]" in failed.failures[-1].result["msg"], failed.output
    bench.assert_kept()
    # The next run removes the record of the restored state.
    bench.deployed(**{**variables, "registry_storage_secret": second})
    bench.unchanged(**{**variables, "registry_storage_secret": second})


def test_preflight(bench: Bench, clouds: dict[str, Any]) -> None:
    """Keys that the store rejects, wrong ones and some that were encoded twice, end the run before the operator replaces a Pod."""
    variables = lab_clouds.own_s3(clouds, bench.namespace)
    first, second = _key(), _key()
    made = bench.deployed(**{**variables, "registry_storage_secret": first})
    assert made.of("Run the preflight").result["preflight_run"] is False, "the operator's Deployment has the image"
    bench.push()
    bench.unchanged(**{**variables, "registry_storage_secret": first})
    pods, generation = bench.pods(), bench.whole()["metadata"]["generation"]

    twice = {name: base64.b64encode(value.encode()).decode() for name, value in second.items()}
    for keys in ({**second, "secretKey": "w" * 24}, twice):
        failed = bench.deploy(**{**variables, "registry_storage_secret": keys})
        assert failed.returncode != 0, failed.output
        assert not {task.task for task in failed.tasks if "Write the storage Secret" in task.task}, failed.output
        assert (bench.pods(), bench.whole()["metadata"]["generation"]) == (pods, generation)
        for kind in ("Pod", "ConfigMap", "Secret", "NetworkPolicy"):
            assert bench.cluster.get(kind, "dockerregistry-preflight", bench.namespace) is None
    bench.assert_kept()

    rotated = bench.deployed(**{**variables, "registry_storage_secret": second})
    assert rotated.of("Run the preflight").result["preflight_run"]
    assert not bench.pods() & pods
    bench.assert_kept()
    bench.unchanged(**{**variables, "registry_storage_secret": second})
