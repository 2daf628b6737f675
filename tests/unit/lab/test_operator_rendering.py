# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The test operator's rendering against the recordings of the real operator, without a cluster."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.secret_content import (
    docker_config,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import crd
from ansible_collections.kyma.docker_registry.tests.support import operator_cases
from kymaoperator import chart
from kymaoperator.errors import FlagError, LookupFailure, OperatorError, RenderError
from kymaoperator.plan import Facts, plan, warning_text
from kymaoperator.storage import storage_type

NAMESPACE = operator_cases.NAMESPACE
CASES = list(operator_cases.CASES.values())
_TIMES = {"failureThreshold": 3, "periodSeconds": 10, "successThreshold": 1, "timeoutSeconds": 1}
_TERMINATION = {"terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File"}


def _read_secret(name: str) -> dict[str, str]:
    if not name:
        raise LookupFailure("resource name may not be empty")
    found = operator_cases.SECRETS.get(name)
    if found is None:
        raise LookupFailure(f'secrets "{name}" not found')
    return found


def _facts(**more: Any) -> Facts:
    known: dict[str, Any] = {
        "namespace": NAMESPACE,
        "credentials": None,
        "http_secret": "",
        "node_port": 32137,
        "read_secret": _read_secret,
        "has_claim": lambda name: name == operator_cases.CLAIM,
    }
    return Facts(**{**known, **more})


def _render(storage: dict[str, Any] | None, facts: Facts | None = None, **spec: Any) -> list[dict[str, Any]]:
    flags, _ = plan({"storage": storage, **spec}, facts or _facts())
    return chart.render(flags.build(), NAMESPACE)


def _one(objects: list[dict[str, Any]], kind: str, name: str = "dockerregistry") -> dict[str, Any]:
    return next(item for item in objects if (item["kind"], item["metadata"]["name"]) == (kind, name))


def _stored(spec: dict[str, Any]) -> dict[str, Any]:
    """A rendered spec as the API server gives it back: with its defaults, and without empty fields."""
    found = json.loads(json.dumps(spec))
    found |= {"progressDeadlineSeconds": 600, "revisionHistoryLimit": 10, "strategy": {"type": "Recreate"}}
    pod = found["template"]["spec"]
    for key in ("hostNetwork", "hostPID", "hostIPC"):
        assert pod.pop(key) is False
    pod |= {"dnsPolicy": "ClusterFirst", "restartPolicy": "Always", "schedulerName": "default-scheduler"}
    pod["terminationGracePeriodSeconds"] = 30
    for container in (*pod["initContainers"], *pod["containers"]):
        container |= {"imagePullPolicy": "IfNotPresent", "resources": container.get("resources", {}), **_TERMINATION}
        for port in container.get("ports", []):
            port["protocol"] = "TCP"
        for name in ("livenessProbe", "readinessProbe"):
            if name in container:
                container[name] = _TIMES | {"httpGet": {**container[name]["httpGet"], "scheme": "HTTP"}}
    for volume in pod["volumes"]:
        for kind in ("secret", "configMap"):
            if kind in volume:
                volume[kind]["defaultMode"] = 420
    return operator_cases.plain_deployment_spec(found)


def _failure(storage: dict[str, Any] | None) -> str:
    """What the condition Installed says of a round that fails: the operator's own texts, or the API server's."""
    try:
        objects = _render(storage)
    except OperatorError as error:
        return str(error)
    for variable in _one(objects, "Deployment")["spec"]["template"]["spec"]["containers"][0]["env"]:
        if not isinstance(variable.get("value", ""), str):
            place = f'.spec.template.spec.containers[name="docker-registry"].env[name="{variable["name"]}"].value'
            return (
                f"could not install object {NAMESPACE}/dockerregistry: failed to create typed patch object"
                f" ({NAMESPACE}/dockerregistry; apps/v1, Kind=Deployment): {place}: expected string,"
                f" got &value.valueUnstructured{{Value:{variable['value']}}}"
            )
    return ""


def test_all_recordings_are_here() -> None:
    """Nothing recorded is left out."""
    assert {path.stem for path in operator_cases.FOLDER.glob("*.json")} == set(operator_cases.ORDER)
    assert len(CASES) == 19


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_recording(case: operator_cases.Case) -> None:
    """Conditions, Deployment, claims, generated Secret and NetworkPolicies are as the real operator made them."""
    flags, warnings = plan({"storage": case.storage}, _facts())
    configured, installed = case.condition("Configured"), case.condition("Installed")
    assert configured["message"] == (warning_text(warnings) or "Configuration ready")
    failure = _failure(case.storage)
    assert failure == (installed["message"] if case.status["state"] == "Error" else "")
    # A round that fails leaves the Deployment of the one before, which was the default.
    objects = chart.render(flags.build(), NAMESPACE) if not failure else _render(None)
    deployment = _one(objects, "Deployment")
    assert operator_cases.plain_labels(deployment["metadata"]["labels"]) == case.deployment["labels"]
    assert _stored(deployment["spec"]) == case.deployment["spec"]
    claims = [item["metadata"]["name"] for item in objects if item["kind"] == "PersistentVolumeClaim"]
    assert [operator_cases.CLAIM, *claims] == sorted(case.pvcs, reverse=True)
    if failure:
        return
    policies = [item["metadata"]["name"] for item in objects if item["kind"] == "NetworkPolicy"]
    assert policies == case.policies
    generated = [item for item in objects if item["metadata"]["name"] == "dockerregistry-secret"]
    assert [sorted(item["data"]) for item in generated] == ([case.generated_keys] if case.generated_keys else [])
    if case.status["state"] in ("Ready", "Warning"):
        assert storage_type(case.storage, _read_secret, NAMESPACE) == case.status["storage"]


