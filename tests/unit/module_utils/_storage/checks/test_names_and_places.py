# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names of Kubernetes, buckets and addresses, at the edges of their rules."""

from __future__ import annotations

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import bucket_storage_id
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.checks import bucket_names, pem
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.checks.endpoints import parse
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.checks.kubernetes_names import (
    subdomain_problem,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.checks.s3_regions import REGIONS
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.texts import root_directory_problem
from ansible_collections.kyma.docker_registry.tests.support import keys


@pytest.mark.parametrize("name", ["a", "0", "a-b", "a.b", "a--b", "a" * 253, "1.2.3"])
def test_names_of_kubernetes(name: str) -> None:
    """RFC 1123 subdomains."""
    assert subdomain_problem(name) == ""


@pytest.mark.parametrize("name", ["", "-a", "a-", "a..b", ".a", "a.", "A", "a_b", "a/b", "a b", "a\n", "ä", "a" * 254])
def test_names_that_kubernetes_refuses(name: str) -> None:
    """Each has its sentence."""
    assert subdomain_problem(name).endswith(".")


@pytest.mark.parametrize("name", ["abc", "a" * 63, "a.b-c", "1ab", "192.168.5", "a-s3"])
def test_buckets_of_aws(name: str) -> None:
    """What AWS allows."""
    assert bucket_names.s3_problem(name) == "" == bucket_names.general_problem(name)


@pytest.mark.parametrize(
    "name",
    [
        "ab",
        "a" * 64,
        "Abc",
        "a_c",
        "-ab",
        "ab-",
        "a..b",
        "1.2.3.4",
        "xn--ab",
        "sthree-a",
        "amzn-s3-demo-a",
        "a-s3alias",
        "a--ol-s3",
        "a.mrap",
        "a--x-s3",
    ],
)
def test_buckets_that_aws_refuses(name: str) -> None:
    """Each has its sentence."""
    assert bucket_names.s3_problem(name).endswith(".")


@pytest.mark.parametrize("name", ["abc", "a_b", "a" * 63, f"{'a' * 63}.{'b' * 63}.{'c' * 63}.{'d' * 30}"])
def test_buckets_of_google(name: str) -> None:
    """What Google allows."""
    assert bucket_names.gcs_problem(name) == ""


@pytest.mark.parametrize(
    "name",
    [
        "ab",
        "a" * 64,
        f"{'a' * 63}.{'b' * 63}.{'c' * 63}.{'d' * 31}",
        "A-b",
        "_ab",
        "a..b",
        "1.2.3.4",
        "googs",
        "a-google",
    ],
)
def test_buckets_that_google_refuses(name: str) -> None:
    """Each has its sentence."""
    assert bucket_names.gcs_problem(name).endswith(".")


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
    endpoint, problem = parse(text)
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
    endpoint, problem = parse(text)
    assert endpoint is None and problem.endswith(".")


@pytest.mark.parametrize("text", ["", "/", "a", "/a/b/", "a b", "a.b/..c"])
def test_folders(text: str) -> None:
    """Slashes at the ends change nothing."""
    assert root_directory_problem(text) == ""


@pytest.mark.parametrize("text", [" a", "a ", "a//b", "a/./b", "..", "a/..", "a\tb", "a\u200bb"])
def test_folders_that_are_none(text: str) -> None:
    """Each has its sentence."""
    assert root_directory_problem(text).endswith(".")


def test_storage_ids() -> None:
    """Slashes and what is absent leave no trace."""
    assert bucket_storage_id("gcs", "images", None) == bucket_storage_id("gcs", "images", "/") == "gcs/images"
    assert bucket_storage_id("s3", "eu-central-1", "images", "/a/b/") == "s3/eu-central-1/images/a/b"


def test_regions() -> None:
    """The driver's list: 37 of them, none of the newer ones."""
    assert len(REGIONS) == 37
    assert not REGIONS & {"ap-southeast-5", "ap-southeast-7", "mx-central-1", "ap-east-2"}


@pytest.mark.parametrize("kind", ["good", "pkcs1", "least"])
def test_keys(kind: str) -> None:
    """Keys that a library made are keys."""
    assert pem.problem(keys.private_key(kind)) == ""


def test_a_key_between_other_words() -> None:
    """Go's decoder looks for the armour, too; Windows' line ends do not matter."""
    assert pem.problem("Bag Attributes\n" + keys.private_key().replace("\n", "\r\n") + "more") == ""
