# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Free-form options of the modules: whatever is given, the answer is a result or findings, and a refusal has changed nothing."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.argspec import Spec
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.connection.options import CONNECTION_SPEC
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.transport import http_transport
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.credentials import registry_secret
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.credentials.options import (
    CredentialsOptions,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.deployment import registry_deployment
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.deployment.options import DeploymentOptions
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution import known_secrets
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.options import Options
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.outcome import Body, run_body
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.info import registry_info
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.info.options import InfoOptions
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.storage import docker_registry_storage
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.storage.options import StorageOptions
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.verify import registry_verify
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.verify.options import VerifyOptions
from ansible_collections.kyma.docker_registry.tests.unit.module_utils._k8s.transport.server import (
    Heard,
    Served,
    Talk,
    serve,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

pytestmark = pytest.mark.slow
MODULES: dict[str, tuple[Spec, type[Options], Body[Any]]] = {
    "registry_info": (registry_info.SPEC, InfoOptions, registry_info.read_registry_info),
    "docker_registry_storage": (
        docker_registry_storage.SPEC,
        StorageOptions,
        docker_registry_storage.manage_docker_registry,
    ),
    "registry_deployment": (registry_deployment.SPEC, DeploymentOptions, registry_deployment.manage_deployment),
    "registry_verify": (registry_verify.SPEC, VerifyOptions, registry_verify.verify_running_registry),
    "registry_secret": (registry_secret.SPEC, CredentialsOptions, registry_secret.manage_secrets),
}
UNHURRIED = settings(
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
# What JSON and YAML can carry: halves of surrogate pairs, control characters, line ends.
TEXT = some.text(max_size=12) | some.sampled_from(["\ud800", "a\0b", "a\nb", "../..", "\u20ac"])
LEAVES = some.none() | some.booleans() | some.integers() | some.floats() | TEXT
JSON = some.recursive(LEAVES, lambda inner: some.lists(inner, max_size=3) | some.dictionaries(TEXT, inner, max_size=3))
METADATA = some.fixed_dictionaries(
    {"name": some.just(constants.REGISTRY), "namespace": some.just("ns"), "labels": some.just(constants.MANAGED_BY)},
    optional={"annotations": JSON},
)
OBJECTS = some.lists(
    some.fixed_dictionaries(
        {"kind": some.sampled_from(["Deployment", "Service", "ServiceAccount"]) | JSON},
        optional={"apiVersion": some.just("v1") | JSON, "metadata": METADATA | JSON, "spec": JSON},
    ),
    max_size=3,
)
# Options whose shape says more than their type does.
SHAPED = {
    "objects": OBJECTS | some.lists(some.dictionaries(TEXT, JSON, max_size=3), max_size=2),
    "storage": some.sampled_from([None, {"s3": {"bucket": "images", "region": "r", "secretName": "keys"}}]) | JSON,
    "wait_timeout": some.integers(max_value=1),
    # A real address or none: the tests' server is to be heard.
    "kubeconfig": some.dictionaries(TEXT, JSON, max_size=3) | TEXT,
    "context": TEXT,
}


def _answer(heard: Heard, talk: Talk) -> None:
    """A cluster with every namespace and DockerRegistry, nothing else, that takes whatever it is given."""
    parts = heard.path.partition("?")[0].strip("/").split("/")
    parts = parts[3:] if parts[0] == "apis" else parts[2:]
    mark = {"uid": "u", "resourceVersion": "1"}
    if heard.method != "GET":
        body = json.loads(heard.body or b"{}")
        talk.reply(200, {**body, "metadata": {**body.get("metadata", {}), **mark}} if isinstance(body, dict) else {})
    elif len(parts) % 2:
        talk.reply(200, {"items": [], "metadata": mark})
    elif parts[-2] in ("namespaces", "dockerregistries"):
        talk.reply(200, {"metadata": {"name": parts[-1], **mark}, "spec": {}})
    else:
        talk.reply(404, {})


@pytest.fixture(autouse=True)
def _plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pauses, and no masks: a secret of one letter masks the words that the tests look for."""
    monkeypatch.setattr(http_transport.time, "sleep", lambda _seconds: None)
    monkeypatch.setattr(known_secrets, "mask", lambda value, _known: value)


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    """The cluster of all these tests."""
    with serve(_answer) as served:
        yield served


def _values(option: dict[str, Any]) -> some.SearchStrategy[Any]:
    """Values that Ansible's own check of the option's type lets through, as far as that is easily said."""
    if option.get("choices"):
        return some.sampled_from(option["choices"])
    if option.get("options"):
        return some.fixed_dictionaries({}, optional={name: _values(it) for name, it in option["options"].items()})
    if option.get("elements"):
        return some.lists(TEXT, max_size=3)
    kinds = {"str": TEXT, "path": TEXT, "bool": some.booleans(), "int": some.integers(), "raw": JSON}
    return kinds.get(option["type"], some.dictionaries(TEXT, JSON, max_size=3))


def _options(spec: Spec) -> some.SearchStrategy[dict[str, Any]]:
    own = {name: SHAPED.get(name, _values(it)) for name, it in spec.options.items() if name not in CONNECTION_SPEC}
    return some.fixed_dictionaries({}, optional=own)


def _run(module: str, arguments: dict[str, Any], check_mode: bool) -> dict[str, Any] | None:
    """The result, None where Ansible rejects the arguments before the module runs."""
    spec, options, body = MODULES[module]
    # The validator writes into defaults.
    checked = ArgumentSpecValidator(copy.deepcopy(spec.options), **spec.constraints()).validate(arguments)
    if checked.error_messages:
        return None
    outcome = run_body(
        body, options, checked.validated_parameters, check_mode=check_mode, secrets=checked._no_log_values
    )
    json.dumps([outcome.result, outcome.warnings])
    return outcome.result


def _sound(result: dict[str, Any] | None) -> None:
    if result is None or not result.get("failed"):
        return
    assert "internal error" not in result["msg"], result["msg"]
    reported = [item for item in result["findings"] if item["severity"] == "error"]
    assert reported and all(item["code"] and item["path"] and item["message"] and item["remedy"] for item in reported)
    assert not result["changed"]


@pytest.mark.parametrize("module", MODULES)
@UNHURRIED
@given(data=some.data(), check_mode=some.booleans())
def test_own_options(module: str, data: some.DataObject, check_mode: bool, server: Served) -> None:
    """Any value that the options' types let through."""
    spec = MODULES[module][0]
    fixed = {"namespace": "ns", "mode": "direct", "wait_timeout": 0}
    arguments = {name: value for name, value in fixed.items() if name in spec.options} | data.draw(_options(spec))
    result = _run(module, {**arguments, "host": server.url}, check_mode)
    _sound(result)


@UNHURRIED
@given(
    some.fixed_dictionaries({}, optional={name: SHAPED.get(name, _values(it)) for name, it in CONNECTION_SPEC.items()})
)
def test_connection_options(server: Served, arguments: dict[str, Any]) -> None:
    """The same for the options by which the cluster is reached."""
    _sound(_run("registry_info", arguments, True))
    _sound(_run("registry_info", {**arguments, "host": server.url, "validate_certs": False}, True))
