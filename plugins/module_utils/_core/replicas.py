# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The number of replicas of the registry's Deployment, and who sets it. Pure."""

from __future__ import annotations

from .constants import FIELD_MANAGER, REGISTRY
from .findings import Finding
from .objects import Object, foreign_entries, managed_entries, owns_field, spec_of

FIELD = ("spec", "replicas")
# The controllers of Kubernetes use one name. Of these, only the HorizontalPodAutoscaler scales a Deployment.
_CONTROLLERS = "kube-controller-manager"


def number_of_replicas(deployment: Object | None) -> int:
    """The number that the Deployment asks for, 0 without a Deployment."""
    return int(spec_of(deployment).get("replicas", 1)) if deployment is not None else 0


def owns_replicas(deployment: Object | None, manager: str = FIELD_MANAGER) -> bool:
    """True if the manager has applied the number of replicas and no other client has changed it since."""
    return any(owns_field(entry, *FIELD) for entry in managed_entries(deployment, manager))


def find_scalers(deployment: Object | None) -> list[str]:
    """Names of the other field managers that set the number of replicas."""
    return sorted({str(entry.get("manager")) for entry in foreign_entries(deployment) if owns_field(entry, *FIELD)})


def describe_scalers(deployment: Object | None) -> str:
    """The other clients that set the number of replicas; empty if there is none."""
    names = find_scalers(deployment)
    return " and ".join(
        f"a HorizontalPodAutoscaler ({name})" if name == _CONTROLLERS else f"the field manager {name}" for name in names
    )


def check_replicas(deployment: Object | None) -> list[Finding]:
    """Who scales the Deployment, if another client does."""
    scalers = describe_scalers(deployment)
    if not scalers:
        return []
    text = f"has {number_of_replicas(deployment)} replicas, which {scalers} set."
    return [
        Finding(
            "replicas-scaled", "info", f"Deployment/{REGISTRY}", text, "Leave registry_replicas out to keep the number."
        )
    ]
