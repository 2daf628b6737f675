# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Addresses of stores."""

from __future__ import annotations

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.checks.endpoints import parse_endpoint


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("minio", "minio"),
        ("minio:9000", "minio:9000"),
        ("http://minio:80/", "minio"),
        ("https://MinIO.Example.com.:443", "minio.example.com"),
        ("https://minio:80", "minio:80"),
        ("https://[fd00::1]:9000", "[fd00::1]:9000"),
        ("10.0.0.1:9000", "10.0.0.1:9000"),
        ("HTTPS://a_b.example", "a_b.example"),
    ],
)
def test_addresses(text: str, place: str) -> None:
    """The same place has one name, however it is written."""
    endpoint, problem = parse_endpoint(text)
    assert problem == ""
    assert endpoint is not None and endpoint.place == place


@pytest.mark.parametrize(
    "text",
    [
        "",
        "https://",
        "https:///a",
        "ftp://a",
        "a b",
        "a:b",
        "a:",
        "https://a:",
        "a:0",
        "a:65536",
        "u@a",
        "https://u:p@a",
        "a?b",
        "a#b",
        "https://a?",
        "[::1",
        "a..b",
        "-a",
        "a,b",
        "https://a/\n",
        "//a",
    ],
)
def test_addresses_that_are_none(text: str) -> None:
    """Each has its sentence, without the text."""
    endpoint, problem = parse_endpoint(text)
    assert endpoint is None and problem.endswith(".")


@pytest.mark.parametrize(
    ("texts", "server"),
    [
        (
            (
                "minio.example.com",
                "https://minio.example.com",
                "minio.example.com:443",
                "https://MINIO.example.com:443/",
            ),
            "minio.example.com",
        ),
        (("http://minio.example.com", "minio.example.com:80", "http://minio.example.com:80"), "minio.example.com:80"),
        (
            ("minio.example.com:9000", "http://minio.example.com:9000", "https://minio.example.com:9000"),
            "minio.example.com:9000",
        ),
        (("[2001:db8::1]:443", "https://[2001:db8::1]"), "[2001:db8::1]"),
    ],
)
def test_servers(texts: tuple[str, ...], server: str) -> None:
    """One server has one name, however its address is written; another port is another server."""
    for text in texts:
        endpoint, _problem = parse_endpoint(text)
        assert endpoint is not None and endpoint.server() == server


def test_a_server_without_a_scheme() -> None:
    """`secure: false` says that it is http."""
    endpoint, _problem = parse_endpoint("minio.example.com")
    assert endpoint is not None and endpoint.server("http") == "minio.example.com:80"
