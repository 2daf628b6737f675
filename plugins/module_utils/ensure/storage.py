# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Use case of docker_registry_storage: validate spec.storage, guard the images, make the CR the record of what is wanted."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils import names
from ansible_collections.kyma.docker_registry.plugins.module_utils.arguments import Spec
from ansible_collections.kyma.docker_registry.plugins.module_utils.cluster.options import CONNECTION_SPEC
from ansible_collections.kyma.docker_registry.plugins.module_utils.ensure import wish
from ansible_collections.kyma.docker_registry.plugins.module_utils.ensure.guard import abandoned_claim, guard
from ansible_collections.kyma.docker_registry.plugins.module_utils.ensure.ownership import operator_findings
from ansible_collections.kyma.docker_registry.plugins.module_utils.findings import Finding, Refusal, error
from ansible_collections.kyma.docker_registry.plugins.module_utils.runner import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils.storage import volume
from ansible_collections.kyma.docker_registry.plugins.module_utils.storage.crd import NAME as CRD_NAME
from ansible_collections.kyma.docker_registry.plugins.module_utils.storage.crd import crd
from ansible_collections.kyma.docker_registry.plugins.module_utils.storage.pvc import claim_findings

SPEC = Spec(
    {
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "name": {"type": "str", "default": names.CR_NAME},
        "namespace": {"type": "str", "default": names.CR_NAMESPACE},
        "storage": {"type": "raw"},
        "manifest": {"type": "str"},
        "logging": {"type": "dict"},
        "volume_size": {"type": "str", "default": "20Gi"},
        "volume_storage_class": {"type": "str"},
        "volume_access_modes": {"type": "list", "elements": "str", "default": ["ReadWriteOnce"]},
        "replicas": {"type": "int", "default": 1},
        "labels": {"type": "dict", "default": {}},
        "install_crd": {"type": "bool", "default": True},
        "create_namespace": {"type": "bool", "default": True},
        "accept_data_loss": {"type": "str", "default": ""},
    },
    mutually_exclusive=[("storage", "manifest"), ("logging", "manifest")],
).merged(Spec(CONNECTION_SPEC))

_CRD_SECONDS = 15.0


@dataclass(frozen=True)
class Scene:
    """What is in the cluster before the run."""

    namespace: dict[str, Any] | None
    crd: dict[str, Any] | None
    cr: dict[str, Any] | None
    deployment: dict[str, Any] | None
    default_claim: dict[str, Any] | None
    claim: dict[str, Any] | None


def run(context: Context) -> None:
    """Makes the CR true, or removes it (see the module's documentation)."""
    want = wish.read(context)
    if context.params["state"] == "absent":
        _remove(context, want)
        return
    scene = _look(context, want)
    _check(context, want, scene)
    _apply(context, want, scene)
    context.result.update(want.result(scene.claim))


def _look(context: Context, want: wish.Wish) -> Scene:
    get = context.cluster.get
    default_claim = get("PersistentVolumeClaim", names.DEFAULT_CLAIM, want.namespace)
    other = want.claim is not None and want.claim != names.DEFAULT_CLAIM
    return Scene(
        namespace=get("Namespace", want.namespace),
        crd=get("CustomResourceDefinition", CRD_NAME),
        cr=get("DockerRegistry", want.name, want.namespace),
        deployment=get("Deployment", names.REGISTRY, want.namespace),
        default_claim=default_claim,
        claim=get("PersistentVolumeClaim", want.claim, want.namespace)
        if want.claim is not None and other
        else default_claim,
    )


def _check(context: Context, want: wish.Wish, scene: Scene) -> None:
    params = context.params
    found = []
    if scene.namespace is None and not params["create_namespace"]:
        found.append(
            error(
                "namespace-missing",
                "namespace",
                f"namespace {want.namespace} does not exist.",
                "Create it, or allow create_namespace.",
            )
        )
    if scene.namespace is not None and scene.namespace["metadata"].get("deletionTimestamp"):
        found.append(
            error(
                "namespace-being-deleted",
                "namespace",
                f"namespace {want.namespace} is being deleted.",
                "Wait until it is gone.",
            )
        )
    if scene.crd is None and not params["install_crd"]:
        found.append(
            error(
                "crd-missing",
                f"CustomResourceDefinition/{CRD_NAME}",
                "is not installed and install_crd is off.",
                "Install it, or allow install_crd.",
            )
        )
    if scene.cr is not None and scene.cr["metadata"].get("deletionTimestamp"):
        found.append(
            error("cr-being-deleted", f"DockerRegistry/{want.name}", "is being deleted.", "Wait until it is gone.")
        )
    found.extend(operator_findings(scene.deployment))
    found.extend(_other_registries(context, want, scene))
    found.extend(_volume_findings(context, want, scene))
    context.report(found)
    context.report(
        guard(
            context,
            namespace=want.namespace,
            wanted=want.holder,
            deployment=scene.deployment,
            left=abandoned_claim(scene.default_claim),
            accept=params["accept_data_loss"],
            path=want.path,
        )
    )


