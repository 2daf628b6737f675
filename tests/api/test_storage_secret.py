# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""registry_secret for the Secrets of object stores, against the real API server."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.tests.api.cases import STORAGE_SECRETS, storage_secret
from ansible_collections.kyma.docker_registry.tests.api.conftest import Call
from ansible_collections.kyma.docker_registry.tests.support import keys, objects, playbook
from ansible_collections.kyma.docker_registry.tests.support.playbook import TaskResult

pytestmark = pytest.mark.nodeless

NAME, PREVIOUS = "store-secret", "dockerregistry-storage-previous"
FOREIGN = {"note": "another client's"}
# Another value of the key that is a credential, right in form.
OTHER = {
    "azure": {"accountKey": base64.b64encode(b"kyma-canary-2wP9" * 4).decode()},
    "s3": {"secretKey": "kyma/canary+other-9Zx"},
    "gcs": {"accountkey": keys.service_account({"private_key_id": "fedcba9876543210fedcba9876543210fedcba98"})},
    "btpObjectStore": {"secret_access_key": "kyma/canary+other-5Wv"},
}


def _data(cluster: Cluster, namespace: str, name: str = NAME) -> dict[str, str] | None:
    secret = cluster.get("Secret", name, namespace)
    return None if secret is None else {k: base64.b64decode(v).decode() for k, v in secret["data"].items()}


Tasks = Callable[..., list[TaskResult]]


@pytest.fixture
def do(call: Call) -> Tasks:
    """Runs registry_secret with each of the arguments."""
    return lambda *arguments: [call("registry_secret", item) for item in arguments]


def _play(kubeconfig: str, execution: str, environment: dict[str, str] | None = None) -> Tasks:
    """The same as tasks of one run of ansible-playbook."""

    def run(*arguments: dict[str, Any]) -> list[TaskResult]:
        tasks = [{"kyma.docker_registry.registry_secret": item, "ignore_errors": True} for item in arguments]
        done = playbook.run(
            tasks, kubeconfig=kubeconfig, execution=execution, arguments=["--diff"], extra_environment=environment
        )
        assert len(done.tasks) == len(arguments), done.output
        return done.tasks

    return run


@pytest.mark.parametrize("purpose", STORAGE_SECRETS)
def test_life_beside_others(purpose: str, namespace: str, do: Tasks, cluster: Cluster) -> None:
    """Written into another team's Secret, replaced and restored, replaced and confirmed; what others wrote always stays."""
    _live(purpose, namespace, do, cluster)


@pytest.mark.long
def test_life_as_a_module(namespace: str, kubeconfig: str, cluster: Cluster) -> None:
    """The same as modules of ansible-playbook, where each task is a separate process."""
    _live("s3", namespace, _play(kubeconfig, "module"), cluster)


def _live(purpose: str, namespace: str, do: Tasks, cluster: Cluster) -> None:
    foreign = objects.secret(NAME, namespace, FOREIGN)
    foreign["metadata"].update(labels={"owner": "another-team"}, annotations={"tool": "another"})
    cluster.create(foreign)
    first, other = STORAGE_SECRETS[purpose], {**STORAGE_SECRETS[purpose], **OTHER[purpose]}
    present = storage_secret(purpose, namespace)
    changed = storage_secret(purpose, namespace, given=other)
    confirmed, restored, absent = (
        {"state": state, "purpose": purpose, "namespace": namespace, "secret_name": NAME}
        for state in ("confirmed", "restored", "absent")
    )

    made, forgot, again, replaced = do(present, confirmed, present, changed)
    assert [task.changed for task in (made, forgot, again, replaced)] == [True, False, False, True]
    assert made.result["secret_keys"] == sorted({**first, **FOREIGN}) and made.result["created"] is False
    assert _data(cluster, namespace) == {**FOREIGN, **other}
    kept = _data(cluster, namespace, PREVIOUS)
    assert kept is not None and kept == {key: first[key] for key in kept} and set(OTHER[purpose]) <= set(kept)

    back, nothing, renewed = do(restored, restored, changed)
    assert (back.result["restored"], nothing.result["restored"], renewed.changed) == (True, False, True)
    assert back.codes("warning") == ["storage-secret-restored"] and nothing.codes("warning") == []

    sure, too_late, gone = do(confirmed, restored, absent)
    assert not sure.changed and too_late.result["restored"] is False
    assert not gone.changed, "another client's Secret is not ours to remove"
    assert _data(cluster, namespace) == {**FOREIGN, **other}
    assert _data(cluster, namespace, PREVIOUS) is None
    metadata = cluster.get("Secret", NAME, namespace)["metadata"]
    assert (metadata["labels"], metadata["annotations"]) == ({"owner": "another-team"}, {"tool": "another"})


