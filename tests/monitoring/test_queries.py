# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Queries of the dashboard over several registries, judged by promtool."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.tests.monitoring.promtool import Promtool
from ansible_collections.kyma.docker_registry.tests.support import monitoring

# The lab's cluster is not asked.
pytestmark = pytest.mark.beside


def _series(metric: str, values: str, **labels: str) -> dict[str, str]:
    return {
        "series": metric + "{" + ", ".join(f'{name}="{value}"' for name, value in labels.items()) + "}",
        "values": values,
    }


def _assert_reported(
    promtool: Promtool, folder: Path, query: str, series: list[dict[str, str]], reported: dict[str, float]
) -> None:
    """reported: values by labels, after ten scrapes."""
    seconds = monitoring.scrape_seconds()
    requested: dict[str, Any] = {
        "expr": monitoring.queries(".+")[query],
        "eval_time": f"{10 * seconds}s",
        "exp_samples": [{"labels": labels, "value": value} for labels, value in reported.items()],
    }
    case = {"input_series": series, "promql_expr_test": [requested]}
    verdict = promtool.test_rules([case], folder, seconds=seconds)
    assert verdict.passed, verdict.output


def test_share_of_failed_requests(promtool: Promtool, tmp_path: Path) -> None:
    """Of each registry, whose Pods count together: one that fails a tenth, one that never failed, and none of one without requests."""

    def requests(namespace: str, pod: str, code: str, values: str) -> dict[str, str]:
        labels = {"job": constants.METRICS_SERVICE, "namespace": namespace, "pod": pod, "code": code}
        return _series("registry_http_requests_total", values, **labels)

    series = [
        requests("a", "p1", "200", "0+50x10"),
        requests("a", "p2", "200", "0+40x10"),
        requests("a", "p2", "500", "0+10x10"),
        requests("b", "p3", "200", "0+50x10"),
        requests("c", "p4", "200", "7x10"),
        requests("c", "p4", "500", "7x10"),
    ]
    _assert_reported(promtool, tmp_path, "Failed requests A", series, {'{namespace="a"}': 0.1, '{namespace="b"}': 0})


def test_a_volume_of_several_nodes_is_reported_once(promtool: Promtool, tmp_path: Path) -> None:
    """Two Pods of a registry on one volume, and a volume of a namespace whose registry is on an object store."""

    def volume(metric: str, namespace: str, node: str, values: str) -> dict[str, str]:
        labels = {"namespace": namespace, "persistentvolumeclaim": "images", "node": node}
        return _series(f"kubelet_volume_stats_{metric}_bytes", values, **labels)

    def actions(namespace: str, pod: str, driver: str) -> dict[str, str]:
        labels = {"job": constants.METRICS_SERVICE, "namespace": namespace, "pod": pod, "driver": driver}
        return _series("registry_storage_action_seconds_count", "0+1x10", **labels)

    series = [
        *(volume("capacity", "a", node, "100x10") for node in ("n1", "n2")),
        *(volume("used", "a", node, "25x10") for node in ("n1", "n2")),
        volume("capacity", "b", "n1", "100x10"),
        volume("used", "b", "n1", "75x10"),
        *(actions("a", pod, "filesystem") for pod in ("p1", "p2")),
        actions("b", "p3", "s3aws"),
    ]
    reported = {'{namespace="a", persistentvolumeclaim="images"}': 0.25}
    _assert_reported(promtool, tmp_path, "Volumes: space used A", series, reported)
