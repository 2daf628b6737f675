# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cause of a failure -> whether the former credentials are restored."""

from __future__ import annotations

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.credentials.restore_causes import (
    CAUSES,
    can_be_due_to_values,
)
from ansible_collections.kyma.docker_registry.tests.support import codes


@pytest.mark.parametrize(
    ("code", "restored"),
    [
        ("store-credentials", True),
        ("store-forbidden", True),
        ("store-missing", True),
        ("registry-unhealthy", True),
        ("rollout-crashloop", True),
        ("rollout-timeout", True),
        ("operator-timeout", True),
        ("verification-content-differs", True),
        ("cluster-forbidden", False),
        ("cluster-unreachable", False),
        ("cluster-timeout", False),
        ("cluster-not-found", False),
        ("registry-readonly", False),
        ("registry-not-running", False),
        ("registry-not-answering", False),
        ("rollout-unschedulable", False),
        ("rollout-image-pull", False),
        ("images-at-risk", False),
    ],
)
def test_table(code: str, restored: bool) -> None:
    """One code that can be due to the values is enough."""
    assert can_be_due_to_values([code]) is restored
    assert can_be_due_to_values(["another-code", code]) is restored
    assert can_be_due_to_values([code, "store-credentials"])


def test_causes_exist() -> None:
    """Each cause is a code of docs/findings.md."""
    assert set(codes.documented()) >= CAUSES
    assert not can_be_due_to_values([])
