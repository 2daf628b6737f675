# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""New keys for a running registry: tested, rolled out and verified, or the former ones restored; also after another client changed the Secret."""

from __future__ import annotations

import base64
import json
import subprocess
import threading
import uuid
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.tests.e2e.conftest import Deploy
from ansible_collections.kyma.docker_registry.tests.support import clouds as lab_clouds
from ansible_collections.kyma.docker_registry.tests.support import image, objects, playbook, registry_client, roundtrip

SECRET = "s3-storage"
PREVIOUS = "dockerregistry-storage-previous"
FOREIGN = {"note": "this key belongs to another client"}
LABELS = {"owner": "another-team"}


def _key() -> dict[str, str]:
    """A fresh S3 user of the lab."""
    mark = uuid.uuid4().hex
    return lab_clouds.s3_key(f"KYMA{mark[:16].upper()}", mark[:24])


def _values(cluster: Cluster, namespace: str, name: str = SECRET) -> dict[str, str]:
    secret = cluster.get("Secret", name, namespace)
    assert secret is not None
    return {key: base64.b64decode(value).decode() for key, value in secret["data"].items()}


def _assert_secret(cluster: Cluster, namespace: str, values: dict[str, str]) -> None:
    """The user's Secret has these values and what others put into it, and no former values are kept."""
    assert _values(cluster, namespace) == {**FOREIGN, **values}
    assert cluster.get("Secret", SECRET, namespace)["metadata"]["labels"] == LABELS
    assert cluster.get("Secret", PREVIOUS, namespace) is None


def _users_secret(cluster: Cluster, namespace: str, values: dict[str, str]) -> None:
    secret = objects.secret(SECRET, namespace, {**FOREIGN, **values})
    secret["metadata"]["labels"] = dict(LABELS)
    cluster.create(secret)


def test_keys_are_rotated_or_put_back(
    deploy: Deploy, kubeconfig: str, cluster: Cluster, namespace: str, clouds: dict[str, Any], tmp_path: Path
) -> None:
    """Good new keys roll the Pods and are verified, also from files; keys that fail after the write end with the former ones, serving."""
    first, second, third = _key(), _key(), _key()
    _users_secret(cluster, namespace, first)
    variables = lab_clouds.own_s3(clouds, namespace)
    made = deploy(**{**variables, "registry_storage_secret": first})
    assert made.returncode == 0, made.output
    _assert_secret(cluster, namespace, first)
    before = roundtrip.ready_pods(cluster, namespace)

    rotated = deploy(**{**variables, "registry_storage_secret": second})
    assert rotated.returncode == 0, rotated.output
    assert rotated.of("Run the preflight").result["preflight_run"]
    assert rotated.of("Verify").result["verified"]
    assert not before & roundtrip.ready_pods(cluster, namespace), "the Pods were not replaced"
    assert cluster.list("PersistentVolumeClaim", namespace) == []
    _assert_secret(cluster, namespace, second)

    wrong = {**second, "secretKey": "w" * 24}
    failed = deploy(**{**variables, "registry_storage_secret": wrong, "registry_preflight": False})
    assert failed.returncode != 0
    assert "storage-secret-restored" in failed.of("Restore the former values").codes("warning")
    assert "[storage-secret-restored]" in failed.failures[-1].result["msg"], failed.output
    _assert_secret(cluster, namespace, second)
    again = deploy(**{**variables, "registry_storage_secret": second})
    assert (again.returncode, again.changed) == (0, 0), again.output

    third_and_readonly = {**variables, "registry_storage_secret": third, "registry_readonly": True}
    reachable = deploy(**third_and_readonly, registry_verify="reachable")
    assert reachable.returncode == 0, reachable.output
    assert _values(cluster, namespace) == {**FOREIGN, **third}
    assert _values(cluster, namespace, PREVIOUS) == second

    _interrupted(kubeconfig, cluster, namespace, second)
    del variables["registry_storage_secret"]
    for name, value in third.items():
        (tmp_path / name).write_text(value, encoding="utf-8")
    converged = deploy(**variables, registry_storage_secret_files={name: str(tmp_path / name) for name in third})
    assert converged.returncode == 0, converged.output
    _assert_secret(cluster, namespace, third)


@pytest.mark.long
def test_a_secret_that_others_change(
    deploy: Deploy, kubeconfig: str, cluster: Cluster, namespace: str, clouds: dict[str, Any], tmp_path: Path
) -> None:
    """Values that kubectl writes reach the registry with the next run, which also forgets what an interrupted one kept."""
    first, second = _key(), _key()
    _users_secret(cluster, namespace, first)
    variables = lab_clouds.own_s3(clouds, namespace)
    del variables["registry_storage_secret"]
    assert deploy(**variables).returncode == 0
    before = roundtrip.ready_pods(cluster, namespace)

    _interrupted(kubeconfig, cluster, namespace, first)
    _kubectl(kubeconfig, namespace, second)
    changed = deploy(**variables)
    assert changed.returncode == 0, changed.output
    assert not before & roundtrip.ready_pods(cluster, namespace), "the Pods were not replaced"
    _assert_secret(cluster, namespace, second)
    image.oci_layout(tmp_path / "image")
    registry_client.from_cluster(cluster, namespace).push(tmp_path / "image", "team/app:v1")


def _interrupted(kubeconfig: str, cluster: Cluster, namespace: str, former: dict[str, str]) -> None:
    """A run that ends after it wrote wrong values."""
    wrong = {**former, "secretKey": "x" * 24}
    arguments = {"purpose": "s3", "namespace": namespace, "secret_name": SECRET, "secret_source": {"values": wrong}}
    result, output = playbook.module("registry_secret", arguments, kubeconfig=kubeconfig, execution="action")
    assert result.changed, output
    assert _values(cluster, namespace) == {**FOREIGN, **wrong}
    assert _values(cluster, namespace, PREVIOUS) == former


def _kubectl(kubeconfig: str, namespace: str, values: dict[str, str]) -> None:
    patch = json.dumps({"stringData": values})
    command = ["kubectl", "--kubeconfig", kubeconfig, "--namespace", namespace, "patch", "secret", SECRET, "-p", patch]
    subprocess.run(command, check=True, capture_output=True, timeout=60)


def test_a_secret_that_comes_later(deploy: Deploy, cluster: Cluster, namespace: str, clouds: dict[str, Any]) -> None:
    """A controller's Secret is awaited; a name that is nearly right is reported at once; check mode waits for nothing."""
    variables = lab_clouds.own_s3(clouds, namespace)
    values = variables.pop("registry_storage_secret")
    # Another backend's Secret has a similar name, and is not what was meant.
    cluster.create(objects.secret("azure-storage", namespace, values))
    checked = deploy("--check", **variables)
    assert checked.failure.codes() == ["secret-missing"]
    assert not checked.waited

    near = cluster.create(objects.secret("s3-storag", namespace, values))
    refused = deploy(**variables)
    assert refused.failure.codes() == ["secret-missing"]
    assert "Did you mean s3-storag?" in refused.failure.result["msg"]
    assert not refused.waited
    cluster.delete("Secret", "s3-storag", namespace, uid=near["metadata"]["uid"])

    timer = threading.Timer(5, cluster.create, (objects.secret(SECRET, namespace, values),))
    timer.start()
    run = deploy(**variables)
    timer.join()
    assert run.returncode == 0, run.output
    assert "secret" not in " ".join(code for task in run.tasks for code in task.codes("warning"))
