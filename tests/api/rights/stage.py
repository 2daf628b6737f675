# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bodies of modules against an API server of the test's own, as users with few rights.

Nothing runs there: a task that waits for a Pod ends with a time-out, which is not a missing right.
"""

from __future__ import annotations

import contextlib
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import ObjectDict
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import connect
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.crd import crd
from ansible_collections.kyma.docker_registry.tests.api.cases import LABELS, STORAGE_SECRETS, objects
from ansible_collections.kyma.docker_registry.tests.api.cluster.samples import samples
from ansible_collections.kyma.docker_registry.tests.support import in_process, rights, shared
from ansible_collections.kyma.docker_registry.tests.support import objects as objects_of_users
from ansible_collections.kyma.docker_registry.tests.support.audit import Audit
from ansible_collections.kyma.docker_registry.tests.support.rights import Right
from ansible_collections.kyma.docker_registry.tests.support.waiting import until

Result = dict[str, Any]
Do = Callable[..., Result]
Story = Callable[["Stage", str, Do], Iterator[Result]]

FORBIDDEN = "cluster-forbidden"
CLASS = "some-class"
S3 = {"s3": {"bucket": "images", "region": "eu-central-1", "secretName": "store"}}
# Rights that no run ends without, in either mode, and what does happen.
SOFT = {
    "Role deployments list": "the ClusterRole has it too; for those who have the Role alone",
    "Role leases delete": "the Lease stays until it has expired: lease-not-released",
    "Role pods/log get": "the finding about a Pod that fails lacks its last words",
    "Role events list": "the same lacks the events",
    "Role pods/portforward get": "API servers before 1.35 ask for it, later ones for create: test_port_forward",
    "Role pods/portforward create": "the same",
    "Role pods/exec get": "the data guard counts the registry as full: tests/e2e/test_rbac.py",
    "Role pods/exec create": "the same",
}


_MERGE = "application/merge-patch+json"
_REVISION = "deployment.kubernetes.io/revision"


class Stage:
    """One API server: its administrator, and users who may little."""

    def __init__(self, folder: Path) -> None:
        """folder: as api_server.shared() gives it."""
        self.kubeconfig = str(folder / "kubeconfig")
        self.cluster = connect({"kubeconfig": self.kubeconfig}, {}, user_agent="tests")
        self._folder = folder

    def audit(self, namespace: str) -> Audit:
        """Our requests from now on, also those of other tests outside their namespaces."""
        return Audit(str(self._folder / "audit.log"), namespace)

    def once(self, name: str, make: Callable[[], Any]) -> Any:
        """What make() returns (JSON), for all processes."""
        return shared.once(self._folder, name, make)

    def locked(self) -> AbstractContextManager[None]:
        """Only one process at a time."""
        return shared.locked(self._folder / "turn")

    def add_class(self) -> None:
        """Make a default class for volumes."""
        annotation = {"storageclass.kubernetes.io/is-default-class": "true"}
        kind = {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass"}
        self.cluster.create({**kind, "metadata": {"name": CLASS, "annotations": annotation}, "provisioner": "none"})

    def define(self) -> None:
        """Install the definition."""
        self.cluster.create(crd())
        until("the definition to be served", lambda: self.cluster.serves("DockerRegistry", "default"))

    def operator(self, **settings: Any) -> ObjectDict:
        """Make an operator's Deployment that is ready. Nothing reconciles here; taking() does the first step of an operator."""
        made = self.cluster.create(objects_of_users.operator_deployment(**settings))
        _patch_status(self, made, {"replicas": 1, "readyReplicas": 1})
        return made

    @contextlib.contextmanager
    def taking(self, namespace: str, name: str = constants.CR_NAME) -> Iterator[None]:
        """Take the DockerRegistry as soon as it exists, by its status. A finalizer would make it the one that the operator serves."""
        ended = threading.Event()

        def take() -> None:
            cluster = connect({"kubeconfig": self.kubeconfig}, {}, user_agent="tests")
            while not ended.wait(0.1):
                if cluster.get("DockerRegistry", name, namespace) is not None:
                    taken = {"status": {"served": "True"}}
                    cluster.patch("DockerRegistry", name, namespace, taken, content_type=_MERGE, subresource="status")
                    return

        thread = threading.Thread(target=take)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def prepare_for_operator(self) -> None:
        """The definition, a class for volumes and the operator's namespaces, once for all tests."""

        def prepare() -> None:
            self.add_class()
            self.define()
            for name in ("kyma-system", "docker-registry"):
                self.cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})

        self.once("prepared", prepare)

    def namespace(self) -> str:
        """A fresh namespace."""
        name = f"n{uuid.uuid4().hex[:10]}"
        self.cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        return name

    def users(
        self,
        manifest: str,
        missing: Iterable[Right | None],
        prepare: Callable[[Iterable[str]], None] = lambda _names: None,
    ) -> dict[Right | None, str]:
        """For each right a namespace and a user of the same name who has all of the manifest but that.

        Made once, and prepared with their names, for all processes.
        """
        wanted = list(missing)

        def make() -> list[str]:
            users = {right: self.namespace() for right in wanted}
            self._bind(manifest, users)
            prepare(users.values())
            return list(users.values())

        return dict(zip(wanted, self.once(f"users-{manifest}", make), strict=True))

    def _bind(self, manifest: str, users: Mapping[Right | None, str]) -> None:
        wanted = [
            item
            for right, name in users.items()
            for role in rights.roles(manifest, right)
            for item in rights.bound(role, _user(name), name, name)
        ]
        rights.make(self.kubeconfig, wanted)
        # The authorizer learns of bindings in the order in which they were made.
        right, name = list(users.items())[-1]
        given = [item for item in rights.rights(manifest) if item != right]
        rights.await_rights(self.kubeconfig, name, given, name)

    def give(self, user: str, namespace: str, manifest: str, *kinds: str, everywhere: bool = False) -> None:
        """Bind the manifest's roles of these kinds (all without) to a user."""
        wanted = [role for role in rights.roles(manifest) if not kinds or role["kind"] in kinds]
        for role in wanted:
            made = rights.bound(role, _user(user), namespace, f"{user}-{namespace}", everywhere)
            rights.make(self.kubeconfig, made)
        given = [item for item in rights.rights(manifest) if not kinds or item.kind in kinds]
        rights.await_rights(self.kubeconfig, user, given, namespace)

    def as_user(self, user: str, namespace: str) -> Do:
        """What runs a module as that user; the administrator is ''."""

        def do(module: str, **params: Any) -> Result:
            given = {"impersonate_user": user, "namespace": namespace, **params}
            return in_process.module(module, given, kubeconfig=self.kubeconfig).result

        return do


