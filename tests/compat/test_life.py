# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A registry's life: it is deployed, deployed again, looked at and removed. Its values come from a vault, templates and files."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.tests.compat.conftest import Play
from ansible_collections.kyma.docker_registry.tests.compat.inventory import Encrypted
from ansible_collections.kyma.docker_registry.tests.support import clouds as lab_clouds
from ansible_collections.kyma.docker_registry.tests.support import leak_watch, leaks, playbook
from ansible_collections.kyma.docker_registry.tests.support.audit import Audit

LEFT_OUT = "{{ nothing | default(omit) }}"
WHALE = "\U0001f433"
MANIFEST = """
apiVersion: operator.kyma-project.io/v1alpha1
kind: DockerRegistry
metadata:
  name: default
  namespace: {namespace}
spec: {{}}
"""
Variables = dict[str, Any]


def _filesystem(_clouds: Variables, namespace: str, _folder: Path) -> tuple[Variables, set[str]]:
    """A whole manifest from a vault."""
    return {"registry_manifest": Encrypted(MANIFEST.format(namespace=namespace))}, set()


def _s3(clouds: Variables, namespace: str, _folder: Path) -> tuple[Variables, set[str]]:
    """Credentials from a vault, an emoji, and in each mapping an entry that is left out."""
    own = lab_clouds.own_s3(clouds, namespace)
    password = leaks.canary()
    key = lab_clouds.s3_key(f"KYMA{uuid.uuid4().hex[:16].upper()}", leaks.canary())
    variables = {
        **own,
        "registry_storage": {
            "deleteEnabled": LEFT_OUT,
            "s3": {**own["registry_storage"]["s3"], "encrypt": LEFT_OUT},
        },
        "registry_storage_secret": {
            "sessionToken": LEFT_OUT,
            **{name: Encrypted(value) for name, value in key.items()},
        },
        "registry_driver_parameters": {"rootdirectory": f"{namespace}/{WHALE}", "chunksize": LEFT_OUT},
        "registry_password": Encrypted(password),
        "registry_logging": {"level": LEFT_OUT},
        "registry_env": {"GREETING": f"hello {WHALE}", "NOTHING": LEFT_OUT},
        "registry_resources": {"requests": {"cpu": "10m", "memory": LEFT_OUT}, "limits": LEFT_OUT},
        "registry_service_account_annotations": {"example.com/note": WHALE, "example.com/nothing": LEFT_OUT},
        "registry_pod_labels": {"nothing": LEFT_OUT},
    }
    return variables, {key["secretKey"], password}


def _gcs(clouds: Variables, namespace: str, folder: Path) -> tuple[Variables, set[str]]:
    """The key file as the play reads it, which is a mapping before ansible-core 2.19."""
    storage_type = lab_clouds.storage_types(clouds)["gcs"]
    text = storage_type.secret["accountkey"]
    (folder / "key.json").write_text(text, encoding="utf-8")
    variables = {
        "registry_storage": storage_type.with_fields(rootdirectory=namespace),
        "registry_storage_secret": {"accountkey": f"{{{{ lookup('ansible.builtin.file', '{folder}/key.json') }}}}"},
        "registry_redirect": False,
    }
    return variables, leaks.pieces(text)


STORAGE = {"filesystem": _filesystem, "s3": _s3, "gcs": _gcs}


def _deployed(run: playbook.Run, name: str) -> None:
    reported = run.on(name)
    assert reported.of("Verify").result["verified"], run.output
    assert reported.of("Publish").result["ansible_stats"]["data"]["kyma_docker_registry"]["storage_type"] == name


def _as_asked(cluster: Cluster, namespace: str) -> None:
    """What _s3 gives has reached the objects, and what it leaves out has not."""
    requested = cluster.get("DockerRegistry", "default", namespace)["spec"]
    assert "deleteEnabled" not in requested["storage"] and "encrypt" not in requested["storage"]["s3"]
    assert cluster.get("Secret", "s3-storage", namespace)["data"].keys() == {"accessKey", "secretKey"}
    annotations = cluster.get("ServiceAccount", "dockerregistry", namespace)["metadata"]["annotations"]
    assert {name: text for name, text in annotations.items() if "example.com" in name} == {"example.com/note": WHALE}
    pod = cluster.get("Deployment", "dockerregistry", namespace)["spec"]["template"]
    assert "nothing" not in pod["metadata"]["labels"]
    (container,) = pod["spec"]["containers"]
    assert container["resources"] == {"requests": {"cpu": "10m"}}
    environment = {item["name"]: item.get("value") for item in container["env"]}
    assert environment["GREETING"] == f"hello {WHALE}" and "NOTHING" not in environment


@pytest.mark.parametrize("names", [("filesystem", "s3"), pytest.param(("gcs",), marks=pytest.mark.long)], ids="-".join)
def test_life(
    names: tuple[str, ...],
    play: Play,
    cluster: Cluster,
    clouds: Variables,
    audit: Audit,
    namespaces: Callable[[str], str],
    tmp_path: Path,
) -> None:
    """The second run changes nothing, info reports the registry, its removal keeps the images; nothing shows a secret."""
    spaces = {name: namespaces(name) for name in names}
    hosts, secrets = {}, set[str]()
    for name, space in spaces.items():
        variables, known = STORAGE[name](clouds, space, tmp_path)
        hosts[name] = {"registry_namespace": space, "registry_wait_timeout": 120, **variables}
        secrets |= known
    loud = {"extra_environment": {"ANSIBLE_INJECT_INVOCATION": "1"}}

    with leak_watch.watched() as watch:
        first = play("site", hosts, "-vvvvv", "--diff", **watch.options)
        left = watch.left()
    assert first.returncode == 0, first.output
    channels = watch.texts()
    assert left == {}
    assert "ansible-playbook" in channels["list of processes"], "the scan sees what is there"
    for name in names:
        _deployed(first, name)
    if "s3" in names:
        _as_asked(cluster, spaces["s3"])

    audit.restart()
    again = play("site", hosts)
    assert again.returncode == 0, again.output
    assert [(task.host, task.task, task.result.get("diff")) for task in again.tasks if task.changed] == []
    assert audit.writes() == []

    look = play("info", hosts)
    assert look.returncode == 0, look.output
    for name in names:
        found = look.on(name).of("Read the state").result
        assert (found["state"], found["storage_types"]["running"], found["replicas"]["ready"]) == ("Ready", name, 1)
        assert found["images"]["known"]
        # The default image has known faults on object stores.
        others = [item for item in found["findings"] if item["code"] != "registry-known-faults"]
        assert others == [], json.dumps(others)

    removed = play("remove", hosts, "-vvvvv", "--diff", **loud)
    assert removed.returncode == 0, removed.output
    for name, space in spaces.items():
        gone = (("Deployment", "dockerregistry"), ("DockerRegistry", "default"), ("Secret", "dockerregistry-config"))
        assert [kind for kind, item in gone if cluster.get(kind, item, space)] == [], removed.output
        assert bool(cluster.get("PersistentVolumeClaim", "dockerregistry", space)) == (name == "filesystem")
    outputs = {
        run: done.output for run, done in (("site", first), ("site again", again), ("info", look), ("remove", removed))
    }
    assert all(leaks.found({run: text}, spaces.values()) for run, text in outputs.items())
    assert leaks.found({**outputs, **channels}, secrets) == []
