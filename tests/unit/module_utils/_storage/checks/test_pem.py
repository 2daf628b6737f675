# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private keys in PEM."""

from __future__ import annotations

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.checks import pem
from ansible_collections.kyma.docker_registry.tests.support import keys


@pytest.mark.parametrize("kind", ["good", "pkcs1", "least"])
def test_keys(kind: str) -> None:
    """Keys that a library made are keys."""
    assert pem.problem(keys.private_key(kind)) == ""


def test_a_key_between_other_words() -> None:
    """Go's decoder looks for the armour, too; Windows' line ends do not matter."""
    assert pem.problem("Bag Attributes\n" + keys.private_key().replace("\n", "\r\n") + "more") == ""
