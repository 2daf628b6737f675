# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes the lab's packages, kymalab and kymaoperator, importable: import this module before them."""

from __future__ import annotations

import sys

from ansible_collections.kyma.docker_registry.tests.support.playbook import REPOSITORY

_LAB = str(REPOSITORY / "tests/lab")
if _LAB not in sys.path:
    sys.path.insert(0, _LAB)
