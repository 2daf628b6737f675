# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules for every module, tested with the API server's audit log and the output of the modules."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.tests.api.batch import (
    APART,
    AT_ONCE,
    CASES,
    CHANGING,
    CHECK,
    FIRST,
    NO_RIGHTS,
    SECOND,
    UNKNOWN,
    Batch,
    Done,
    run_cases,
)
from ansible_collections.kyma.docker_registry.tests.api.cases import (
    ARGUMENTS,
    SECRET_CANARY,
    STORAGE_SECRETS,
    WAYS,
    WRITING,
    module_of,
    storage_secret,
)
from ansible_collections.kyma.docker_registry.tests.api.conftest import EXECUTIONS, LATER
from ansible_collections.kyma.docker_registry.tests.support import leaks, playbook, shared

pytestmark = pytest.mark.nodeless


@pytest.fixture(scope="module")
def batch(kubeconfig: str, definition: None, audit_log: str, tmp_path_factory: pytest.TempPathFactory) -> Batch:
    """All cases in process and as modules, in one run of ansible-playbook each."""

    def make() -> dict[str, Any]:
        return run_cases(list(CASES), EXECUTIONS, kubeconfig=kubeconfig, audit_log=audit_log, runs=AT_ONCE)

    return Batch(shared.once(shared.folder(tmp_path_factory), "every-module", make))


def _assert_nothing_persisted(done: Done, name: str) -> None:
    assert not done.task.failed, done.task.result
    assert done.task.changed == (module_of(name) in WRITING)
    # A verification of level none sends no request.
    assert (done.requests or module_of(name) == "registry_verify") and done.writes == []


def _assert_second_run_writes_nothing(first: Done, second: Done) -> None:
    assert first.task.changed, first.task.result
    assert first.writes
    assert not second.task.failed and not second.task.changed, second.task.result
    assert second.requests and all(request.verb in ("get", "list") for request in second.requests), second.requests
    listed = [request.uri for request in second.requests if request.verb == "list"]
    assert sorted(listed) == sorted(set(listed))


@pytest.mark.smoke
@pytest.mark.parametrize("name", CASES)
def test_check_mode_persists_nothing(name: str, execution: str, batch: Batch) -> None:
    """Check mode reports the change and sends no write without dryRun=All."""
    _assert_nothing_persisted(batch.of(execution, CHECK, name), name)


@pytest.mark.smoke
@pytest.mark.parametrize("name", CHANGING)
def test_second_run_writes_nothing(name: str, execution: str, batch: Batch) -> None:
    """The first run changes, the second sends no write request at all, not even a dry run, and lists nothing twice."""
    _assert_second_run_writes_nothing(batch.of(execution, FIRST, name), batch.of(execution, SECOND, name))


@pytest.mark.long
@pytest.mark.smoke
@pytest.mark.parametrize("name", CASES)
def test_alone(name: str, execution: str, kubeconfig: str, definition: None, audit_log: str) -> None:
    """The same in separate runs, the first with --check: no task has run before it in the same process."""
    batch = Batch(run_cases([name], [execution], kubeconfig=kubeconfig, audit_log=audit_log, runs=APART))
    _assert_nothing_persisted(batch.of(execution, CHECK, name), name)
    if name in CHANGING:
        _assert_second_run_writes_nothing(batch.of(execution, FIRST, name), batch.of(execution, SECOND, name))


@pytest.mark.smoke
@pytest.mark.parametrize("name", ARGUMENTS)
def test_unknown_option(name: str, execution: str, batch: Batch) -> None:
    """Both ways of running reject an option that does not exist, in the same words."""
    message = batch.of(execution, UNKNOWN, name).task.result["msg"]
    assert "nonsense_option" in message and "Unsupported parameters" in message


# Keys of Ansible's own; then what differs from run to run: a random key's fingerprint, the name of a run, and the port that is free at the moment.
NOT_COMPARED = ("invocation", "ansible_facts", "exception", "_ansible_no_log", "warnings")
NOT_COMPARED += ("fingerprint", "login_fingerprint", "node_port", "pull_address", "lease_identity", "plan")


