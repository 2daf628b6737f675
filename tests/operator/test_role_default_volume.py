# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One registry on the operator's volume, from its first deployment to its removal: copies of the pull Secret, metrics, deletion, storage lock.

The tests run in this order. Each leaves the registry running, with an image and with what VARIABLES ask for.
"""

from __future__ import annotations

import base64
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import MERGE_PATCH
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import ClusterError
from ansible_collections.kyma.docker_registry.tests.monitoring.registry import Scraper, another_run
from ansible_collections.kyma.docker_registry.tests.monitoring.scraped import Scrape, labels_of, unknown
from ansible_collections.kyma.docker_registry.tests.operator.role_registry import DEFAULT_STORAGE_ID, RoleRegistry
from ansible_collections.kyma.docker_registry.tests.support import consent, image, monitoring
from ansible_collections.kyma.docker_registry.tests.support.waiting import until


@pytest.fixture(scope="module")
def team(shared_role_registry: RoleRegistry) -> Iterator[str]:
    """A namespace that wants a copy of the pull Secret."""
    name = f"{shared_role_registry.namespace}-team"
    made = shared_role_registry.cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    yield name
    shared_role_registry.cluster.delete("Namespace", name, None, uid=made["metadata"]["uid"])


@pytest.fixture(scope="module")
def wanted(team: str) -> dict[str, Any]:
    """Variables of every run."""
    return {"registry_pull_secret_namespaces": [team]}


@pytest.fixture(scope="module")
def kept(shared_role_registry: RoleRegistry, wanted: dict[str, Any]) -> RoleRegistry:
    """The registry with an image. The port that the operator would take first is in use, so it draws another one."""
    role_registry = shared_role_registry
    spec = {"type": "NodePort", "ports": [{"port": 80, "nodePort": constants.NODE_PORT}]}
    metadata = {"name": "foreign", "namespace": role_registry.namespace}
    # If another registry of the lab has it, it is taken as well.
    with suppress(ClusterError):
        role_registry.cluster.create({"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec})
    first = role_registry.deployed(**wanted)
    assert first.of("Validate").result["mode"] == "operator"
    assert first.of("Verify").result["verified"]
    role_registry.push()
    return role_registry


def _data(role_registry: RoleRegistry, namespace: str) -> dict[str, str]:
    secret = role_registry.cluster.get("Secret", constants.CREDENTIALS_SECRET, namespace)
    assert secret is not None
    return {key: base64.b64decode(value).decode() for key, value in secret["data"].items()}


def test_the_first_run_is_complete(kept: RoleRegistry, wanted: dict[str, Any]) -> None:
    """Ready on the operator's volume, with the whole storage lock; the second run writes nothing."""
    status = kept.status()
    assert (status["state"], status["storage"]) == ("Ready", "filesystem")
    assert (
        kept.has_storage_lock()
        and not {"storage-lock-missing", "storage-id-drift", "storage-id-changed"} & kept.warned()
    )
    kept.unchanged(**wanted)
    audit = kept.audit()
    kept.deployed(**wanted)
    audit.require_few()


def test_copies_hold_the_port_of_the_service(kept: RoleRegistry, team: str) -> None:
    """After the first run already, though the operator draws the port."""
    service = kept.cluster.get("Service", constants.REGISTRY, kept.namespace)
    assert service is not None
    (port,) = [item["nodePort"] for item in service["spec"]["ports"] if item["port"] == constants.API_PORT]
    assert port != constants.NODE_PORT
    copy = _data(kept, team)
    assert copy["pullRegAddr"] == constants.pull_address(port)
    assert copy == _data(kept, kept.namespace)


def _unknown(scrape: Scrape) -> dict[str, set[str]]:
    """By expression, but for those on volumes: the kubelet does not measure the lab's default kind."""
    known = labels_of(scrape)
    found = {item: unknown(item, known) for item in monitoring.expressions() if "kubelet_volume_stats" not in item}
    return {expression: missing for expression, missing in found.items() if missing}


def test_what_is_scraped(kept: RoleRegistry) -> None:
    """One target, of the operator's Service; a registry that was used has all that alerts and dashboard name."""
    services = kept.cluster.list("Service", kept.namespace)
    assert monitoring.targets(services) == [(constants.METRICS_SERVICE, constants.DEBUG_PORT, "/metrics")]
    kept.assert_kept()
    scraper = Scraper(kept.cluster, kept.kubeconfig, kept.namespace)
    with another_run(kept.cluster, kept.namespace):
        until("all values to be known", lambda: not _unknown(scraper.scrape()))


def test_without_a_storage_lock(kept: RoleRegistry, wanted: dict[str, Any]) -> None:
    """`registry_storage_lock: false` takes the storage lock off, which info reports, and true sets it again; the images stay."""
    kept.deployed(**wanted, registry_storage_lock=False)
    assert not kept.has_storage_lock() and "storage-lock-missing" in kept.warned()
    assert "kyma-docker-registry.ansible/storage-lock" not in kept.whole()["metadata"]["annotations"]
    kept.unchanged(**wanted, registry_storage_lock=False)
    kept.deployed(**wanted)
    assert kept.has_storage_lock() and "storage-lock-missing" not in kept.warned()
    kept.assert_kept()


