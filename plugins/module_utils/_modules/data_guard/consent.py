# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Consent to a loss of images: `<storage ID>#<8 hexadecimal digits>`, a text that fits one registry in one state. Pure."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import annotations_of, metadata_of

Object = Mapping[str, Any]

_DIGITS = 8
_MARK = "#"
_TARGET = " -> "


def build_consent(storage_id: str, namespace: str, deployment: Object | None, claim: Object | None) -> str:
    """The only text that accepts the loss of what is in `storage_id`.

    Any change of the Deployment makes another one, and so does another cluster or namespace. claim: counts if there is no Deployment.
    """
    metadata = metadata_of(claim if deployment is None else deployment)
    generation = None if deployment is None else metadata.get("generation")
    content = json.dumps([namespace, metadata.get("uid"), generation])
    return f"{storage_id}{_MARK}{hashlib.sha256(content.encode()).hexdigest()[:_DIGITS]}"


def is_consent_for(storage_id: str, consent: str) -> bool:
    """True if the text has the form of a consent to the loss of what is in `storage_id`, for any registry."""
    return re.fullmatch(rf"{re.escape(storage_id + _MARK)}[0-9a-f]{{{_DIGITS}}}", consent) is not None


def describe_mismatch(consent: str) -> str:
    """A sentence about a consent that was given and does not fit, '' if none was given."""
    return " The given registry_accept_data_loss does not match the current state of this registry." if consent else ""


def describe_choice(consent: str, *, in_window: bool) -> str:
    """How to accept the loss with this consent. in_window: the end of the maintenance window changes the Deployment, so no consent is valid yet."""
    if in_window:
        return "or run again: the finding then has the valid consent."
    return f"or accept the loss with registry_accept_data_loss: '{consent}'."


def build_record(consent: str, new_storage_id: str) -> str:
    """What the DockerRegistry records of an accepted switch before its first write.

    The switch itself changes or replaces the Deployment, and with it the consent that would fit; a later step, or the next run after an
    interrupted one, finds the accepted one here.
    """
    return f"{consent}{_TARGET}{new_storage_id}"


def is_recorded(cr: Object | None, storage_id: str, new_storage_id: str, consent: str) -> bool:
    """True if this consent was accepted for the switch from `storage_id` to `new_storage_id`, which is not completed yet."""
    recorded = annotations_of(cr).get(constants.ACCEPTED_LOSS)
    return is_consent_for(storage_id, consent) and recorded == build_record(consent, new_storage_id)


def is_left_behind(cr: Object | None, storage_id: str) -> bool:
    """True if a switch away from `storage_id` that leaves images behind was accepted."""
    return str(annotations_of(cr).get(constants.ACCEPTED_LOSS) or "").startswith(f"{storage_id}{_MARK}")


def kept_record(cr: Object | None, new_storage_id: str) -> str | None:
    """The record if it belongs to the storage that is wanted now. A change to another storage removes it, so that it counts for one switch."""
    recorded = str(annotations_of(cr).get(constants.ACCEPTED_LOSS) or "")
    return recorded if recorded.endswith(f"{_TARGET}{new_storage_id}") else None
