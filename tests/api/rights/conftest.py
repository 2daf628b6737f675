# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An API server for each file of these tests: the lab's definitions and operators belong to others."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from ansible_collections.kyma.docker_registry.tests.api.rights.stage import Stage
from ansible_collections.kyma.docker_registry.tests.support import api_server


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """An empty API server."""
    with api_server.own() as folder:
        yield Stage(folder)
