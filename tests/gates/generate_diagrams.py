# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Renders docs/images/*.dot with Graphviz (Debian: apt-get install graphviz). `make generate` runs it.

Versions of Graphviz draw differently, so each picture holds the hash of its source: it is fresh if the hash is, and then stays.
"""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

from ansible_collections.kyma.docker_registry.tests.gates.generated import ROOT, write

IMAGES = ROOT / "docs/images"


def sources() -> list[Path]:
    """The files that are drawn."""
    return sorted(IMAGES.glob("*.dot"))


def is_fresh(source: Path) -> bool:
    """Whether the picture was made from the source as it is."""
    picture = source.with_suffix(".svg")
    return picture.exists() and _mark(source) in picture.read_text(encoding="utf-8")


def _mark(source: Path) -> str:
    return f"<!-- SHA-256 of {source.name}: {hashlib.sha256(source.read_bytes()).hexdigest()} -->"


def _drawn(source: Path) -> str:
    """The picture from its root element on: what stands before it names the version of Graphviz."""
    done = subprocess.run(["dot", "-Tsvg", source], stdout=subprocess.PIPE, text=True, check=True)
    return f"{_mark(source)}\n{done.stdout[done.stdout.index('<svg') :]}"


if __name__ == "__main__":
    write({source.with_suffix(".svg"): _drawn(source) for source in sources() if not is_fresh(source)})
