# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A body that runs as an Ansible module, and the secrets among its options."""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Callable
from typing import Any

import pytest
from ansible.release import __version__
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.argspec import Spec
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import error, warning
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution import (
    ansible_module,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.tests.support.contexts import options_type

CANARY = "c4n4ry-of-the-runner-test"

ENCODED = base64.b64encode(CANARY.encode()).decode()

HIDDEN = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"

# Later cores leave the arguments out of a result unless they are asked for.
INJECT = {"_ansible_inject_invocation": True} if tuple(map(int, __version__.split(".")[:2])) >= (2, 21) else {}

BAD, WORSE = error("bad", "here", "is bad.", "Correct it."), error("worse", "there", "is worse.")

SPEC = Spec(
    {
        "word": {"type": "str", "no_log": True},
        "other": {"type": "str"},
        "kubeconfig": {"type": "raw", "no_log": True},
        **{name: {"type": "path"} for name in ("ca_cert", "client_cert")},
        "client_key": {"type": "path", "no_log": False},
        "part": {"type": "dict", "options": {"deep": {"type": "dict", "no_log": True}}},
    },
    mutually_exclusive=[("word", "other")],
)

KUBECONFIG = {
    "current-context": "default",
    "clusters": [{"name": "default", "cluster": {"proxy-url": "http://me:p4ssw0rd@proxy"}}],
    "contexts": [{"name": "default", "context": {"cluster": "default", "namespace": "part-of-a-key"}}],
    "users": [{"name": "eve", "user": {"token": CANARY}}],
}


@pytest.mark.parametrize(
    ("params", "masked"),
    [
        ({"kubeconfig": KUBECONFIG}, {CANARY, "http://me:p4ssw0rd@proxy", "p4ssw0rd"}),
        ({"kubeconfig": "/none/config"}, set()),
        ({"kubeconfig": {"clusters": ["same"]}, "word": "same"}, {"same"}),
        (
            {"kubeconfig": {"clusters": ["same", 5]}, "part": {"deep": {"a": ["same"], "b": 5, "c": True}}},
            {"same"},
        ),
        ({"kubeconfig": None, "word": CANARY}, {CANARY}),
        ({"client_key": CANARY, "client_cert": "/etc/none.pem", "ca_cert": "./ca.pem"}, {CANARY}),
    ],
)
def test_names_in_a_kubeconfig_are_no_secrets(params: dict[str, Any], masked: set[str]) -> None:
    """Unless they are in another option that is masked."""
    marked = set(SPEC.secrets(params))
    assert ansible_module.collect_secrets(SPEC, params, marked) == masked


def _module(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], body: Callable[[Context], None], **values: Any
) -> tuple[int, dict[str, Any]]:
    """Exit code and JSON of the module's ways of running, given its arguments as Ansible gives them."""
    basic = sys.modules["ansible.module_utils.basic"]
    monkeypatch.setattr(basic, "_ANSIBLE_ARGS", json.dumps({"ANSIBLE_MODULE_ARGS": values}).encode())
    monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
    with pytest.raises(SystemExit) as caught:
        ansible_module.run_module(SPEC, options_type(SPEC.options), body)
    return int(caught.value.code or 0), json.loads(capsys.readouterr().out)


def test_front_execution_of_the_module(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Success, with parameters, check mode, warnings and masking."""

    def body(context: Context) -> None:
        assert context.options.word == CANARY and context.check_mode
        context.result["value"] = f"{CANARY} {ENCODED}"
        context.report([warning("w", "p", f"quotes {CANARY}.")])
        context.change("a", 1, 2)

    said: list[str] = []
    # Where the controller's code is loaded as well, Ansible gives warnings to that.
    monkeypatch.setattr(ansible_module.AnsibleModule, "warn", lambda _module, text: said.append(text))
    code, result = _module(monkeypatch, capsys, body, word=CANARY, _ansible_check_mode=True)
    assert code == 0 and result["changed"] is True and said == ["p: quotes ********. [w]"]
    assert CANARY not in json.dumps(result) and ENCODED not in json.dumps(result)


def test_kubeconfig_through_the_module(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Names that are also in the kubeconfig are shown, its token is not."""

    def body(context: Context) -> None:
        context.secrets.require_visible({"name": "default"})
        context.result.update(name="default", leak=[CANARY, "p4ssw0rd"])

    code, result = _module(monkeypatch, capsys, body, kubeconfig=KUBECONFIG)
    assert code == 0 and result["name"] == "default"
    assert CANARY not in json.dumps(result) and "p4ssw0rd" not in json.dumps(result)


def test_front_execution_of_a_failing_module(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Failure has the exit code and the whole result; a constraint of the specification counts."""
    code, result = _module(monkeypatch, capsys, lambda context: context.require([BAD]))
    assert code == 1 and result["failed"] and result["findings"][0]["code"] == "bad" and result["msg"] == BAD.text()
    code, result = _module(monkeypatch, capsys, lambda _context: None, word=CANARY, other="x")
    assert code == 1 and "mutually exclusive" in result["msg"] and CANARY not in json.dumps(result)


def test_no_value_of_an_argument_is_logged_or_returned(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In syslog, to which every module writes, and in the arguments of a result, as all results have them before ansible-core 2.21."""
    logged: list[str] = []
    monkeypatch.setattr(ansible_module.AnsibleModule, "log", lambda _module, text, **_more: logged.append(str(text)))
    key = 'a\\b"c\n' + CANARY
    given = {"word": key, "part": {"deep": {"key": key}}, **INJECT}
    for body in (lambda _context: None, lambda context: context.require([BAD])):
        _code, result = _module(monkeypatch, capsys, body, **given)
        assert result["invocation"]["module_args"]["part"] == {"deep": HIDDEN}
        assert CANARY not in json.dumps(result)
    _code, result = _module(monkeypatch, capsys, lambda _context: None, other="x", **given)
    assert CANARY not in json.dumps(result) and result["invocation"]["module_args"]["word"] == HIDDEN
    assert logged == ["Invoked with part, word"] * 2


@pytest.mark.parametrize("secret", ["x", "e", "warn", "bad", "chan", "other"])
def test_a_short_secret_leaves_the_result_alone(
    secret: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Keys, codes and severities are words of the collection."""

    def body(context: Context) -> None:
        context.result["other_key"] = {"warnings_of_it": 1}
        context.require([warning("warn-code", "path", "text."), BAD])

    given = {"part": {"deep": {"a": secret}}, **INJECT}
    _code, result = _module(monkeypatch, capsys, body, **given)
    assert [(item["code"], item["severity"]) for item in result["findings"]] == [
        ("warn-code", "warning"),
        ("bad", "error"),
    ]
    assert {"other_key", "findings", "changed"} <= result.keys() and result["other_key"] == {"warnings_of_it": 1}
    assert result["invocation"]["module_args"]["part"] == {"deep": HIDDEN}
