# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab's registry program, started on loopback without a cluster."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.kyma.docker_registry.tests.support import lab_path  # noqa: F401
from kymalab import build, preconditions, products
from kymalab.settings import paths_from_environment


@pytest.fixture(scope="session")
def registry_program() -> Path:
    """The program of the image `registry`; it is built if the lab has not built it."""
    (product,) = (item for item in products.PRODUCTS if item.name == "registry")
    return build.build((product,), paths_from_environment().cache, preconditions.go_toolchain())["registry"]
