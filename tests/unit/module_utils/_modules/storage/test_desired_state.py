# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The desired state: from options or a pasted manifest to the CR and to what the following tasks need."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator.mode import FINALIZER, Mode
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.storage import (
    cr_document,
    current_state,
    desired_state,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.storage.options import (
    read_desired_state,
    read_name_and_namespace,
)
from ansible_collections.kyma.docker_registry.tests.support.contexts import make_context

DEFAULTS: dict[str, Any] = {
    "name": "default",
    "namespace": "kyma-system",
    "storage": None,
    "manifest": None,
    "logging": None,
    "volume_size": "20Gi",
    "volume_storage_class": None,
    "volume_access_modes": ["ReadWriteOnce"],
    "replicas": 1,
    "labels": {},
    # Not this file's business, but the module has them.
    "storage_secret": None,
    "driver_parameters": {},
}
CURRENT = current_state.CurrentState(None, True, None, (), None, None, None)
PVC = {"pvc": {"name": "existing-pvc"}}


def _read(**options: Any) -> desired_state.DesiredState:
    return read_desired_state(make_context({**DEFAULTS, **options}, check_mode=False))


def _codes(**options: Any) -> list[str]:
    context = make_context({**DEFAULTS, **options}, check_mode=False)
    with pytest.raises(Refusal) as caught:
        read_desired_state(context)
    assert all(item.severity == "error" for item in caught.value.findings)
    return [item.code for item in caught.value.findings]


@pytest.mark.parametrize("storage", [None, {}, ""])
def test_default_storage_is_left_out(storage: Any) -> None:
    """Nothing wanted means no spec.storage at all."""
    desired = _read(storage=storage)
    assert desired.document() == {
        "apiVersion": "operator.kyma-project.io/v1alpha1",
        "kind": "DockerRegistry",
        "metadata": {"name": "default", "namespace": "kyma-system"},
        "spec": {},
    }
    assert desired.claim_is_ours and desired.claim == "dockerregistry"


def test_claim_of_the_users_own() -> None:
    """Another claim is mounted and not made."""
    desired = _read(storage=PVC)
    assert desired.document()["spec"] == {"storage": PVC}
    assert not desired.claim_is_ours and desired.claim == "existing-pvc" and desired.claim_spec() == {}
    assert desired.claim_path == "registry_storage.pvc.name"
    assert desired.access_modes(None) == ()
    assert desired.access_modes({"spec": {"accessModes": ["ReadWriteMany"]}}) == ("ReadWriteMany",)
    assert desired.access_modes({"spec": {}}) == ()


@pytest.mark.parametrize(
    "text", ["pvc:\n  name: existing-pvc\n", '{"pvc": {"name": "existing-pvc"}}', "---\npvc: {name: existing-pvc}"]
)
def test_storage_as_text(text: str) -> None:
    """The answer of a survey, in YAML or JSON, means the same."""
    assert _read(storage=text).document() == _read(storage=PVC).document()


@pytest.mark.parametrize("text", ["\n", "---\n", "# nothing\n"])
def test_text_of_nothing_is_the_default(text: str) -> None:
    """An empty answer."""
    assert _read(storage=text).storage is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("pvc", "storage-not-a-mapping"),
        ("- pvc", "storage-not-a-mapping"),
        ("pvc: {}\n---\ns3: {}", "storage-not-a-mapping"),
        ("pvc: {", "manifest-not-yaml"),
        ("pvc: {name: a}\npvc: {name: b}", "manifest-doubled-key"),
        ("storage: {pvc: {name: a}}", "storage-unknown-field"),
    ],
)
def test_wrong_texts(text: str, code: str) -> None:
    """They are reported as what they are, with the variable's name."""
    assert _codes(storage=text) == [code]
    context = make_context({**DEFAULTS, "storage": text}, check_mode=False)
    with pytest.raises(Refusal) as caught:
        read_desired_state(context)
    assert all(item.path.startswith("registry_storage") for item in caught.value.findings)


