# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Findings name the input as its caller knows it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal, error
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.input_names import name_input
from ansible_collections.kyma.docker_registry.tests.support.contexts import make_options, run_body

STORAGE = {"storage": None, "secret_source": {}, "credentials": None, "namespace": "ns"}
MIGRATION = {"state": "copied", "drop": [], "copy_mode": "pod"}
SECRET = {"registry_password": None, "pull_secret_namespaces": [], "secret_source": {}}


@pytest.mark.parametrize(
    ("params", "variable", "option"),
    [
        (STORAGE, "registry_storage.s3.bucket", "storage.s3.bucket"),
        (STORAGE, "registry_storage_secret_files.accessKey", "secret_source.files.accessKey"),
        (STORAGE, "registry_password", "credentials.password"),
        (SECRET, "registry_password", "registry_password"),
        (SECRET, "registry_pull_secret_namespaces[1]", "pull_secret_namespaces[1]"),
        (SECRET, "registry_storage", "registry_storage"),
        (SECRET, "Secret/registry-keys", "Secret/registry-keys"),
        (MIGRATION, "registry_migration_state", "state"),
        (MIGRATION, "registry_migration_drop", "drop"),
        (MIGRATION, "registry_migration_report", "registry_migration_report"),
        ({**SECRET, "state": "present"}, "registry_migration_state", "registry_migration_state"),
    ],
)
def test_names(params: dict[str, Any], variable: str, option: str) -> None:
    """Of a variable that the module has no option for, the name stays. The role's own runs keep the names of the variables."""
    finding = error("code", variable, f"{variable} is wrong.", f"Set {variable}.")
    named = name_input(finding, make_options({**params, "finding_names": "options"}))
    assert (named.path, named.message, named.remedy) == (option, f"{option} is wrong.", f"Set {option}.")
    assert name_input(finding, make_options({**params, "finding_names": "role"})) == finding


def test_a_task_that_fails() -> None:
    """Findings and message agree."""

    def body(_context: Context) -> None:
        raise Refusal([error("storage-wrong", "registry_storage", "is wrong.", "Correct registry_storage.")])

    result = run_body(body, {**STORAGE, "finding_names": "options"}, check_mode=False).result
    assert result["msg"] == "storage: is wrong. Correct storage. [storage-wrong]"
    assert result["findings"][0]["path"] == "storage"
