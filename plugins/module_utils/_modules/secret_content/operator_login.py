# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""User and password of a registry that an operator deploys. Its Pods read them from the Secret that clients read too, only when they start."""

from __future__ import annotations

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import ObjectDict, secret_text
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.node_port import choose_node_port
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.object_writes import apply_object

from .copies import Copies
from .registry_user import login_fingerprint
from .user_state import UserOptions, UserState


def publish_login(context: Context, fingerprint: str) -> None:
    """Writes user and password of the private Secret for clients and the next Pods, unless clients have them.

    fingerprint: of the ones that registry_secret has put into the private Secret, '' if it was not called. Others are not written.
    """
    if not fingerprint:
        return
    namespace = context.params["namespace"]
    private, public = _read_secrets(context)
    if _fingerprint(private, public) == fingerprint or _fingerprint(private, private) != fingerprint:
        return
    choice = choose_node_port(context.cluster, namespace, secret_text(public, "pullRegAddr"))
    state = UserState(namespace, public, private, Copies({}, []), choice)
    username, password = _login(private)
    user, _described = state.resolve(context, UserOptions("operator", username, password, ()), choice.port)
    _private, credentials = state.wanted_objects(user, "operator")
    apply_object(context, credentials, public, force=True)


def is_published(context: Context, fingerprint: str) -> bool:
    """Whether clients have the user and password of this fingerprint."""
    return bool(fingerprint) and _fingerprint(*_read_secrets(context)) == fingerprint


def _read_secrets(context: Context) -> tuple[ObjectDict | None, ObjectDict | None]:
    """The private Secret and the one that clients read."""
    names = (constants.PRIVATE_SECRET, constants.CREDENTIALS_SECRET)
    private, public = (context.cluster.get("Secret", name, context.params["namespace"]) for name in names)
    return private, public


def _fingerprint(private: ObjectDict | None, secret: ObjectDict | None) -> str | None:
    """Of the user and password in a Secret, None if something is missing."""
    key = secret_text(private, constants.FINGERPRINT_KEY)
    username, password = _login(secret)
    return login_fingerprint(key, username, password) if key and username and password else None


def _login(secret: ObjectDict | None) -> tuple[str | None, str | None]:
    return secret_text(secret, constants.USERNAME_KEY), secret_text(secret, constants.PASSWORD_KEY)
