# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No secret byte in a job at its loudest, where it goes wrong: through the module, whose arguments are shown, and in a fault of our own."""

from __future__ import annotations

import dataclasses
import shutil
import uuid
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.kyma.docker_registry.tests.awx.conftest import Launch, every_core, second_core_long
from ansible_collections.kyma.docker_registry.tests.support import clouds as lab_clouds
from ansible_collections.kyma.docker_registry.tests.support import jobs, leaks

# core 2.19 shows arguments at -vvv by itself; later ones with this variable.
SHOWN = {"ANSIBLE_INJECT_INVOCATION": "1"}
MODULE = {"KYMA_DOCKER_REGISTRY_EXECUTION": "module"}
FAULTY = "plugins/module_utils/_modules/credentials/registry_secret.py"
BEGIN = "def manage_secrets(context: Context[CredentialsOptions]) -> None:\n"


@pytest.fixture
def answers(namespace: str, clouds: dict[str, Any]) -> dict[str, Any]:
    """S3 in a folder of the test's own."""
    spec = lab_clouds.storage_types(clouds)["s3"].spec
    return {"registry_namespace": namespace, "registry_storage": yaml.safe_dump(spec)}


@second_core_long
def test_failing_modules(core: str, launcher: Launch, namespace: str, answers: dict[str, Any]) -> None:
    """The store rejects the key; the user's password is written before that."""
    awx = launcher(core)
    password, key, access = leaks.canary(), leaks.canary(), f"KYMA{uuid.uuid4().hex[:16].upper()}"
    store, user = jobs.ours("S3", accessKey=access, secretKey=key), jobs.ours("user", password=password)
    job = awx.launch("Deploy", answers, store, user, options={"verbosity": 5}, environment={**SHOWN, **MODULE})
    assert job.returncode == 2 and "store-credentials" in job.failure.codes(), job.output
    # Arguments are shown, and those that are not secret can be read.
    arguments = job.of("Create the registry's credentials").result["invocation"]["module_args"]
    assert (
        arguments["plan"]["options"]["namespace"] == namespace
        and arguments["registry_password"] == "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
    )
    assert "run in process" not in job.output
    known = [password, access, key, awx.kubernetes.inputs["bearer_token"]]
    assert leaks.found(job.scanned(namespace), known) == []


@pytest.mark.nodeless
@every_core
def test_fault_of_our_own(core: str, launcher: Launch, namespace: str, answers: dict[str, Any], tmp_path: Path) -> None:
    """An exception that quotes every argument is reported by its type and place only."""
    awx = launcher(core)
    shutil.copytree(awx.project.collections, tmp_path / "faulty")
    path = tmp_path / "faulty/ansible_collections/kyma/docker_registry" / FAULTY
    text = path.read_text(encoding="utf-8")
    assert text.count(BEGIN) == 1
    path.write_text(
        text.replace(BEGIN, f"{BEGIN}    raise KeyError(repr((context.options, context.connection)))\n"),
        encoding="utf-8",
    )
    faulty = dataclasses.replace(awx, project=dataclasses.replace(awx.project, collections=tmp_path / "faulty"))
    password, key = leaks.canary(), leaks.canary()
    credentials = (jobs.ours("S3", accessKey="KYMA", secretKey=key), jobs.ours("user", password=password))
    job = faulty.launch("Check", answers, *credentials, options={"verbosity": 5}, environment=SHOWN)
    message = str(job.failure.result["msg"])
    assert job.returncode == 2 and message.startswith(
        "internal error: KeyError at module_utils/_modules/credentials/registry_secret.py:"
    )
    assert leaks.found(job.scanned(namespace), [password, key, awx.kubernetes.inputs["bearer_token"]]) == []
