# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Variables that would move the images are rejected by both modules that get registry_env, before the cluster is asked for anything."""

from __future__ import annotations

import copy
import json
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import secret_text
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import (
    Call,
    ClusterError,
    error_from_answer,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator import deploy
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.secret_content.registry_user import (
    resolve_registry_user,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.storage import docker_registry_storage
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator import readiness
from ansible_collections.kyma.docker_registry.tests.support.apply_model import Server
from ansible_collections.kyma.docker_registry.tests.support.contexts import make_context

SPEC = {"template": {"spec": {"containers": [], "volumes": []}}, "strategy": {"type": "Recreate"}, "replicas": 1}
ENVIRONMENT = {"REGISTRY_STORAGE_S3_BUCKET": "other", "HTTPS_PROXY": "http://proxy:3128"}


@pytest.mark.parametrize(
    "body",
    [docker_registry_storage.manage_docker_registry, lambda context: deploy.deploy_with_operator(context, None, None)],
)
@pytest.mark.parametrize("state", ["validated", "present"])
def test_refused(monkeypatch: pytest.MonkeyPatch, body: Any, state: str) -> None:
    """One finding, with the variable's place."""

    def no_cluster(_context: Context) -> Any:
        raise AssertionError("the cluster was asked")

    monkeypatch.setattr(Context, "cluster", property(no_cluster))
    params = {name: option.get("default") for name, option in docker_registry_storage.SPEC.options.items()}
    context = make_context({**params, "state": state, "environment": ENVIRONMENT}, check_mode=False)
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
    context = make_context({"namespace": "ns"}, check_mode=False, cluster=_Cluster())
    overlay = _registry(recorded=False)
    deploy.complete_deployment(context, overlay, _registry(recorded=recorded), _Wait())  # type: ignore[arg-type]
    if recorded:
        assert steps == [f"apply {SINCE}", "ready", "patch Deployment/dockerregistry in ns"]
    else:
        assert steps == ["apply None", "ready"]


OVERLAY: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": constants.REGISTRY, "namespace": "ns", "labels": {"team": "a"}},
}


class _Objects:
    """Of a registry whose overlay is applied. former: values that are kept. generated: data of the operator's Secret."""

    def __init__(self, *, former: bool = False, generated: str = "") -> None:
        labels = dict(constants.MANAGED_BY)
        self.items: dict[str, dict[str, Any]] = {constants.STORAGE_SECRET: {"data": {"key": generated}}}
        if former:
            self.items[constants.PREVIOUS_OPERATOR_SECRET] = {"metadata": {"labels": labels}}

    def get(self, kind: str, name: str, namespace: str) -> dict[str, Any] | None:
        assert (kind, namespace) in (("Secret", "ns"), ("ServiceAccount", "ns"))
        return self.items.get(name)


def _plan(**parts: Any) -> Any:
    return SimpleNamespace(**{"sent": None, "expected": None, "derived": None, "intended": {}, **parts})


def _account() -> dict[str, Any]:
    return {"kind": "ServiceAccount", "metadata": {"name": constants.REGISTRY, "namespace": "ns"}}


@pytest.mark.parametrize(
    ("case", "deployed"),
    [
        ({}, True),
        ({"live": None}, False),
        ({"annotations": {constants.READ_ONLY_SINCE: SINCE}}, False),
        ({"labels": {"team": "b"}}, False),
        ({"login": "1"}, False),
        ({"login": "1", "pods": "1"}, True),
        ({"login": "1", "pods": "2"}, False),
        ({"pods": "1"}, True),
        ({"account": True}, False),
        ({"verified": False}, False),
        ({"former": True, "derived": {}}, False),
        ({"former": True}, True),
        ({"derived": {}}, True),
        ({"verdict": readiness.NotYet("the operator works on it")}, False),
    ],
)
def test_nothing_to_deploy(monkeypatch: pytest.MonkeyPatch, case: dict[str, Any], deployed: bool) -> None:
    """Only if the overlay is there, the registry is ready and verified as it is, and no former values are kept for it."""
    document = deploy.overlay.with_login({**OVERLAY, "spec": SPEC}, case.get("pods", ""))
    applied = Server().cluster().apply(document, live=None).after
    live: dict[str, Any] | None = copy.deepcopy(applied)
    assert live is not None
    live["metadata"]["labels"].update(case.get("labels", {}))
    live["metadata"]["annotations"] = case.get("annotations", {})
    monkeypatch.setattr(deploy.verified_state, "is_state_verified", lambda *_: case.get("verified", True))
    monkeypatch.setattr(
        deploy.readiness, "judge_readiness", lambda *_args, **_more: case.get("verdict", readiness.Ready())
    )
    cluster = _Objects(former=bool(case.get("former")))
    objects = [_account()] if case.get("account") else []
    params = {"namespace": "ns", "objects": objects, "login_fingerprint": case.get("login", "")}
    context = make_context(params, False, cluster=cluster)
    found = live if case.get("live", live) is not None else None
    plan = _plan(derived=case.get("derived"))
    assert deploy.is_deployed(context, plan, {**OVERLAY, "spec": SPEC}, {}, found) is deployed


class _LoginServer(Server):
    """Pods were started with the first password; clients and the Pods that were started since then have the second one; the first is requested.

    denied: whether a policy rejects each overlay.
    """

    def __init__(self) -> None:
        super().__init__()
        self.denied = False
        first = resolve_registry_user("ns", 32137, None, None, None, "the-first-password-of-this-test")
        second = resolve_registry_user("ns", 32137, None, None, None, "the-second-password-of-this-test")
        self.fingerprint = first.login_fingerprint()
        service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": constants.REGISTRY, "namespace": "ns"}}
        ports = [{"port": constants.API_PORT, "nodePort": 32137}]
        document = deploy.overlay.with_login({**OVERLAY, "spec": SPEC}, self.fingerprint)
        for item in (first.private_object(), second.public_object(), {**service, "spec": {"ports": ports}}, document):
            self.cluster().apply(item, live=None)
        self.objects["DockerRegistry", "default"] = {"metadata": {"name": "default"}}
        self.writes.clear()

    def json(self, call: Call, method: str, _path: str, **more: Any) -> dict[str, Any]:
        """The answer to one request."""
        if self.denied and method == "PATCH" and call.kind == "Deployment":
            raise error_from_answer(call, 403, json.dumps({"message": "admission webhook denied the request"}).encode())
        return super().json(call, method, _path, **more)

    def login(self) -> str:
        """What the Pod template says."""
        return deploy.overlay.login_of(self.objects["Deployment", constants.REGISTRY])

    def password(self) -> str | None:
        """That of the clients."""
        return secret_text(self.objects["Secret", constants.CREDENTIALS_SECRET], "password")


@pytest.fixture(name="login_server")
def _login_server(monkeypatch: pytest.MonkeyPatch) -> _LoginServer:
    server = _LoginServer()
    live = SimpleNamespace(await_deployment=lambda: server.cluster().get("Deployment", constants.REGISTRY, "ns"))
    monkeypatch.setattr(deploy, "OperatorWait", lambda *_: live)
    monkeypatch.setattr(deploy, "plan_overlay", lambda *_: (_plan(), {**OVERLAY, "spec": SPEC}, ()))
    return server


def _deploy(server: _LoginServer, *, check_mode: bool = False, given: bool = True) -> None:
    """given: whether the run gives a password."""
    params = {"name": "default", "namespace": "ns", "environment": {}, "objects": [], "wait": False}
    params["login_fingerprint"] = server.fingerprint if given else ""
    deploy.deploy_with_operator(make_context(params, check_mode, cluster=server.cluster()), None, None)


def test_a_password_that_the_pods_have_only_according_to_their_template(login_server: _LoginServer) -> None:
    """Someone else has replaced it, or a killed run whose variables are reverted: clients get it with new Pods, once."""
    before = login_server.login()
    _deploy(login_server, check_mode=True)
    assert login_server.writes == []
    _deploy(login_server)
    assert login_server.login() != before and login_server.password() == "the-first-password-of-this-test"
    login_server.writes.clear()
    _deploy(login_server)
    assert login_server.writes == []


def test_an_overlay_that_is_rejected(login_server: _LoginServer) -> None:
    """Clients keep the password that the Pods accept; the next run completes both."""
    login_server.denied = True
    with pytest.raises(ClusterError, match="webhook"):
        _deploy(login_server)
    assert login_server.writes == [] and login_server.password() == "the-second-password-of-this-test"
    login_server.denied = False
    _deploy(login_server)
    assert login_server.password() == "the-first-password-of-this-test"
    assert login_server.login().startswith(f"{login_server.fingerprint}-")


def test_a_run_without_a_password_after_a_kill(login_server: _LoginServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients had got the changed password, and the Pods were not replaced: they are now, once."""

    def kill(*_arguments: Any, **_options: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(deploy, "_apply_overlay", kill)
        _deploy(login_server)
    former = login_server.login()
    assert login_server.password() == "the-first-password-of-this-test"
    _deploy(login_server, given=False)
    assert login_server.login() != former and login_server.login().startswith(f"{login_server.fingerprint}-")
    login_server.writes.clear()
    _deploy(login_server, given=False)
    assert login_server.writes == []
