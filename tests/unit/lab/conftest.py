# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes the lab's package importable, where the lab itself can run."""

from __future__ import annotations

import sys

from ansible_collections.kyma.docker_registry.tests.support import lab_path  # noqa: F401

# The lab promises Python 3.11 and newer (tests/lab/README.md), so on an older one there is nothing to test.
collect_ignore_glob = ["test_*.py"] if sys.version_info < (3, 11) else []