@pytest.mark.parametrize("execution", EXECUTIONS[1:])
@pytest.mark.parametrize("phase", [CHECK, NO_RIGHTS])
@pytest.mark.parametrize("name", ARGUMENTS)
def test_same_result_through_both_executions(name: str, phase: str, execution: str, batch: Batch) -> None:
    """Same keys, same values, same texts in check mode (nothing is persisted in between), and without rights."""
    one, other = (
        {key: value for key, value in batch.of(way, phase, name).task.result.items() if key not in NOT_COMPARED}
        for way in (EXECUTIONS[0], execution)
    )
    assert one == other


def test_forbidden_is_reported(execution: str, batch: Batch) -> None:
    """A user without rights gets one finding with verb and resource."""
    task = batch.of(execution, NO_RIGHTS, "registry_info").task
    assert task.codes() == ["cluster-forbidden"]
    assert "get" in task.result["msg"] and "dockerregistr" in task.result["msg"]


@pytest.mark.parametrize("execution", LATER)
def test_no_secret_in_any_output(namespace: str, kubeconfig: str, execution: str, cluster: Cluster) -> None:
    """Neither the given nor the old nor a generated value, in no encoding, at -vvv with --diff."""
    old = "kyma-former-8Kd3Wb6Vn1Yc"
    arguments = [{"namespace": namespace, "registry_password": password} for password in (old, SECRET_CANARY)]
    run = playbook.run(
        [{"kyma.docker_registry.registry_secret": item} for item in arguments],
        kubeconfig=kubeconfig,
        execution=execution,
        arguments=["-vvv", "--diff"],
    )
    assert [task.changed for task in run.tasks] == [True, True], run.output
    secrets = {old, SECRET_CANARY}
    for name in ("dockerregistry-private", "dockerregistry-config"):
        data = cluster.get("Secret", name, namespace)["data"]
        secrets |= {
            base64.b64decode(value).decode()
            for key, value in data.items()
            if not key.endswith("Addr") and key != "username"
        }
    assert leaks.found({"output": run.output}, secrets) == []


@pytest.mark.parametrize("execution", LATER)
def test_no_store_credential_in_any_output(namespace: str, kubeconfig: str, execution: str) -> None:
    """Written, replaced by others, written over again: values of no purpose show."""
    tasks, secrets = [], set()
    for purpose, values in STORAGE_SECRETS.items():
        arguments = storage_secret(purpose, namespace, secret_name=f"{purpose.lower()}-secret")
        other = {key: value.replace("canary", "Canary") for key, value in values.items()}
        arguments["create_namespace"] = False
        second = {**arguments, "secret_source": {"values": other}}
        tasks += [{"kyma.docker_registry.registry_secret": item} for item in (arguments, second, arguments)]
        secrets |= {value for text in (values, other) for value in text.values() if "canary" in value.lower()}
    secrets |= {STORAGE_SECRETS["azure"]["accountKey"], *leaks.pieces(STORAGE_SECRETS["gcs"]["accountkey"])}
    run = playbook.run(
        tasks,
        kubeconfig=kubeconfig,
        execution=execution,
        arguments=["-vvv", "--diff"],
        extra_environment={"ANSIBLE_INJECT_INVOCATION": "1"},
    )
    assert run.returncode == 0, run.output
    assert len(secrets) > 5
    assert leaks.found({"output": run.output}, secrets) == []


@pytest.mark.parametrize("execution", LATER)
def test_no_value_of_an_unknown_key_in_any_output(namespace: str, kubeconfig: str, execution: str) -> None:
    """A value that a backend does not read can be a credential as well: in a run that succeeds and in one that is refused."""
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
        execution=execution,
        arguments=["-vvv", "--diff"],
        extra_environment={"ANSIBLE_INJECT_INVOCATION": "1"},
    )
    assert [task.codes() for task in run.tasks] == [[], [], ["btp-azure"]], run.output
    assert sorted({*STORAGE_SECRETS["s3"], *extra}) == run.tasks[1].result["secret_keys"]
    # The scan sees arguments where they are shown. Of a Secret's values not even the names are.
    assert ('"purpose": "btpObjectStore"' in run.output) == ("run in process" not in run.output)
    assert "kymaapitest" not in run.output
    assert leaks.found({"output": run.output}, [*extra.values(), token]) == []
