# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Running the body of a module: results, refusals, faults, masking, warnings."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal, error, errors, warning
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution import (
    context,
    outcome,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.tests.support.contexts import run_body

CANARY = "c4n4ry-of-the-runner-test"
ENCODED = base64.b64encode(CANARY.encode()).decode()


def _run(
    body: Callable[[Context], None], *, check_mode: bool = False, secrets: Any = ()
) -> tuple[dict[str, Any], list[str]]:
    outcome = run_body(body, {"a": 1, "host": "h"}, check_mode=check_mode, secrets=secrets)
    return outcome.result, outcome.warnings


def test_nothing_happened() -> None:
    """The smallest result."""
    assert _run(lambda _context: None) == ({"changed": False, "findings": []}, [])


@pytest.mark.parametrize("check_mode", [True, False])
def test_context(check_mode: bool) -> None:
    """The body sees parameters and check mode; its result and changes come out, in the shape of a diff."""

    def body(context: Context) -> None:
        assert context.options.a == 1 and context.check_mode is check_mode and context.connected is None
        context.result["value"] = [1]
        context.change("Kind/name", {"x": 1}, None)

    result, warnings = _run(body, check_mode=check_mode)
    diff = [{"before_header": "Kind/name", "after_header": "Kind/name", "before": {"x": 1}, "after": None}]
    reported = {"changed": True, "findings": [], "value": [1], "diff": diff, "changes": ["Kind/name removed"]}
    assert result == reported and warnings == []


@pytest.mark.parametrize(
    ("what", "before", "after", "reported"),
    [
        ("Secret/a", {}, {"x": 1}, "Secret/a created"),
        ("Secret/a", {"x": 1}, {}, "Secret/a removed"),
        ("Secret/a in other", {"x": 1}, {"x": 2}, "Secret/a in other"),
        ("Deployment/a (overlay)", {}, {"x": 1}, "Deployment/a (overlay)"),
        ("Secret/a (new owner)", {}, {}, "Secret/a (new owner)"),
    ],
)
def test_changes_in_words(what: str, before: Any, after: Any, reported: str) -> None:
    """For summaries: what, and whether it came or went."""
    assert _run(lambda context: context.change(what, before, after))[0]["changes"] == [reported]


def test_changed_is_counted_and_not_reported() -> None:
    """A body cannot claim it."""
    assert _run(lambda context: context.result.update(changed=True))[0]["changed"] is False


BAD, WORSE = error("bad", "here", "is bad.", "Correct it."), error("worse", "there", "is worse.")
ODD = warning("odd", "somewhere", "is odd.", "Look.")


def test_refusal() -> None:
    """Failed, with every error in the message, warnings apart, and what had been changed before."""

    def body(context: Context) -> None:
        context.change("a", 1, 2)
        context.report([ODD])
        context.require([ODD, BAD, WORSE])

    result, warnings = _run(body)
    assert result["failed"] is True and result["changed"] is True and len(result["diff"]) == 1
    assert result["msg"] == "here: is bad. Correct it. [bad]\nthere: is worse. [worse]"
    assert [item["code"] for item in result["findings"]] == ["odd", "bad", "worse"], "each once"
    assert warnings == ["somewhere: is odd. Look. [odd]"]


def test_only_what_is_required_stops() -> None:
    """Warnings go on, and so does what is only reported; each is reported once."""

    def body(context: Context) -> None:
        context.require([ODD])
        context.require(item for item in (ODD,))
        context.report(item for item in (ODD, BAD))
        context.result["on"] = True

    result, warnings = _run(body)
    assert result["on"] and "failed" not in result and len(warnings) == 1
    assert [item["code"] for item in result["findings"]] == ["odd", "bad"]


def test_raised_refusal_is_reported() -> None:
    """Also without a report before."""

    def body(_context: Context) -> None:
        raise Refusal([BAD, ODD])

    result, warnings = _run(body)
    assert [item["code"] for item in result["findings"]] == ["bad", "odd"] and len(warnings) == 1
    assert result["msg"] == BAD.text()


class OddError(BaseException):
    """Like a task's timeout: no Exception."""


def test_internal_error_has_no_value() -> None:
    """Type and place; neither text nor arguments of the exception, nor of its cause."""

    def body(context: Context) -> None:
        context.report([ODD])
        try:
            raise KeyError(CANARY)
        except KeyError as problem:
            raise ValueError(f"{CANARY} {ENCODED}") from problem

    result, warnings = _run(body)
    text = json.dumps([result, warnings])
    assert CANARY not in text and ENCODED not in text
    assert result["failed"] is True and result["msg"].startswith("internal error: ValueError at ")
    assert "test_outcome.py:" in result["msg"] and len(warnings) == 1


def test_internal_error_names_the_innermost_place() -> None:
    """Below plugins/ the path is relative to it, so nothing of the machine is reported."""
    result, _warnings = _run(lambda _context: print(errors([object()])))  # type: ignore[list-item]
    assert result["msg"].startswith("internal error: AttributeError at module_utils/_core/findings.py:")
    assert outcome._innermost_frame(ValueError()) == "unknown place"


def test_what_is_no_exception_goes_through() -> None:
    """A task's timeout and Ctrl-C are not swallowed."""

    def body(_context: Context) -> None:
        raise OddError

    with pytest.raises(OddError):
        _run(body)


def _leaky(context: Context) -> None:
    context.secrets.hide(CANARY, None, "")
    context.result["value"] = f"has {CANARY}"
    context.result["nested"] = {"list": [CANARY, {"deep": f"x{ENCODED}x"}], CANARY: 1}
    context.change(f"Secret/{CANARY}", {"data": {"key": ENCODED}}, {"data": {CANARY: "x"}})
    context.report([warning("w", CANARY, f"quotes {ENCODED}.", CANARY)])
    context.require([error("e", CANARY, f"quotes {ENCODED}.", CANARY)])


@pytest.mark.parametrize("secrets", [(), (CANARY,), {CANARY, "another-secret"}, [CANARY, None, ""]])
def test_masking(secrets: Any) -> None:
    """Secrets that the task was given or that the body found: in values, keys, diffs, findings, messages and warnings."""
    result, warnings = _run(_leaky, secrets=secrets)
    text = json.dumps([result, warnings])
    assert CANARY not in text and ENCODED.rstrip("=")[:-1] not in text
    assert result["failed"] and result["changed"] and warnings and result["findings"][0]["code"] == "w"
    assert {"msg", "changed", "failed", "findings", "diff"} <= result.keys()


def test_numbers_as_secrets() -> None:
    """A secret that Ansible re-typed is masked as its text."""
    result, _warnings = _run(lambda context: context.result.update(value="it is 987654321"), secrets=[987654321])
    assert "987654321" not in json.dumps(result)


class _Cluster:
    """A cluster that has an address and warnings."""

    target = SimpleNamespace(host="https://host:1", source=f"option {CANARY}")

    def __init__(self, warnings: list[str]) -> None:
        self.warnings = warnings
        self.closed = 0

    def close(self) -> None:
        """Counts."""
        self.closed += 1


def test_cluster_is_connected_once_and_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """At first use; its address is reported, its warnings come out masked and once. The task closes it."""
    made: list[Any] = []

    def connect(params: Any) -> _Cluster:
        made.append((params, _Cluster([f"about {CANARY}", f"about {CANARY}"])))
        return made[-1][1]

    monkeypatch.setattr(context, "connect", connect)

    def body(context: Context) -> None:
        assert context.connected is None and not made
        assert context.cluster is context.cluster is context.connected

    result, warnings = _run(body, secrets=[CANARY])
    ((params, cluster),) = made
    assert params["host"] == "h" and "a" not in params and cluster.closed == 1
    assert result["cluster"] == {"host": "https://host:1", "source": "option ********"}
    assert warnings == ["about ********"]


def test_no_cluster_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is claimed about a cluster that could not be reached."""

    def connect(_params: Any) -> _Cluster:
        raise Refusal([BAD])

    monkeypatch.setattr(context, "connect", connect)
    result, _warnings = _run(lambda context: print(context.cluster))
    assert result["failed"] and "cluster" not in result