def test_logging_and_labels() -> None:
    """They go into the CR where there are any."""
    desired = _read(logging={"level": "debug"}, labels={"team": "a"})
    document = desired.document()
    assert document["spec"] == {"logging": {"level": "debug"}} and document["metadata"]["labels"] == {"team": "a"}


@pytest.mark.parametrize("storage_class", [None, "", "fast"])
def test_claim_spec(storage_class: str | None) -> None:
    """Size, modes, and the class only if one is named."""
    desired = _read(volume_size="5Gi", volume_storage_class=storage_class, volume_access_modes=["ReadWriteMany"])
    expected: dict[str, Any] = {"accessModes": ["ReadWriteMany"], "resources": {"requests": {"storage": "5Gi"}}}
    if storage_class:
        expected["storageClassName"] = storage_class
    assert desired.claim_spec() == expected
    result = desired.result(None)
    assert result["claim_spec"] == expected and result["shared_volume"] is True


def test_result_of_the_default() -> None:
    """Everything that the role's next tasks read."""
    result = _read().result(None)
    assert result["backend"] == result["task_file"] == "filesystem"
    assert result["storage"] == {} and result["delete_enabled"] is False
    assert result["shared_volume"] is False and result["logging"] == {}
    assert (result["name"], result["namespace"]) == ("default", "kyma-system")


def test_live_claim_keeps_class_and_modes() -> None:
    """What cannot change is taken as it is; the size is the wanted one."""
    claim = {
        "spec": {"accessModes": ["ReadWriteMany"], "storageClassName": "slow", "volumeName": "pv", "resources": {}}
    }
    result = _read(volume_size="30Gi", volume_storage_class="fast").result(claim)
    assert result["claim_spec"] == {
        "accessModes": ["ReadWriteMany"],
        "storageClassName": "slow",
        "resources": {"requests": {"storage": "30Gi"}},
    }
    assert result["shared_volume"] is True
    foreign = _read(storage=PVC).result(claim)
    assert foreign["claim_spec"] == {} and foreign["claim"] == "existing-pvc"


MANIFEST = """\
apiVersion: operator.kyma-project.io/v1alpha1
kind: DockerRegistry
metadata:
  name: pasted
  namespace: pasted-space
  labels: {team: pasted, tier: x}
spec:
  storage: {pvc: {name: existing-pvc}}
  logging: {level: debug}
"""


def test_manifest_wins() -> None:
    """Its name, namespace, storage and logging; labels of the options are added and win."""
    desired = _read(manifest=MANIFEST, labels={"team": "option"})
    assert (desired.name, desired.namespace, desired.path) == (
        "pasted",
        "pasted-space",
        "registry_manifest.spec.storage",
    )
    assert desired.labels == {"team": "option", "tier": "x"} and desired.logging == {"level": "debug"}
    assert desired.claim == "existing-pvc"


def test_manifest_without_namespace() -> None:
    """Then the option's namespace counts."""
    desired = _read(manifest=MANIFEST.replace("  namespace: pasted-space\n", ""), namespace="option-space")
    assert (desired.name, desired.namespace) == ("pasted", "option-space")


@pytest.mark.parametrize("read", [read_desired_state, read_name_and_namespace])
def test_namespace_of_the_lease(read: Callable[[Context], Any]) -> None:
    """The registry's, which a manifest may name; a removal reads no more than that."""
    context = make_context({**DEFAULTS, "manifest": MANIFEST}, check_mode=False)
    read(context)
    assert context.namespace == "pasted-space"


def test_warnings_of_a_manifest_are_reported() -> None:
    """They do not stop the reading."""
    named = MANIFEST.replace("pvc: {name: existing-pvc}", "azure: {secretName: keys}")
    secret = (
        "kind: Secret\napiVersion: v1\nmetadata: {name: keys}\ndata: {container: YQ==}\nstringData: {container: a}\n"
    )
    context = make_context({**DEFAULTS, "manifest": f"{named}---\n{secret}"}, check_mode=False)
    assert read_desired_state(context).claim is None
    assert [item.code for item in context.findings] == ["manifest-secret-twice"]


