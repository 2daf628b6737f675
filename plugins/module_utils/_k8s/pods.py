# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why a Deployment's new Pods do not become ready, from what the cluster says about them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.log_redaction import redacted

Object = Mapping[str, Any]

# Seconds for which a problem has to last before it counts; GRACE stands for the caller's grace period.
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
_RESTARTS = 2
_TAIL = 60
_NOISE = frozenset({"BackOff"})
_REVISION = "deployment.kubernetes.io/revision"
# Not what a value follows, though it looks like it: a volume's name, and what became of a token.
_NO_VALUE = re.compile(r'(volume "[^"]*" : |\btoken: (?=unexpected status |Get "|Post "|failed ))')


@dataclass(frozen=True)
class Problem:
    """One reason. key: the same reason again has the same key. patience: AT_ONCE, SOON or GRACE.

    container and pod are set where the container's log may tell more.
    """

    code: str
    key: str
    message: str
    remedy: str
    patience: float = AT_ONCE
    pod: str = ""
    container: str = ""


@dataclass(frozen=True)
class Snapshot:
    """What was read at one moment. events: by the UID of what they are about, the newest last."""

    deployment: Object
    replica_sets: tuple[Object, ...] = ()
    pods: tuple[Object, ...] = ()
    claims: Mapping[str, Object | None] = field(default_factory=dict)
    events: Mapping[str, tuple[Object, ...]] = field(default_factory=dict)


def said(message: object) -> str:
    """What the cluster says, without what may be a credential: commands, mounts and policies are quoted in it."""
    parts = _NO_VALUE.split(str(message))
    # Every other part is what was split at.
    return "".join(part if index % 2 else redacted(part) for index, part in enumerate(parts))


def is_rolled_out(deployment: Object) -> bool:
    """True when every replica is of the present template, ready and available, and no other is left."""
    status, metadata = deployment.get("status") or {}, deployment["metadata"]
    if status.get("observedGeneration", 0) < metadata.get("generation", 0):
        return False
    wanted = deployment["spec"].get("replicas", 1)
    counts = ("updatedReplicas", "replicas", "readyReplicas", "availableReplicas")
    return all(status.get(name, 0) == wanted for name in counts)


def current_set(deployment: Object, replica_sets: Iterable[Object]) -> Object | None:
    """The ReplicaSet of the present template, None while the controller has not made it."""
    if (deployment.get("status") or {}).get("observedGeneration", 0) < deployment["metadata"].get("generation", 0):
        return None
    revision = (deployment["metadata"].get("annotations") or {}).get(_REVISION)
    for replica_set in replica_sets:
        metadata = replica_set["metadata"]
        owned = _owned_by(replica_set, deployment["metadata"].get("uid"))
        if owned and revision and (metadata.get("annotations") or {}).get(_REVISION) == revision:
            return replica_set
    return None


def new_pods(replica_set: Object, pods: Iterable[Object]) -> list[Object]:
    """The set's Pods that are to stay: neither on their way out nor given up (an evicted one is replaced)."""
    return [
        pod
        for pod in pods
        if _owned_by(pod, replica_set["metadata"].get("uid"))
        and not pod["metadata"].get("deletionTimestamp")
        and (pod.get("status") or {}).get("phase") != "Failed"
    ]


def _owned_by(obj: Object, uid: Any) -> bool:
    owners = obj["metadata"].get("ownerReferences") or []
    return uid is not None and any(owner.get("uid") == uid for owner in owners)


def claim_names(pod: Object) -> list[str]:
    """Names of the PersistentVolumeClaims that the Pod mounts."""
    volumes = (pod.get("spec") or {}).get("volumes") or []
    claims = [(volume.get("persistentVolumeClaim") or {}).get("claimName") for volume in volumes]
    return [str(name) for name in claims if name]


def condition(obj: Object, kind: str) -> Mapping[str, Any]:
    """The condition of this type, empty where there is none."""
    for entry in (obj.get("status") or {}).get("conditions") or []:
        if entry.get("type") == kind and isinstance(entry, Mapping):
            return entry
    return {}


