# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stands in for the script that ansible-test would download: installs pip from the interpreter's own bundle, then what is asked."""

from __future__ import annotations

import subprocess
import sys

subprocess.run([sys.executable, "-m", "ensurepip", "--upgrade"], check=True)
subprocess.run(
    [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--upgrade", *sys.argv[1:]], check=True
)
