# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The answer of /version."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.apply import sleep_action


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"major": "1", "minor": "34"}, (1, 34)),
        ({"major": "1", "minor": "30+"}, (1, 30)),
        ({"major": "1"}, None),
        ({"major": "", "minor": ""}, None),
    ],
)
def test_versions(answer: dict[str, Any], expected: tuple[int, int] | None) -> None:
    """Vendors add a sign to the minor number."""
    assert sleep_action.parse_version(answer) == expected
