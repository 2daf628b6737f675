# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values that YAML, shells and Ansible would read as something else reach the registry, the store and the clients unchanged."""

from __future__ import annotations

import uuid
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils.cluster.client import Cluster
from ansible_collections.kyma.docker_registry.tests.support import clouds as lab_clouds
from ansible_collections.kyma.docker_registry.tests.support import playbook, roundtrip

# In this order no two of them begin a template of Jinja.
CHARACTERS = ",\\{}:#&*!%@'\""
# Every character once at the first place, the others behind it; then what YAML takes for numbers and constants.
SECRET_KEYS = [
    *(CHARACTERS[at:] + CHARACTERS[:at] + "aB3" for at in range(len(CHARACTERS))),
    "0012345678",
    "1234567890",
    "1e5",
    "null",
    "yes",
    "~",
]
USERNAME = "o'neil \\{}&*!%@\","
PASSWORD = "%!@*&#:}{\\,'\" $HOME"
# `%`, `+` and `?` are refused: the driver does not encode them where the store decodes them.
FOLDER = "it's a {folder}: #1, & more! *@\"\\"
TEMPLATES = playbook.REPOSITORY / "roles" / "registry" / "templates"


def _preflight(values: dict[str, str]) -> dict[str, Any]:
    """The role's own task with other keys, in the place where the role has just run."""
    return {
        "name": "Try one key",
        "kyma.docker_registry.registry_deployment": {
            "state": "preflight",
            "namespace": "{{ registry_namespace }}",
            "storage": "{{ __registry_cr.storage }}",
            "driver_parameters": "{{ registry_driver_parameters }}",
            "objects": f"{{{{ lookup('ansible.builtin.template', '{TEMPLATES}/objects.yml.j2') | from_yaml_all | select | list }}}}",
            "secret_source": {"values": values},
            "wait_timeout": 60,
        },
        "ignore_errors": True,
    }


def test_every_character_everywhere(kubeconfig: str, cluster: Cluster, namespace: str, clouds: dict[str, Any]) -> None:
    """One deployment with all of them in user, password, folder and key; then each other key is tried against the store."""
    mark = uuid.uuid4().hex[:12].upper()
    keys = [lab_clouds.s3_key(f"KYMA{mark}{number:02}", key) for number, key in enumerate(SECRET_KEYS)]
    wrong = {**keys[0], "secretKey": SECRET_KEYS[1]}
    variables = {
        **lab_clouds.own_s3(clouds, namespace),
        "registry_namespace": namespace,
        "registry_storage_secret": keys[0],
        "registry_username": USERNAME,
        "registry_password": PASSWORD,
        "registry_driver_parameters": {"rootdirectory": f"{namespace}/{FOLDER}"},
    }
    role = {"ansible.builtin.include_role": {"name": "kyma.docker_registry.registry", "public": True}}
    tasks = [role, *map(_preflight, [*keys[1:], wrong])]
    run = playbook.run(tasks, kubeconfig=kubeconfig, variables=variables)
    assert run.of("Prove").result.get("proven"), run.output
    tried = [task for task in run.tasks if task.task == "Try one key"]
    outcomes = dict(zip([*SECRET_KEYS[1:], "wrong"], [(task.failed, task.codes()) for task in tried], strict=True))
    assert outcomes.pop("wrong") == (True, ["store-credentials"]), "a wrong key has to be told"
    assert {key: outcome for key, outcome in outcomes.items() if outcome != (False, [])} == {}
    assert all(task.result["tried"] for task in tried[:-1])

    seen = roundtrip.run(cluster, namespace, size=1024)
    bucket = clouds["s3"]["buckets"][0]
    layer = seen["layer"].removeprefix("sha256:")
    assert any(name.startswith(f"{namespace}/{FOLDER}/") and layer in name for name in roundtrip.stored(f"s3/{bucket}"))
