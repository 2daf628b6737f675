# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When clients may get a changed password."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import ObjectDict, secret_object
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.credentials import user_secrets
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.secret_content.registry_user import (
    resolve_registry_user,
)
from ansible_collections.kyma.docker_registry.tests.support.apply_model import Server
from ansible_collections.kyma.docker_registry.tests.support.contexts import make_context

FORMER, CHANGED = "a-former-password-of-the-registry", "a-changed-password-of-the-registry"
RUNTIME = f"{constants.RUNTIME_SECRET}-0123456789"


def _deployment(*, runtime: bool) -> ObjectDict:
    volumes = [{"name": "auth", "secret": {"secretName": RUNTIME}}] if runtime else []
    template = {"spec": {"containers": [], "volumes": volumes}}
    metadata = {"name": constants.REGISTRY, "namespace": "ns"}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": {"template": template}}


def _runtime(password: str) -> ObjectDict:
    data = {constants.USERNAME_KEY: "registry", constants.PASSWORD_KEY: password}
    return secret_object(RUNTIME, "ns", data)


@pytest.mark.parametrize("mode", ["direct", "operator"])
@pytest.mark.parametrize(
    ("password", "objects", "accepted"),
    [
        (CHANGED, (), True),
        (FORMER, (_deployment(runtime=False),), True),
        (CHANGED, (_deployment(runtime=False),), False),
        (CHANGED, (_deployment(runtime=True), _runtime(FORMER)), False),
        (CHANGED, (_deployment(runtime=True), _runtime(CHANGED)), True),
    ],
    ids=["no Deployment", "not changed", "Pods of an operator", "former revision", "current revision"],
)
def test_when_clients_get_it(mode: str, password: str, objects: tuple[Any, ...], accepted: bool) -> None:
    """As soon as the Pods accept it. The Pods of an operator have read the former one when they started."""
    server = Server()
    server.objects = {(item["kind"], item["metadata"]["name"]): item for item in objects}
    public = resolve_registry_user("ns", 32137, None, None, None, FORMER).public_object()
    user = resolve_registry_user("ns", 32137, public, None, None, password)
    context = make_context({"mode": mode, "namespace": "ns"}, False, cluster=server.cluster())
    assert user_secrets._is_accepted(context, user, public) == accepted
    assert user_secrets._is_accepted(context, user, None)
