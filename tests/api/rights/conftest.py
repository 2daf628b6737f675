# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An API server for each file of these tests: the lab's definitions and operators belong to others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.kyma.docker_registry.tests.api.rights.stage import Stage
from ansible_collections.kyma.docker_registry.tests.support import api_server, shared


@pytest.fixture(scope="module")
def stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """An API server, empty at first. All processes of the test run share it."""
    place = shared.folder(tmp_path_factory) / f"api-server-{Path(request.node.name).stem}"
    with api_server.shared(place) as folder:
        yield Stage(folder)


@pytest.fixture
def turn(stage: Stage) -> Iterator[None]:
    """No other test that asks for this uses the file's API server at the same time."""
    with stage.locked():
        yield
