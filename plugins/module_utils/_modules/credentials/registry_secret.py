# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Use case of registry_secret: the registry's own credentials, their private half and the copies for pulling."""

from __future__ import annotations

from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.argspec import Spec
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import is_managed, secret_text
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.apply.diff import visible_secret
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.connection.options import CONNECTION_SPEC
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator.ownership import check_ownership
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared import namespace as namespaces
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared import node_port, registries
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.secret_sources import SOURCES
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import catalog

from . import copies, registry_user, storage_secret
from .user_checks import check_throughput, check_user_options

PURPOSES = ("credentials", *(name for name, backend in catalog.NAMED.items() if backend.secret_keys))
SPEC = (
    Spec(
        {
            "state": {"type": "str", "choices": ["present", "confirmed", "restored", "absent"], "default": "present"},
            "purpose": {"type": "str", "choices": list(PURPOSES), "default": "credentials"},
            "name": {"type": "str", "default": constants.CR_NAME},
            "namespace": {"type": "str", "default": constants.CR_NAMESPACE},
            "create_namespace": {"type": "bool", "default": False},
            "mode": {"type": "str", "choices": ["direct", "operator"], "default": "direct"},
            "registry_username": {"type": "str"},
            "registry_password": {"type": "str", "no_log": True},
            "pull_secret_namespaces": {"type": "list", "elements": "str", "default": [], "no_log": False},
            "secret_name": {"type": "str", "no_log": False},
            "driver_parameters": {"type": "dict", "default": {}},
        },
    )
    .merged(SOURCES)
    .merged(Spec(CONNECTION_SPEC))
)


def manage_secrets(context: Context) -> None:
    """Makes the Secrets true (see the module's documentation)."""
    params = context.params
    namespace = params["namespace"]
    if params["state"] == "absent":
        registries.check_removal(context, params["name"], namespace)
    if params["purpose"] != "credentials":
        storage_secret.manage_storage_secret(context)
        return
    check_user_options(context)
    if params["state"] == "absent":
        _remove(context, namespace)
        return
    there = context.cluster.get("Namespace", namespace)
    context.report(namespaces.check_namespace(namespace, there, params["create_namespace"]))
    absent_namespace = there is None and context.check_mode
    public = context.cluster.get("Secret", constants.CREDENTIALS_SECRET, namespace)
    private = context.cluster.get("Secret", constants.PRIVATE_SECRET, namespace)
    if not registry_user.is_credentials(public):
        context.report(check_ownership(public))
    context.report(check_ownership(private))
    found = copies.read_copies(context, namespace)
    # Another registry's password is none of ours, although its copy is in our place.
    own = None if copies.copy_source(public) else public
    recorded = secret_text(own, "pullRegAddr")
    choice = node_port.choose_node_port(context.cluster, namespace, recorded)
    wanted, result = _planned(context, choice.port, own, private, list(found.targets))
    if params["mode"] == "direct":
        context.report(check_throughput(wanted.public["password"], params["registry_password"]))
    if there is None:
        namespaces.create_namespace(context, namespace)
    if params["mode"] == "direct" and not context.check_mode:
        port = node_port.reserve_node_port(context, namespace, choice, recorded)
        if port != choice.port:
            wanted, result = _planned(context, port, own, private, list(found.targets))
    _apply(context, wanted.private_object(), private, absent_namespace)
    document = wanted.public_object()
    if params["mode"] == "operator":
        document = _beside(document, public)
    _apply(context, document, public, absent_namespace)
    _copy(context, wanted, found)
    context.result.update(result)


def _planned(
    context: Context, port: int, public: dict[str, Any] | None, private: dict[str, Any] | None, targets: list[str]
) -> tuple[registry_user.RegistryUser, dict[str, Any]]:
    """The Secrets for this port, and what is returned of them."""
    namespace = context.params["namespace"]
    username, password = context.params["registry_username"], context.params["registry_password"]
    wanted = registry_user.resolve_registry_user(namespace, port, public, private, username, password)
    context.secrets.hide(*wanted.secrets)
    result = {
        "namespace": namespace,
        "secret": constants.CREDENTIALS_SECRET,
        "username": wanted.username,
        "push_address": constants.push_address(namespace),
        "pull_address": constants.pull_address(port),
        "node_port": port,
        "secret_keys": sorted(wanted.public),
        "fingerprint": wanted.fingerprint(),
        "pull_secret_namespaces": targets,
    }
    context.secrets.require_visible(result)
    return wanted, result


def _beside(wanted: dict[str, Any], live: dict[str, Any] | None) -> dict[str, Any]:
    """The Secret without our mark where an operator keeps it as well: each would set its own again and again."""
    if live is None or is_managed(live):
        return wanted
    labels = {key: value for key, value in wanted["metadata"]["labels"].items() if key not in constants.MANAGED_BY}
    return {**wanted, "metadata": {**wanted["metadata"], "labels": labels}}


def _apply(context: Context, wanted: dict[str, Any], live: dict[str, Any] | None, absent_namespace: bool) -> None:
    title = f"Secret/{wanted['metadata']['name']} in {wanted['metadata']['namespace']}"
    if absent_namespace:
        context.change(title, {}, visible_secret(wanted, None))
        return
    applied = context.cluster.apply(wanted, dry_run=context.check_mode, live=live, force=True)
    if applied.changed:
        context.change(title, visible_secret(live, None), visible_secret(wanted, live))


def _copy(context: Context, wanted: registry_user.RegistryUser, found: copies.Copies) -> None:
    """Copies where they are wanted; our copies elsewhere are removed."""
    for target, live in found.targets.items():
        _apply(context, wanted.copy_object(target), live, False)
    for item in found.surplus:
        _delete(context, item, item["metadata"]["namespace"])


def _delete(context: Context, item: dict[str, Any], namespace: str) -> None:
    metadata = item["metadata"]
    if context.check_mode or context.cluster.delete("Secret", metadata["name"], namespace, uid=metadata["uid"]):
        context.change(f"Secret/{metadata['name']} in {namespace}", visible_secret(item, None), {})


def _remove(context: Context, namespace: str) -> None:
    """Removes the Secrets that are ours, those of the storage among them, and all copies. Another registry's copy stays."""
    for item in copies.list_copies(context, namespace):
        _delete(context, item, item["metadata"]["namespace"])
    selector = ",".join(f"{key}={value}" for key, value in {**constants.MANAGED_BY, **constants.STORAGE_LABEL}.items())
    fixed = (
        constants.CREDENTIALS_SECRET,
        constants.PRIVATE_SECRET,
        constants.PREVIOUS_SECRET,
        constants.OPERATOR_SECRET,
        constants.PREFLIGHT,
    )
    found = [context.cluster.get("Secret", name, namespace) for name in fixed]
    for live in (*found, *context.cluster.list("Secret", namespace, label_selector=selector)):
        if live is not None and is_managed(live) and not copies.copy_source(live):
            _delete(context, live, namespace)
