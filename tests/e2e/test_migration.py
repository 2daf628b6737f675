# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A registry with everything that is hard to copy moves from S3 to Azure, and a migration is aborted."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.tests.support import playbook, switching
from ansible_collections.kyma.docker_registry.tests.support.migrating import SITE, MigratingRegistry


def test_from_s3_to_azure(cluster: Cluster, kubeconfig: str, namespace: str, clouds: dict[str, Any]) -> None:
    """The data guard names the playbook; check mode writes nothing; nothing is lost or added; a second run changes nothing."""
    storages = switching.storages(clouds, namespace)
    registry = MigratingRegistry(kubeconfig, cluster, namespace)
    # The suite of make soak has more names than a page.
    registry.deploy(storages["s3"], repositories=5)
    refused = registry.run(SITE, storages["azure"])
    assert refused.failure.codes() == ["images-at-risk"]
    assert "kyma.docker_registry.migrate" in refused.failure.result["msg"]
    planned = registry.migrate(storages["azure"], "--check")
    assert planned.returncode == 0 and cluster.get("ConfigMap", constants.DAY2_RECORD, namespace) is None, (
        planned.output
    )
    run = registry.migrate(storages["azure"])
    assert run.returncode == 0, run.output
    assert run.of("Compare the tags").result["migration"]["phase"] == "verified"
    assert registry.differences() == []
    assert registry.left_behind() == [] and not registry.is_read_only()
    again = registry.migrate(storages["azure"])
    assert (again.returncode, again.changed) == (0, 0), again.output
    info, _output = playbook.module(
        "registry_info", {"namespace": namespace}, kubeconfig=kubeconfig, execution="action"
    )
    assert info.result["migration"]["phase"] == "verified" and info.result["storage_types"]["running"] == "azure"


@pytest.mark.long
def test_abort(cluster: Cluster, kubeconfig: str, namespace: str, clouds: dict[str, Any]) -> None:
    """A switch that fails leaves the registry as before; another migration is rejected until this one is aborted."""
    storages = switching.storages(clouds, namespace)
    registry = MigratingRegistry(kubeconfig, cluster, namespace)
    registry.deploy(storages["s3"])
    # The image of the new Pod does not exist, so the role cannot switch.
    failed = registry.migrate({**storages["gcs"], "registry_image": "localhost/missing:1", "registry_preflight": False})
    assert failed.returncode != 0
    blocked = registry.migrate(storages["azure"])
    assert blocked.failure.codes() == ["migration-running"], blocked.output
    aborted = registry.migrate({**storages["gcs"], "registry_migration_state": "aborted"})
    assert aborted.returncode == 0, aborted.output
    assert registry.differences() == [] and registry.left_behind() == [] and not registry.is_read_only()
    assert registry.run(SITE, storages["s3"]).returncode == 0
