# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The catalog of the registry's objects, and objects in a diff: values that others write are never shown."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared import object_catalog

RECORDINGS = sorted((Path(__file__).parents[4] / "operator" / "recordings").glob("*/*.json"))
CANARY = "c4n4ry-of-the-visible-test"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
OURS = "kyma-docker-registry.ansible/storage-id"


def _deployment(container: dict[str, Any], annotations: dict[str, str] | None = None) -> dict[str, Any]:
    metadata = {"name": "dockerregistry", "annotations": annotations or {}}
    pod = {"containers": [{"name": "docker-registry", **container}]}
    return {"kind": "Deployment", "metadata": metadata, "spec": {"template": {"metadata": metadata, "spec": pod}}}


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
def test_what_the_operator_wrote(path: Path) -> None:
    """Its random http.secret is in plain text, and the digest of the storage Secret in an annotation."""
    recorded = json.loads(path.read_text(encoding="utf-8"))["deployment"]
    deployment = {"kind": "Deployment", "metadata": {"name": "dockerregistry"}, "spec": recorded["spec"]}
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    (entry,) = [item for item in container["env"] if item["name"] == "REGISTRY_HTTP_SECRET"]
    entry["value"] = CANARY
    ours = _deployment({"env": [{"name": "SSL_CERT_DIR", "value": "/etc/ssl"}]})
    for seen in (object_catalog.diff_object(deployment), object_catalog.diff_object(deployment, ours=ours)):
        (shown,) = seen["spec"]["template"]["spec"]["containers"]
        assert CANARY not in json.dumps(seen)
        assert [item["name"] for item in shown["env"]] == [item["name"] for item in container["env"]]
        assert shown["image"] == container["image"]
        assert seen["spec"]["template"]["metadata"]["annotations"]["rollme"] == "(hidden)"


@pytest.mark.parametrize("kind", ["containers", "initContainers", "ephemeralContainers"])
@pytest.mark.parametrize(
    "field",
    [
        {"env": [{"name": "PROXY", "value": CANARY}]},
        {"command": ["sh", "-c", f"serve --token={CANARY}"]},
        {"args": [CANARY]},
        {"lifecycle": {"postStart": {"exec": {"command": [CANARY]}}}},
        {"livenessProbe": {"httpGet": {"httpHeaders": [{"name": "Authorization", "value": CANARY}]}}},
    ],
    ids=lambda field: next(iter(field)),
)
def test_containers_of_others(kind: str, field: dict[str, Any]) -> None:
    """Only what our own object says as well is shown, a container beside ours not at all."""
    deployment = _deployment({})
    deployment["spec"]["template"]["spec"][kind] = [{"name": "proxy", "image": "proxy:1", **field}]
    ours = _deployment({"env": [{"name": "OTHER", "value": "1"}], "args": ["1"], "command": ["serve"]})
    before = copy.deepcopy(deployment)
    for seen in (object_catalog.diff_object(deployment), object_catalog.diff_object(deployment, ours=ours)):
        assert CANARY not in json.dumps(seen)
        assert seen["spec"]["template"]["spec"][kind][0]["image"] == "proxy:1"
    assert deployment == before


def test_what_is_ours_is_shown() -> None:
    """Variables with the value that the user sets, and where others come from. A former value may be what another client wrote."""
    ref = {"name": "KEY", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}
    same = {"name": "FORMAT", "value": "json"}
    live = _deployment({"env": [{"name": "LEVEL", "value": "info"}, same, ref]}, {OURS: "s3/a", "b": "1", "c": "1"})
    ours = _deployment({"env": [{"name": "LEVEL", "value": "debug"}, same]}, {"b": "2", "c": "1"})
    seen = object_catalog.diff_object(live, ours=ours)
    (shown,) = seen["spec"]["template"]["spec"]["containers"]
    assert shown == {"name": "docker-registry", "env": [{"name": "LEVEL", "value": "(hidden)"}, same, ref]}
    assert seen["metadata"]["annotations"] == {OURS: "s3/a", "b": "(hidden)", "c": "1"}
    assert object_catalog.diff_object(ours, ours=ours) == ours


@pytest.mark.parametrize("kind", ["Service", "ServiceAccount", "NetworkPolicy"])
def test_annotations_of_others(kind: str) -> None:
    """One of them is kubectl's, which keeps the whole object in it."""
    item = {"kind": kind, "metadata": {"name": "a", "annotations": {LAST_APPLIED: CANARY, OURS: "s3/a"}}}
    assert object_catalog.diff_object(item)["metadata"]["annotations"] == {LAST_APPLIED: "(hidden)", OURS: "s3/a"}