def test_deletion_of_images(kept: RoleRegistry, wanted: dict[str, Any]) -> None:
    """`deleteEnabled` alone, as Kyma's tutorial has it, keeps the volume: the operator never sees it, the registry does."""
    variables = {**wanted, "registry_storage": {"deleteEnabled": True}}
    kept.deployed(**variables)
    assert kept.storage() is None
    assert kept.volumes()["data"] == {"name": "data", "persistentVolumeClaim": {"claimName": "dockerregistry"}}
    assert kept.storage_id() == DEFAULT_STORAGE_ID
    with tempfile.TemporaryDirectory() as folder:
        image.oci_layout(Path(folder, "image"))
        kept.client.push(Path(folder, "image"), "team/unwanted:v1")
    kept.client.delete("team/unwanted:v1")
    with pytest.raises(AssertionError, match="manifest unknown"):
        kept.client.digest("team/unwanted:v1")
    kept.assert_kept()
    kept.unchanged(**variables)


def _login(role_registry: RoleRegistry) -> str | None:
    """What the Deployment records about the user of its Pods."""
    template = role_registry.deployment()["template"]
    found: dict[str, str] = template["metadata"].get("annotations") or {}
    return found.get(constants.LOGIN_FINGERPRINT)


def test_a_changed_password(kept: RoleRegistry, team: str, wanted: dict[str, Any]) -> None:
    """Pods, clients and copies have it after the run. A run without the password keeps it, and keeps the Pods."""
    assert _login(kept) is None
    former = _data(kept, team)["password"]
    changed = {**wanted, "registry_password": "a-changed-password-of-this-test"}
    run = kept.deployed(**changed)
    assert run.of("Verify").result["verified"]
    assert _data(kept, team) == _data(kept, kept.namespace)
    assert _data(kept, team)["password"] == changed["registry_password"] != former
    recorded = _login(kept)
    assert recorded
    kept.unchanged(**changed)
    kept.unchanged(**wanted)
    assert _login(kept) == recorded


@pytest.mark.long
def test_a_changed_password_in_a_run_that_fails(kept: RoleRegistry, team: str, wanted: dict[str, Any]) -> None:
    """The restored Pods accept what clients and copies have. A password that another client has written, and that Pods have read, is replaced again."""
    before, recorded = _data(kept, kept.namespace), _login(kept)
    changed = {**wanted, "registry_password": "another-password-of-this-test"}
    stopping = {"registry_env": {"REGISTRY_MIDDLEWARE": {"storage": [{"name": "redirect"}]}}}
    failed = kept.deploy(**changed, **stopping)
    assert failed.returncode != 0 and "deployment-restored" in failed.output, failed.output
    assert _data(kept, kept.namespace)["password"] == changed["registry_password"] != before["password"]
    assert _login(kept) not in (None, recorded)
    verified = kept.deploy("--tags", "verify", **wanted)
    assert verified.returncode == 0 and verified.of("Verify").result["verified"], verified.output
    assert _data(kept, team) == _data(kept, kept.namespace)
    kept.deployed(**changed)
    mark = _login(kept)
    by_hand = {"stringData": {"password": "of-another-client"}}
    kept.cluster.patch("Secret", "dockerregistry-config", kept.namespace, by_hand, content_type=MERGE_PATCH)
    for pod in kept.cluster.list("Pod", kept.namespace):
        kept.cluster.delete("Pod", pod["metadata"]["name"], kept.namespace, uid=pod["metadata"]["uid"])
    assert kept.deployed(**changed).of("Verify").result["verified"]
    assert _login(kept) != mark and _data(kept, kept.namespace)["password"] == changed["registry_password"]
    kept.unchanged(**changed)


def test_what_would_take_the_claim_is_refused(kept: RoleRegistry) -> None:
    """The Deployment was deleted by hand: the images cannot be counted, so they count as there.

    A removal, and the claim named as the user's own: no write. A registry that the operator creates again serves the image.
    """
    kept.cluster.delete("Deployment", "dockerregistry", kept.namespace, uid=kept.whole()["metadata"]["uid"])
    until("the Pod to be gone", lambda: not kept.cluster.list("Pod", kept.namespace))
    assert "operator-deletion-takes-volume" in kept.warned()
    audit = kept.audit()
    removal = kept.deploy(registry_state="absent")
    assert removal.failure.codes() == ["images-at-risk"], removal.output
    assert DEFAULT_STORAGE_ID in removal.failure.result["msg"]
    named = kept.deploy(registry_storage={"pvc": {"name": "dockerregistry"}})
    assert named.failure.codes() == ["operator-own-claim"], named.output
    assert audit.writes() == []
    assert "deletionTimestamp" not in kept.cr()["metadata"]
    assert "dockerregistry" in kept.names("PersistentVolumeClaim")
    kept.by_hand({"spec": {"logging": {"level": "debug"}}})
    until("a Pod that serves", kept.pods)
    kept.assert_kept()


def test_the_removal_takes_copies_away(kept: RoleRegistry, team: str, wanted: dict[str, Any]) -> None:
    """And the volume, whose loss is accepted. The storage ID alone is not a consent."""
    bare = kept.deploy(**wanted, registry_state="absent", registry_accept_data_loss=DEFAULT_STORAGE_ID)
    assert bare.failure.codes() == ["images-at-risk"], bare.output
    offered = consent.offered(bare.failure.result)
    kept.deployed(**wanted, registry_state="absent", registry_accept_data_loss=offered)
    assert kept.cluster.get("Secret", constants.CREDENTIALS_SECRET, team) is None
    until("the volume to be gone", lambda: "dockerregistry" not in kept.names("PersistentVolumeClaim"))
