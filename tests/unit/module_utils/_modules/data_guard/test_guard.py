# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guard's judgement: what is there, what is wanted, what was accepted."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard import (
    consent,
    guard,
    image_counting,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.errors import RegistryError
from ansible_collections.kyma.docker_registry.tests.support.contexts import make_context

CLAIM = "persistentvolumeclaim/dockerregistry"
OTHER = "persistentvolumeclaim/other"


def _deployment(volumes: list[dict[str, Any]] | None, annotations: dict[str, str] | None = None) -> dict[str, Any]:
    return {
        "metadata": {"uid": "1", "generation": 3, "annotations": annotations},
        "spec": {"template": {"spec": {"volumes": volumes}}},
    }


MOUNTED = _deployment([{"name": "data", "persistentVolumeClaim": {"claimName": "dockerregistry"}}])
BOUND = {"metadata": {"name": "dockerregistry", "uid": "2"}, "status": {"phase": "Bound"}}
CONSENT = consent.build_consent(CLAIM, "ns", MOUNTED, BOUND)
WITHOUT_DEPLOYMENT = consent.build_consent(CLAIM, "ns", None, BOUND)


@pytest.mark.parametrize(
    ("claim", "storage_id"),
    [
        (None, None),
        ({"metadata": {"name": "dockerregistry"}}, None),
        ({"metadata": {"name": "dockerregistry"}, "status": None}, None),
        ({"metadata": {"name": "dockerregistry"}, "status": {"phase": "Pending"}}, None),
        ({"metadata": {"name": "dockerregistry"}, "status": {"phase": "Bound"}}, CLAIM),
    ],
)
def test_abandoned_claim(claim: dict[str, Any] | None, storage_id: str | None) -> None:
    """Only a claim that has had a volume can hold images."""
    assert guard.abandoned_claim(claim) == storage_id


class _Cluster:
    """A DockerRegistry with the record of an accepted loss, and with what else is given."""

    def __init__(self, record: str, registry: dict[str, Any]) -> None:
        self._record, self._registry = record, registry

    def get(self, kind: str, name: str, namespace: str) -> dict[str, Any] | None:
        if kind == "Secret":
            return None
        assert (kind, name, namespace) == ("DockerRegistry", "images", "ns")
        annotations = {constants.ACCEPTED_LOSS: self._record}
        return {"metadata": {"uid": "3", "generation": 7, "annotations": annotations}, **self._registry}


def _judge(
    monkeypatch: pytest.MonkeyPatch,
    image_count: image_counting.ImageCount | None,
    record: str = "",
    registry: dict[str, Any] | None = None,
    **values: Any,
) -> tuple[list[str], RegistryError | Refusal | None]:
    """Codes of the findings; `image_count` is what the registry answers; None if it must not be asked."""

    def count_images(_context: Context, namespace: str, _wait_seconds: float = 0) -> image_counting.ImageCount:
        assert image_count is not None and namespace == "ns"
        return image_count

    monkeypatch.setattr(image_counting, "count_images", count_images)
    monkeypatch.setattr(guard, "still_serves", lambda *_arguments: False)
    given: dict[str, Any] = {
        "new_storage_id": CLAIM,
        "deployment": MOUNTED,
        "default_claim": None,
        "consent": "",
        "registry_name": "images",
        "path": "storage",
        **values,
    }
    try:
        cluster: Any = _Cluster(record, registry or {})
        context = make_context({"wait_timeout": 1}, check_mode=False, cluster=cluster)
        found = guard.guard_images(context, namespace="ns", outcome="Nothing was changed.", **given)
    except Refusal as refusal:
        return [item.code for item in refusal.findings], refusal
    return [item.code for item in found], None


