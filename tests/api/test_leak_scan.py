# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No credential reaches the output at -vvv with --diff, syslog, the folder for temporary files or the list of processes, however a module runs.

On each core that the tests know. tests/e2e/test_no_leaks.py deploys with real stores, and reads the objects of the cluster.
"""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.encoding import env_value
from ansible_collections.kyma.docker_registry.plugins.plugin_utils.in_process import HAS_WIRE
from ansible_collections.kyma.docker_registry.tests.api.cases import STORAGE_SECRETS, objects, storage_secret
from ansible_collections.kyma.docker_registry.tests.api.conftest import LATER
from ansible_collections.kyma.docker_registry.tests.support import keys, leak_watch, leaks, playbook

pytestmark = [pytest.mark.nodeless, pytest.mark.smoke]

# What `repr`, JSON, YAML, a URL and a shell each write in another way.
AWKWARD = "\\ ' \" % $ ä \u00a0 \n \t"


def _canary() -> str:
    return leaks.canary().replace("?", AWKWARD)


def _with_client_key(kubeconfig: str, folder: Path) -> tuple[str, str]:
    """A kubeconfig that holds a certificate and a key as well, as those of kubeadm do; the API server asks for neither. And the key."""
    document = yaml.safe_load(Path(kubeconfig).read_text(encoding="utf-8"))
    certificate, key = keys.client_pair()
    (user,) = document["users"]
    user["user"].update({"client-certificate-data": certificate, "client-key-data": key})
    path = folder / "kubeconfig"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    return str(path), key


def _objects(namespace: str, environment: dict[str, str]) -> list[dict[str, Any]]:
    """Objects whose container has the variables, as the template of the role has them."""
    deployment, *others = objects(namespace)
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    container["env"] = [{"name": name, "value": value} for name, value in environment.items()]
    return [deployment, *others]


def _tasks(namespace: str, secrets: dict[str, str]) -> list[dict[str, Any]]:
    """Calls that succeed and calls that fail, with a secret in each place in which a user may write one."""
    s3 = {"s3": {"bucket": "images", "region": "eu-central-1", "secretName": "store-secret"}}
    s3_values = {**STORAGE_SECRETS["s3"], "secretKey": secrets["key"], "unknown": secrets["unknown"]}
    store = {"namespace": namespace, "storage": s3, "state": "validated", "secret_source": {"values": s3_values}}
    receivers = [{"name": "a", "url": "http://a/", "headers": {"Authorization": [f"Bearer {secrets['header']}"]}}]
    variables = {"GITHUB_TOKEN": secrets["token"], "REGISTRY_NOTIFICATIONS_ENDPOINTS": env_value(receivers)}
    rendered = {"namespace": namespace, "storage": {}, "objects": _objects(namespace, variables)}
    calls: list[tuple[str, dict[str, Any]]] = [
        ("registry_secret", {"namespace": namespace, "registry_password": secrets["password"]}),
        ("registry_secret", storage_secret("s3", namespace, given=s3_values)),
        ("registry_secret", storage_secret("gcs", namespace, given={"accountkey": secrets["file"]}, secret_name="gcs")),
        # As `lookup('file')` gives it before ansible-core 2.19.
        (
            "registry_secret",
            storage_secret("gcs", namespace, given={"accountkey": json.loads(secrets["file"])}, secret_name="gcs"),
        ),
        ("registry_secret", storage_secret("gcs", namespace, "files", given={"accountkey": secrets["file"]})),
        ("registry_secret", storage_secret("s3", namespace, "environment", given={"secretKey": secrets["variable"]})),
        ("docker_registry_storage", store),
        ("docker_registry_storage", {**store, "driver_parameters": {"secretkey": secrets["parameter"]}}),
        ("docker_registry_storage", {**store, "storage": {"s3": {**s3["s3"], "secretKey": secrets["pasted"]}}}),
        ("docker_registry_storage", {**store, "environment": {"GITHUB_TOKEN": secrets["token"]}}),
        ("docker_registry_storage", {**store, "environment": {"REGISTRY_NOTIFICATIONS_ENDPOINTS": receivers}}),
        ("registry_deployment", rendered),
        # As text, which is all that a survey of AWX can give; its YAML is not valid.
        ("docker_registry_storage", {**store, "storage": f"s3:\n  secretKey: {secrets['line']}\n bucket: a\n"}),
        ("docker_registry_storage", {**store, "storage": json.dumps({"s3": {"secretKey": secrets["text"]}})}),
        ("docker_registry_storage", {**store, "secret_source": f"secretKey {secrets['source']}"}),
        ("registry_info", {"namespace": namespace, "client_key": secrets["option"], "client_cert": "/etc/hostname"}),
        # Ansible rejects the arguments before the module runs.
        ("registry_secret", {**storage_secret("s3", namespace, given=s3_values), "no_such_option": 1}),
    ]
    return [
        {
            f"kyma.docker_registry.{name}": arguments,
            "check_mode": name == "registry_deployment",
            "ignore_errors": True,
            "name": f"{number} {name}",
        }
        for number, (name, arguments) in enumerate(calls)
    ]


@pytest.mark.parametrize("execution", LATER if HAS_WIRE else ["module"])
def test_no_leaks(execution: str, kubeconfig: str, namespace: str, cluster: object, tmp_path: Path) -> None:
    """Not a byte of any of them."""
    assert cluster
    names = ("unknown", "variable", "parameter", "pasted", "option", "token", "header", "text", "source")
    secrets = {name: _canary() for name in names}
    secrets |= {
        "key": leaks.canary(),
        "password": leaks.canary(),
        "line": leaks.canary().replace("?", ""),
        "file": keys.service_account({"private_key_id": leaks.canary()}),
    }
    own, client_key = _with_client_key(kubeconfig, tmp_path)
    with leak_watch.watched() as watch:
        run = playbook.run(
            _tasks(namespace, secrets),
            kubeconfig=own,
            execution=execution,
            arguments=["-vvv", "--diff"],
            **watch.options,
        )
        left = watch.left()
    outcome = [False] * 4 + [True] * 2 + [False] + [True] * 4 + [False] + [True] * 5
    assert [task.failed for task in run.tasks] == outcome, [task.result.get("msg") for task in run.tasks]
    texts = {"output": run.output, **watch.texts()}
    known = {piece for value in secrets.values() for piece in leaks.pieces(value)}
    # The scan sees what is there.
    assert namespace in run.output and "ansible-playbook" in texts["list of processes"]
    assert ("Invoked with" in texts["syslog"]) == (execution == "module")
    assert leaks.found(texts, known) == []
    # The client's key is in a file until the connection has loaded it.
    shown = {channel: text for channel, text in texts.items() if channel != "temporary files"}
    assert leaks.found(shown, base64.b64decode(client_key).decode().splitlines()[1:-1]) == []
    assert left == {}


def test_the_scan_sees_a_leak(kubeconfig: str) -> None:
    """Planted in every channel."""
    secret = leaks.canary()
    code = (
        "import sys, syslog, tempfile, time; syslog.syslog(sys.argv[1]); "
        "file = tempfile.NamedTemporaryFile('w', delete=False); file.write(sys.argv[1]); file.close(); time.sleep(1)"
    )
    command = {"argv": [sys.executable, "-c", code, secret]}
    with leak_watch.watched() as watch:
        run = playbook.run(
            [{"ansible.builtin.command": command}],
            kubeconfig=kubeconfig,
            arguments=["-vvv"],
            extra_environment=watch.environment,
            inside=watch.inside,
        )
        left = watch.left()
    found = leaks.found({"output": run.output, **watch.texts(), "left": "".join(left.values())}, [secret])
    channels = {text.partition(":")[0] for text in found}
    assert channels == {"output", "syslog", "list of processes", "temporary files", "left"}
