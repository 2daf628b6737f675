# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Dashboard and alerts against a real registry: every metric and label exists, every panel shows something, alerts see what is wrong."""

from __future__ import annotations

import re
import uuid
from pathlib import Path

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import connect
from ansible_collections.kyma.docker_registry.tests.monitoring.promtool import Promtool
from ansible_collections.kyma.docker_registry.tests.monitoring.registry import Observed, observe
from ansible_collections.kyma.docker_registry.tests.monitoring.scraped import Scrape, labels_of, parsed, unknown
from ansible_collections.kyma.docker_registry.tests.monitoring.test_alerts import CASES
from ansible_collections.kyma.docker_registry.tests.support import monitoring, shared


@pytest.fixture(scope="module")
def observed(kubeconfig: str, tmp_path_factory: pytest.TempPathFactory) -> Observed:
    """The registry is deployed, used and broken once for all tests."""

    def made() -> Observed:
        cluster = connect({"kubeconfig": kubeconfig}, {}, user_agent="tests")
        name = f"test-{uuid.uuid4().hex[:10]}"
        namespace = cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        try:
            return observe(cluster, kubeconfig, name)
        finally:
            cluster.delete("Namespace", name, None, uid=namespace["metadata"]["uid"])
            cluster.close()

    return shared.once(shared.folder(tmp_path_factory), "observed", made)


def test_metrics_are_sound(promtool: Promtool, observed: Observed) -> None:
    """Distribution's metrics pass promtool whole, advice on names included."""
    verdict = promtool.check_metrics(observed.exposition)
    assert verdict.passed, verdict.output
    assert not promtool.check_metrics(observed.exposition + "registry_broken{ 1\n").passed


def test_every_metric_and_label_exists(observed: Observed) -> None:
    """The metrics in dashboard and alerts are metrics of the registry and the kubelet."""
    known = labels_of({**observed.healthy[-1], **observed.failing[-1]})
    missing = {expression: unknown(expression, known) for expression in monitoring.expressions()}
    assert not any(missing.values()), missing


@pytest.mark.parametrize(
    ("expression", "missing"),
    [
        (
            'rate(registry_http_request_total{code="500"}[5m])',
            {"registry_http_request_total", "registry_http_request_total.code"},
        ),
        (
            'registry_storage_action_seconds_count{operation="Stat"}',
            {"registry_storage_action_seconds_count.operation"},
        ),
        ("sum by (status) (registry_http_requests_total{})", {"status"}),
    ],
)
def test_a_wrong_name_is_noticed(observed: Observed, expression: str, missing: set[str]) -> None:
    """Of a metric, a label, and a label to group by."""
    assert unknown(expression, labels_of(observed.healthy[-1])) == missing


def test_page_lists_what_is_scraped(observed: Observed) -> None:
    """Handlers and driver by name, methods in lower case, and a client that has to be asked for its credentials."""
    seen: dict[str, set[str]] = {}
    for name, labels in {**observed.healthy[-1], **observed.failing[-1]}:
        for label, value in labels if name.startswith("registry_") else ():
            seen.setdefault(label, set()).add(value)
    page = monitoring.FOLDER.with_suffix(".md").read_text(encoding="utf-8")
    (row,) = [line for line in page.splitlines() if line.startswith("| `registry_http_requests_total`")]
    assert set(re.findall(r"`(\w+)`", row.partition("handlers are")[2])) == seen["handler"]
    assert seen["driver"] == {"filesystem"} and "Drivers are `filesystem`" in page
    assert all(method.islower() for method in seen["method"])
    assert {"200", "201", "202", "401", "404", "500"} <= seen["code"]


def test_cases_of_alerts_use_real_series(observed: Observed) -> None:
    """What alerts.yml makes up has names and labels of what was scraped, and of Pods; `up` of other jobs aside."""
    known = labels_of({**observed.healthy[-1], **observed.failing[-1]})
    for case in CASES:
        for given in case["input_series"]:
            ((name, labels),) = parsed(f"{given['series'].replace(', ', ',')} 0")
            assert {label for label, _value in labels} <= known.get(name, set()) | monitoring.pod_labels(), given[
                "series"
            ]


def test_every_panel_shows_something(promtool: Promtool, observed: Observed, tmp_path: Path) -> None:
    """Every query of the dashboard has a value over what was scraped."""
    queries = monitoring.queries(observed.namespace)
    assert promtool.without_value(queries, observed.healthy + observed.failing, tmp_path) == set()


def test_an_empty_panel_is_noticed(promtool: Promtool, observed: Observed, tmp_path: Path) -> None:
    """A value that no label has, and a namespace without a registry."""
    empty = {"GET": 'rate(registry_http_requests_total{method="GET"}[5m])', **monitoring.queries("another-namespace")}
    assert promtool.without_value(empty, observed.healthy, tmp_path) == set(empty)


def _true(promtool: Promtool, scrapes: list[Scrape], tmp_path: Path) -> set[str]:
    """The alerts whose condition is true at the end. How full this machine's disk is belongs to the machine."""
    conditions = {
        alert["alert"]: alert["expr"] for alert in monitoring.alerts() if "kubelet_volume_stats" not in alert["expr"]
    }
    assert len(conditions) == 13
    return set(conditions) - promtool.without_value(conditions, scrapes, tmp_path)


def test_alerts_of_a_healthy_registry(promtool: Promtool, observed: Observed, tmp_path: Path) -> None:
    """Nothing is wrong."""
    assert _true(promtool, observed.healthy, tmp_path) == set()


def test_alerts_of_a_registry_without_its_store(promtool: Promtool, observed: Observed, tmp_path: Path) -> None:
    """The requests that fail are seen."""
    assert _true(promtool, observed.failing, tmp_path) == {"DockerRegistryErrors"}


def _of_another(scrape: Scrape) -> Scrape:
    """The same registry, were it another product's, scraped as another job."""
    return {
        (name, frozenset((label, "other" if label == "job" else value) for label, value in labels)): value
        for (name, labels), value in scrape.items()
    }


def test_the_registry_of_another_is_seen_nowhere(promtool: Promtool, observed: Observed, tmp_path: Path) -> None:
    """Neither its containers of the same name nor its volumes, whatever namespaces are chosen."""
    scrapes = [_of_another(scrape) for scrape in observed.healthy + observed.failing]
    queries = monitoring.queries(".+")
    assert promtool.without_value(queries, scrapes, tmp_path) == set(queries)
    assert _true(promtool, scrapes, tmp_path) == {"DockerRegistryMissing"}
