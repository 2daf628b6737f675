# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Variables that would move the images are refused by both modules that get registry_env, before the cluster is asked for anything."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator import deploy
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.storage import docker_registry_storage

ENVIRONMENT = {"REGISTRY_STORAGE_S3_BUCKET": "other", "HTTPS_PROXY": "http://proxy:3128"}


@pytest.mark.parametrize(
    "body",
    [docker_registry_storage.manage_docker_registry, lambda context: deploy.deploy_with_operator(context, None, None)],
)
@pytest.mark.parametrize("state", ["validated", "present"])
def test_refused(monkeypatch: pytest.MonkeyPatch, body: Any, state: str) -> None:
    """One finding, with the variable's place."""

    def nobody(_context: Context) -> Any:
        raise AssertionError("the cluster was asked")

    monkeypatch.setattr(Context, "cluster", property(nobody))
    params = {name: option.get("default") for name, option in docker_registry_storage.SPEC.options.items()}
    context = Context({**params, "state": state, "environment": ENVIRONMENT}, check_mode=False)
    with pytest.raises(Refusal) as refused:
        body(context)
    found = [(item.code, item.path) for item in refused.value.findings]
    assert found == [("env-moves-images", "registry_env.REGISTRY_STORAGE_S3_BUCKET")]
