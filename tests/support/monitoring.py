# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The dashboard and the alerts of docs/monitoring, as tests read them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import yaml
from ansible_collections.kyma.docker_registry.tests.support.playbook import REPOSITORY

FOLDER = REPOSITORY / "docs/monitoring"

_SELECTOR = re.compile(r"(?P<metric>[a-zA-Z_:][\w:]*)\{(?P<matchers>[^{}]*)\}")
_MATCHER = re.compile(r'(?P<label>\w+)\s*(?:=~|!~|!=|=)\s*"(?:[^"\\]|\\.)*"')
_GROUPING = re.compile(r"\b(?:by|on)\s*\((?P<labels>[^()]*)\)")
_WORD = re.compile(r"(?<![\w.$])[a-zA-Z_:][\w:]*(?!\s*\(|\w)")
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')
_OPERATORS = {"and", "or", "unless", "bool"}
# Arguments of kube-state-metrics for the annotations that it exports.
_ALLOWED = re.compile(
    r"^--metric-annotations-allowlist=deployments=\[(?P<deployments>[^\]]*)\],configmaps=\[(?P<configmaps>[^\]]*)\]$",
    re.M,
)


@dataclass(frozen=True)
class Selector:
    """A metric in an expression, and the labels that it is asked for."""

    metric: str
    labels: frozenset[str]


def manifest(name: str) -> dict[str, Any]:
    """One of the manifests."""
    return dict(yaml.safe_load((FOLDER / f"{name}.yml").read_text(encoding="utf-8")))


def pod_labels() -> set[str]:
    """The labels of Pods that the ServiceMonitor adds to series, as Prometheus spells them; a Pod without such a label has series without it."""
    return {re.sub(r"\W", "_", label) for label in manifest("service-monitor")["spec"]["podTargetLabels"]}


def scrape_seconds() -> int:
    """How often the ServiceMonitor has the registry scraped."""
    (interval,) = {endpoint["interval"] for endpoint in manifest("service-monitor")["spec"]["endpoints"]}
    return int(interval.removesuffix("s"))


def targets(services: Iterable[dict[str, Any]]) -> list[tuple[str, int, str]]:
    """What the ServiceMonitor has scraped of Services: name, which becomes the job, with port and path."""
    spec = manifest("service-monitor")["spec"]
    return [
        (service["metadata"]["name"], port["port"], endpoint["path"])
        for service in services
        if spec["selector"]["matchLabels"].items() <= service["metadata"].get("labels", {}).items()
        for endpoint in spec["endpoints"]
        for port in service["spec"]["ports"]
        if port["name"] == endpoint["port"]
    ]


def groups() -> list[dict[str, Any]]:
    """The groups of rules as Prometheus itself reads them."""
    return list(manifest("prometheus-rule")["spec"]["groups"])


def alerts() -> list[dict[str, Any]]:
    """Every rule; all of them are alerts."""
    return [rule for group in groups() for rule in group["rules"]]


def dashboard() -> dict[str, Any]:
    """The dashboard."""
    return dict(json.loads((FOLDER / "dashboard.json").read_text(encoding="utf-8")))


def panels() -> list[dict[str, Any]]:
    """The dashboard's panels without the rows' headings."""
    return [panel for panel in dashboard()["panels"] if panel["type"] != "row"]


def queries(namespace: str) -> dict[str, str]:
    """Every query of the dashboard by panel and letter, with the variables replaced: Grafana's own by what it is for narrow steps."""
    rate_interval = f"{4 * scrape_seconds()}s"
    return {
        f"{panel['title']} {target['refId']}": target["expr"]
        .replace("$__rate_interval", rate_interval)
        .replace("$namespace", namespace)
        for panel in panels()
        for target in panel["targets"]
    }


def expressions() -> Iterator[str]:
    """All expressions: the dashboard's and the alerts'."""
    yield from queries(".+").values()
    for alert in alerts():
        yield alert["expr"]


def selectors(expression: str) -> list[Selector]:
    """The selectors of an expression. Each has braces, by the house's rule; ValueError names a word that has none."""
    found = [
        Selector(match["metric"], frozenset(item["label"] for item in _MATCHER.finditer(match["matchers"])))
        for match in _SELECTOR.finditer(expression)
    ]
    rest = _TEXT.sub("", _GROUPING.sub("", _SELECTOR.sub("", expression)))
    bare = [word for word in _WORD.findall(re.sub(r"\[[^\]]*\]", "", rest)) if word not in _OPERATORS]
    if bare or not found:
        raise ValueError(f"no selector, or a metric without braces ({', '.join(bare)}): {expression}")
    return found


def exported_annotations(resource: str = "deployments") -> dict[str, str]:
    """Annotations of Deployments, or ConfigMaps, that the page has kube-state-metrics export, each with the name of its label."""
    (found,) = _ALLOWED.finditer(FOLDER.with_suffix(".md").read_text(encoding="utf-8"))
    return {name: "annotation_" + re.sub(r"\W", "_", name) for name in found[resource].split(",")}


def grouped_by(expression: str) -> set[str]:
    """The labels that an expression groups or matches by."""
    return {label.strip() for match in _GROUPING.finditer(expression) for label in match["labels"].split(",")}


def metrics(from_expressions: Iterable[str]) -> set[str]:
    """The metrics that expressions name, without the endings of a histogram's series."""
    return {
        re.sub(r"_(bucket|sum|count)$", "", selector.metric)
        for expression in from_expressions
        for selector in selectors(expression)
    }