def _user(name: str) -> ObjectDict:
    return {"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": name}


def codes(result: Result) -> list[str]:
    """Codes of the findings that stop."""
    found = [item["code"] for item in result["findings"] if item["severity"] == "error"]
    assert bool(found) == result.get("failed", False), result
    return found


def first_forbidden(results: Iterator[Result]) -> Result | None:
    """The first result that reports a missing right. Later steps are not run."""
    return next((result for result in results if FORBIDDEN in codes(result)), None)


def reported(results: Iterator[Result]) -> list[str]:
    """What stops each of them."""
    return [code for result in results for code in codes(result)]


def everything(namespace: str) -> list[ObjectDict]:
    """One object of each kind of the catalog; the Deployment needs no node."""
    plain = [item for item in samples(namespace) if item["kind"] not in ("Secret", "ConfigMap", "Deployment")]
    place = {
        "NetworkPolicy": constants.NETWORK_POLICIES[0],
        "PersistentVolumeClaim": constants.DEFAULT_CLAIM,
    }
    for item in plain:
        item["metadata"] = {
            "name": place.get(item["kind"], constants.REGISTRY),
            "namespace": namespace,
            "labels": dict(LABELS),
        }
    workload, config = objects(namespace)
    for container in workload["spec"]["template"]["spec"]["containers"]:
        container["command"] = ["/bin/registry", "serve", "/etc/distribution/config.yml"]
    return [*plain, workload, config]


