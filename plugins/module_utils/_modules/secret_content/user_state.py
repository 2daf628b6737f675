# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The registry's user as the cluster has it and as it is wanted, and whether its Secrets differ from that. Reads only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import (
    ObjectDict,
    is_managed,
    secret_text,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.apply.compare import find_difference
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.options import Options
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.node_port import (
    NodePortChoice,
    choose_node_port,
)

from .copies import Copies, copy_source, read_copies
from .registry_user import RegistryUser, resolve_registry_user


@dataclass(frozen=True)
class UserOptions:
    """What the user gives. pull_secret_namespaces: those that keep a copy of the credentials."""

    mode: str
    username: str | None
    password: str | None
    pull_secret_namespaces: tuple[str, ...]

    @property
    def needed(self) -> bool:
        """Whether this collection writes the Secrets. An operator creates them itself, and copies them from one namespace only."""
        return self.mode == "direct" or bool(self.password) or bool(self.pull_secret_namespaces)


@dataclass(frozen=True)
class UserState:
    """The Secrets and the NodePort as they are in the cluster. public: the credentials; private: their other half."""

    namespace: str
    public: ObjectDict | None
    private: ObjectDict | None
    copies: Copies
    choice: NodePortChoice

    @property
    def own(self) -> ObjectDict | None:
        """The credentials, unless they are a copy of another registry's, whose password is not ours."""
        return _own_credentials(self.public)

    @property
    def recorded_address(self) -> str | None:
        """The pull address that clients know."""
        return secret_text(self.own, "pullRegAddr")

    def resolve(
        self, context: Context[Options], options: UserOptions, port: int
    ) -> tuple[RegistryUser, dict[str, Any]]:
        """The user with this NodePort in its addresses, and what later tasks need to know about it. Its secrets are masked from then on."""
        user = resolve_registry_user(self.namespace, port, self.own, self.private, options.username, options.password)
        context.secrets.hide(*user.secrets)
        described = describe_user(user, port, login_given=bool(options.username or options.password))
        context.secrets.require_visible(described)
        return user, described

    def wanted_objects(self, user: RegistryUser, mode: str) -> tuple[ObjectDict, ObjectDict]:
        """The private and the public Secret as they are applied."""
        public = user.public_object()
        return user.private_object(), _without_label(public, self.public) if mode == "operator" else public

    def differs(self, user: RegistryUser, mode: str) -> bool:
        """Whether something would be written."""
        private, public = self.wanted_objects(user, mode)
        pairs = [(private, self.private), (public, self.public)]
        pairs += [(user.copy_object(target), live) for target, live in self.copies.targets.items()]
        if self.copies.surplus or (mode == "direct" and not self.choice.reserved):
            return True
        return any(find_difference(wanted, live, constants.FIELD_MANAGER) is not None for wanted, live in pairs)


def read_user_state(context: Context[Options], namespace: str, pull_secret_namespaces: tuple[str, ...]) -> UserState:
    """The state now. Reports namespaces that cannot have a copy of the pull Secret."""
    public = context.cluster.get("Secret", constants.CREDENTIALS_SECRET, namespace)
    private = context.cluster.get("Secret", constants.PRIVATE_SECRET, namespace)
    copies = read_copies(context, namespace, pull_secret_namespaces)
    recorded_address = secret_text(_own_credentials(public), "pullRegAddr")
    choice = choose_node_port(context.cluster, namespace, recorded_address)
    return UserState(namespace, public, private, copies, choice)


def _own_credentials(public: ObjectDict | None) -> ObjectDict | None:
    return None if copy_source(public) else public


def describe_user(user: RegistryUser, port: int, *, login_given: bool) -> dict[str, Any]:
    """Names, addresses and fingerprints of the user. login_given: whether the caller gives its name or password, so that they can change."""
    return {
        "secret": constants.CREDENTIALS_SECRET,
        "username": user.username,
        "push_address": constants.push_address(user.namespace),
        "pull_address": constants.pull_address(port),
        "node_port": port,
        "secret_keys": sorted(user.public),
        "fingerprint": user.fingerprint(),
        "login_fingerprint": user.login_fingerprint() if login_given else "",
    }


def _without_label(secret: ObjectDict, live: Mapping[str, Any] | None) -> ObjectDict:
    """The Secret without our managed-by label if the operator keeps it too: each would set its own label again and again."""
    if live is None or is_managed(live):
        return secret
    labels = {key: value for key, value in secret["metadata"]["labels"].items() if key not in constants.MANAGED_BY}
    return {**secret, "metadata": {**secret["metadata"], "labels": labels}}
