# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Trusted authorities that come back from docker_registry_storage."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared import ca_bundle

GOOD = {"config_map": "ca", "key": "ca.crt", "checksum": "0123"}


def test_what_was_resolved() -> None:
    """As it is; nothing in any of its forms."""
    assert ca_bundle.parse_ca_bundle(GOOD) == GOOD
    assert ca_bundle.parse_ca_bundle(None) == ca_bundle.parse_ca_bundle("") == ca_bundle.parse_ca_bundle({}) == {}


@pytest.mark.parametrize(
    "value", [[None], "text", {"key": "a"}, {"secret": "a"}, {**GOOD, "secret": "b"}, {**GOOD, "key": 5}]
)
def test_anything_else(value: Any) -> None:
    """One finding, before the operator's Deployment is looked at."""
    with pytest.raises(Refusal) as caught:
        ca_bundle.parse_ca_bundle(value)
    assert [(item.code, item.path) for item in caught.value.findings] == [("ca-bundle-source", "ca_bundle")]