def test_fast_readiness() -> None:
    """For tests of the role two numbers differ from the chart, and nothing else."""
    flags, _ = plan({}, _facts(http_secret="h", credentials={"username": "u", "password": "p"}))
    true, fast = (_one(chart.render(flags.build(), NAMESPACE, fast=fast), "Deployment") for fast in (False, True))
    assert (true["spec"]["minReadySeconds"], fast["spec"]["minReadySeconds"]) == (5, 0)
    containers = [item["spec"]["template"]["spec"]["containers"][0] for item in (true, fast)]
    assert containers[0]["readinessProbe"] == containers[0]["livenessProbe"] == containers[1]["livenessProbe"]
    assert containers[1]["readinessProbe"] == containers[0]["readinessProbe"] | {"periodSeconds": 1}
    containers[1]["readinessProbe"] = containers[0]["readinessProbe"]
    fast["spec"]["minReadySeconds"] = 5
    assert fast == true


def test_key_file_comes_out_as_it_was() -> None:
    """An escaped key is a key again."""
    storage = {"gcs": {"bucket": "b", "secretName": "gcs-esc"}}
    generated = _one(_render(storage), "Secret", "dockerregistry-secret")
    plain = operator_cases.SECRETS["gcs-plain"]["accountkey"]
    assert base64.b64decode(generated["data"]["keyfile.json"]).decode() == plain


def test_what_is_there_is_kept() -> None:
    """User, HTTP secret and NodePort of the cluster go into the objects; without them they are made."""
    facts = _facts(credentials={"username": "u", "password": "p"}, http_secret="h", node_port=30001)
    objects = _render(None, facts)
    data = _one(objects, "Secret", "dockerregistry-config")["data"]
    assert {key: base64.b64decode(value).decode() for key, value in data.items()} == {
        "username": "u",
        "password": "p",
        "pullRegAddr": "localhost:30001",
        "pushRegAddr": f"dockerregistry.{NAMESPACE}.svc.cluster.local:5000",
        ".dockerconfigjson": f'{{"auths": {{"dockerregistry.{NAMESPACE}.svc.cluster.local:5000": {{"auth": "dTpw"}},'
        ' "localhost:30001": {"auth": "dTpw"}}}',
    }
    # The role writes the same text: neither changes what the other has written.
    addresses = [f"dockerregistry.{NAMESPACE}.svc.cluster.local:5000", "localhost:30001"]
    assert base64.b64decode(data[".dockerconfigjson"]).decode() == docker_config.build_docker_config(
        addresses, "u", "p"
    )
    environment = _one(objects, "Deployment")["spec"]["template"]["spec"]["containers"][0]["env"]
    assert environment[3] == {"name": "REGISTRY_HTTP_SECRET", "value": "h"}
    assert _one(objects, "Service")["spec"]["ports"][0]["nodePort"] == 30001
    first, second = (_one(_render(None), "Secret", "dockerregistry-config")["data"] for _ in range(2))
    assert first["password"] != second["password"]


def test_logging_and_configuration() -> None:
    """Logging goes into the file and rolls the Pods."""
    objects = _render(None, logging={"level": "debug", "format": "text", "accessLogEnabled": True})
    text = _one(objects, "ConfigMap", "dockerregistry-config")["data"]["config.yml"]
    assert "log:\n  accesslog:\n    disabled: false\n" in text and "  level: debug\n" in text
    assert "    X-Content-Type-Options:\n    - nosniff" in text and "\n  addr: :5000\n" in text
    rollme = _one(objects, "Deployment")["spec"]["template"]["metadata"]["annotations"]["rollme"]
    assert rollme.startswith("configData.log.level=debug,configData.log.formatter=text,configData.log.accesslog.")


@pytest.mark.parametrize(
    ("storage", "kind", "text"),
    [
        ({"s3": {"bucket": "null", "region": "r", "secretName": "s3s"}}, RenderError, ".Values.s3.bucket is required"),
        ({"s3": {"bucket": "a,b", "region": "r", "secretName": "s3s"}}, FlagError, 'flag: key "b" has no value'),
        ({"s3": {"bucket": "a: b", "region": "r", "secretName": "s3s"}}, RenderError, "YAML parse error on "),
    ],
)
def test_values_that_break_the_chart(storage: dict[str, Any], kind: type[Exception], text: str) -> None:
    """Errors before anything is sent."""
    with pytest.raises(kind, match=r".") as failed:
        _render(storage)
    assert text in str(failed.value)


def test_injected_values_change_the_chart() -> None:
    """A comma in a credential sets another value of the chart, and cuts the credential."""
    facts = _facts(read_secret=lambda name: {"accessKey": "a", "secretKey": "abc,replicaCount=3"})
    objects = _render({"s3": {"bucket": "b", "region": "r", "secretName": "x"}}, facts)
    assert _one(objects, "Deployment")["spec"]["replicas"] == 3
    data = _one(objects, "Secret", "dockerregistry-secret")["data"]
    assert base64.b64decode(data["s3SecretKey"]) == b"abc"


def test_numbers_as_credentials() -> None:
    """Digits are not text for the template."""
    facts = _facts(read_secret=lambda name: {"accountName": "123", "accountKey": "k", "container": "c"})
    with pytest.raises(RenderError, match="at <b64enc>: wrong type for value; expected string; got int64"):
        _render({"azure": {"secretName": "x"}}, facts)


def test_definition_is_the_collections() -> None:
    """The lab installs the definition that the collection has."""
    path = Path(chart.__file__).parent / "crd.json"
    assert json.loads(path.read_text(encoding="utf-8")) == crd.crd()
