# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The output of a job reports what it waits for while it waits."""

from __future__ import annotations

import json

import pytest
import yaml
from ansible_collections.kyma.docker_registry.tests.awx.conftest import Launch, second_core_long
from ansible_collections.kyma.docker_registry.tests.support.playbook import WAITING

pytestmark = pytest.mark.nodeless

S3 = {"s3": {"bucket": "images", "region": "eu-central-1", "secretName": "s3-storage"}}


@second_core_long
def test_a_secret_that_is_awaited(core: str, launcher: Launch, namespace: str) -> None:
    """One separate event in ten seconds, and no more."""
    answers = {
        "registry_namespace": namespace,
        "registry_storage": yaml.safe_dump(S3),
        "registry_wait_timeout": 10,
    }
    job = launcher(core).launch("Deploy", answers)
    assert job.failure.codes() == ["secret-missing"], job.output
    events = [json.loads(text)["stdout"] for name, text in job.texts.items() if name.startswith("event ")]
    reported = [text for text in events if WAITING in text]
    assert len(reported) == 1 and f"Secret/s3-storage in namespace {namespace}" in reported[0], reported
