# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""registry_verify: which failure is reported at the end of its wait."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal, error
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import Forbidden
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.verify import registry_verify
from ansible_collections.kyma.docker_registry.tests.support.contexts import run_body


def _verify(monkeypatch: pytest.MonkeyPatch, codes: list[str]) -> list[str]:
    """Codes of the findings if the attempts fail with these codes, one a second of a wait that ends with the last."""
    left: Iterator[str] = iter(codes)
    clock = iter(range(len(codes) + 2))

    def attempt(*_: Any) -> dict[str, Any]:
        raise Refusal([error(next(left), "registry", "failed.", "Look.")])

    monkeypatch.setattr(registry_verify, "_verify_once", attempt)
    monkeypatch.setattr(registry_verify.time, "monotonic", lambda: next(clock))
    monkeypatch.setattr(registry_verify.time, "sleep", lambda _seconds: None)
    params = {"namespace": "ns", "level": "image", "wait_timeout": len(codes)}
    result = run_body(registry_verify.verify_running_registry, params, check_mode=False).result
    return [item["code"] for item in result["findings"]]


@pytest.mark.parametrize(
    ("codes", "reported"),
    [
        (["registry-unhealthy", "registry-not-running", "registry-not-running"], "registry-unhealthy"),
        (["registry-not-running", "registry-unhealthy", "registry-not-answering"], "registry-unhealthy"),
        (["registry-not-answering", "registry-not-running"], "registry-not-running"),
        (["registry-unhealthy", "store-credentials"], "store-credentials"),
        (["registry-not-running"], "registry-not-running"),
        (
            ["cluster-not-found", "cluster-unreachable", "cluster-timeout", "cluster-server-error"],
            "cluster-server-error",
        ),
        (["cluster-timeout", "cluster-forbidden"], "cluster-forbidden"),
    ],
)
def test_the_reported_failure(monkeypatch: pytest.MonkeyPatch, codes: list[str], reported: str) -> None:
    """A store that fails makes the registry unhealthy, and then the Pod is not ready: only the first is due to the store."""
    assert _verify(monkeypatch, codes) == [reported]


DONE = SimpleNamespace(unreached="", stale_cache=False, repository="r", digest="d", tag="t", removed=False, steps=())
PROXY = {
    "metadata": {"name": "kube-proxy", "namespace": "kube-system"},
    "data": {"config.conf": "kind: KubeProxyConfiguration\nmode: nftables\n"},
}


def _registry(**values: Any) -> SimpleNamespace:
    user = SimpleNamespace(identity="id")
    image, storage_id = "registry:3.1.2", "s3/eu-central-1/images"
    return SimpleNamespace(
        **{
            "api": None,
            "pod": "pod",
            "user": user,
            "addresses": (),
            "image": image,
            "storage_id": storage_id,
            "has_canary": False,
            **values,
        }
    )


@pytest.mark.parametrize(
    ("level", "addresses", "allowed", "verified_before", "reported"),
    [
        ("image", ("10.0.0.1",), True, False, ["node-port-localhost"]),
        ("image", ("10.0.0.1",), False, False, []),
        ("image", ("fd00::1",), False, False, ["node-port-localhost"]),
        ("image", ("10.0.0.1",), True, True, []),
        ("image", ("fd00::1",), True, True, ["node-port-localhost"]),
        ("write", ("fd00::1",), True, False, []),
    ],
)
def test_the_pull_address(
    monkeypatch: pytest.MonkeyPatch,
    level: str,
    addresses: tuple[str, ...],
    allowed: bool,
    verified_before: bool,
    reported: list[str],
) -> None:
    """The verification goes through the API server, kubelets through the node's loopback address, which the run may have no right to check.

    A registry that was verified before costs no request.
    """

    def config_maps(kind: str, namespace: str) -> list[Any]:
        assert (kind, namespace) == ("ConfigMap", "kube-system") and not verified_before
        if not allowed:
            raise Forbidden("configmaps", "is not allowed to list configmaps.", "Allow the operation.")
        return [PROXY]

    registry = _registry(addresses=addresses, has_canary=verified_before)
    monkeypatch.setattr(Context, "cluster", property(lambda _context: SimpleNamespace(list=config_maps)))
    monkeypatch.setattr(registry_verify, "connect_registry", lambda *_: nullcontext(registry))
    monkeypatch.setattr(registry_verify, "keep_canary", lambda *_: [])
    monkeypatch.setattr(registry_verify.smoke_test, "verify_registry", lambda *_, **__: DONE)
    params = {"namespace": "ns", "level": level, "wait_timeout": 5}
    result = run_body(registry_verify.verify_running_registry, params, check_mode=False).result
    assert [item["code"] for item in result["findings"]] == reported
    assert not result.get("failed") and result["verified"]


@pytest.mark.parametrize(
    ("image", "storage_id", "reported"),
    [
        ("registry:3.1.1", "s3/eu-central-1/images", ["registry-known-faults"]),
        ("registry:3.1.1", "persistentvolumeclaim/dockerregistry", []),
        ("registry:3.0.0", "persistentvolumeclaim/dockerregistry", ["registry-known-faults"]),
        ("registry:3.1.2", "s3/eu-central-1/images", []),
        ("registry:latest", "s3/eu-central-1/images", []),
    ],
)
def test_known_faults(monkeypatch: pytest.MonkeyPatch, image: str, storage_id: str, reported: list[str]) -> None:
    """Of the image that runs, with the driver that it uses."""
    registry = _registry(image=image, storage_id=storage_id)
    monkeypatch.setattr(registry_verify, "connect_registry", lambda *_: nullcontext(registry))
    monkeypatch.setattr(registry_verify.smoke_test, "verify_registry", lambda *_, **__: DONE)
    params = {"namespace": "ns", "level": "reachable", "wait_timeout": 5}
    result = run_body(registry_verify.verify_running_registry, params, check_mode=False).result
    assert [item["code"] for item in result["findings"]] == reported and result["verified"]
