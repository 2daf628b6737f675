# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A job with a credential of each type comes to the same plan as a run by hand with the values in it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
import yaml
from ansible_collections.kyma.docker_registry.tests.awx.by_hand import ByHand, of_job, of_run, plan
from ansible_collections.kyma.docker_registry.tests.awx.conftest import Launch, second_core_long
from ansible_collections.kyma.docker_registry.tests.support import clouds as lab_clouds
from ansible_collections.kyma.docker_registry.tests.support import controller, jobs, leaks

pytestmark = pytest.mark.nodeless

USER = "user"


@dataclass(frozen=True)
class Store:
    """What a user with a credential of that type has. storage_type: one of the lab's clouds; values: instead of those that the lab has."""

    storage_type: str
    values: Callable[[Mapping[str, str]], Mapping[str, str]] = dict
    parameters: str = "{}"


def _application(values: Mapping[str, str]) -> dict[str, str]:
    names = {key: values[key] for key in ("accountName", "container")}
    return {**names, "clientId": str(uuid.uuid4()), "tenantId": str(uuid.uuid4()), "clientSecret": leaks.canary()}


def _indented(values: Mapping[str, str]) -> dict[str, str]:
    """A key file as Google gives it: with lines, and something in it that is found in no other."""
    key = {**json.loads(values["accountkey"]), "private_key_id": leaks.canary()}
    return {"accountkey": json.dumps(key, indent=2)}


STORES = {
    "S3": Store("s3", parameters='{"rootdirectory": "0777/null/Bücher"}'),
    "Azure, account key": Store("azure"),
    "Azure, application": Store("azure", _application, '{"credentials": {"type": "client_secret"}}'),
    "Google Cloud Storage": Store("gcs", _indented),
    "BTP Object Store on AWS": Store("btp-objectstore-aws"),
    "BTP Object Store on Google": Store("btp-objectstore-gcp"),
}
# Like others, but for the names of their fields.
PLAIN_FIELDS = ("Azure, account key", "BTP Object Store on AWS", "BTP Object Store on Google")


def test_all_types_are_tested() -> None:
    """And the user's with each of them."""
    assert {*STORES, USER} == controller.credential_types().keys()


@second_core_long
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.long if name in PLAIN_FIELDS else []) for name in STORES]
)
def test_same_plan(
    name: str, core: str, launcher: Launch, by_hand: ByHand, namespace: str, clouds: dict[str, Any]
) -> None:
    """The texts of the job hold none of what the type calls secret."""
    store, storage_type = STORES[name], lab_clouds.storage_types(clouds)[STORES[name].storage_type]
    fields = controller.credential_types()[name]["inputs"]["fields"]
    # A service binding has more in it than the type asks for.
    had = store.values(storage_type.secret)
    values = {item["id"]: had[item["id"]] for item in fields}
    password = leaks.canary()
    credentials = (jobs.ours(name, **values), jobs.ours(USER, username="Zoë-1", password=password))
    answers = {
        "registry_namespace": namespace,
        "registry_storage": yaml.safe_dump(storage_type.spec, allow_unicode=True),
        "registry_driver_parameters": store.parameters,
    }
    typed = {
        "registry_storage": storage_type.spec,
        "registry_storage_secret": values,
        "registry_driver_parameters": json.loads(store.parameters),
        "registry_username": "Zoë-1",
        "registry_password": password,
    }
    run = by_hand.run("Check", namespace, **typed)
    assert run.returncode == 0 and run.of("Write the storage Secret").result["secret_keys"] == sorted(values)
    secret = [values[item["id"]] for item in fields if item.get("secret")]
    known = {piece for value in (*secret, password) for piece in leaks.pieces(value)}
    awx = launcher(core)
    job = awx.launch("Check", answers, *credentials, options={"verbosity": 5})
    assert of_job(job, namespace) == of_run(run, namespace)
    assert plan(job) == plan(run) and len(plan(run)) > 3
    assert job.of("Write the storage Secret").result["secret_keys"] == sorted(values)
    assert leaks.found(job.scanned(namespace), [*known, awx.kubernetes.inputs["bearer_token"]]) == []