def ready_pod(stage: Stage, namespace: str) -> None:
    """A Pod of the registry's Deployment that says that it is ready, on a node that is not there. No controller runs here."""
    deployment = _current_deployment(stage, namespace)
    revision = {_REVISION: "1"}
    replica_set = {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": _owned_metadata("registry", namespace, deployment, annotations=revision),
        "spec": {key: deployment["spec"][key] for key in ("selector", "template")},
    }
    made = stage.cluster.create(replica_set)
    container = {"name": constants.CONTAINER, "image": "none"}
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": _owned_metadata("registry", namespace, made),
        "spec": {"containers": [container], "nodeName": "none"},
    }
    stage.cluster.create(pod)
    _patch_status(stage, pod, {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]})


def _current_deployment(stage: Stage, namespace: str) -> ObjectDict:
    """The registry's Deployment with what its controller notes after the first rollout."""
    if stage.cluster.get("Deployment", constants.REGISTRY, namespace) is None:
        stage.cluster.create(objects(namespace)[0])
    note = {"metadata": {"annotations": {_REVISION: "1"}}}
    found = stage.cluster.patch("Deployment", constants.REGISTRY, namespace, note, content_type=_MERGE)
    _patch_status(stage, found, {"observedGeneration": found["metadata"]["generation"]})
    return found


def _owned_metadata(name: str, namespace: str, owner: ObjectDict, **more: Any) -> ObjectDict:
    reference = {key: owner[key] for key in ("apiVersion", "kind")}
    reference |= {key: owner["metadata"][key] for key in ("name", "uid")} | {"controller": True}
    return {"name": name, "namespace": namespace, "labels": dict(LABELS), "ownerReferences": [reference], **more}


def _patch_status(stage: Stage, item: ObjectDict, status: ObjectDict) -> None:
    metadata = item["metadata"]
    place = (item["kind"], metadata["name"], metadata["namespace"])
    stage.cluster.patch(*place, {"status": status}, content_type=_MERGE, subresource="status")


def own_claim(stage: Stage, namespace: str, do: Do) -> Iterator[Result]:
    """A look at a volume of the user's own."""
    stage.cluster.create(objects_of_users.claim("mine", namespace, CLASS))
    yield do("docker_registry_storage", state="validated", storage={"pvc": {"name": "mine"}})


def late_secret(_stage: Stage, _namespace: str, do: Do) -> Iterator[Result]:
    """A Secret that is never created."""
    yield do("docker_registry_storage", state="validated", storage=S3, wait_timeout=1)


def verification(stage: Stage, namespace: str, do: Do) -> Iterator[Result]:
    """A look at a registry that is there."""
    stage.as_user("", namespace)("registry_secret")
    ready_pod(stage, namespace)
    yield do("registry_verify", level="reachable", wait_timeout=0)


def free_lease(stage: Stage, namespace: str, do: Do) -> Iterator[Result]:
    """A write under a Lease that exists and has no holder."""
    place = {"name": constants.LEASE, "namespace": namespace}
    stage.cluster.create({"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": place, "spec": {}})
    values = {"values": STORAGE_SECRETS["s3"]}
    yield do("registry_secret", purpose="s3", secret_name="store", secret_source=values)


def streams(given: Iterable[Right]) -> list[Right]:
    """The rights for a port-forward."""
    return [right for right in given if right.resource == "pods/portforward"]


def assert_one_stream_is_asked_for(stage: Stage, users: Mapping[Right | None, str], given: Iterable[Right]) -> None:
    """One of both verbs is asked for, and named if it is missing."""
    requested = set()
    for right in streams(given):
        user = users[right]
        found = first_forbidden(verification(stage, user, stage.as_user(user, user)))
        assert found is None or rights.named(found, right), found
        requested |= {right.verb} if found else set()
    assert len(requested) == 1, requested


def assert_all_suffice(stage: Stage, user: str, manifest: str, stories: Mapping[Story, list[str]]) -> None:
    """Every story comes to its end."""
    for story, expected in stories.items():
        namespace = stage.namespace()
        stage.give(user, namespace, manifest, "Role")
        assert reported(story(stage, namespace, stage.as_user(user, namespace))) == expected, story


def assert_named(stage: Stage, user: str, right: Right, story: Story) -> None:
    """Without the right the story ends with one finding, which names verb and resource."""
    found = first_forbidden(story(stage, user, stage.as_user(user, user)))
    assert found is not None, "nothing asked for it"
    assert rights.named(found, right), found["msg"]
