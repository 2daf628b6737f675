# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prints the coverage of each folder from coverage's JSON report, whose path is the argument."""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from pathlib import PurePath
from typing import Any

KEYS = ("covered_lines", "num_statements", "covered_branches", "num_branches")


def by_folder(report: dict[str, Any]) -> dict[str, tuple[int, ...]]:
    """Sums of the keys, by folder below `plugins`."""
    sums: dict[str, list[int]] = defaultdict(lambda: [0] * len(KEYS))
    for name, file in report["files"].items():
        parts = PurePath(name).parent.parts
        folder = "/".join(parts[parts.index("plugins") :])
        for index, key in enumerate(KEYS):
            sums[folder][index] += file["summary"][key]
    return {folder: tuple(numbers) for folder, numbers in sorted(sums.items())}


def main() -> None:
    """Print the table."""
    with open(sys.argv[1], encoding="utf-8") as file:
        folders = by_folder(json.load(file))
    total = tuple(sum(numbers) for numbers in zip(*folders.values(), strict=True))
    for folder, (lines, statements, branches, all_branches) in [*folders.items(), ("total", total)]:
        percent = 100 * (lines + branches) / max(1, statements + all_branches)
        print(f"{folder:<50} {percent:5.1f} %  {lines}/{statements} lines, {branches}/{all_branches} branches")


if __name__ == "__main__":
    main()
