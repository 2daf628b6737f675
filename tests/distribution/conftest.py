# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab's registry program, started on loopback without a cluster."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from ansible_collections.kyma.docker_registry.tests.support.playbook import REPOSITORY

LAB = str(REPOSITORY / "tests/lab")
if LAB not in sys.path:
    sys.path.insert(0, LAB)

from kymalab import build, preconditions, products  # noqa: E402
from kymalab.settings import paths_from_environment  # noqa: E402


@pytest.fixture(scope="session")
def registry_program() -> Path:
    """The program of the image `registry`; it is built if the lab has not built it."""
    (product,) = (item for item in products.PRODUCTS if item.name == "registry")
    return build.build((product,), paths_from_environment().cache, preconditions.go_toolchain())["registry"]
