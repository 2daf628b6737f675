# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""CPU and memory of the registry's container as its node's kubelet reports them, through the API server."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from kubernetes import client, config

_LINE = re.compile(r"^(container_\w+)\{([^}]*)\} (\S+) (\d+)$", re.MULTILINE)
_LABEL = re.compile(r'(\w+)="([^"]*)"')
_CPU, _MEMORY = "container_cpu_usage_seconds_total", "container_memory_working_set_bytes"


@dataclass(frozen=True)
class Usage:
    """cpu: seconds since the container's start; memory: its working set in bytes; at: seconds, when the CPU time was measured."""

    cpu: float
    memory: int
    at: float


def read_usage(kubeconfig: str, pod: Mapping[str, Any]) -> Usage:
    """What the kubelet has measured last."""
    with config.new_client_from_config(kubeconfig) as connection:
        node = pod["spec"]["nodeName"]
        text = client.CoreV1Api(connection).connect_get_node_proxy_with_path(
            node, "metrics/resource", _preload_content=False
        )
    return find_usage(text.data.decode(), pod["metadata"]["namespace"], pod["metadata"]["name"])


def find_usage(text: str, namespace: str, pod: str) -> Usage:
    """The usage in the answer of /metrics/resource."""
    wanted = {"container": constants.CONTAINER, "namespace": namespace, "pod": pod}
    found = {
        name: (float(value), int(moment) / 1000)
        for name, labels, value, moment in _LINE.findall(text)
        if dict(_LABEL.findall(labels)) == wanted
    }
    assert {_CPU, _MEMORY} <= set(found), f"the kubelet reports only {sorted(found)} of Pod {pod}"
    return Usage(found[_CPU][0], int(found[_MEMORY][0]), found[_CPU][1])
