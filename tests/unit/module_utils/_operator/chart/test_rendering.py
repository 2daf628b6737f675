# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the operator's chart renders."""

from __future__ import annotations

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.chart.rendering import reads_as


@pytest.mark.parametrize(
    ("written", "meant", "same"),
    [
        ("images", "images", True),
        ("images", "other", False),
        ("no", "no", False),
        ('"no"', "no", True),
        ("a$$b", "a$$b", False),
        ("true", True, True),
        ("false", True, False),
        ("5", 5, True),
    ],
)
def test_reads_as(written: str, meant: object, same: bool) -> None:
    """As Distribution reads a variable, and Kubernetes before it."""
    assert reads_as(written, meant) == same
