# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The strict rule: Ready for nothing less, Failed as soon as it is certain, fooled by no status of before."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator import (
    live,
    overlay,
    readiness,
    storage_lock,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.chart.prediction import (
    Expected,
    predict,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.readiness import (
    Failed,
    NotYet,
    Ready,
    Verdict,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.backends import azure, s3
from ansible_collections.kyma.docker_registry.tests.support import operator_cases


def _expected(case: str) -> Expected:
    return predict(
        operator_cases.CASES[case].storage, operator_cases.CASES[case].secret, "0.15.0", claims={operator_cases.CLAIM}
    )


def _judge(case: str, cr: Any = None, deployment: Any = None, **more: Any) -> Verdict:
    """What is said of a recorded case, or of what was made of it."""
    more.setdefault("sent", operator_cases.CASES[case].storage)
    return readiness.judge_readiness(
        operator_cases.CASES[case].cr() if cr is None else cr,
        operator_cases.CASES[case].live_deployment() if deployment is None else deployment,
        more.pop("expected", _expected(case)),
        **more,
    )


def _code(found: Verdict) -> str:
    assert isinstance(found, Failed), found
    assert found.finding.message and found.finding.remedy and found.finding.severity == "error"
    return found.finding.code


READY = [case for case, record in operator_cases.CASES.items() if record.status["state"] == "Ready"]
BAD = {
    "azure-secret-missing": "operator-configuration-refused",
    "btp-azure": "operator-configuration-refused",
    "btp-gcp": "operator-installation-failed",
    "gcs-chunksize": "operator-installation-failed",
    "gcs-plain-key": "operator-installation-failed",
    "pvc-missing": "operator-configuration-refused",
    "s3-no-secret-name": "operator-configuration-refused",
    "s3-numeric-bucket": "operator-installation-failed",
    "s3-secret-with-comma": "operator-installation-failed",
    "two-backends": "operator-configuration-refused",
}


def test_every_case_has_its_verdict() -> None:
    """Ready, failed, or Processing forever."""
    assert {*READY, *BAD, "azure"} == operator_cases.CASES.keys()


@pytest.mark.parametrize("case", READY)
def test_ready(case: str) -> None:
    """What the operator calls Ready and is as the spec implies. An emptyDir that the spec implies is the risks' matter."""
    assert _judge(case) == Ready()


@pytest.mark.parametrize("case", BAD)
def test_failed(case: str) -> None:
    """At once, though Installed is True in most of them; no value of a Secret is reported."""
    found = _judge(case)
    assert _code(found) == BAD[case]
    assert isinstance(found, Failed) and "def" not in found.finding.message.split()
    assert "abc" not in found.finding.message


def test_processing() -> None:
    """It may come; the caller's patience ends it."""
    assert _judge("azure") == NotYet("the operator reports the state Processing")


@pytest.mark.parametrize("case", READY)
@pytest.mark.parametrize("other", READY)
def test_ready_from_before(case: str, other: str) -> None:
    """The spec is the new one, everything else that of before: never Ready, unless nothing would differ."""
    cr = {**operator_cases.CASES[case].cr(), "status": operator_cases.CASES[other].cr()["status"]}
    found = _judge(case, cr, operator_cases.CASES[other].live_deployment())
    same = _judge(case, operator_cases.CASES[case].cr(), operator_cases.CASES[other].live_deployment())
    if operator_cases.CASES[case].deployment == operator_cases.CASES[other].deployment:
        assert found == Ready()
    elif {case, other} <= {"s3", "s3-insecure"} or _expected(case) != _expected(other):
        assert isinstance(found, NotYet) and isinstance(same, NotYet)


def test_details_of_the_deployment() -> None:
    """Each thing that is not there yet, by name and without its value."""
    case = "s3"
    spec = _expected(case)
    for change, words in (
        (lambda pod: pod["containers"][0]["env"].pop(), "REGISTRY_STORAGE_S3_SECURE"),
        (lambda pod: pod["containers"][0]["env"][-1].update(value="x"), "REGISTRY_STORAGE_S3_SECURE"),
        (
            lambda pod: pod["containers"][0]["env"].append({"name": "REGISTRY_STORAGE_AZURE_CONTAINER", "value": "x"}),
            "variable REGISTRY_STORAGE_AZURE_CONTAINER remains from the former configuration",
        ),
        (
            lambda pod: pod["containers"][0]["env"][4].update(valueFrom={"configMapKeyRef": {"name": "x"}}),
            "REGISTRY_STORAGE_S3_ACCESSKEY",
        ),
        (lambda pod: pod["volumes"].append({"name": "data", "emptyDir": {}}), "the volume of the images still exists"),
        (lambda pod: pod["volumes"].append({"name": "dockerregistry-secret"}), "key file"),
        (lambda pod: pod["containers"][0].update(name="other"), "REGISTRY_STORAGE_S3_BUCKET"),
    ):
        deployment = operator_cases.CASES[case].live_deployment()
        change(deployment["spec"]["template"]["spec"])
        found = _judge(case, deployment=deployment)
        assert isinstance(found, NotYet) and words in found.reason
    assert list(live.find_differences(operator_cases.CASES[case].live_deployment(), spec)) == []


def test_harmless_variable() -> None:
    """A variable that is not a driver's is accepted."""
    deployment = operator_cases.CASES["s3"].live_deployment()
    item = {"name": "REGISTRY_STORAGE_REDIRECT_DISABLE", "value": "true"}
    deployment["spec"]["template"]["spec"]["containers"][0]["env"].append(item)
    assert _judge("s3", deployment=deployment) == Ready()


@pytest.mark.parametrize(
    ("volume", "words"),
    [
        ({"name": "data", "emptyDir": {}}, "the volume of the images is a different one"),
        (
            {"name": "data", "persistentVolumeClaim": {"claimName": "other"}},
            "the volume of the images is a different one",
        ),
        ({"name": "x", "emptyDir": {}}, "the volume of the images is missing"),
    ],
)
def test_volume(volume: dict[str, Any], words: str) -> None:
    """The very claim."""
    deployment = operator_cases.CASES["pvc"].live_deployment()
    deployment["spec"]["template"]["spec"]["volumes"][0] = volume
    assert _judge("pvc", deployment=deployment) == NotYet(words)


@pytest.mark.parametrize("annotation", ["", "secrets.s3=", None])
def test_rollme(annotation: str | None) -> None:
    """The digest has to be there, whatever it is."""
    deployment = operator_cases.CASES["s3"].live_deployment()
    deployment["spec"]["template"]["metadata"]["annotations"]["rollme"] = annotation
    found = _judge("s3", deployment=deployment)
    assert isinstance(found, NotYet) and "the Pod template does not have secrets.s3=" in found.reason
    unknown = predict(operator_cases.CASES["s3"].storage, operator_cases.CASES["s3"].secret, None)
    relaxed = _judge("s3", deployment=deployment, expected=unknown)
    assert isinstance(relaxed, NotYet if annotation else Ready)


def test_rollme_with_another_value() -> None:
    """Whatever the release: a level of before."""
    for version in ("0.15.0", "0.9.0", None):
        wanted = predict(
            operator_cases.CASES["s3"].storage, operator_cases.CASES["s3"].secret, version, logging={"level": "debug"}
        )
        found = _judge("s3", expected=wanted)
        assert found == NotYet("the Pod template does not have configData.log.level=debug")


def test_not_rolled_out() -> None:
    """The template is right and the Pods are not there."""
    for key, value in (("updatedReplicas", 0), ("readyReplicas", 0), ("observedGeneration", 2)):
        deployment = operator_cases.CASES["s3"].live_deployment()
        deployment["status"][key] = value
        assert _judge("s3", deployment=deployment) == NotYet("the Deployment is being rolled out")


def test_generated_secret() -> None:
    """Its bytes, where they are known."""
    intended = {"s3AccessKey": b"a", "s3SecretKey": b"b"}
    assert _judge("s3", generated=intended, intended=intended) == Ready()
    for other in (None, {}, {**intended, "s3SecretKey": b"c"}):
        found = _judge("s3", generated=other, intended=intended)
        assert isinstance(found, NotYet) and constants.STORAGE_SECRET in found.reason
    assert _judge("s3", generated={"x": b""}) == Ready()


def test_nothing_there() -> None:
    """No DockerRegistry, no Deployment."""
    expected = _expected("s3")
    assert isinstance(readiness.judge_readiness(None, None, expected, sent=None), NotYet)
    found = readiness.judge_readiness(
        operator_cases.CASES["s3"].cr(), None, expected, sent=operator_cases.CASES["s3"].storage
    )
    assert found == NotYet("the Deployment does not exist")


def _with(case: str, conditions: dict[str, dict[str, str]] | None = None, **status: Any) -> dict[str, Any]:
    cr = operator_cases.CASES[case].cr()
    cr["status"].update(status)
    for kind, change in (conditions or {}).items():
        found = [item for item in cr["status"]["conditions"] if item["type"] == kind]
        if found:
            found[0].update(change)
        else:
            cr["status"]["conditions"].append({"type": kind, **change})
    return cr


def test_status() -> None:
    """Each part of it is needed."""
    assert _judge("s3", _with("s3", state="Warning")) == NotYet("the operator reports the state Warning")
    assert _judge("s3", _with("s3", state=None)) == NotYet("the operator reports no state")
    assert isinstance(_judge("s3", _with("s3", served=None)), NotYet)
    found = _judge("s3", _with("s3", {"Installed": {"status": "False"}}))
    assert found == NotYet("the operator does not report Installed")
    found = _judge("s3", _with("s3", {"Configured": {"status": "Unknown"}}))
    assert found == NotYet("the operator does not report Configured")
    assert isinstance(_judge("s3", {**operator_cases.CASES["s3"].cr(), "status": None}), NotYet)


def test_failures() -> None:
    """States that do not change without an action of the user."""
    assert _code(_judge("s3", _with("s3", served="False"))) == "operator-not-served"
    assert _code(_judge("s3", _with("s3", state="Deleting"))) == "operator-registry-deleted"
    cr = operator_cases.CASES["s3"].cr()
    cr["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    assert _code(_judge("s3", cr)) == "operator-registry-deleted"
    cr = _with("s3", {"DeploymentFailure": {"status": "True", "message": "quota"}})
    found = _judge("s3", cr)
    assert _code(found) == "operator-deployment-failure"
    assert _code(_judge("s3", sent={"s3": {"bucket": "other"}})) == "operator-spec-changed"
    assert _code(_judge("s3", sent=None)) == "operator-spec-changed"


def test_pruned_fields_are_no_change() -> None:
    """What the API server drops was never there."""
    sent = {**(operator_cases.CASES["s3"].storage or {}), "extra": 1}
    assert _judge("s3", sent=sent) == Ready()


@pytest.mark.parametrize(
    ("case", "empty"),
    [
        ("s3", {"encrypt": False}),
        ("s3-insecure", {"secure": False}),
        ("gcs-escaped-key", {"chunksize": 0}),
        ("btp-aws", {}),
        ("pvc", {}),
    ],
)
def test_empty_values_are_no_change(case: str, empty: dict[str, Any]) -> None:
    """The operator leaves them out when it writes the DockerRegistry, whichever side has them."""
    (name, fields), *_ = (operator_cases.CASES[case].storage or {}).items()
    without = {name: {key: value for key, value in fields.items() if key not in empty}}
    given = {name: {**fields, **empty}, "deleteEnabled": False}
    cr = operator_cases.CASES[case].cr()
    for there, sent in ((without, given), (given, without), (without, without), (given, given)):
        assert _judge(case, {**cr, "spec": {"storage": there}}, sent=sent) == Ready()
    other = {name: fields, "deleteEnabled": True}
    assert _code(_judge(case, {**cr, "spec": {"storage": other}}, sent=given)) == "operator-spec-changed"


def test_an_empty_storage_is_a_change() -> None:
    """The operator takes it for an emptyDir, and no storage for its volume."""
    cr = operator_cases.CASES["storage-empty"].cr()
    for storage in ({}, {"deleteEnabled": False}):
        assert (
            _code(_judge("storage-empty", {**cr, "spec": {"storage": storage}}, sent=None)) == "operator-spec-changed"
        )


@pytest.mark.parametrize("words", storage_lock.REJECTIONS)
def test_storage_lock(words: str) -> None:
    """Its refusal has its own finding."""
    message = f"could not install object kyma-system/dockerregistry: Deployment.apps is invalid: {words}"
    cr = _with("s3", {"Installed": {"status": "False", "message": message}}, state="Error")
    found = _judge("s3", cr)
    assert _code(found) == "operator-storage-lock-rejected"
    # A condition from an earlier state does not count.
    assert not isinstance(_judge("s3", _with("s3", {"Installed": {"status": "False", "message": message}})), Failed)


@pytest.mark.parametrize("case", BAD)
def test_failure_from_before(case: str) -> None:
    """The same failure as before the spec was sent may be about the spec of before; a new one counts."""
    status = operator_cases.CASES[case].cr()["status"]
    assert isinstance(_judge(case, before=status), NotYet)
    assert isinstance(_judge(case, before=operator_cases.CASES["s3"].cr()["status"]), Failed)


def test_long_message() -> None:
    """Bounded, on one line."""
    cr = _with("s3", {"Configured": {"status": "False", "message": "a\n" * 1000}})
    found = _judge("s3", cr)
    assert isinstance(found, Failed) and len(found.finding.message) < 400 and "\n" not in found.finding.message
    cr = _with("s3", {"Configured": {"status": "False", "message": "", "reason": ""}})
    found = _judge("s3", cr)
    assert isinstance(found, Failed) and "gives no reason" in found.finding.message


def _overlaid(case: str, thing: dict[str, Any]) -> dict[str, Any]:
    deployment = operator_cases.CASES[case].live_deployment()
    pod, ours = deployment["spec"]["template"]["spec"], thing["spec"]["template"]["spec"]
    for item in ours["containers"][0]["env"]:
        pod["containers"][0]["env"].append({**item, "extra": "of the API server"})
    for item in ours.get("volumes", []):
        pod["volumes"] = [other for other in pod["volumes"] if other["name"] != item["name"]] + [item]
    if "serviceAccountName" in ours:
        pod["serviceAccountName"] = ours["serviceAccountName"]
    return deployment


def test_overlay_belongs_to_it() -> None:
    """Azure with ours is Ready; without a part of ours it is not."""
    texts = {"accountName": "account", "accountKey": "a2V5", "container": "images"}
    store = azure._store("azure", "shared_key", {"credentials": {"type": "shared_key"}}, texts)
    extras = overlay.Extras(ca_bundle={"config_map": "m", "key": "k"}, service_account="registry")
    expected = _expected("azure")
    thing, _found = overlay.build_overlay(store, expected, namespace="ns", extras=extras)
    cr = _with("azure", state="Ready")
    deployment = _overlaid("azure", thing)
    assert _judge("azure", cr, deployment, applied=thing) == Ready()
    found = _judge("azure", cr, applied=thing)
    assert isinstance(found, NotYet)
    for words in (
        "CREDENTIALS_TYPE",
        "S3_BUCKET",
        "volumes of the Pod template",
        "serviceAccountName of the Pod template",
    ):
        assert words in found.reason
    # If the overlay is not passed, the storage lock's variables look like those of another driver.
    assert isinstance(_judge("azure", cr, deployment), NotYet)


def test_lifted_storage_lock_is_seen() -> None:
    """Another client took a field."""
    store = s3.s3_store("s3", {"bucket": "images", "region": "r"}, ("a", "b"))
    thing, _found = overlay.build_overlay(store, _expected("s3"), namespace="ns")
    deployment = _overlaid("s3", thing)
    assert _judge("s3", deployment=deployment, applied=thing) == Ready()
    deployment["spec"]["template"]["spec"]["containers"][0]["env"][-1]["valueFrom"] = {"configMapKeyRef": {"name": "x"}}
    assert isinstance(_judge("s3", deployment=deployment, applied=thing), NotYet)
