# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Variables of the user's that would put images elsewhere than the guard looks."""

from __future__ import annotations

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry import environment


@pytest.mark.parametrize(
    "name",
    [
        "REGISTRY_STORAGE",
        "REGISTRY_STORAGE_S3",
        "REGISTRY_STORAGE_S3_BUCKET",
        "REGISTRY_STORAGE_S3_ROOTDIRECTORY",
        "REGISTRY_STORAGE_S3AWS_BUCKET",
        "REGISTRY_STORAGE_GCS_BUCKET",
        "REGISTRY_STORAGE_AZURE_CONTAINER",
        "REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY",
        "REGISTRY_STORAGE_INMEMORY",
        "REGISTRY_STORAGE_OSS_BUCKET",
        "REGISTRY_STORAGE_",
        "REGISTRY_STORAGE_s3_bucket",
        "registry_storage_s3_bucket",
        "REGISTRY_STORAGE_CACHES",
        "REGISTRY_STORAGE_DELETE-S3",
        "STORAGE_EMULATOR_HOST",
    ],
)
def test_what_moves_images(name: str) -> None:
    """The section as a whole, each driver's, whatever the case (the parser lowers it), and Google's library's own."""
    (found,) = environment.check_environment({name: "other"})
    assert (found.code, found.severity, found.path) == ("env-moves-images", "error", f"registry_env.{name}")
    assert "registry_storage" in found.remedy and "registry_driver_parameters" in found.remedy
    assert "other" not in found.text()


@pytest.mark.parametrize(
    "name",
    [
        "REGISTRY_STORAGE_REDIRECT",
        "REGISTRY_STORAGE_REDIRECT_DISABLE",
        "REGISTRY_STORAGE_DELETE_ENABLED",
        "REGISTRY_STORAGE_CACHE_BLOBDESCRIPTOR",
        "REGISTRY_STORAGE_MAINTENANCE",
        "REGISTRY_STORAGE_MAINTENANCE_READONLY",
        "REGISTRY_STORAGE_TAG_CONCURRENCYLIMIT",
        "REGISTRY_STORAGES_S3_BUCKET",
        "REGISTRY_LOG_LEVEL",
        "MY_REGISTRY_STORAGE_S3_BUCKET",
        "HTTPS_PROXY",
        "AZURE_CLIENT_ID",
        "GODEBUG",
    ],
)
def test_what_leaves_images_where_they_are(name: str) -> None:
    """Switches beside the driver, the rest of the configuration, and what is not the registry's."""
    assert environment.check_environment({name: "x"}) == []


def test_each_is_told() -> None:
    """In the order of their names; a name that YAML read as a number is none of them."""
    given = {"REGISTRY_STORAGE_S3_BUCKET": "a", "HTTP_PROXY": "b", 1: "c", "REGISTRY_STORAGE": "{}"}
    paths = [item.path for item in environment.check_environment(given)]
    assert paths == ["registry_env.REGISTRY_STORAGE", "registry_env.REGISTRY_STORAGE_S3_BUCKET"]