def test_nothing_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is asked where the images stay where they are, or where there are none."""
    assert _judge(monkeypatch, None) == ([], None)
    assert _judge(monkeypatch, None, deployment=None) == ([], None)
    assert _judge(monkeypatch, None, deployment=None, default_claim=BOUND) == ([], None)


def test_empty_registry_may_move(monkeypatch: pytest.MonkeyPatch) -> None:
    """It was asked and has nothing."""
    assert _judge(monkeypatch, image_counting.ImageCount(True), new_storage_id=OTHER) == ([], None)


@pytest.mark.parametrize(
    "image_count", [image_counting.ImageCount(True, 3), image_counting.ImageCount(False, reason="it sleeps")]
)
@pytest.mark.parametrize("accept", ["", OTHER, "true", CLAIM, CONSENT.upper(), CONSENT + " ", WITHOUT_DEPLOYMENT])
def test_images_stop_the_change(
    monkeypatch: pytest.MonkeyPatch, image_count: image_counting.ImageCount, accept: str
) -> None:
    """Images, or unknown content; only the consent for this state of the registry would be accepted."""
    codes, refusal = _judge(monkeypatch, image_count, new_storage_id=OTHER, consent=accept)
    assert codes == ["images-at-risk"] and refusal is not None
    text = str(refusal)
    assert image_count.describe() in text and f"registry_accept_data_loss: '{CONSENT}'" in text and OTHER in text
    assert ("does not match the current state" in text) == bool(accept)
    assert text.startswith("storage: ")


@pytest.mark.parametrize(
    "image_count", [image_counting.ImageCount(True, 3), image_counting.ImageCount(False, reason="it sleeps")]
)
def test_accepted_loss(monkeypatch: pytest.MonkeyPatch, image_count: image_counting.ImageCount) -> None:
    """A warning that says what was lost."""
    assert _judge(monkeypatch, image_count, new_storage_id=OTHER, consent=CONSENT) == (
        ["data-loss-accepted"],
        None,
    )


@pytest.mark.parametrize(
    ("record", "given", "code"),
    [
        (f"{WITHOUT_DEPLOYMENT} -> {OTHER}", WITHOUT_DEPLOYMENT, "data-loss-accepted"),
        (f"{WITHOUT_DEPLOYMENT} -> {OTHER}-2", WITHOUT_DEPLOYMENT, "images-at-risk"),
        (f"{WITHOUT_DEPLOYMENT} -> {OTHER}", "", "images-at-risk"),
        (f"{CLAIM} -> {OTHER}", CLAIM, "images-at-risk"),
        (f"s3/r/b#00000000 -> {OTHER}", "s3/r/b#00000000", "images-at-risk"),
    ],
    ids=["the same switch", "to another storage", "no longer given", "no consent", "left before"],
)
def test_the_switch_itself_does_not_spoil_its_consent(
    monkeypatch: pytest.MonkeyPatch, record: str, given: str, code: str
) -> None:
    """What was accepted before the first write counts up to the end of the same switch, although the Deployment is another one by now."""
    count = image_counting.ImageCount(True, 3)
    assert _judge(monkeypatch, count, record, new_storage_id=OTHER, consent=given)[0] == [code]


def test_left_claim_counts_as_full(monkeypatch: pytest.MonkeyPatch) -> None:
    """No registry serves it, so no registry is queried."""
    codes, refusal = _judge(monkeypatch, None, deployment=None, default_claim=BOUND, new_storage_id=OTHER)
    assert codes == ["images-at-risk"] and "no registry serves this storage" in str(refusal)
    assert _judge(
        monkeypatch, None, deployment=None, default_claim=BOUND, new_storage_id=OTHER, consent=WITHOUT_DEPLOYMENT
    )[0] == ["data-loss-accepted"]


LEFT = {"spec": {"storage": {"s3": {"bucket": "left", "region": "eu-central-1"}}}, "status": {"storage": "s3"}}


def test_a_deleted_deployment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The DockerRegistry names the storage. No registry can be queried; the consent is that of this generation of the DockerRegistry."""
    codes, refusal = _judge(monkeypatch, None, registry=LEFT, deployment=None, new_storage_id=OTHER)
    left = consent.build_consent("s3/eu-central-1/left", "ns", {"metadata": {"uid": "3", "generation": 7}}, None)
    assert codes == ["images-at-risk"] and f"'{left}'" in str(refusal)
    assert "no registry serves this storage" in str(refusal)
    accepted = {"registry": LEFT, "deployment": None, "new_storage_id": OTHER, "consent": left}
    assert _judge(monkeypatch, None, **accepted)[0] == ["data-loss-accepted"]
    assert _judge(monkeypatch, None, registry=LEFT, deployment=None, new_storage_id="s3/eu-central-1/left") == (
        [],
        None,
    )


