# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The canary: one image for each registry, pushed once and never deleted. A registry that does not list it does not list what it holds."""

from __future__ import annotations

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.constants import CANARY_REPOSITORY

from .client import RegistryApi
from .smoke_test import push_image
from .verification_image import SEED, build_image

_TAG = "canary"


def lists_canary(api: RegistryApi, identity: str) -> bool:
    """Whether the registry lists the canary of this identity. Registries that share a storage have different ones."""
    return canary_tag(identity) in api.tags(CANARY_REPOSITORY)


def push_canary(api: RegistryApi, identity: str) -> None:
    """Pushes the canary; the same content each time."""
    tag = canary_tag(identity)
    push_image(api, CANARY_REPOSITORY, tag, build_image(f"{SEED}-{tag}"))


def canary_tag(identity: str) -> str:
    """The tag of the canary of this identity."""
    return f"{_TAG}-{identity}" if identity else _TAG
