# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The message of a run that failed: the first error, what was restored, and what could not be."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.failure_text import (
    describe_failure,
)

CRASH = {"msg": "internal error: KeyError at restore.py:7. Please report it.", "failed": False}
SKIPPED = {"skipped": True, "changed": False}


@pytest.mark.parametrize(
    ("in_verification", "secret", "deployment", "expected"),
    [
        (False, {}, {}, []),
        (False, SKIPPED, SKIPPED, []),
        (False, {"restored": True}, SKIPPED, ["storage-secret-restored"]),
        (
            False,
            {"restored": True},
            {"restored": True, "due_to_revision": True},
            ["storage-secret-restored", "deployment-restored"],
        ),
        (True, {"restored": False, "due_to_values": False}, SKIPPED, ["verification-not-possible"]),
        (True, SKIPPED, {"restored": False, "due_to_revision": False}, ["verification-not-possible"]),
        (True, {"due_to_values": True}, SKIPPED, []),
        (True, SKIPPED, {"restored": True, "due_to_revision": True}, ["deployment-restored"]),
        (False, {"due_to_values": False}, {"due_to_revision": False}, []),
        (True, SKIPPED, SKIPPED, []),
    ],
)
def test_what_was_restored(
    in_verification: bool, secret: dict[str, Any], deployment: dict[str, Any], expected: list[str]
) -> None:
    """Each case of a restored Secret and a restored Deployment, and of a verification that failed for another reason than the change."""
    text = describe_failure({"msg": "The first error. [store-forbidden]"}, in_verification, secret, deployment, {})
    assert text.startswith("The first error. [store-forbidden]")
    codes = [word.strip("[]") for word in text.split() if word.startswith("[")]
    assert codes[1:] == expected


def test_a_restore_that_failed() -> None:
    """A task that crashed has no finding. It is reported after the first error, by what it does."""
    text = describe_failure(
        {"msg": "The first error."}, False, SKIPPED, CRASH, {"deploy again": {"msg": "no rights"}, "write": SKIPPED}
    )
    assert text == (
        f"The first error. The task to restore the former Deployment failed: {CRASH['msg']} The task to deploy again failed: no rights"
    )


def test_a_failure_without_a_message() -> None:
    """Ansible fails some tasks without one."""
    assert describe_failure({}, False, {}, {}, {}) == "The task failed."