def _other_registries(context: Context, want: wish.Wish, scene: Scene) -> list[Finding]:
    """The objects' names are fixed, so a namespace has room for one registry (the operator serves one a cluster)."""
    if scene.crd is None:
        return []
    others = [item["metadata"]["name"] for item in context.cluster.list("DockerRegistry", want.namespace)]
    return [
        error(
            "cr-duplicate",
            "name",
            f"namespace {want.namespace} has the DockerRegistry {other} already; a namespace has room for one.",
            f"Use name {other}, or another namespace.",
        )
        for other in others
        if other != want.name
    ]


def _volume_findings(context: Context, want: wish.Wish, scene: Scene) -> list[Finding]:
    if want.claim is None:
        return []
    found: list[Finding] = []
    if want.claim_is_ours:
        found.extend(volume.findings(want.volume, scene.claim, context.cluster.list("StorageClass")))
    else:
        class_name = ((scene.claim or {}).get("spec") or {}).get("storageClassName")
        provider = context.cluster.get("StorageClass", class_name) if class_name else None
        found.extend(claim_findings(scene.claim, provider, want.claim_path, name=want.claim, namespace=want.namespace))
    modes = want.modes(scene.claim)
    if want.replicas > 1 and modes and wish.SHARED_MODE not in modes:
        found.append(
            error(
                "replicas-need-shared-volume",
                "registry_replicas",
                f"is {want.replicas}, but the volume can be written from one node at a time ({', '.join(modes)}).",
                "Set it to 1, or use a volume with ReadWriteMany, or an object store.",
            )
        )
    if want.replicas < 1:
        found.append(error("replicas-below-one", "registry_replicas", f"is {want.replicas}.", "Set it to 1 or more."))
    return found


def _apply(context: Context, want: wish.Wish, scene: Scene) -> None:
    dry = context.check_mode
    if scene.namespace is None:
        namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": want.namespace}}
        context.cluster.create(namespace, dry_run=dry)
        context.change(f"Namespace/{want.namespace}", {}, namespace)
    if scene.crd is None:
        context.cluster.create(crd(), dry_run=dry)
        context.change(f"CustomResourceDefinition/{CRD_NAME}", {}, {"metadata": {"name": CRD_NAME}})
        if not dry:
            _await_crd(context)
    if dry and (scene.crd is None or scene.namespace is None):
        # The server cannot answer a dry run for what has no namespace or no definition yet.
        context.change(f"DockerRegistry/{want.name}", {}, want.document())
        return
    _apply_cr(context, want, scene.cr)


def _apply_cr(context: Context, want: wish.Wish, live: dict[str, Any] | None) -> None:
    """Sets spec.storage exclusively: other fields there, whoever owns them, go in one request guarded by the version."""
    before = wish.visible(live)
    title = f"DockerRegistry/{want.name}"
    if live is not None and wish.has_surplus(want, live):
        live = _set_storage(context, want, live)
        if context.check_mode:
            context.change(title, before, wish.visible(live))
            return
    document = want.document()
    if live is not None:
        document["metadata"]["resourceVersion"] = live["metadata"]["resourceVersion"]
    applied = context.cluster.apply(document, dry_run=context.check_mode, live=live, force=True)
    after = wish.visible(applied.after)
    if applied.changed or after != before:
        context.change(title, before, after)


def _set_storage(context: Context, want: wish.Wish, live: dict[str, Any]) -> dict[str, Any]:
    patch: list[dict[str, Any]] = [
        {"op": "test", "path": "/metadata/resourceVersion", "value": live["metadata"]["resourceVersion"]}
    ]
    if want.storage is None:
        patch.append({"op": "remove", "path": "/spec/storage"})
    else:
        patch.append({"op": "replace", "path": "/spec/storage", "value": want.storage})
    return context.cluster.patch("DockerRegistry", want.name, want.namespace, patch, dry_run=context.check_mode)


def _await_crd(context: Context) -> None:
    deadline = time.monotonic() + _CRD_SECONDS
    while time.monotonic() < deadline:
        definition = context.cluster.get("CustomResourceDefinition", CRD_NAME)
        conditions = ((definition or {}).get("status") or {}).get("conditions") or []
        if any(item["type"] == "Established" and item["status"] == "True" for item in conditions):
            return
        time.sleep(0.1)
    raise Refusal(
        [
            error(
                "crd-not-served",
                f"CustomResourceDefinition/{CRD_NAME}",
                "is not served yet.",
                "Look at its conditions and run again.",
            )
        ]
    )


def _remove(context: Context, want: wish.Wish) -> None:
    """Removes the CR. In direct mode nothing hangs on it; an operator's finalizer would, so that is refused."""
    live = context.cluster.get("DockerRegistry", want.name, want.namespace)
    if live is None:
        return
    context.report(operator_findings(context.cluster.get("Deployment", names.REGISTRY, want.namespace)))
    if live["metadata"].get("finalizers"):
        raise Refusal(
            [
                error(
                    "cr-has-finalizer",
                    f"DockerRegistry/{want.name}",
                    "carries a finalizer: whoever set it would delete the registry's volume with the CR.",
                    "Remove the registry through the operator that set it.",
                )
            ]
        )
    if context.check_mode or context.cluster.delete(
        "DockerRegistry", want.name, want.namespace, uid=live["metadata"]["uid"]
    ):
        context.change(f"DockerRegistry/{want.name}", wish.visible(live), {})
