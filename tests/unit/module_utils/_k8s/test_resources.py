# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Paths of the API."""

from __future__ import annotations

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import ClusterError
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.resources import RESOURCES, path, resource


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("Namespace", None, "a"), "/api/v1/namespaces/a"),
        (("Namespace", "ignored", "a"), "/api/v1/namespaces/a"),
        (("Secret", "n", "s"), "/api/v1/namespaces/n/secrets/s"),
        (("Secret",), "/api/v1/secrets"),
        (("Deployment", "n"), "/apis/apps/v1/namespaces/n/deployments"),
        (("NetworkPolicy", "n", "a/b"), "/apis/networking.k8s.io/v1/namespaces/n/networkpolicies/a%2Fb"),
        (
            ("DockerRegistry", "n", "default", "status"),
            "/apis/operator.kyma-project.io/v1alpha1/namespaces/n/dockerregistries/default/status",
        ),
    ],
)
def test_paths(arguments: tuple[str, ...], expected: str) -> None:
    """Core and groups, objects and collections."""
    assert path(*arguments) == expected


@pytest.mark.parametrize(
    "arguments",
    [
        ("Secret", "n", ""),
        ("Secret", "n", ".."),
        ("Secret", "..", "x"),
        ("Secret", "\ud800", "x"),
        ("Secret", "n", "\ud800"),
        ("Secret", None, "x"),
        ("Gadget",),
    ],
)
def test_refused_paths(arguments: tuple[str, ...]) -> None:
    """A name never climbs out of its path."""
    with pytest.raises(ClusterError) as caught:
        path(*arguments)
    assert caught.value.code == "cluster-invalid"


def test_every_kind_has_its_names() -> None:
    """As objects and RBAC write them."""
    assert {entry.kind for entry in RESOURCES.values()} == set(RESOURCES)
    assert resource("Deployment").api_version == "apps/v1"
    assert resource("Secret").full_name == "secrets"
    assert resource("DockerRegistry").full_name == "dockerregistries.operator.kyma-project.io"
