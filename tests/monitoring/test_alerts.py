# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The alerts, judged by promtool: they load, and each fires when it must and only then (the cases are in alerts.yml)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.kyma.docker_registry.tests.monitoring.promtool import Promtool
from ansible_collections.kyma.docker_registry.tests.support import monitoring

# The lab's cluster is not asked.
pytestmark = pytest.mark.beside
CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "alerts.yml").read_text(encoding="utf-8"))
STEPS = [step for case in CASES for step in case["alert_rule_test"]]


def _without_annotations() -> list[dict[str, Any]]:
    """Promtool compares texts too; here it is about who fires."""
    return [
        {
            **group,
            "rules": [{key: value for key, value in rule.items() if key != "annotations"} for rule in group["rules"]],
        }
        for group in monitoring.groups()
    ]


def test_prometheus_loads_the_rules(promtool: Promtool, tmp_path: Path) -> None:
    """Without a warning of promtool's."""
    verdict = promtool.check_rules(monitoring.groups(), tmp_path)
    assert verdict.passed and f"{len(monitoring.alerts())} rules found" in verdict.output, verdict.output


def test_a_broken_rule_is_noticed(promtool: Promtool, tmp_path: Path) -> None:
    """An expression that does not parse, and a text with a variable that there is none of."""
    for change in ({"expr": "rate(up{})"}, {"annotations": {"summary": "{{ $label.pod }}"}}):
        groups = monitoring.groups()
        groups[0]["rules"][0].update(change)
        assert not promtool.check_rules(groups, tmp_path).passed, change


def test_alerts_fire_when_they_shall(promtool: Promtool, tmp_path: Path) -> None:
    """All cases hold."""
    verdict = promtool.test_rules(CASES, tmp_path, _without_annotations())
    assert verdict.passed, verdict.output


def test_every_alert_has_its_cases() -> None:
    """One in which it fires, and one in which it does not."""
    named = {alert["alert"] for alert in monitoring.alerts()}
    assert {step["alertname"] for step in STEPS if step["exp_alerts"]} == named
    assert {step["alertname"] for step in STEPS if not step["exp_alerts"]} == named


def test_each_alert_differs_from_one_that_never_fires(promtool: Promtool, tmp_path: Path) -> None:
    """With an expression that is never true, the cases of just that alert fail."""
    groups = _without_annotations()
    for group in groups:
        for rule in group["rules"]:
            rule["expr"] = f"({rule['expr']}) and on () vector(1) > 2"
    output = promtool.test_rules(CASES, tmp_path, groups).output
    assert set(re.findall(r"alertname: (\w+), time", output)) == {alert["alert"] for alert in monitoring.alerts()}


def test_texts_are_filled_in(promtool: Promtool, tmp_path: Path) -> None:
    """Promtool shows the texts of alerts that the test does not expect: every value is there."""
    silent = [
        {**case, "alert_rule_test": [{**step, "exp_alerts": []} for step in case["alert_rule_test"]]} for case in CASES
    ]
    output = promtool.test_rules(silent, tmp_path).output
    fired = re.findall(r'alertname="(\w+)".*\n\s+Annotations:{(.*)}', output)
    assert {name for name, _text in fired} == {alert["alert"] for alert in monitoring.alerts()}
    for name, text in fired:
        assert not re.search(r"<no value>|<error|{{|\b(in|Pod|Volume)  | -n  ", text), f"{name}: {text}"
