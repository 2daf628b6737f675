# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Profiles of hypothesis. With CI set the examples are the same in each run; HYPOTHESIS_PROFILE=long tries ten times as many (make test-long)."""

from __future__ import annotations

import os

from hypothesis import settings

# No time limit for an example: it would fail on a busy machine.
settings.register_profile("here", deadline=None, max_examples=50)
settings.register_profile("ci", deadline=None, derandomize=True, max_examples=50)
settings.register_profile("long", deadline=None, max_examples=500)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "here"))
