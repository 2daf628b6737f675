# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Regions of AWS."""

from __future__ import annotations

from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.checks.s3_regions import REGIONS


def test_regions() -> None:
    """The driver's list: 37 of them, none of the newer ones."""
    assert len(REGIONS) == 37
    assert not REGIONS & {"ap-southeast-5", "ap-southeast-7", "mx-central-1", "ap-east-2"}
