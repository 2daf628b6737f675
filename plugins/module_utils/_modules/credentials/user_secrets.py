# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes the Secrets of the registry's user: the credentials, their private half and the copies for pulls."""

from __future__ import annotations

from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import (
    ObjectDict,
    is_managed,
    secret_text,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.apply.diff import visible_secret
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator.ownership import check_ownership
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared import node_port
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.namespace import (
    check_namespace,
    create_namespace,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.revision_objects import (
    accepts_user,
    read_runtime_secret,
    runtime_secret_name,
)

from .copies import Copies, copy_source, read_copies
from .registry_user import RegistryUser, is_credentials, resolve_registry_user
from .secret_writes import apply_secret, delete_secret, namespaced_title
from .user_checks import check_throughput, check_user_options


def write_user_secrets(context: Context) -> None:
    """Writes the Secrets. In direct mode the NodePort is reserved first, because the credentials hold it."""
    check_user_options(context)
    params, namespace = context.params, context.params["namespace"]
    live_namespace = context.cluster.get("Namespace", namespace)
    context.report(check_namespace(namespace, live_namespace, params["create_namespace"]))
    public = context.cluster.get("Secret", constants.CREDENTIALS_SECRET, namespace)
    private = context.cluster.get("Secret", constants.PRIVATE_SECRET, namespace)
    if not is_credentials(public):
        context.report(check_ownership(public))
    context.report(check_ownership(private))
    copies = read_copies(context, namespace)
    targets = list(copies.targets)
    # A copy of another registry's credentials may have this name. Its password is not ours.
    own = None if copy_source(public) else public
    recorded = secret_text(own, "pullRegAddr")
    choice = node_port.choose_node_port(context.cluster, namespace, recorded)
    user, result = _resolve_user(context, choice.port, own, private, targets)
    if params["mode"] == "direct":
        context.report(check_throughput(user.public["password"], params["registry_password"]))
    if live_namespace is None:
        create_namespace(context, namespace)
    if params["mode"] == "direct" and not context.check_mode:
        port = node_port.reserve_node_port(context, namespace, choice, recorded)
        if port != choice.port:
            user, result = _resolve_user(context, port, own, private, targets)
    credentials = user.public_object()
    if params["mode"] == "operator":
        credentials = _without_label(credentials, public)
    published = _is_accepted(context, user, own)
    written = [(user.private_object(), private), *([(credentials, public)] if published else [])]
    for secret, live in written:
        if live_namespace is None and context.check_mode:
            # The API server cannot answer a dry run in a namespace that does not exist.
            context.change(namespaced_title(secret), {}, visible_secret(secret, None))
        else:
            apply_secret(context, secret, live, namespaced_title(secret))
    if published:
        _write_copies(context, user, copies)
    context.result.update({**result, "published": published})


def restore_user_secrets(context: Context) -> None:
    """Writes the user again that the registry's current revision accepts. Does nothing if no revision of direct mode is deployed."""
    namespace = context.params["namespace"]
    deployment = context.cluster.get("Deployment", constants.REGISTRY, namespace)
    runtime = read_runtime_secret(context.cluster, deployment)
    context.result["restored"] = False
    username, password = (secret_text(runtime, key) for key in (constants.USERNAME_KEY, constants.PASSWORD_KEY))
    if runtime is None or not username or not password or context.check_mode:
        return
    public = context.cluster.get("Secret", constants.CREDENTIALS_SECRET, namespace)
    private = context.cluster.get("Secret", constants.PRIVATE_SECRET, namespace)
    port = node_port.choose_node_port(context.cluster, namespace, secret_text(public, "pullRegAddr")).port
    # The password line is the one that the revision has, so a later run starts no rollout.
    kept = {**(private or {}), "data": {**((private or {}).get("data") or {}), **runtime["data"]}}
    user = resolve_registry_user(namespace, port, public, kept, username, password)
    context.secrets.hide(*user.secrets)
    for secret, live in ((user.private_object(), private), (user.public_object(), public)):
        if apply_secret(context, secret, live, namespaced_title(secret)):
            context.result["restored"] = True
    _write_copies(context, user, read_copies(context, namespace))


def _is_accepted(context: Context, user: RegistryUser, public: ObjectDict | None) -> bool:
    """Whether clients may get the user's credentials now. False while a registry runs that still accepts the former password only.

    public: the credentials that clients have. In check mode nothing is written, so the plan shows everything.
    """
    if context.params["mode"] != "direct" or context.check_mode or public is None:
        return True
    if all(secret_text(public, key) == user.public[key] for key in (constants.USERNAME_KEY, constants.PASSWORD_KEY)):
        return True
    deployment = context.cluster.get("Deployment", constants.REGISTRY, context.params["namespace"])
    if runtime_secret_name(deployment) is None:
        return True
    runtime = read_runtime_secret(context.cluster, deployment)
    return accepts_user(runtime, user.username, user.public[constants.PASSWORD_KEY])


def _write_copies(context: Context, user: RegistryUser, copies: Copies) -> None:
    for target, live in copies.targets.items():
        copy = user.copy_object(target)
        apply_secret(context, copy, live, namespaced_title(copy))
    for surplus in copies.surplus:
        delete_secret(context, surplus, namespaced_title(surplus))


def _resolve_user(
    context: Context, port: int, public: ObjectDict | None, private: ObjectDict | None, targets: list[str]
) -> tuple[RegistryUser, dict[str, Any]]:
    """The user with this NodePort in its addresses, and the module's result."""
    namespace = context.params["namespace"]
    username, password = context.params["registry_username"], context.params["registry_password"]
    user = resolve_registry_user(namespace, port, public, private, username, password)
    context.secrets.hide(*user.secrets)
    result = {
        "namespace": namespace,
        "secret": constants.CREDENTIALS_SECRET,
        "username": user.username,
        "push_address": constants.push_address(namespace),
        "pull_address": constants.pull_address(port),
        "node_port": port,
        "secret_keys": sorted(user.public),
        "fingerprint": user.fingerprint(),
        "pull_secret_namespaces": targets,
    }
    context.secrets.require_visible(result)
    return user, result


def _without_label(secret: ObjectDict, live: ObjectDict | None) -> ObjectDict:
    """The Secret without our managed-by label if the operator keeps it too: each would set its own label again and again."""
    if live is None or is_managed(live):
        return secret
    labels = {key: value for key, value in secret["metadata"]["labels"].items() if key not in constants.MANAGED_BY}
    return {**secret, "metadata": {**secret["metadata"], "labels": labels}}
