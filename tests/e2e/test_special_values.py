# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values that YAML, shells and Ansible would read as something else reach the registry, the store and the clients unchanged."""

from __future__ import annotations

import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.tests.support import clouds as lab_clouds
from ansible_collections.kyma.docker_registry.tests.support import playbook, roundtrip

# In this order no two of them begin a template of Jinja.
CHARACTERS = ",\\{}:#&*!%@'\""
# Every character once at the first place, the others behind it; then what YAML takes for numbers and constants.
TURNED = [CHARACTERS[at:] + CHARACTERS[:at] + "aB3" for at in range(len(CHARACTERS))]
CONSTANTS = ["0012345678", "1234567890", "null", "true"]
SECRET_KEYS = {
    "some": [*(key for key in TURNED if key[0] in ",{%'"), *CONSTANTS[::2]],
    "others": [*(key for key in TURNED if key[0] not in ",{%'"), *CONSTANTS[1::2]],
}
USERNAME = "o'neil \\{}&*!%@\","
PASSWORD = "%!@*&#:}{\\,'\" $HOME"
# `%`, `+` and `?` are refused: the driver does not encode them where the store decodes them.
FOLDER = "it's a {folder}: #1, & more! *@\"\\"
TEMPLATES = playbook.REPOSITORY / "roles" / "registry" / "templates"
# Most of a preflight's time is spent waiting for Pods to start and to end.
AT_ONCE = 3


def _objects(text: str) -> dict[str, Any]:
    """A task that shows the objects of the role that has just run."""
    lookup = f"lookup('ansible.builtin.template', '{TEMPLATES}/objects.yml.j2')"
    return {
        "name": text,
        "ansible.builtin.debug": {"msg": f"{{{{ {lookup} | kyma.docker_registry._objects }}}}"},
    }


def _try(
    kubeconfig: str, cluster: Cluster, namespace: str, variables: dict[str, Any], keys: list[dict[str, str]]
) -> list[playbook.TaskResult]:
    """The role's preflight for each of the keys, in its own namespace."""
    made = cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
    tasks: list[dict[str, Any]] = [{"kyma.docker_registry.registry_secret": {"namespace": namespace}}]
    tasks += [
        {
            "name": "Try one key",
            "kyma.docker_registry.registry_deployment": {
                "state": "preflight",
                "namespace": namespace,
                "storage": variables["registry_storage"],
                "driver_parameters": variables["registry_driver_parameters"],
                "objects": "{{ objects }}",
                "secret_source": {"values": values},
                "wait_timeout": 60,
            },
            "ignore_errors": True,
        }
        for values in keys
    ]
    run = playbook.run(tasks, kubeconfig=kubeconfig, variables={"objects": variables["objects"]})
    cluster.delete("Namespace", namespace, None, uid=made["metadata"]["uid"])
    tried = [task for task in run.tasks if task.task == "Try one key"]
    assert len(tried) == len(keys), run.output
    return tried


@pytest.mark.parametrize("which", ["some", pytest.param("others", marks=pytest.mark.long)])
def test_every_character_everywhere(
    which: str, kubeconfig: str, cluster: Cluster, namespace: str, clouds: dict[str, Any]
) -> None:
    """One deployment with all of them in user, password, folder and key; other keys are tried against the store."""
    mark = uuid.uuid4().hex[:12].upper()
    keys = [lab_clouds.s3_key(f"KYMA{mark}{number:02}", key) for number, key in enumerate(SECRET_KEYS[which])]
    variables = {
        **lab_clouds.own_s3(clouds, namespace),
        "registry_namespace": namespace,
        "registry_storage_secret": keys[0],
        "registry_username": USERNAME,
        "registry_password": PASSWORD,
        "registry_driver_parameters": {"rootdirectory": f"{namespace}/{FOLDER}"},
    }
    role = {"ansible.builtin.include_role": {"name": "kyma.docker_registry.registry", "public": True}}
    run = playbook.run([role, _objects("Show the objects")], kubeconfig=kubeconfig, variables=variables)
    assert run.of("Verify").result.get("verified"), run.output
    objects = run.of("Show the objects").result["msg"]

    def try_some(part: int) -> list[playbook.TaskResult]:
        name = f"{namespace}-{part}"
        of_its_own = json.loads(json.dumps(objects).replace(f'"namespace": "{namespace}"', f'"namespace": "{name}"'))
        return _try(kubeconfig, cluster, name, {**variables, "objects": of_its_own}, tries[part::AT_ONCE])

    # The last one is another key's: it has to be rejected, which shows that the keys are tested.
    tries = [*keys[1:], {**keys[0], "secretKey": keys[1]["secretKey"]}]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        parts = list(pool.map(try_some, range(AT_ONCE)))
    outcomes = [parts[index % AT_ONCE][index // AT_ONCE] for index in range(len(tries))]
    assert outcomes.pop().codes() == ["store-credentials"]
    failed = {tries[index]["secretKey"]: task.codes() for index, task in enumerate(outcomes) if task.failed}
    assert failed == {}
    assert all(task.result["preflight_run"] for task in outcomes)

    seen = roundtrip.run(cluster, namespace, size=1024)
    layer = seen["layer"].removeprefix("sha256:")
    stored = roundtrip.stored(f"s3/{clouds['s3']['buckets'][0]}")
    assert any(name.startswith(f"{namespace}/{FOLDER}/") and layer in name for name in stored)
