# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Variables that would move the images are refused by both modules that get registry_env, before the cluster is asked for anything."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
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


SINCE = "2026-01-02T03:04:05Z"


def _registry(*, recorded: bool) -> dict[str, Any]:
    annotations = {constants.STORAGE_ID: "s3/r/b", **({constants.READ_ONLY_SINCE: SINCE} if recorded else {})}
    return {"metadata": {"name": constants.REGISTRY, "namespace": "ns", "uid": "1", "annotations": annotations}}


@pytest.mark.parametrize("recorded", [True, False])
def test_the_record_of_a_window_stays_until_the_registry_is_ready(
    monkeypatch: pytest.MonkeyPatch, recorded: bool
) -> None:
    """The overlay of a switch makes the Pods writable; the annotation is removed when they serve."""
    steps: list[str] = []

    class _Cluster:
        def patch(self, kind: str, name: str, namespace: str, patch: Any, *, content_type: str) -> None:
            assert patch["metadata"]["annotations"] == dict.fromkeys(constants.WINDOW_RECORD)
            steps.append(f"patch {kind}/{name} in {namespace}")

    class _Wait:
        def await_ready(self) -> dict[str, Any]:
            steps.append("ready")
            return _registry(recorded=recorded)

    def apply(_context: Context, document: dict[str, Any], _live: Any) -> None:
        steps.append(f"apply {document['metadata']['annotations'].get(constants.READ_ONLY_SINCE)}")

    monkeypatch.setattr(deploy, "_apply_overlay", apply)
    context = Context({"namespace": "ns"}, check_mode=False, _cluster=_Cluster())  # type: ignore[arg-type]
    overlay = _registry(recorded=False)
    deploy.complete_deployment(context, overlay, _registry(recorded=recorded), _Wait())  # type: ignore[arg-type]
    if recorded:
        assert steps == [f"apply {SINCE}", "ready", "patch Deployment/dockerregistry in ns"]
    else:
        assert steps == ["apply None", "ready"]
