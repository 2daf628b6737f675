# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prometheus' own promtool, built from its Go module as the lab builds its programs, and into the same cache.

It is not part of the lab: `lab up` does not wait for it, and a change of its version restarts no cluster.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ansible_collections.kyma.docker_registry.tests.monitoring.scraped import Scrape, question, questions
from ansible_collections.kyma.docker_registry.tests.support import lab_path, monitoring  # noqa: F401
from kymalab import build, preconditions
from kymalab.products import Product
from kymalab.settings import paths_from_environment

_SOURCE = Path(__file__).resolve().parent / "go/promtool"


class _Promtool(Product):
    """A product beside the lab's own."""

    @property
    def folder(self) -> Path:
        """The folder that holds go.mod and the build tags, which leave out the clients of all clouds' service discoveries."""
        return _SOURCE


def toolchain() -> build.GoToolchain:
    """The lab's, which fetches a newer Go where go.mod asks for one."""
    go = preconditions.go_toolchain()
    return replace(go, environment={**go.environment, "GOTOOLCHAIN": "auto"})


def built() -> Promtool:
    """The program; the first time it is built, which takes a minute or two."""
    module = "github.com/prometheus/prometheus"
    product = _Promtool(name="promtool", module=module, commands={"promtool": f"{module}/cmd/promtool"})
    tags = (_SOURCE / "tags").read_text(encoding="utf-8").strip()
    go = toolchain()
    environment = {**go.environment, "GOFLAGS": f"{go.environment['GOFLAGS']} -tags={tags}"}
    binaries = build.build((product,), paths_from_environment().cache, replace(go, environment=environment))
    return Promtool(binaries["promtool"])


@dataclass(frozen=True)
class Verdict:
    """What promtool said."""

    passed: bool
    output: str


@dataclass(frozen=True)
class Promtool:
    """The built program."""

    path: Path

    def _run(self, *arguments: str | Path, text: str | None = None) -> Verdict:
        done = subprocess.run(
            [self.path, *arguments],
            input=text,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )
        return Verdict(done.returncode == 0, done.stdout)

    def check_metrics(self, exposition: str) -> Verdict:
        """Whether it is Prometheus' format, with names as its authors advise."""
        return self._run("check", "metrics", text=exposition)

    def check_rules(self, groups: Sequence[Mapping[str, Any]], folder: Path) -> Verdict:
        """Whether Prometheus would load the rules."""
        return self._run("check", "rules", "--lint-fatal", _write(folder / "rules.yml", {"groups": groups}))

    def test_rules(
        self,
        tests: Sequence[Mapping[str, Any]],
        folder: Path,
        groups: Sequence[Mapping[str, Any]] | None = None,
        seconds: int = 60,
    ) -> Verdict:
        """Whether tests in promtool's own form hold, for these groups or those of the collection. seconds: between two values."""
        _write(folder / "rules.yml", {"groups": monitoring.groups() if groups is None else groups})
        # It is the samples' interval, too.
        content = {"rule_files": ["rules.yml"], "evaluation_interval": f"{seconds}s", "tests": list(tests)}
        return self._run("test", "rules", _write(folder / "tests.yml", content))

    def without_value(self, expressions: Mapping[str, str], scrapes: Sequence[Scrape], folder: Path) -> set[str]:
        """The names of the expressions that have no value at the end of the scrapes."""
        seconds = monitoring.scrape_seconds()
        verdict = self.test_rules([questions(expressions.values(), scrapes, seconds)], folder, seconds=seconds)
        empty = {
            name
            for name, expression in expressions.items()
            if f"expr: {json.dumps(question(expression))}," in verdict.output
        }
        assert verdict.passed != bool(empty) and "err:" not in verdict.output, verdict.output
        return empty


def _write(path: Path, content: Any) -> Path:
    # JSON is YAML, without any of its traps.
    path.write_text(json.dumps(content), encoding="utf-8")
    return path
