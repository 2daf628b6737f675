# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Consent to a loss of images: a text that fits one registry once."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard import consent

VOLUME = "persistentvolumeclaim/dockerregistry"
BUCKET = "s3/eu-central-1/images"


def _object(uid: str, generation: int | None = None) -> dict[str, Any]:
    return {"metadata": {"uid": uid, "generation": generation}}


def test_it_fits_one_registry_once() -> None:
    """Another storage, namespace, Deployment, generation or claim has another text; the claim does not count beside a Deployment."""
    texts = {
        consent.build_consent(VOLUME, "ns", _object("1", 1), None),
        consent.build_consent(BUCKET, "ns", _object("1", 1), None),
        consent.build_consent(VOLUME, "other", _object("1", 1), None),
        consent.build_consent(VOLUME, "ns", _object("2", 1), None),
        consent.build_consent(VOLUME, "ns", _object("1", 2), None),
        consent.build_consent(VOLUME, "ns", None, _object("1")),
        consent.build_consent(VOLUME, "ns", None, _object("2")),
        consent.build_consent(VOLUME, "other", None, _object("1")),
    }
    assert len(texts) == 8
    assert consent.build_consent(VOLUME, "ns", _object("1", 1), _object("2")) in texts
    assert all(consent.is_consent_for(text.rpartition("#")[0], text) for text in texts)


@pytest.mark.parametrize(
    "text", ["", VOLUME, f"{VOLUME}#", f"{VOLUME}#0000000", f"{VOLUME}#0000000G", f"{BUCKET}#00000000"]
)
def test_other_texts_are_no_consent(text: str) -> None:
    """A bare storage ID, other digits, another storage."""
    assert not consent.is_consent_for(VOLUME, text)


def test_a_record_belongs_to_one_switch() -> None:
    """A DockerRegistry keeps it as long as the same storage is wanted."""
    given = f"{VOLUME}#00000000"
    cr = {"metadata": {"annotations": {constants.ACCEPTED_LOSS: consent.build_record(given, BUCKET)}}}
    assert consent.is_recorded(cr, VOLUME, BUCKET, given) and not consent.is_recorded(None, VOLUME, BUCKET, given)
    assert consent.kept_record(cr, BUCKET) == f"{given} -> {BUCKET}"
    assert consent.kept_record(cr, VOLUME) is consent.kept_record(None, BUCKET) is None