def problems(snapshot: Snapshot) -> list[Problem]:
    """All reasons that can be seen, those that need no patience first. Pods of older ReplicaSets are not looked at."""
    replica_set = current_set(snapshot.deployment, snapshot.replica_sets)
    if replica_set is None:
        return []
    found = [*_admission(snapshot.deployment, replica_set)]
    for pod in new_pods(replica_set, snapshot.pods):
        found += pod_problems(pod, snapshot)
    return sorted(found, key=lambda problem: (AT_ONCE, SOON, GRACE).index(problem.patience))


def pod_problems(pod: Object, snapshot: Snapshot) -> list[Problem]:
    """All reasons why this Pod does not start that can be seen."""
    return [*_containers(pod), *_volumes(pod, snapshot), *_scheduling(pod, snapshot)]


def _admission(deployment: Object, replica_set: Object) -> Iterator[Problem]:
    """Pods that the API server refuses to make."""
    failure = condition(replica_set, "ReplicaFailure") or condition(deployment, "ReplicaFailure")
    if failure.get("status") != "True":
        return
    message = said(failure.get("message") or failure.get("reason"))
    remedy = "Mend what the message names: a quota, a policy or a missing service account."
    # A quota or an account may be there in a moment, a policy stays.
    patience = AT_ONCE if "PodSecurity" in message else SOON
    yield Problem("rollout-admission", "admission", f"the cluster refuses the Pod: {message}", remedy, patience)


def _containers(pod: Object) -> Iterator[Problem]:
    status = pod.get("status") or {}
    for entry in [*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])]:
        problem = _container(str(pod["metadata"]["name"]), entry)
        if problem is not None:
            yield problem


def _container(pod: str, entry: Mapping[str, Any]) -> Problem | None:
    name = str(entry.get("name"))
    state, before = entry.get("state") or {}, entry.get("lastState") or {}
    waiting = state.get("waiting") or {}
    reason = str(waiting.get("reason") or "")
    place = f"container {name} of Pod {pod}"
    text = f"{place}: {reason}: {said(waiting.get('message') or 'no message')}"
    if reason in _IMAGE | _IMAGE_SOON:
        remedy = "Check registry_image, its registry's address and the pull credentials."
        return Problem(
            "rollout-image-pull", f"{pod}/{name}/image", text, remedy, AT_ONCE if reason in _IMAGE else SOON, pod
        )
    if reason in _CONFIG_AT_ONCE | _CONFIG_SOON:
        remedy = "Create the Secret, ConfigMap or key that it names, or mend the Pod's settings."
        patience = AT_ONCE if reason in _CONFIG_AT_ONCE else SOON
        return Problem("rollout-container-config", f"{pod}/{name}/config", text, remedy, patience, pod)
    ended = state.get("terminated") or before.get("terminated") or {}
    failed = ended.get("exitCode", 0) != 0
    if reason == "CrashLoopBackOff" or (
        int(entry.get("restartCount") or 0) >= _RESTARTS and failed and not entry.get("ready")
    ):
        how = f"exit code {ended.get('exitCode')}, {ended.get('reason')}" if ended else "see its log"
        remedy = "Mend the cause; deleting the Pod then tries again at once."
        message = f"{place} ends again and again ({how})"
        return Problem("rollout-crashloop", f"{pod}/{name}/crash", message, remedy, AT_ONCE, pod, name)
    return None


def _volumes(pod: Object, snapshot: Snapshot) -> Iterator[Problem]:
    """Claims that do not get a volume, and volumes that do not get to the node."""
    name = str(pod["metadata"]["name"])
    if (pod.get("status") or {}).get("phase") != "Pending":
        return
    for claim in claim_names(pod):
        if claim in snapshot.claims:
            yield from _claim(name, claim, snapshot.claims[claim], snapshot)
    for event in snapshot.events.get(str(pod["metadata"].get("uid")), ()):
        if event.get("reason") in _MOUNT_EVENTS:
            text = f"Pod {name} cannot mount a volume: {said(event.get('message'))}"
            yield Problem("rollout-volume", f"{name}/mount", text, "Mend the volume or what it mounts.", GRACE, name)
            return


