# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why the current Pods of a Deployment do not become ready: conditions, container states, claims and events. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .objects import Object, condition, is_being_deleted, status_of
from .pods import claim_names, current_pods, current_replica_set, describe_pod, redact_message

# Seconds for which a problem must last before it counts; GRACE means the caller's grace period.
AT_ONCE = 0.0
SOON = 5.0
GRACE = -1.0

_IMAGE = frozenset(
    {"ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "ImageInspectError", "RegistryUnavailable"}
)
_IMAGE_SOON = frozenset({"ErrImagePull"})
_CONFIG_AT_ONCE = frozenset({"CreateContainerConfigError"})
_CONFIG_SOON = frozenset({"CreateContainerError", "RunContainerError", "PostStartHookError"})
_MOUNT_EVENTS = frozenset({"FailedMount", "FailedAttachVolume", "FailedMapVolume"})
# A first restart can be a race at the start, for example with DNS.
_RESTARTS = 2
# Characters: an event repeats the end of the message that the container status has.
_TAIL = 60
# Its message only says that the kubelet waits.
_NOISE = frozenset({"BackOff"})


@dataclass(frozen=True)
class Problem:
    """One problem. key: the same for the same problem at another time. patience: AT_ONCE, SOON or GRACE.

    container and pod are set if the container's log may explain more. last_event: time of the newest event that shows the problem, empty if there is
    none or it is not known. A controller that waits before it tries again leaves the problem in a status, and no new event.
    """

    code: str
    key: str
    message: str
    remedy: str
    patience: float = AT_ONCE
    pod: str = ""
    container: str = ""
    last_event: str = ""


@dataclass(frozen=True)
class Snapshot:
    """The objects of one rollout, read at the same time. events: by the UID of the object that they are about, the newest last."""

    deployment: Object
    replica_sets: tuple[Object, ...] = ()
    pods: tuple[Object, ...] = ()
    claims: Mapping[str, Object | None] = field(default_factory=dict)
    events: Mapping[str, tuple[Object, ...]] = field(default_factory=dict)


def find_problems(snapshot: Snapshot) -> list[Problem]:
    """All problems, the certain ones first. Pods of older ReplicaSets are ignored."""
    replica_set = current_replica_set(snapshot.deployment, snapshot.replica_sets)
    if replica_set is None:
        return []
    found = [*_admission(snapshot, replica_set)]
    for pod in current_pods(replica_set, snapshot.pods):
        found += find_pod_problems(pod, snapshot)
    return sorted(found, key=lambda problem: (AT_ONCE, SOON, GRACE).index(problem.patience))


def find_pod_problems(pod: Object, snapshot: Snapshot) -> list[Problem]:
    """All problems that keep this Pod from starting."""
    return [*_containers(pod), *_volumes(pod, snapshot), *_scheduling(pod, snapshot)]


def replica_failure(deployment: Object, replica_set: Object) -> Mapping[str, Any]:
    """The condition that says why no Pod can be created; empty if there is none or it is over."""
    failure = condition(replica_set, "ReplicaFailure") or condition(deployment, "ReplicaFailure")
    return failure if failure.get("status") == "True" else {}


def event_time(event: Mapping[str, Any]) -> str:
    """When the event was seen last, as its text in the object."""
    series = event.get("series") or {}
    times = (series.get("lastObservedTime"), event.get("lastTimestamp"), event.get("eventTime"))
    return str(next((text for text in times if text), event["metadata"].get("creationTimestamp") or ""))


def _admission(snapshot: Snapshot, replica_set: Object) -> Iterator[Problem]:
    """Pods that the API server does not allow to create."""
    failure = replica_failure(snapshot.deployment, replica_set)
    if not failure:
        return
    message = redact_message(failure.get("message") or failure.get("reason"))
    remedy = "Correct what the message names: a quota, a policy or a missing service account."
    # A quota or an account may be there in a moment, a policy stays.
    patience = AT_ONCE if "PodSecurity" in message else SOON
    events = snapshot.events.get(str(replica_set["metadata"].get("uid")), ())
    last = event_time(events[-1]) if events else ""
    text = f"the API server rejects the Pod: {message}"
    yield Problem("rollout-admission", "admission", text, remedy, patience, last_event=last)


def _containers(pod: Object) -> Iterator[Problem]:
    found = status_of(pod)
    for entry in [*(found.get("initContainerStatuses") or []), *(found.get("containerStatuses") or [])]:
        problem = _container(str(pod["metadata"]["name"]), entry)
        if problem is not None:
            yield problem


def _container(pod: str, entry: Mapping[str, Any]) -> Problem | None:
    name = str(entry.get("name"))
    state, before = entry.get("state") or {}, entry.get("lastState") or {}
    waiting = state.get("waiting") or {}
    reason = str(waiting.get("reason") or "")
    place = f"container {name} of Pod {pod}"
    text = f"{place}: {reason}: {redact_message(waiting.get('message') or 'no message')}"
    if reason in _IMAGE | _IMAGE_SOON:
        remedy = "Check registry_image, its registry's address and the pull credentials."
        return Problem(
            "rollout-image-pull", f"{pod}/{name}/image", text, remedy, AT_ONCE if reason in _IMAGE else SOON, pod
        )
    if reason in _CONFIG_AT_ONCE | _CONFIG_SOON:
        remedy = "Create the Secret, ConfigMap or key that it names, or correct the Pod's settings."
        patience = AT_ONCE if reason in _CONFIG_AT_ONCE else SOON
        return Problem("rollout-container-config", f"{pod}/{name}/config", text, remedy, patience, pod)
    ended = state.get("terminated") or before.get("terminated") or {}
    failed = ended.get("exitCode", 0) != 0
    restarted = int(entry.get("restartCount") or 0) >= _RESTARTS
    exits_repeatedly = restarted and failed and not entry.get("ready")
    if reason == "CrashLoopBackOff" or exits_repeatedly:
        how = f"exit code {ended.get('exitCode')}, {ended.get('reason')}" if ended else "see its log"
        remedy = "Correct the cause, then delete the Pod to start it again at once."
        message = f"{place} exits repeatedly ({how})"
        return Problem("rollout-crashloop", f"{pod}/{name}/crash", message, remedy, AT_ONCE, pod, name)
    return None


def _volumes(pod: Object, snapshot: Snapshot) -> Iterator[Problem]:
    """Claims without a volume, and volumes that cannot be mounted."""
    name = str(pod["metadata"]["name"])
    if status_of(pod).get("phase") != "Pending":
        return
    for claim in claim_names(pod):
        if claim in snapshot.claims:
            yield from _claim(name, claim, snapshot.claims[claim], snapshot)
    for event in snapshot.events.get(str(pod["metadata"].get("uid")), ()):
        if event.get("reason") in _MOUNT_EVENTS:
            text = f"Pod {name} cannot mount a volume: {redact_message(event.get('message'))}"
            yield Problem(
                "rollout-volume",
                f"{name}/mount",
                text,
                "Correct the volume, or the Secret or ConfigMap that it mounts.",
                GRACE,
                name,
            )
            return


def _claim(pod: str, name: str, claim: Object | None, snapshot: Snapshot) -> Iterator[Problem]:
    key = f"{pod}/claim/{name}"
    if claim is None:
        text = f"the PersistentVolumeClaim {name} does not exist"
        yield Problem("rollout-volume", key, text, "Create it, or specify another claim.", SOON, pod)
        return
    phase = status_of(claim).get("phase")
    if phase == "Lost":
        text = f"the PersistentVolumeClaim {name} lost its volume"
        yield Problem("rollout-volume", key, text, "Restore the volume, or specify another claim.", AT_ONCE, pod)
    if phase != "Pending":
        return
    for event in reversed(snapshot.events.get(str(claim["metadata"].get("uid")), ())):
        if event.get("reason") == "ProvisioningFailed":
            message = redact_message(event.get("message"))
            text = f"the PersistentVolumeClaim {name} is not bound to a volume: {message}"
            patience = AT_ONCE if "not found" in message else SOON
            remedy = "Specify a storage class that exists and can provision the volume."
            yield Problem("rollout-volume", key, text, remedy, patience, pod)
            return


def _scheduling(pod: Object, snapshot: Snapshot) -> Iterator[Problem]:
    """A Pod without a node: late binding and autoscalers need a while, so the wait continues."""
    scheduled = condition(pod, "PodScheduled")
    if scheduled.get("status") != "False" or scheduled.get("reason") != "Unschedulable":
        return
    name = str(pod["metadata"]["name"])
    if any(
        event.get("reason") == "TriggeredScaleUp" for event in snapshot.events.get(str(pod["metadata"].get("uid")), ())
    ):
        return  # An autoscaler adds a node.
    message = redact_message(scheduled.get("message"))
    volume = any(
        words in message.lower() for words in ("persistentvolumeclaim", "volume node affinity", "persistent volume")
    )
    yield Problem(
        "rollout-volume" if volume else "rollout-unschedulable",
        f"{name}/scheduling",
        f"no node can run Pod {name}: {message}",
        "Check the claim and its storage class."
        if volume
        else "Check resources, node selector, tolerations and nodes.",
        GRACE,
        name,
    )


def describe_snapshot(snapshot: Snapshot) -> str:
    """The state of the current Pods in one line."""
    replica_set = current_replica_set(snapshot.deployment, snapshot.replica_sets)
    if replica_set is None:
        return "the Deployment's controller has not acted on it"
    parts = [describe_pod(pod) for pod in current_pods(replica_set, snapshot.pods)]
    leaving = [str(pod["metadata"]["name"]) for pod in snapshot.pods if is_being_deleted(pod)]
    if leaving:
        parts.append(f"still ending: {', '.join(sorted(leaving))}")
    return "; ".join(parts) or "the Deployment has no Pod yet"


def recent_events(snapshot: Snapshot, uids: Iterable[str], reported: str = "") -> str:
    """The newest three warnings about these objects, each once, without those whose message is in `reported`."""
    texts: list[str] = []
    for uid in uids:
        for event in snapshot.events.get(uid, ()):
            message = redact_message(event.get("message")).rstrip(".")
            text = f"{event.get('reason')}: {message}"
            known = message[-_TAIL:].removeprefix("Error: ") in reported or event.get("reason") in _NOISE
            if event.get("type") == "Warning" and text not in texts and not known:
                texts.append(text)
    return "; ".join(texts[-3:])
