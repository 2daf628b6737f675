# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Replaces the get-pip script that ansible-test would download: pip from the interpreter's own bundle, then what is asked."""

from __future__ import annotations

import subprocess
import sys

# Switches of get-pip itself; what they leave out is not installed here in the first place.
OWN_SWITCHES = ("--no-setuptools", "--no-wheel", "--no-pip")


def main() -> None:
    """Take the arguments of get-pip."""
    wanted = [argument for argument in sys.argv[1:] if argument not in OWN_SWITCHES]
    subprocess.run([sys.executable, "-m", "ensurepip", "--upgrade", "--default-pip"], check=True)
    subprocess.run([sys.executable, "-m", "pip", "install", "--upgrade", *wanted], check=True)


if __name__ == "__main__":
    main()
