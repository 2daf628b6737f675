# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules that hold for every module, told by the API server's audit log and by what the modules print."""

from __future__ import annotations

import base64
import json

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils.cluster.client import Cluster
from ansible_collections.kyma.docker_registry.tests.api.conftest import Call
from ansible_collections.kyma.docker_registry.tests.api.scenes import (
    ARGUMENTS,
    SECRET_CANARY,
    STORAGE_SECRETS,
    WAYS,
    WRITING,
    module_of,
    storage_secret,
)
from ansible_collections.kyma.docker_registry.tests.support import leaks, playbook
from ansible_collections.kyma.docker_registry.tests.support.audit import Audit

SCENES = {**ARGUMENTS, **WAYS}


def _prepare(name: str, namespace: str, call: Call) -> None:
    """registry_deployment wants a CR to write its status to."""
    if name == "registry_deployment":
        assert not call("docker_registry_storage", {"namespace": namespace}).failed


@pytest.mark.smoke
@pytest.mark.parametrize("name", SCENES)
def test_check_mode_persists_nothing(name: str, namespace: str, call: Call, audit: Audit) -> None:
    """Check mode tells the change and sends no write without dryRun=All."""
    result = call(module_of(name), SCENES[name](namespace), ["--check", "--diff"])
    assert not result.failed, result.result
    assert result.changed == (module_of(name) in WRITING)
    assert audit.writes() == []


@pytest.mark.smoke
@pytest.mark.parametrize("name", [*WRITING, *WAYS])
def test_second_run_writes_nothing(name: str, namespace: str, call: Call, audit: Audit) -> None:
    """The first run changes, the second sends no write request at all, not even a dry run, and lists nothing twice."""
    _prepare(name, namespace, call)
    first = call(module_of(name), SCENES[name](namespace))
    assert first.changed, first.result
    before = len(audit.requests())
    second = call(module_of(name), SCENES[name](namespace), ["--diff"])
    assert not second.changed, second.result
    sent = audit.requests()[before:]
    assert sent and all(request.verb in ("get", "list") for request in sent), sent
    listed = [request.uri for request in sent if request.verb == "list" and request.namespace]
    assert sorted(listed) == sorted(set(listed))


@pytest.mark.smoke
@pytest.mark.parametrize("name", ARGUMENTS)
def test_unknown_option(name: str, call: Call) -> None:
    """Both doors refuse an option that does not exist, in the same words."""
    message = call(name, {"nonsense_option": 1}).result["msg"]
    assert "nonsense_option" in message and "Unsupported parameters" in message


# Keys of Ansible's own; then what differs from run to run: a random key's fingerprint, and the port that nobody else has at the moment.
NOT_COMPARED = ("invocation", "ansible_facts", "exception", "_ansible_no_log", "warnings")
NOT_COMPARED += ("fingerprint", "node_port", "pull_address")


@pytest.mark.parametrize("name", ARGUMENTS)
def test_same_result_through_both_doors(name: str, namespace: str, kubeconfig: str) -> None:
    """Same keys, same values, same texts in check mode (nothing is persisted in between)."""
    seen = []
    for door in ("action", "module"):
        arguments = {**ARGUMENTS[name](namespace), "impersonate_user": "nobody-special"}
        good = playbook.module(name, ARGUMENTS[name](namespace), kubeconfig=kubeconfig, door=door, flags=["--check"])[
            0
        ].result
        bad = playbook.module(name, arguments, kubeconfig=kubeconfig, door=door, flags=["--check"])[0].result
        for result in (good, bad):
            for key in NOT_COMPARED:
                result.pop(key, None)
        seen.append((good, bad))
    assert seen[0] == seen[1]


def test_forbidden_is_told(namespace: str, call: Call) -> None:
    """A user without rights gets one finding with verb and resource."""
    result = call("docker_registry_info", {"namespace": namespace, "impersonate_user": "nobody-special"})
    assert result.codes() == ["cluster-forbidden"]
    assert "get" in result.result["msg"] and "dockerregistr" in result.result["msg"]


