# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The manifests, taken by an API server that has Prometheus Operator's definitions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.tests.monitoring.definitions import definitions
from ansible_collections.kyma.docker_registry.tests.support import api_server, monitoring
from ansible_collections.kyma.docker_registry.tests.support.waiting import until
from kubernetes import client, config

# The lab's cluster is not asked.
pytestmark = pytest.mark.beside
PLURALS = {"PrometheusRule": "prometheusrules", "ServiceMonitor": "servicemonitors", "NetworkPolicy": "networkpolicies"}
DEFINED = ("prometheusrules", "servicemonitors")
NAMES = ("prometheus-rule", "service-monitor", "network-policy")
# A misspelling in each, at a place that only the definition knows of.
MISSPELT: dict[str, tuple[tuple[str | int, ...], str]] = {
    "prometheus-rule": (("spec", "groups", 0, "rules", 0), "keep_firing"),
    "service-monitor": (("spec", "endpoints", 0), "scrapeIntervall"),
    "network-policy": (("spec", "ingress", 0), "form"),
}


@pytest.fixture(scope="module")
def api() -> Iterator[client.ApiClient]:
    """Connect as the administrator of a separate server, which serves both kinds."""
    try:
        wanted = definitions(*DEFINED)
    except LookupError as problem:
        pytest.skip(str(problem))
    with api_server.own() as folder:
        found = config.new_client_from_config(str(folder / "kubeconfig"))
        for item in wanted:
            client.ApiextensionsV1Api(found).create_custom_resource_definition(item)
        namespace = {"metadata": {"name": monitoring.manifest(NAMES[0])["metadata"]["namespace"]}}
        client.CoreV1Api(found).create_namespace(namespace)
        until("both kinds to be served", lambda: all(_served(found, plural) for plural in DEFINED))
        yield found


def _served(api: client.ApiClient, plural: str) -> bool:
    group, _slash, version = monitoring.manifest(NAMES[0])["apiVersion"].partition("/")
    resources = client.CustomObjectsApi(api).get_api_resources(group, version).resources
    return plural in {resource.name for resource in resources}


def _create(api: client.ApiClient, manifest: dict[str, Any]) -> dict[str, Any]:
    """What the server would keep; unknown fields are refused."""
    group, _slash, version = manifest["apiVersion"].partition("/")
    return dict(
        client.CustomObjectsApi(api).create_namespaced_custom_object(
            group,
            version,
            manifest["metadata"]["namespace"],
            PLURALS[manifest["kind"]],
            manifest,
            field_validation="Strict",
            dry_run="All",
        )
    )


@pytest.mark.parametrize("name", NAMES)
def test_manifest_is_taken_as_it_is(api: client.ApiClient, name: str) -> None:
    """Nothing of it is dropped or changed."""
    manifest = monitoring.manifest(name)
    assert _create(api, manifest)["spec"] == manifest["spec"]


@pytest.mark.parametrize("name", NAMES)
def test_a_misspelt_field_is_noticed(api: client.ApiClient, name: str) -> None:
    """Else the test above would prove nothing."""
    manifest = monitoring.manifest(name)
    path, field = MISSPELT[name]
    place: Any = manifest
    for key in path:
        place = place[key]
    place[field] = "1m"
    with pytest.raises(client.ApiException, match=f"unknown field.*{field}"):
        _create(api, manifest)