@pytest.mark.parametrize(
    "access", [{"enabled": True}, {"enabled": False}, {"enabled": True, "gateway": "istio/gate", "host": "r.example"}]
)
def test_external_access_is_for_the_operator(access: dict[str, Any]) -> None:
    """Also what is false: the operator keeps these fields as they are. In direct mode the DockerRegistry has none."""
    desired = _read(manifest=f"{MANIFEST}  externalAccess: {json.dumps(access)}\n")
    assert "externalAccess" not in desired.document()["spec"]
    sent = desired.with_storage(PVC, "persistentvolumeclaim/existing-pvc").document()["spec"]
    assert sent["externalAccess"] == access and sent["storage"] == PVC
    for mode, reported in (("operator", []), ("direct", ["external-access-unsupported"] if access["enabled"] else [])):
        found = current_state.check_unsupported_access(desired, CURRENT, Mode(mode, "test"))
        assert [item.code for item in found] == reported
        assert all(item.severity == "warning" for item in found)


@pytest.mark.parametrize("enabled", ["True", "False", None])
@pytest.mark.parametrize("taken_over", ["finalizer", "Deployment", ""])
def test_external_access_that_an_operator_leaves(taken_over: str, enabled: str | None) -> None:
    """At the hand-over to direct mode: clients from outside are not cut off, and the user learns what stays."""
    cr: dict[str, Any] = {"metadata": {"finalizers": [FINALIZER] if taken_over == "finalizer" else []}}
    if enabled is not None:
        cr["status"] = {"externalAccess": {"enabled": enabled, "secretName": constants.EXTERNAL_SECRET}}
    labels = {"app.kubernetes.io/managed-by": "dockerregistry-operator"}
    deployment = {"metadata": {"labels": labels}} if taken_over == "Deployment" else None
    current = replace(CURRENT, cr=cr, deployment=deployment)
    desired = _read(manifest=MANIFEST)
    assert current_state.check_unsupported_access(desired, current, Mode("operator", "test")) == []
    found = current_state.check_unsupported_access(desired, current, Mode("direct", "test"))
    left = bool(taken_over) and enabled == "True"
    assert [(item.code, item.severity) for item in found] == ([("external-access-left", "warning")] if left else [])
    assert all(constants.EXTERNAL_SECRET in item.message for item in found)


def test_no_external_access_leaves_the_spec_as_it_was() -> None:
    """A DockerRegistry without the field is not given one."""
    for section in ("", "  externalAccess:\n", "  externalAccess: {}\n"):
        desired = _read(manifest=f"{MANIFEST}{section}").with_storage(PVC, "persistentvolumeclaim/existing-pvc")
        assert desired.document()["spec"] == {"storage": PVC, "logging": {"level": "debug"}}


def test_the_options_are_not_changed() -> None:
    """A labels dictionary of the play stays the play's."""
    labels = {"a": "b"}
    _read(manifest=MANIFEST, labels=labels)
    assert labels == {"a": "b"}


def test_refusals() -> None:
    """Errors of every part stop the reading, with their place in the user's input."""
    assert _codes(manifest="kind: [")
    assert _codes(manifest="kind: Pod\napiVersion: v1")
    assert _codes(storage="text") and _codes(storage={"nonsense": {}})
    assert _codes(logging={"level": "loud"}) == ["logging-bad-value"]
    assert _codes(volume_size="huge")
    assert _read(storage=PVC, volume_size="huge").claim == "existing-pvc", "the size of no volume is not looked at"


S3 = {"bucket": "images", "region": "eu-central-1"}
REMOVED = {"op": "remove", "path": "/spec/storage"}


def _replaced(storage: dict[str, Any]) -> dict[str, Any]:
    return {"op": "replace", "path": "/spec/storage", "value": storage}


