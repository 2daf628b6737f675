# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes the Secrets of the registry's user: the credentials, their private half and the copies for pulls."""

from __future__ import annotations

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import (
    ObjectDict,
    secret_text,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.apply.diff import visible_secret
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator.ownership import (
    check_user_ownership,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.secret_content.copies import (
    Copies,
    read_copies,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.secret_content.registry_user import (
    RegistryUser,
    resolve_registry_user,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.secret_content.user_checks import (
    check_throughput,
    check_user_options,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.secret_content.user_state import (
    UserOptions,
    read_user_state,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared import node_port
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.namespace import (
    check_namespace,
    create_namespace,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.revision_objects import (
    accepts_user,
    read_runtime_secret,
)

from .options import CredentialsOptions
from .secret_writes import apply_secret, delete_secret, namespaced_title


def write_user_secrets(context: Context[CredentialsOptions]) -> None:
    """Writes the Secrets. In direct mode the NodePort is reserved first, because the credentials hold it."""
    options, namespace = _read_options(context), context.options.namespace
    check_user_options(context, options.username, options.password)
    live_namespace = context.cluster.get("Namespace", namespace)
    context.require(check_namespace(namespace, live_namespace, context.options.create_namespace))
    state = read_user_state(context, namespace, options.pull_secret_namespaces)
    context.require(check_user_ownership(state))
    user, described = state.resolve(context, options, state.choice.port)
    if options.mode == "direct":
        context.report(check_throughput(user.public["password"], options.password))
    if live_namespace is None:
        create_namespace(context, namespace)
    if options.mode == "direct" and not context.check_mode:
        port = node_port.reserve_node_port(context, namespace, state.choice, state.recorded_address)
        if port != state.choice.port:
            user, described = state.resolve(context, options, port)
    private, credentials = state.wanted_objects(user, options.mode)
    published = _is_accepted(context, user, state.own)
    written = [(private, state.private), *([(credentials, state.public)] if published else [])]
    for secret, live in written:
        if live_namespace is None and context.check_mode:
            # The API server cannot answer a dry run in a namespace that does not exist.
            context.change(namespaced_title(secret), {}, visible_secret(secret, None))
        else:
            apply_secret(context, secret, live, namespaced_title(secret))
    if published:
        _write_copies(context, user, state.copies)
    targets = list(state.copies.targets)
    context.result.update(
        {"namespace": namespace, **described, "pull_secret_namespaces": targets, "published": published}
    )


def _read_options(context: Context[CredentialsOptions]) -> UserOptions:
    options = context.options
    return UserOptions(
        options.mode,
        options.registry_username,
        options.registry_password,
        tuple(options.pull_secret_namespaces),
    )


def restore_user_secrets(context: Context[CredentialsOptions]) -> None:
    """Writes the user again that the registry's current revision accepts. Does nothing if no revision of direct mode is deployed."""
    namespace = context.options.namespace
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
    copies = read_copies(context, namespace, context.options.pull_secret_namespaces)
    _write_copies(context, user, copies)


def _is_accepted(context: Context[CredentialsOptions], user: RegistryUser, public: ObjectDict | None) -> bool:
    """Whether clients may get the user's credentials now. False while a registry runs that still accepts the former password only.

    The Pods of an operator read what clients read, so registry_deployment writes it, just before they are replaced.
    public: the credentials that clients have. In check mode nothing is written, so the plan shows everything.
    """
    if context.check_mode or public is None:
        return True
    if all(secret_text(public, key) == user.public[key] for key in (constants.USERNAME_KEY, constants.PASSWORD_KEY)):
        return True
    deployment = context.cluster.get("Deployment", constants.REGISTRY, context.options.namespace)
    if deployment is None:
        return True
    runtime = read_runtime_secret(context.cluster, deployment)
    return accepts_user(runtime, user.username, user.public[constants.PASSWORD_KEY])


def _write_copies(context: Context[CredentialsOptions], user: RegistryUser, copies: Copies) -> None:
    for target, live in copies.targets.items():
        copy = user.copy_object(target)
        apply_secret(context, copy, live, namespaced_title(copy))
    for surplus in copies.surplus:
        delete_secret(context, surplus, namespaced_title(surplus))