def test_a_configuration_that_somebody_changed() -> None:
    """Lines that are not ours are shown without credentials; a whole file that is not ours is not shown."""
    live = {
        "kind": "ConfigMap",
        "metadata": {"name": "a"},
        "data": {"config.yml": f"a: 1\nsecretkey: {CANARY}\nb: 1\n"},
    }
    ours = {"kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"config.yml": "a: 1\nhtpasswd: x\n"}}
    assert object_catalog.diff_object(live, ours=ours)["data"] == {"config.yml": "a: 1\nsecretkey: ***\nb: 1\n"}
    assert object_catalog.diff_object(ours, ours=ours)["data"] == ours["data"]
    assert object_catalog.diff_object(live)["data"] == {"config.yml": "(hidden)"}


LABELS = dict(constants.MANAGED_BY)


def _object(kind: str, name: str, namespace: str = "ns", labels: dict[str, str] | None = None) -> dict[str, Any]:
    return {
        "kind": kind,
        "metadata": {"name": name, "namespace": namespace, "labels": LABELS if labels is None else labels},
    }


DEPLOYMENT = _object("Deployment", "dockerregistry")


def test_catalog_accepts_its_objects_in_order() -> None:
    """A Pod's needs come before the Pod, empty documents go."""
    objects = [DEPLOYMENT, None, _object("ConfigMap", "dockerregistry-config")]
    ordered = object_catalog.sort_objects(objects)
    assert [item["kind"] for item in ordered] == ["ConfigMap", "Deployment"]
    assert object_catalog.check_objects(ordered, "ns") == []


@pytest.mark.parametrize(
    ("extra", "code"),
    [
        (_object("Secret", "dockerregistry-config"), "object-not-in-catalog"),
        (_object("Deployment", "other"), "object-not-in-catalog"),
        (DEPLOYMENT, "object-doubled"),
        (_object("ConfigMap", "dockerregistry-config", namespace="other"), "object-namespace"),
        (_object("ConfigMap", "dockerregistry-config", labels={}), "object-label"),
    ],
)
def test_catalog_refuses(extra: dict[str, Any], code: str) -> None:
    """Each rule has its finding."""
    assert [item.code for item in object_catalog.check_objects([DEPLOYMENT, extra], "ns")] == [code]


def test_catalog_wants_a_deployment() -> None:
    """Without the Deployment there is no registry."""
    assert [item.code for item in object_catalog.check_objects([], "ns")] == ["object-deployment-missing"]


def test_whole_catalog_is_accepted_in_any_order() -> None:
    """Every place, backwards; it comes out in the order of applying, unknown ones last."""
    objects = [_object(*place) for place in reversed(object_catalog.CATALOG)]
    given = [item for item in objects if item["kind"] != "Secret"]
    assert object_catalog.check_objects(given, "ns") == []
    assert [item.code for item in object_catalog.check_objects(objects, "ns")] == ["object-not-in-catalog"], (
        "no Secret in clear"
    )
    ordered = object_catalog.sort_objects([_object("Pod", "x"), {}, None, *objects])
    assert [object_catalog.object_key(item) for item in ordered] == [*object_catalog.CATALOG, ("Pod", "x")]
    assert len(set(object_catalog.CATALOG)) == len(object_catalog.CATALOG)
    assert object_catalog.CATALOG[-1][0] == "Deployment", "a Pod's needs come before the Pod"
    assert {kind for kind, _name in object_catalog.CATALOG} >= object_catalog.NEVER_PRUNED


@pytest.mark.parametrize(
    "item", [{}, {"kind": "Deployment"}, {"metadata": None}, {"kind": None, "metadata": {"name": None}}]
)
def test_half_objects(item: dict[str, Any]) -> None:
    """Findings, no failure, with the place in the list."""
    found = object_catalog.check_objects([_object("Deployment", "dockerregistry"), item], "ns")
    assert {finding.code for finding in found} == {"object-not-in-catalog", "object-namespace", "object-label"}
    assert all(finding.path.startswith("objects[1] ") for finding in found)


def test_visible() -> None:
    """Neither status nor bookkeeping; the object itself is not changed."""
    item = _object("Service", "dockerregistry")
    live = {**item, "status": {"x": 1}, "spec": {"a": 1}}
    live["metadata"] = {
        **item["metadata"],
        **dict.fromkeys(
            ("managedFields", "resourceVersion", "uid", "creationTimestamp", "generation", "selfLink"), "x"
        ),
    }
    before = dict(live)
    assert object_catalog.diff_object(live) == {**item, "spec": {"a": 1}}
    assert live == before and "uid" in live["metadata"]
    assert object_catalog.diff_object(None) == {} and object_catalog.diff_object({"kind": "X"}) == {
        "kind": "X",
        "metadata": {},
    }
