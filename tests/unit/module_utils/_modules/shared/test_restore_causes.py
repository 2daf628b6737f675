# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cause of a failure -> whether the former credentials are restored."""

from __future__ import annotations

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.restore_causes import (
    REVISION_CAUSES,
    can_be_due_to_revision,
    can_be_due_to_values,
)
from ansible_collections.kyma.docker_registry.tests.support import codes


@pytest.mark.parametrize(
    ("code", "values", "revision"),
    [
        ("store-credentials", True, True),
        ("store-forbidden", True, True),
        ("store-missing", True, True),
        ("registry-unhealthy", True, True),
        ("rollout-crashloop", True, True),
        ("rollout-timeout", True, True),
        ("operator-timeout", True, True),
        ("verification-content-differs", True, True),
        ("registry-unauthorized", False, True),
        ("rollout-unschedulable", False, True),
        ("rollout-image-pull", False, True),
        ("rollout-volume", False, True),
        ("rollout-admission", False, True),
        ("rollout-gone", False, False),
        ("cluster-forbidden", False, False),
        ("cluster-unreachable", False, False),
        ("cluster-timeout", False, False),
        ("cluster-not-found", False, False),
        ("registry-readonly", False, False),
        ("registry-not-running", False, False),
        ("registry-not-answering", False, False),
        ("verification-redirect-unreachable", False, False),
        ("images-at-risk", False, False),
        ("lease-held", False, False),
        ("lease-lost", False, False),
    ],
)
def test_table(code: str, values: bool, revision: bool) -> None:
    """Cause, and what is restored: the values of the storage Secret, the Deployment. One code that can be due to a change is enough."""
    for check, restored in ((can_be_due_to_values, values), (can_be_due_to_revision, revision)):
        assert check([code]) is restored
        assert check(["another-code", code]) is restored
        assert check([code, "store-credentials"])


def test_causes_exist() -> None:
    """Each cause is a code of docs/findings.md."""
    assert set(codes.documented()) >= REVISION_CAUSES
    assert not can_be_due_to_values([]) and not can_be_due_to_revision([])