def test_a_deleted_deployment_and_a_claim(monkeypatch: pytest.MonkeyPatch) -> None:
    """The claim counts if the DockerRegistry names the wanted storage, and no record of the canary shows that it has served."""
    given: dict[str, Any] = {"registry": LEFT, "deployment": None, "default_claim": BOUND}
    accepted = {**given, "consent": WITHOUT_DEPLOYMENT}
    assert _judge(monkeypatch, None, new_storage_id="s3/eu-central-1/left", **given)[0] == ["images-at-risk"]
    assert _judge(monkeypatch, None, new_storage_id="s3/eu-central-1/left", **accepted)[0] == ["data-loss-accepted"]
    assert "s3/eu-central-1/left" in str(
        _judge(monkeypatch, None, new_storage_id="s3/eu-central-1/other", **accepted)[1]
    )


def test_running_deployment_beats_what_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """The Deployment shows which one is in use."""
    assert _judge(monkeypatch, None, default_claim={**BOUND, "metadata": {"name": "other"}}) == ([], None)


@pytest.mark.parametrize(
    ("image_count", "never_served", "wanted", "codes"),
    [
        (image_counting.ImageCount(True), False, "s3/r/b/folder", []),
        (image_counting.ImageCount(True, 1), False, "s3/r/b/folder", ["images-at-risk"]),
        (image_counting.ImageCount(False), True, "s3/r/b/folder", []),
        (image_counting.ImageCount(False), False, "s3/r/b/folder", ["images-at-risk"]),
        (image_counting.ImageCount(False), True, "s3/r/bb", ["images-at-risk"]),
    ],
)
def test_an_interrupted_switch(
    monkeypatch: pytest.MonkeyPatch,
    image_count: image_counting.ImageCount,
    never_served: bool,
    wanted: str,
    codes: list[str],
) -> None:
    """A run that ended before it named the folder in the bucket is completed, unless images can have been pushed to the bucket's root."""
    monkeypatch.setattr(guard, "has_never_served", lambda *_arguments: never_served)
    deployment = _deployment([], {constants.STORAGE_ID: "s3/r/b"})
    found, _problem = _judge(monkeypatch, image_count, new_storage_id=wanted, deployment=deployment, interrupted=True)
    assert found == codes


@pytest.mark.parametrize(("opened", "check_mode", "seconds"), [(True, False, 1), (True, True, 0), (False, False, 0)])
def test_an_open_window_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, opened: bool, check_mode: bool, seconds: float
) -> None:
    """A run that was killed while it made the registry read-only or writable has left a Pod that is not ready yet."""
    waited: list[float] = []

    def count_images(_context: Context, _namespace: str, wait_seconds: float = 0) -> image_counting.ImageCount:
        waited.append(wait_seconds)
        return image_counting.ImageCount(True, 1)

    monkeypatch.setattr(image_counting, "count_images", count_images)
    monkeypatch.setattr(guard, "still_serves", lambda *_arguments: False)
    deployment = _deployment([], {constants.STORAGE_ID: "s3/r/b"})
    if opened:
        deployment["metadata"]["annotations"][constants.READ_ONLY_SINCE] = "2026-01-02T03:04:05Z"
    context = make_context({"wait_timeout": 1}, check_mode, cluster=_Cluster("", {}))
    remedies = []
    for in_window in (False, True):
        with pytest.raises(Refusal, match="The storage was not switched") as raised:
            guard.guard_images(
                context,
                namespace="ns",
                new_storage_id=OTHER,
                deployment=deployment,
                default_claim=None,
                consent="",
                registry_name="images",
                path="storage",
                outcome="The storage was not switched.",
                in_window=in_window,
            )
        remedies.append(raised.value.findings[0].remedy)
    assert waited == [seconds] * 2
    # Opening and closing the window are changes of the Deployment.
    assert "registry_accept_data_loss: 's3/r/b#" in remedies[0]
    assert "#" not in remedies[1] and "the finding then has the valid consent" in remedies[1]