def test_every_source(namespace: str, kubeconfig: str, execution: str, cluster: Cluster, tmp_path: Path) -> None:
    """Files and environment variables give the same as values, to the byte; our own Secret is removed again."""
    key_file = tmp_path / "key.json"
    key_file.write_text(STORAGE_SECRETS["gcs"]["accountkey"] + "\n", encoding="utf-8")
    environment = {"KYMA_TEST_ACCESS": "0012345", "KYMA_TEST_SECRET": "null"}
    do = _play(kubeconfig, execution, environment)
    by_file = storage_secret("gcs", namespace, "files", given={"accountkey": str(key_file)}, secret_name="by-file")
    names = {"accessKey": "KYMA_TEST_ACCESS", "secretKey": "KYMA_TEST_SECRET"}
    by_variable = storage_secret("s3", namespace, "environment", given=names, secret_name="by-variable")
    one, two = do(by_file, by_variable)
    assert one.changed and two.changed, (one.result, two.result)
    assert _data(cluster, namespace, "by-file") == {"accountkey": key_file.read_text(encoding="utf-8")}
    assert _data(cluster, namespace, "by-variable") == {"accessKey": "0012345", "secretKey": "null"}
    absent = {"state": "absent", "purpose": "s3", "namespace": namespace, "secret_name": "by-variable"}
    gone, again = do(absent, absent)
    assert (gone.changed, again.changed) == (True, False)
    assert _data(cluster, namespace, "by-variable") is None


_SHORT = base64.b64encode(b"kyma-canary-short").decode()
_NO_TYPE = json.dumps({"type": "authorized_user", "refresh_token": "kyma-canary-refresh"})
BAD: list[tuple[str, dict[str, Any], str, str]] = [
    ("azure", {"accountKey": _SHORT}, "azure-account-key", "Secret/store-secret.accountKey"),
    ("azure", {"accountKey": "sv=2024&sig=kyma-canary-sas&se=1"}, "azure-sas", "Secret/store-secret.accountKey"),
    ("azure", {"accountName": "Not An Account"}, "azure-account-name", "Secret/store-secret.accountName"),
    ("s3", {"secretKey": "kyma-canary\nsecond-line"}, "secret-control-character", "Secret/store-secret.secretKey"),
    ("s3", {"secretKey": " kyma-canary-blank"}, "secret-white-space", "Secret/store-secret.secretKey"),
    ("s3", {"secretKey": "secretKey"}, "secret-placeholder", "Secret/store-secret.secretKey"),
    ("s3", {"secretKey": 12345}, "secret-value-not-text", "secret_source.values.secretKey"),
    ("gcs", {"accountkey": _NO_TYPE}, "service-account-type", "Secret/store-secret.accountkey"),
    ("gcs", {"accountkey": "kyma-canary-no-json"}, "service-account-not-json", "Secret/store-secret.accountkey"),
    ("btpObjectStore", {"role": "kyma-canary-role"}, "btp-role", "Secret/store-secret.role"),
    ("btpObjectStore", {"host": ""}, "secret-empty-value", "Secret/store-secret.host"),
]


def test_bad_values(namespace: str, do: Tasks, cluster: Cluster) -> None:
    """One finding each, with the place and without the value; nothing is written."""
    cases = [
        storage_secret(purpose, namespace, given={**STORAGE_SECRETS[purpose], **values})
        for purpose, values, _code, _path in BAD
    ]
    reported = []
    for (purpose, values, _code, _path), task in zip(BAD, do(*cases), strict=True):
        found = [item for item in task.result["findings"] if item["severity"] == "error"]
        assert all(item["message"] and item["remedy"] for item in found)
        assert "canary" not in json.dumps(task.result).lower()
        reported.append((purpose, values, *(text for item in found for text in (item["code"], item["path"]))))
    assert reported == BAD
    assert _data(cluster, namespace) is None


def test_two_sources_and_missing_ones(namespace: str, do: Tasks) -> None:
    """What cannot be read is reported with the option, the key and the name of file or variable."""
    unset = storage_secret("s3", namespace, "environment", given={"secretKey": "KYMA_TEST_UNSET"})
    no_file = storage_secret("gcs", namespace, "files", given={"accountkey": "/etc/no/such/file"})
    doubled = storage_secret("s3", namespace)
    doubled["secret_source"]["files"] = {"secretKey": "/etc/hostname"}
    nameless = {key: value for key, value in storage_secret("s3", namespace).items() if key != "secret_name"}
    found = [task.result["findings"][0] for task in do(unset, no_file, doubled, nameless)]
    assert [(item["code"], item["path"]) for item in found] == [
        ("secret-variable-empty", "secret_source.environment.secretKey"),
        ("secret-file-unreadable", "secret_source.files.accountkey"),
        ("secret-doubled-key", "secret_source.files.secretKey"),
        ("secret-name-missing", "secret_name"),
    ]
    assert "KYMA_TEST_UNSET" in found[0]["message"] and "/etc/no/such/file" in found[1]["message"]
