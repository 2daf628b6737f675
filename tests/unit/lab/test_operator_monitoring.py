# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""docs/monitoring fits what the operator's chart makes, too."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.tests.support import monitoring
from kymaoperator import chart
from kymaoperator.flags import Flags

ROLE = Path(__file__).resolve().parents[3] / "roles/registry"


@pytest.fixture
def objects() -> list[dict[str, Any]]:
    """Of the chart, with the labels that the operator gives."""
    flags = Flags()
    flags.access(None, "", constants.NODE_PORT)
    flags.filesystem()
    return chart.render(flags.build(), constants.CR_NAMESPACE)


def _one(objects: list[dict[str, Any]], kind: str, name: str) -> dict[str, Any]:
    return next(item for item in objects if (item["kind"], item["metadata"]["name"]) == (kind, name))


def test_monitor_selects_the_operators_service(objects: list[dict[str, Any]]) -> None:
    """The metrics' Service and no other, as in direct mode; the registry serves its metrics at that port and path."""
    debug = yaml.safe_load(_one(objects, "ConfigMap", constants.CONFIG_MAP)["data"]["config.yml"])["http"]["debug"]
    assert debug["addr"] == f":{constants.DEBUG_PORT}" and debug["prometheus"]["enabled"]
    services = [item for item in objects if item["kind"] == "Service"]
    assert len(services) == 2
    assert monitoring.targets(services) == [
        (constants.METRICS_SERVICE, constants.DEBUG_PORT, debug["prometheus"]["path"])
    ]


def test_network_policy_selects_the_operators_pods(objects: list[dict[str, Any]]) -> None:
    """And the alert on their probes asks for the container's name."""
    template = _one(objects, "Deployment", constants.REGISTRY)["spec"]["template"]
    selected = monitoring.manifest("network-policy")["spec"]["podSelector"]["matchLabels"]
    assert selected.items() <= template["metadata"]["labels"].items()
    assert [item["name"] for item in template["spec"]["containers"]] == [constants.CONTAINER]


def test_page_states_the_operators_policy(objects: list[dict[str, Any]]) -> None:
    """Whom it admits. The role's admits the same, so that the scraper need not know the mode."""
    (name,) = [name for name in constants.NETWORK_POLICIES if name.endswith("allow-metrics-policy")]
    policy = _one(objects, "NetworkPolicy", name)
    agents, own = policy["spec"]["ingress"][0]["from"]
    (namespace,) = agents["namespaceSelector"]["matchLabels"].values()
    page = monitoring.FOLDER.with_suffix(".md").read_text(encoding="utf-8")
    reported = page.partition("The operator's admits ")[2].partition(".\n")[0]
    for peer in (agents, own):
        ((label, value),) = peer["podSelector"]["matchLabels"].items()
        assert f"`{label}: {value}`" in reported
    assert f"`{namespace}`" in reported and set(own) == {"podSelector"}
    template = (ROLE / "templates/network_policies.yml.j2").read_text(encoding="utf-8")
    documents = yaml.safe_load_all(re.sub(r"{{.*?}}", "x", template))
    (of_role,) = [item for item in documents if item["metadata"]["name"] == name]
    assert all(peer in of_role["spec"]["ingress"][0]["from"] for peer in (agents, own))