def _claim(pod: str, name: str, claim: Object | None, snapshot: Snapshot) -> Iterator[Problem]:
    key = f"{pod}/claim/{name}"
    if claim is None:
        text = f"the PersistentVolumeClaim {name} does not exist"
        yield Problem("rollout-volume", key, text, "Create it, or name another.", SOON, pod)
        return
    phase = (claim.get("status") or {}).get("phase")
    if phase == "Lost":
        text = f"the PersistentVolumeClaim {name} lost its volume"
        yield Problem("rollout-volume", key, text, "Restore the volume, or name another claim.", AT_ONCE, pod)
    if phase != "Pending":
        return
    for event in reversed(snapshot.events.get(str(claim["metadata"].get("uid")), ())):
        if event.get("reason") == "ProvisioningFailed":
            message = said(event.get("message"))
            text = f"the PersistentVolumeClaim {name} gets no volume: {message}"
            patience = AT_ONCE if "not found" in message else SOON
            remedy = "Name a storage class that exists and can provide it."
            yield Problem("rollout-volume", key, text, remedy, patience, pod)
            return


def _scheduling(pod: Object, snapshot: Snapshot) -> Iterator[Problem]:
    """A Pod without a node: late binding and autoscalers need a while, so this needs patience."""
    scheduled = condition(pod, "PodScheduled")
    if scheduled.get("status") != "False" or scheduled.get("reason") != "Unschedulable":
        return
    name = str(pod["metadata"]["name"])
    if any(
        event.get("reason") == "TriggeredScaleUp" for event in snapshot.events.get(str(pod["metadata"].get("uid")), ())
    ):
        return  # An autoscaler is making a node.
    message = said(scheduled.get("message"))
    volume = any(
        words in message.lower() for words in ("persistentvolumeclaim", "volume node affinity", "persistent volume")
    )
    yield Problem(
        "rollout-volume" if volume else "rollout-unschedulable",
        f"{name}/scheduling",
        f"no node takes Pod {name}: {message}",
        "Check the claim and its class." if volume else "Check resources, node selector, tolerations and nodes.",
        GRACE,
        name,
    )


def state(pod: Object) -> str:
    """The Pod's phase and its containers' states in a line."""
    status = pod.get("status") or {}
    states = [
        f"{entry.get('name')} {'ready' if entry.get('ready') else 'not ready'}"
        f" ({', '.join(str(detail.get('reason') or how) for how, detail in (entry.get('state') or {}).items())})"
        for entry in status.get("containerStatuses") or []
    ]
    return f"Pod {pod['metadata']['name']} {status.get('phase', 'Unknown')}: {', '.join(states) or 'no container yet'}"


def summary(snapshot: Snapshot) -> str:
    """The state of the new Pods in a line, for the end of a wait that nothing explains."""
    replica_set = current_set(snapshot.deployment, snapshot.replica_sets)
    if replica_set is None:
        return "the Deployment's controller has not acted on it"
    parts = [state(pod) for pod in new_pods(replica_set, snapshot.pods)]
    leaving = [str(pod["metadata"]["name"]) for pod in snapshot.pods if pod["metadata"].get("deletionTimestamp")]
    if leaving:
        parts.append(f"still ending: {', '.join(sorted(leaving))}")
    return "; ".join(parts) or "it has no Pod yet"


def last_events(snapshot: Snapshot, uids: Iterable[str], reported: str = "", count: int = 3) -> str:
    """The newest warnings about these objects, each once, without those that say what is `told` already."""
    texts: list[str] = []
    for uid in uids:
        for event in snapshot.events.get(uid, ()):
            message = said(event.get("message")).rstrip(".")
            text = f"{event.get('reason')}: {message}"
            known = message[-_TAIL:].removeprefix("Error: ") in reported or event.get("reason") in _NOISE
            if event.get("type") == "Warning" and text not in texts and not known:
                texts.append(text)
    return "; ".join(texts[-count:])
