# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether clients are sent to the store."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.storage.redirect import (
    is_cluster_internal,
    resolve_redirect,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import Store
from ansible_collections.kyma.docker_registry.tests.support.contexts import make_context


@pytest.mark.parametrize(
    ("host", "inside"),
    [
        ("s3.eu-central-1.amazonaws.com", False),
        ("52.219.0.1", False),
        ("minio", True),
        ("minio.minio.svc", True),
        ("minio.minio.svc.cluster.local", True),
        ("minio.corp.internal", True),
        ("10.1.2.3", True),
        ("127.0.0.1", True),
        ("fd00::1", True),
        ("2600:1f13::1", False),
    ],
)
def test_only_inside(host: str, inside: bool) -> None:
    """Private names and addresses are not for clients elsewhere."""
    assert is_cluster_internal(host) is inside


def test_azure_over_http() -> None:
    """The driver's signed addresses are for https alone."""
    context = make_context({"redirect": None}, check_mode=False)
    store = Store("azure", "azure", {"serviceurl": "http://store.example.com"}, "azure/x/y")
    assert resolve_redirect(context, store) is False
    assert [finding.code for finding in context.findings] == ["redirect-off"]


@pytest.mark.parametrize(
    ("key_file", "requested", "codes"),
    [("", None, ["redirect-needs-signing"]), ("", True, ["redirect-needs-signing"]), ("", False, []), ("k", None, [])],
)
def test_google_identity(key_file: str, requested: bool | None, codes: list[str]) -> None:
    """Without a key file the cloud has to sign."""
    context = make_context({"redirect": requested}, check_mode=False)
    assert resolve_redirect(context, Store("gcs", "gcs", {"bucket": "b"}, "gcs/b", key_file=key_file)) is requested
    assert [finding.code for finding in context.findings] == codes


@pytest.mark.parametrize(
    ("parameters", "requested", "decided", "codes"),
    [
        ({}, None, None, []),
        ({"regionendpoint": "https://s3.eu-central-1.amazonaws.com"}, None, None, []),
        ({"regionendpoint": "http://minio:9000"}, None, False, ["redirect-off"]),
        ({"serviceurl": "https://azurite.storage.svc"}, None, False, ["redirect-off"]),
        ({"regionendpoint": "http://minio:9000"}, True, True, []),
        ({"regionendpoint": "http://minio:9000", "redirectendpoint": "https://images.example.com"}, None, None, []),
        ({"redirectendpoint": "https://minio.minio.svc"}, None, False, ["redirect-off"]),
        ({"regionendpoint": "http://minio:9000"}, False, False, []),
        ({}, False, False, []),
    ],
)
def test_decide(parameters: dict[str, Any], requested: bool | None, decided: bool | None, codes: list[str]) -> None:
    """The user's value takes precedence. Without one, redirects are off only for a private address, with a finding."""
    context = make_context({"redirect": requested}, check_mode=False)
    assert resolve_redirect(context, Store("s3", "s3", parameters, "s3/x")) is decided
    assert [finding.code for finding in context.findings] == codes