def test_no_secret_in_any_output(namespace: str, kubeconfig: str, door: str, cluster: Cluster) -> None:
    """Neither the given nor the old nor a generated value, in no encoding, at -vvv with --diff."""
    old = "kyma-former-8Kd3Wb6Vn1Yc"
    outputs = []
    for password in (old, SECRET_CANARY):
        arguments = {"namespace": namespace, "registry_password": password}
        _result, output = playbook.module(
            "registry_secret", arguments, kubeconfig=kubeconfig, door=door, flags=["-vvv", "--diff"]
        )
        outputs.append(output)
    secrets = {old, SECRET_CANARY}
    for name in ("dockerregistry-private", "dockerregistry-config"):
        data = cluster.get("Secret", name, namespace)["data"]
        secrets |= {
            base64.b64decode(value).decode()
            for key, value in data.items()
            if not key.endswith("Addr") and key != "username"
        }
    assert leaks.found({str(index): text for index, text in enumerate(outputs)}, secrets) == []


def test_no_store_credential_in_any_output(namespace: str, kubeconfig: str, door: str) -> None:
    """Written, replaced by others, written over again: values of no purpose show."""
    tasks, secrets = [], set()
    for purpose, values in STORAGE_SECRETS.items():
        arguments = storage_secret(purpose, namespace, secret_name=f"{purpose.lower()}-secret")
        other = {key: value.replace("canary", "Canary") for key, value in values.items()}
        arguments["create_namespace"] = False
        second = {**arguments, "secret_source": {"values": other}}
        tasks += [{"kyma.docker_registry.registry_secret": item} for item in (arguments, second, arguments)]
        secrets |= {value for text in (values, other) for value in text.values() if "canary" in value.lower()}
    secrets |= {STORAGE_SECRETS["azure"]["accountKey"], json.loads(STORAGE_SECRETS["gcs"]["accountkey"])["private_key"]}
    run = playbook.run(
        tasks,
        kubeconfig=kubeconfig,
        door=door,
        arguments=["-vvv", "--diff"],
        extra_environment={"ANSIBLE_INJECT_INVOCATION": "1"},
    )
    assert run.returncode == 0, run.output
    assert len(secrets) > 5
    assert leaks.found({"output": run.output}, secrets) == []


def test_no_value_of_an_unknown_key_in_any_output(namespace: str, kubeconfig: str, door: str) -> None:
    """What a backend does not read may be a credential all the same: in a run that succeeds and in one that is refused."""
    names = ("sessionToken", "password", "connectionString", "a")
    extra = {name: leaks.canary() for name in names}
    token = leaks.canary()
    store = WAYS["docker_registry_storage s3"](namespace)
    binding = {"account_name": "kymaapitest", "container_name": "images", "region": "westeurope", "sas_token": token}
    calls = [
        ("docker_registry_storage", {**store, "secret_source": {"values": {**STORAGE_SECRETS["s3"], **extra}}}),
        ("registry_secret", storage_secret("s3", namespace, given={**STORAGE_SECRETS["s3"], **extra})),
        ("registry_secret", storage_secret("btpObjectStore", namespace, secret_name="binding", given=binding)),
    ]
    run = playbook.run(
        [{f"kyma.docker_registry.{name}": arguments, "ignore_errors": True} for name, arguments in calls],
        kubeconfig=kubeconfig,
        door=door,
        arguments=["-vvv", "--diff"],
        extra_environment={"ANSIBLE_INJECT_INVOCATION": "1"},
    )
    assert [task.codes() for task in run.tasks] == [[], [], ["btp-azure"]], run.output
    assert sorted({*STORAGE_SECRETS["s3"], *extra}) == run.tasks[1].result["secret_keys"]
    # The scan sees arguments where they are shown: the names of a binding are no secret.
    assert ("kymaapitest" in run.output) == ("run in process" not in run.output)
    assert leaks.found({"output": run.output}, [*extra.values(), token]) == []
