# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a release of Distribution has and does not have, by the tag of its image."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import catalog
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.checks import releases

DRIVERS = catalog.drivers()


@pytest.mark.parametrize(
    ("image", "version"),
    [
        ("registry:3.1.1", (3, 1, 1)),
        ("europe-docker.pkg.dev/kyma-project/prod/external/library/registry:3.1.1", (3, 1, 1)),
        ("localhost:5000/registry:v3.1.2", (3, 1, 2)),
        ("registry:3.0.0-alpine@sha256:" + "0" * 64, (3, 0, 0)),
        ("registry:3.1.2_build.7", (3, 1, 2)),
        ("registry:3", None),
        ("registry:3.1", None),
        ("registry:latest", None),
        ("localhost:5000/registry", None),
        ("registry@sha256:" + "0" * 64, None),
        ("registry:3.1.10", (3, 1, 10)),
        ("registry:3.1.1234567890", None),
        ("", None),
    ],
)
def test_version_of_an_image(image: str, version: tuple[int, int, int] | None) -> None:
    """A whole version, whatever is behind it."""
    assert releases.version_of(image) == version


@pytest.mark.parametrize(
    ("tag", "driver", "words", "fixed"),
    [
        ("3.0.0", "filesystem", ["CVE-2026-41888"], "3.1.1"),
        ("3.1.0", "filesystem", ["CVE-2026-41888"], "3.1.1"),
        ("3.1.1", "filesystem", [], ""),
        ("3.1.1", "gcs", [], ""),
        ("3.1.1", "s3", ["distribution#4898", "distribution#4904"], "3.1.2"),
        ("3.1.0", "s3", ["distribution#4898", "distribution#4904", "CVE-2026-41888"], "3.1.2"),
        ("3.0.0", "s3", ["distribution#4904", "CVE-2026-41888"], "3.1.2"),
        ("3.1.1", "azure", ["distribution#4871"], "3.1.2"),
        ("3.0.0", "azure", ["distribution#4871", "distribution#4618", "CVE-2026-41888"], "3.1.2"),
        ("3.1.2", "s3", [], ""),
        ("3.1.2", "azure", [], ""),
        ("4.0.0", "s3", [], ""),
        ("latest", "s3", [], ""),
        ("3.1.0", None, ["CVE-2026-41888"], "3.1.1"),
    ],
)
def test_known_faults(tag: str, driver: str | None, words: list[str], fixed: str) -> None:
    """One finding with all that apply to the driver in use, and the release that has none of them."""
    found = releases.check_release(f"registry:{tag}", driver)
    assert [(item.code, item.severity) for item in found] == ([("registry-known-faults", "warning")] if words else [])
    for item in found:
        assert all(word in item.message for word in words) and item.message.count(";") == len(words) - 1
        assert f"Distribution {tag}" in item.message and fixed in item.message


@pytest.mark.parametrize(
    ("driver", "parameters", "tag", "found"),
    [
        ("s3", {"redirectendpoint": "https://cdn.example.com"}, "3.1.1", [("error", "redirectendpoint")]),
        ("s3", {"redirectendpoint": "https://cdn.example.com"}, "3.1.2", []),
        ("s3", {"redirectendpoint": "https://cdn.example.com"}, "4.0.0", []),
        ("s3", {"redirectendpoint": "https://cdn.example.com"}, "latest", [("warning", "redirectendpoint")]),
        ("s3", {"usefipsendpoint": True, "bucket": "b"}, "3.0.0", [("error", "usefipsendpoint")]),
        ("s3", {"usefipsendpoint": True, "bucket": "b"}, "3.1.1", []),
        ("s3", {"storageclass": "express_onezone"}, "3.0.0", [("error", "storageclass")]),
        ("s3", {"storageclass": "STANDARD"}, "3.0.0", []),
        ("azure", {"credentials": {"type": "default_credentials"}}, "3.0.0", [("error", "credentials")]),
        ("azure", {"credentials": {"type": "default_credentials"}}, "3.1.1", []),
        ("azure", {"credentials": {"type": "shared_key"}}, "3.0.0", []),
        ("gcs", {"bucket": "b"}, "latest", []),
    ],
)
def test_parameters_of_a_release(
    driver: str, parameters: dict[str, Any], tag: str, found: list[tuple[str, str]]
) -> None:
    """An error if the release is known to ignore it or to end because of it, a warning if it is not known which one runs."""
    reported = releases.check_newer_parameters(DRIVERS[driver], parameters, f"registry:{tag}", "driver_parameters")
    assert [(item.severity, item.path.rpartition(".")[2]) for item in reported] == found
    codes = {"error": "parameter-newer-version", "warning": "parameter-version-unknown"}
    assert all(item.code == codes[item.severity] for item in reported)


@pytest.mark.parametrize(
    ("image", "codes"), [("registry:2.8.3", ["image-unsupported"]), ("registry:3.0.0", []), ("registry:2", [])]
)
def test_distribution_2_is_not_supported(image: str, codes: list[str]) -> None:
    """Its images of Azure lie elsewhere, so a change between 2 and 3 would hide all of them. Without a whole version nothing is known."""
    assert [item.code for item in releases.check_supported(image)] == codes
