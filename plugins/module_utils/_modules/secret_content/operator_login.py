# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""User and password of a registry that an operator deploys. Its Pods read them from the Secret that clients read too, only when they start."""

from __future__ import annotations

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import (
    ObjectDict,
    annotations_of,
    metadata_of,
    secret_text,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import MERGE_PATCH
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.options import Options
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.node_port import choose_node_port
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.object_writes import apply_object

from .copies import Copies
from .registry_user import login_fingerprint
from .user_state import UserOptions, UserState


def publish_login(context: Context[Options], fingerprint: str) -> str:
    """Writes user and password of the private Secret for clients and the next Pods, unless clients have them. Returns read_login_mark().

    fingerprint: of the ones that registry_secret has put into the private Secret, '' if it was not called. Others are not written.
    """
    if not fingerprint:
        return _recorded_mark(context)
    private, public = _read_secrets(context)
    mark = _mark(private, public, fingerprint)
    if context.check_mode or _is_current(private, public, fingerprint):
        return mark
    namespace = context.options.namespace
    # Written first: a run that ends between the two writes leaves a mark with which the next run starts the Pods again.
    metadata = {"uid": metadata_of(private)["uid"], "annotations": {constants.LOGIN_FINGERPRINT: mark}}
    context.cluster.patch(
        "Secret", constants.PRIVATE_SECRET, namespace, {"metadata": metadata}, content_type=MERGE_PATCH
    )
    choice = choose_node_port(context.cluster, namespace, secret_text(public, "pullRegAddr"))
    state = UserState(namespace, public, private, Copies({}, []), choice)
    username, password = _login(private)
    user, _described = state.resolve(context, UserOptions("operator", username, password, ()), choice.port)
    _private, credentials = state.wanted_objects(user, "operator")
    apply_object(context, credentials, public, force=True)
    return mark


def read_login_mark(context: Context[Options], fingerprint: str) -> str:
    """What the Pod template says of the user and password that its Pods have to accept, '' if that is not known.

    The fingerprint, and which version of the Secret they replaced: the operator or a user may replace them again, and Pods that were started in
    between accept those. Without a fingerprint it is what the last run has recorded that changed them, if clients have these.
    """
    return _mark(*_read_secrets(context), fingerprint) if fingerprint else _recorded_mark(context)


def published_login_mark(context: Context[Options], fingerprint: str) -> str:
    """read_login_mark() if clients have the user and password of this fingerprint, else ''."""
    if not fingerprint:
        return _recorded_mark(context)
    private, public = _read_secrets(context)
    return _mark(private, public, fingerprint) if _fingerprint(private, public) == fingerprint else ""


def _recorded_mark(context: Context[Options]) -> str:
    """The mark of the user and password that clients have: a killed run may have written them and not replaced the Pods. '' if none is recorded."""
    namespace = context.options.namespace
    private = context.cluster.get("Secret", constants.PRIVATE_SECRET, namespace)
    recorded = annotations_of(private).get(constants.LOGIN_FINGERPRINT) or ""
    if not recorded:
        return ""
    public = context.cluster.get("Secret", constants.CREDENTIALS_SECRET, namespace)
    return recorded if recorded.startswith(f"{_fingerprint(private, public)}-") else ""


def _mark(private: ObjectDict | None, public: ObjectDict | None, fingerprint: str) -> str:
    if not _is_current(private, public, fingerprint):
        return f"{fingerprint}-{metadata_of(public).get('resourceVersion', '0')}"
    recorded = annotations_of(private).get(constants.LOGIN_FINGERPRINT) or ""
    return recorded if recorded.startswith(f"{fingerprint}-") else fingerprint


def _is_current(private: ObjectDict | None, public: ObjectDict | None, fingerprint: str) -> bool:
    """True if there is nothing to write: clients have them, or the private Secret has others."""
    return _fingerprint(private, public) == fingerprint or _fingerprint(private, private) != fingerprint


def _read_secrets(context: Context[Options]) -> tuple[ObjectDict | None, ObjectDict | None]:
    """The private Secret and the one that clients read."""
    names = (constants.PRIVATE_SECRET, constants.CREDENTIALS_SECRET)
    private, public = (context.cluster.get("Secret", name, context.options.namespace) for name in names)
    return private, public


def _fingerprint(private: ObjectDict | None, secret: ObjectDict | None) -> str | None:
    """Of the user and password in a Secret, None if something is missing."""
    key = secret_text(private, constants.FINGERPRINT_KEY)
    username, password = _login(secret)
    return login_fingerprint(key, username, password) if key and username and password else None


def _login(secret: ObjectDict | None) -> tuple[str | None, str | None]:
    return secret_text(secret, constants.USERNAME_KEY), secret_text(secret, constants.PASSWORD_KEY)
