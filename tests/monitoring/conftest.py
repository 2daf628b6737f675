# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The built promtool."""

from __future__ import annotations

import pytest
from ansible_collections.kyma.docker_registry.tests.monitoring.promtool import Promtool, built


@pytest.fixture(scope="session")
def promtool() -> Promtool:
    """Prometheus' own judge."""
    return built()
