# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who waits for something long reads what, for how long, and what is seen of it; a module cannot speak while it runs."""

from __future__ import annotations

import re

import pytest
from ansible_collections.kyma.docker_registry.tests.support import playbook

pytestmark = pytest.mark.nodeless

S3 = {"s3": {"bucket": "images", "region": "eu-central-1", "secretName": "s3-storage"}}
LINE = re.compile(r"^waiting: \[localhost\] => (.*), (\d+) s of at most (\d+) s: (.*)$", re.MULTILINE)


def _run(name: str, arguments: dict[str, object], kubeconfig: str, execution: str) -> playbook.Run:
    return playbook.run([{f"kyma.docker_registry.{name}": arguments}], kubeconfig=kubeconfig, execution=execution)


def test_a_secret_that_is_awaited(kubeconfig: str, namespace: str) -> None:
    """One line in a wait of eight seconds, and the finding at its end."""
    arguments = {"namespace": namespace, "storage": S3, "wait_timeout": 8}
    run = _run("docker_registry_storage", arguments, kubeconfig, "action")
    assert run.failure.codes() == ["secret-missing"], run.output
    ((what, passed, most, state),) = LINE.findall(run.output)
    assert what == f"Secret/s3-storage in namespace {namespace}" and state.startswith("the Secret does not exist")
    assert 5 <= int(passed) <= int(most) == 8
    silent = _run("docker_registry_storage", arguments, kubeconfig, "module")
    assert silent.failure.codes() == ["secret-missing"] and not LINE.search(silent.output)


def test_a_registry_that_does_not_answer(kubeconfig: str, namespace: str) -> None:
    """The verification reports the failures that it repeats."""
    assert _run("registry_secret", {"namespace": namespace}, kubeconfig, "action").returncode == 0
    run = _run("registry_verify", {"namespace": namespace, "wait_timeout": 9}, kubeconfig, "action")
    assert run.failure.codes() == ["registry-not-running"], run.output
    ((what, _passed, most, state),) = LINE.findall(run.output)
    assert (what, most) == (f"answer of the registry in namespace {namespace}", "9")
    assert "registry-not-running" in state
