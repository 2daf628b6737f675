# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All seven storage types in check mode: each task of the role runs, up to the plan of the Deployment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.tests.compat.conftest import Play
from ansible_collections.kyma.docker_registry.tests.support import corpus, keys, objects
from ansible_collections.kyma.docker_registry.tests.support.audit import Audit

pytestmark = pytest.mark.nodeless

# Entries of the corpus by storage type.
ENTRIES = {
    "filesystem": "nothing",
    "pvc": "a claim",
    "azure": "azure",
    "s3": "s3 as in the documentation, with a bucket's name",
    "btp-objectstore-aws": "btp on AWS",
    "btp-objectstore-gcp": "btp on Google",
}


def _variables(entry: str) -> dict[str, Any]:
    (case,) = [case for case in corpus.cases() if (case.file, case.name) == (corpus.GOOD, entry)]
    return {"registry_storage": case.entry["storage"], "registry_storage_secret": case.entry.get("secret", {})}


def test_every_storage_type(play: Play, cluster: Cluster, namespace: str, audit: Audit, tmp_path: Path) -> None:
    """Each is planned and nothing is written. The bucket's name on Google holds the name of the project in the key file."""
    cluster.create(objects.claim("existing-pvc", namespace))
    (tmp_path / "key.json").write_text(keys.service_account({"project_id": "company"}), encoding="utf-8")
    hosts = {name: _variables(entry) for name, entry in ENTRIES.items()}
    hosts["gcs"] = {
        "registry_storage": {"gcs": {"bucket": "company-images", "secretName": "gcs-secret"}},
        # A mapping, not a text, before ansible-core 2.19.
        "registry_storage_secret": {"accountkey": f"{{{{ lookup('ansible.builtin.file', '{tmp_path}/key.json') }}}}"},
    }
    run = play("site", {name: {"registry_namespace": namespace, **hosts[name]} for name in hosts}, "--check", "--diff")
    assert run.returncode == 0, run.output
    for name in hosts:
        reported = run.on(name)
        assert reported.of("Validate").result["storage_type"] == name
        assert "Deployment/dockerregistry created" in reported.of("Deploy and wait").result["changes"], name
    assert run.on("gcs").of("Validate").result["storage_id"] == "gcs/company-images"
    assert audit.writes() == []
