# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""After which failures the former state is restored. Pure."""

from __future__ import annotations

from collections.abc import Iterable

# The registry or its store answers, and answers wrongly. Values of the storage Secret can be the cause, and so can the rest of a revision.
_FAMILIES = ("store-",)
VALUE_CAUSES = frozenset(
    {
        "operator-configuration-refused",
        "operator-deployment-failure",
        "operator-installation-failed",
        "operator-timeout",
        "registry-failed",
        "registry-redirect-refused",
        "registry-refused",
        "registry-unhealthy",
        "rollout-container-config",
        "rollout-crashloop",
        "rollout-timeout",
        "verification-content-differs",
    }
)
# Another run holds the Lease, or has changed what this run had validated.
_OTHER_RUN = frozenset({"lease-held", "lease-lost", "plan-outdated"})
# The new revision is the cause, independent of the values.
REVISION_CAUSES = VALUE_CAUSES | {
    "registry-unauthorized",
    "rollout-admission",
    "rollout-image-pull",
    "rollout-unschedulable",
    "rollout-volume",
}


def can_be_due_to_values(codes: Iterable[str]) -> bool:
    """Whether a failure with findings of these codes can be due to new values of the storage Secret.

    A verification that could not be made (the API server, a right, a read-only registry) does not concern the values, and neither does a Pod
    that no node takes. Then the new values stay, and the former ones are kept for the next run.
    """
    return any(code in VALUE_CAUSES or code.startswith(_FAMILIES) for code in codes)


def can_be_due_to_revision(codes: Iterable[str]) -> bool:
    """Whether a failure with findings of these codes can be due to the new revision of the registry's Deployment."""
    return any(code in REVISION_CAUSES or code.startswith(_FAMILIES) for code in codes)


def is_due_to_other_run(codes: Iterable[str]) -> bool:
    """Whether a run failed because another one writes or has written. Then the other one completes or restores what there is."""
    return not _OTHER_RUN.isdisjoint(codes)
