# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No credential of a store or of the registry leaves the Secrets: not in outputs at -vvvvv with --diff, not in other objects.

Nor in syslog, in temporary files or in the list of processes. tests/compat/test_life.py looks there with other versions of ansible-core.
"""

from __future__ import annotations

import base64
import json
import subprocess
import uuid
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.tests.e2e.conftest import Deploy
from ansible_collections.kyma.docker_registry.tests.support import clouds as lab_clouds
from ansible_collections.kyma.docker_registry.tests.support import leak_watch, leaks

FLAGS = ("-vvvvv", "--diff")
# A success and a failure, in which the channels beside the output are watched too.
WATCHED = ("S3", "wrong S3 key")
KINDS = (
    "dockerregistries,configmaps,pods,deployments,replicasets,events,services,serviceaccounts,"
    "networkpolicies,poddisruptionbudgets,leases"
)


def _kubectl(kubeconfig: str, namespace: str, kinds: str) -> Any:
    command = ["kubectl", "--kubeconfig", kubeconfig, "--namespace", namespace, "get", kinds, "-o", "json"]
    done = subprocess.run([*command, "--show-managed-fields"], check=True, capture_output=True, timeout=60)
    return json.loads(done.stdout)["items"]


def _objects(kubeconfig: str, namespace: str) -> dict[str, str]:
    """Everything in the namespace that may be read without reading Secrets, and of those all but the data."""
    items = _kubectl(kubeconfig, namespace, KINDS)
    texts = {f"{item['kind']}/{item['metadata']['name']}": json.dumps(item) for item in items}
    for item in _kubectl(kubeconfig, namespace, "secrets"):
        texts[f"Secret/{item['metadata']['name']} without data"] = json.dumps({**item, "data": None})
    kinds = {place.partition("/")[0] for place in texts}
    assert {"DockerRegistry", "ConfigMap", "Pod", "Deployment", "Event", "Secret"} <= kinds
    return texts


@pytest.mark.parametrize("execution", ["action", pytest.param("module", marks=pytest.mark.long)])
def test_no_leaks(execution: str, deploy: Deploy, kubeconfig: str, namespace: str, clouds: dict[str, Any]) -> None:
    """Good, failing and check-mode runs with canaries as keys and password."""
    key, wrong, password, inside, filling, beside = (leaks.canary() for _number in range(6))
    azure_key = base64.b64encode((filling * 3).encode()[:64]).decode()
    gcs_key = json.dumps({**clouds["gcs"]["key"], "private_key_id": inside})
    options = {"execution": execution, "extra_environment": {"ANSIBLE_INJECT_INVOCATION": "1"}}
    channels: dict[str, str] = {}
    left: dict[str, dict[str, str]] = {}
    s3 = {
        **lab_clouds.own_s3(clouds, namespace),
        # A key that the backend does not know may still hold a credential.
        "registry_storage_secret": {
            **lab_clouds.s3_key(f"KYMA{uuid.uuid4().hex[:16].upper()}", key),
            "sessionToken": beside,
        },
        "registry_password": password,
    }
    bad_s3 = {**s3, "registry_storage_secret": {**s3["registry_storage_secret"], "secretKey": wrong}}
    gcs = {
        **s3,
        "registry_storage": {
            "gcs": {"bucket": "kyma-lab-none", "secretName": "gcs-secret", "rootdirectory": namespace}
        },
        "registry_storage_secret": {"accountkey": gcs_key},
        "registry_driver_parameters": {},
    }
    azure_values = {**lab_clouds.storage_types(clouds)["azure"].secret, "accountKey": azure_key}
    azure = {
        **s3,
        "registry_storage": {"azure": {"secretName": "azure-storage"}},
        "registry_storage_secret": azure_values,
    }
    # The last good one is restored after it failed behind the write.
    plan = [
        ("check S3", s3, ("--check",), 0),
        ("S3", s3, (), 0),
        ("wrong S3 key", bad_s3, (), 2),
        ("wrong S3 key behind the write", {**bad_s3, "registry_preflight": False}, (), 2),
        ("check GCS", gcs, ("--check",), 0),
        ("missing GCS bucket", gcs, (), 2),
        ("check Azure", azure, ("--check",), 0),
        ("wrong Azure key", azure, (), 2),
    ]
    if execution == "module":
        # A second a task: one run of each kind stands for all.
        plan = [step for step in plan if step[0] in ("S3", "wrong S3 key", "missing GCS bucket", "check Azure")]
    outputs = {}
    for name, variables, flags, code in plan:
        if name in WATCHED:
            with leak_watch.watched() as watch:
                run = deploy(*FLAGS, *flags, _={**options, **watch.options}, **variables)
                left[name] = watch.left()
            texts = watch.texts()
            assert "ansible-playbook" in texts["list of processes"], "the scan sees what is there"
            assert ("Invoked with" in texts["syslog"]) == (execution == "module")
            channels |= {f"{channel} of {name}": text for channel, text in texts.items()}
        else:
            run = deploy(*FLAGS, *flags, _=options, **variables)
        assert run.returncode == code, (name, run.output)
        outputs[f"output of {name}"] = run.output
    for name, text in outputs.items():
        assert ("run in process" in text) == (execution == "action"), name
    known = [key, wrong, password, inside, filling, beside, azure_key, *leaks.pieces(gcs_key)]
    things = _objects(kubeconfig, namespace)
    # What is not a secret is found in each of them: the scan sees what is there.
    assert all(leaks.found({place: text}, [namespace]) for place, text in {**outputs, **things}.items())
    assert leaks.found({**outputs, **channels}, known) == []
    assert left == {name: {} for name in WATCHED}
    assert leaks.found(things, known) == []
