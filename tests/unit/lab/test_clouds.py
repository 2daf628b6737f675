# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names, storage types and requests of the lab's clouds."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from kymalab.clouds import azure, certificates, front, names, resolving
from kymalab.clouds.front import Certificate
from kymalab.settings import GO_SOURCE, NPM_SOURCE

ADDRESS = "198.18.255.1"


def answered(name: str) -> bool:
    """Whether the cluster's DNS would give the node's address."""
    found = re.search(r'match "(.+)"', resolving.dns_templates(ADDRESS))
    assert found
    return re.search(found.group(1), f"{name}.") is not None


@pytest.mark.parametrize(
    "name",
    [
        *names.EXACT_HOSTS,
        *names.VIRTUAL_HOSTS,
        f"any-bucket.{names.S3_HOST}",
        f"with.dots.{names.S3_DASHED_HOST}",
        names.S3_HOST.upper(),
    ],
)
def test_the_clouds_names_have_the_nodes_address(name: str) -> None:
    """With any bucket before the names of S3."""
    assert answered(name)


@pytest.mark.parametrize(
    "name",
    [
        "s3.us-east-1.amazonaws.com",
        f"x{names.S3_HOST}",
        names.S3_HOST.replace(".", "x", 1),
        "otheraccount.blob.core.windows.net",
        f"bucket.{names.PRIVATE_HOST}",
        f"{names.GCS_HOST}.example.org",
        "example.org",
    ],
)
def test_other_names_do_not_exist(name: str) -> None:
    """A wrong region, account or style meets what it would meet outside."""
    assert not answered(name)


def test_a_hosts_file_keeps_what_was_there() -> None:
    """Only the clouds are added, bucket by bucket."""
    text = resolving.hosts_file("127.0.0.1 localhost\n", ADDRESS)
    assert text.endswith("\n127.0.0.1 localhost\n")
    assert f"{ADDRESS} {names.S3_BUCKETS[0]}.{names.S3_DASHED_HOST}\n" in text
    assert all(answered(name) for name in resolving.host_names())


def test_every_name_has_a_server_with_a_certificate_for_it() -> None:
    """DNS, nginx and certificates agree."""
    known = {name: Certificate(Path(f"/{name}.crt"), Path(f"/{name}.key")) for name in certificates.AUTHORITIES}
    text = front.config(Path("/folder"), known, ADDRESS)
    servers = re.findall(r"server_name (.+);\n\s+ssl_certificate /(\w+)\.crt;", text)
    served = {(host, certificate) for hosts, certificate in servers for host in hosts.split()}
    certified = {(host, name) for name, hosts in certificates.AUTHORITIES.items() for host in hosts}
    assert served == certified
    assert {host for host, _ in served} == {
        *names.EXACT_HOSTS,
        *(name for host in names.VIRTUAL_HOSTS for name in (host, f"*.{host}")),
    }


def test_a_shared_key_signs_what_is_asked_for() -> None:
    """Whatever the order of the query."""
    # The example account and key that Microsoft publishes for its emulator.
    key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
    headers = {"x-ms-date": "Wed, 25 Nov 2026 20:00:00 GMT", "x-ms-version": "2021-12-02"}
    query = {"restype": "container", "comp": "list"}
    first = azure.signature(key, "devstoreaccount1", "GET", "/one", query, headers)
    assert first.startswith("SharedKey devstoreaccount1:")
    assert first == azure.signature(key, "devstoreaccount1", "GET", "/one", dict(reversed(query.items())), headers)
    assert first != azure.signature(key, "devstoreaccount1", "GET", "/two", query, headers)


def test_versions_are_pinned_and_no_host_is_named() -> None:
    """Of npm and of Go."""
    lock = json.loads((NPM_SOURCE / "azurite" / "package-lock.json").read_text(encoding="utf-8"))
    wanted = json.loads((NPM_SOURCE / "azurite" / "package.json").read_text(encoding="utf-8"))["dependencies"]
    assert lock["packages"]["node_modules/azurite"]["version"] == wanted["azurite"]
    assert not [name for name, package in lock["packages"].items() if "resolved" in package]
    assert all("integrity" in package for name, package in lock["packages"].items() if name)
    for product in ("versitygw", "fake-gcs-server"):
        assert (GO_SOURCE / product / "go.sum").exists()
