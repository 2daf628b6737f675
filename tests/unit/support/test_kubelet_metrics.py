# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The reading of a kubelet's metrics."""

from __future__ import annotations

import pytest
from ansible_collections.kyma.docker_registry.tests.support.kubelet_metrics import Usage, find_usage

ANSWER = """\
# HELP container_cpu_usage_seconds_total [STABLE] Cumulative cpu time consumed by the container in core-seconds
# TYPE container_cpu_usage_seconds_total counter
container_cpu_usage_seconds_total{container="coredns",namespace="kube-system",pod="coredns-1"} 4.7 1395066363000
container_cpu_usage_seconds_total{container="docker-registry",namespace="ns",pod="dockerregistry-1"} 1.25 1395066363500
container_cpu_usage_seconds_total{container="docker-registry",namespace="other",pod="dockerregistry-1"} 9 1395066363500
container_memory_working_set_bytes{container="docker-registry",namespace="ns",pod="dockerregistry-1"} 1.7072128e+07 1395066363400
"""


def test_usage() -> None:
    """Of the registry's container in the Pod; numbers are as Go prints them."""
    assert find_usage(ANSWER, "ns", "dockerregistry-1") == Usage(1.25, 17072128, 1395066363.5)


def test_nothing_measured() -> None:
    """A Pod that has just started."""
    with pytest.raises(AssertionError, match="dockerregistry-2"):
        find_usage(ANSWER, "ns", "dockerregistry-2")
