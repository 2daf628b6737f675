# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a wait reports, and how rarely."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import progress as pace
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.progress import Progress
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.tests.support.contexts import run_body
from hypothesis import given
from hypothesis import strategies as st


def _describe(state: Callable[[int], str], seconds: int, limit: float | None = None) -> list[str]:
    """What a wait of so many seconds says, asked every second."""
    now, said = [1000.0], list[str]()
    progress = Progress(said.append, "rollout of X", limit, lambda: now[0])
    for second in range(seconds):
        now[0] = 1000.0 + second
        progress(state(second))
    return said


def test_a_short_wait_is_silent() -> None:
    """A short wait is not reported."""
    assert _describe(str, 5) == []


def test_the_line() -> None:
    """What is awaited, how long, at most how long, and what is seen."""
    assert _describe(lambda _: "no Pod yet", 6, 300) == ["rollout of X, 5 s of at most 300 s: no Pod yet"]
    assert _describe(lambda _: "no Pod yet", 6) == ["rollout of X, 5 s: no Pod yet"]


def test_the_same_again_after_a_while() -> None:
    """A long wait reports its state again."""
    assert [line.split(" s")[0] for line in _describe(lambda _: "same", 120)] == [
        f"rollout of X, {second}" for second in (5, 36, 70, 107)
    ]


def test_a_change_is_reported_soon() -> None:
    """Not only after the long pause."""
    reported = _describe(lambda second: "before" if second < 20 else "after", 60)
    assert reported[:2] == ["rollout of X, 5 s: before", "rollout of X, 20 s: after"]


@given(st.integers(1, 3600))
def test_it_never_floods(seconds: int) -> None:
    """A state that is another one each second is reported at a pace that slows down: under 60 lines an hour."""
    reported = _describe(str, seconds)
    assert len(reported) <= 60 and len(reported) <= seconds / 5 + 1


def test_a_long_state_is_cut() -> None:
    """A line stays a line."""
    (line,) = _describe(lambda _: "x" * 1000, 6)
    assert len(line) < 450 and line.endswith("...")


def test_secrets_are_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a body reports as it runs is masked as its result is."""
    said: list[str] = []

    def body(context: Context) -> None:
        context.secrets.hide("c4n4ry-of-the-progress-test")
        context.awaiting("Secret s3-storage", 60)("holds c4n4ry-of-the-progress-test")

    monkeypatch.setattr(pace, "FIRST", 0.0)
    run_body(body, {}, check_mode=False, say=said.append)
    assert len(said) == 1 and said[0].startswith("Secret s3-storage, 0 s of at most 60 s: holds ")
    assert "c4n4ry" not in said[0]
