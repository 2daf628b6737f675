# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What docs/monitoring asks for is there with the operator, too: the Service that is scraped, and every metric and label."""

from __future__ import annotations

from ansible_collections.kyma.docker_registry.plugins.module_utils import names
from ansible_collections.kyma.docker_registry.tests.monitoring.registry import Scraper
from ansible_collections.kyma.docker_registry.tests.monitoring.scraped import Scrape, labels_of, unknown
from ansible_collections.kyma.docker_registry.tests.operator.bench import Bench
from ansible_collections.kyma.docker_registry.tests.support import monitoring
from ansible_collections.kyma.docker_registry.tests.support.waiting import until


def _unknown(scrape: Scrape) -> dict[str, set[str]]:
    """By expression, but for those on volumes: the kubelet does not measure the lab's default kind."""
    known = labels_of(scrape)
    found = {item: unknown(item, known) for item in monitoring.expressions() if "kubelet_volume_stats" not in item}
    return {expression: missing for expression, missing in found.items() if missing}


def test_what_is_scraped(bench: Bench) -> None:
    """One target, of the operator's Service; a registry that was used has all that alerts and dashboard name."""
    bench.deployed()
    services = bench.cluster.list("Service", bench.namespace)
    assert monitoring.targets(services) == [(names.METRICS_SERVICE, names.DEBUG_PORT, "/metrics")]
    bench.push()
    bench.assert_kept()
    scraper = Scraper(bench.cluster, bench.kubeconfig, bench.namespace)
    until("everything to be told", lambda: not _unknown(scraper.scrape()))
