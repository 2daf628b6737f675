# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The chunk size against the memory of the registry."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import catalog
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.checks.upload_memory import (
    check_upload_memory,
)

ERROR, WARNING = ["chunksize-exceeds-memory"], ["chunksize-memory"]
MIB = 2**20


@pytest.mark.parametrize(
    ("driver", "chunk", "limit", "codes"),
    [
        ("s3", 1073741824, "800Mi", ERROR),
        ("s3", 400 * MIB, "800Mi", WARNING),
        ("s3", 401 * MIB, "800Mi", ERROR),
        ("s3", 80 * MIB, "800Mi", []),
        ("s3", 81 * MIB, "800Mi", WARNING),
        ("s3", None, "800Mi", []),
        ("s3", None, "64Mi", WARNING),
        ("s3", None, "16Mi", ERROR),
        ("s3", 1073741824, "16G", []),
        ("s3", 1073741824, None, []),
        ("s3", 1073741824, "", []),
        ("gcs", 512 * MIB, "800Mi", WARNING),
        ("gcs", 1024 * MIB, "800Mi", ERROR),
        ("gcs", None, 85899345, []),
        ("azure", None, "16Mi", []),
        ("filesystem", None, "16Mi", []),
    ],
)
def test_parts_and_limits(driver: str, chunk: int | None, limit: Any, codes: list[str]) -> None:
    """S3 collects a part in a buffer that doubles as it grows, Google's driver in one of the part's size, the others none."""
    parameters = {} if chunk is None else {"chunksize": chunk}
    found = check_upload_memory(catalog.drivers()[driver], parameters, limit, "registry_driver_parameters.chunksize")
    assert [item.code for item in found] == codes
    assert all(item.path == "registry_driver_parameters.chunksize" for item in found)


def test_the_remedy_names_an_amount() -> None:
    """What one push of docker needs."""
    parameters = {"chunksize": 1024 * MIB}
    (found,) = check_upload_memory(catalog.drivers()["s3"], parameters, "800Mi", "chunksize")
    assert "2048Mi" in found.message and "800Mi" in found.message
    assert "10240Mi" in found.remedy