@pytest.mark.parametrize(
    ("live", "storage", "patches"),
    [
        ({}, None, []),
        ({"spec": {}}, None, []),
        # The operator stores on an emptyDir then.
        ({"spec": {"storage": {}}}, None, [REMOVED]),
        ({"spec": {"storage": {"deleteEnabled": False}}}, None, [REMOVED]),
        ({"spec": {"storage": PVC}}, PVC, []),
        ({"spec": {"storage": PVC}}, None, [REMOVED]),
        ({"spec": {"storage": {**PVC, "deleteEnabled": True}}}, PVC, [_replaced(PVC)]),
        ({"spec": {"storage": {**PVC, "deleteEnabled": False}}}, PVC, []),
        ({"spec": {"storage": {"pvc": {"name": "other"}}}}, PVC, []),
        ({"spec": {"storage": {"pvc": {"name": "existing-pvc", "more": 1}}}}, PVC, [_replaced(PVC)]),
        ({"spec": {"storage": {"s3": {"bucket": "b"}}}}, PVC, [_replaced(PVC)]),
        ({"spec": {"storage": {"s3": {**S3, "encrypt": False, "regionEndpoint": ""}}}}, {"s3": S3}, []),
        ({"spec": {"storage": {"s3": {**S3, "encrypt": True}}}}, {"s3": S3}, [_replaced({"s3": S3})]),
        ({"spec": {"storage": {"gcs": {"bucket": "images", "chunksize": 0}}}}, {"gcs": {"bucket": "images"}}, []),
        ({"spec": {"storage": {**PVC, "btpObjectStore": {}}}}, PVC, [_replaced(PVC)]),
    ],
)
def test_corrections(live: dict[str, Any], storage: Any, patches: list[dict[str, Any]]) -> None:
    """Fields of the live CR beyond the wanted ones, at any depth; another value, or an empty one, does not count."""
    desired = _read(storage=storage)
    assert cr_document.build_corrections(desired, live) == patches
    assert cr_document.build_corrections(desired.with_storage(desired.storage, "s3/a"), live) == patches


def test_what_an_operator_would_drop_is_not_sent() -> None:
    """In operator mode the CR holds no empty value; what was asked for is noted. In direct mode it is as the user wrote it."""
    requested = {"deleteEnabled": False, "s3": {**S3, "encrypt": False, "secure": True}}
    desired = _read(storage=requested, logging={"level": "debug", "accessLogEnabled": False})
    assert desired.document()["spec"] == {
        "storage": requested,
        "logging": {"level": "debug", "accessLogEnabled": False},
    }
    sent = desired.with_storage(desired.storage, "s3/a").document()
    assert sent["spec"] == {"storage": {"s3": {**S3, "secure": True}}, "logging": {"level": "debug"}}
    assert json.loads(sent["metadata"]["annotations"]["kyma-docker-registry.ansible/storage"]) == requested
    quiet = _read(logging={"accessLogEnabled": False})
    assert quiet.with_storage(None, "persistentvolumeclaim/dockerregistry").document()["spec"] == {}


@pytest.mark.parametrize(
    ("live", "removed"), [({"accessLogEnabled": True}, True), ({"accessLogEnabled": False}, False), ({}, False)]
)
def test_logging_that_is_switched_off(live: dict[str, bool], removed: bool) -> None:
    """In operator mode `false` is sent as absent, so what another manager set has to go."""
    desired = _read(logging={"level": "debug", "accessLogEnabled": False})
    patches = [{"op": "remove", "path": "/spec/logging/accessLogEnabled"}] if removed else []
    assert cr_document.build_corrections(desired.with_storage(None, "a"), {"spec": {"logging": live}}) == patches
    assert cr_document.build_corrections(desired, {"spec": {"logging": live}}) == []


def test_visible() -> None:
    """A diff shows what users write."""
    assert cr_document.visible_cr(None) == {}
    live = {
        "metadata": {"name": "a", "namespace": "b", "labels": {"c": "d"}, "uid": "x", "managedFields": [1]},
        "spec": {"storage": PVC},
        "status": {"state": "Ready"},
    }
    assert cr_document.visible_cr(live) == {
        "metadata": {"name": "a", "namespace": "b", "labels": {"c": "d"}},
        "spec": {"storage": PVC},
    }
    assert cr_document.visible_cr({"metadata": {"name": "a"}}) == {"metadata": {"name": "a"}, "spec": {}}
