"""Installs Azurite, pinned by npm/azurite/package-lock.json, into the cache."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from kymalab.build import cache_lock
from kymalab.preconditions import npm
from kymalab.settings import NPM_SOURCE, LabError, say

_SOURCE = NPM_SOURCE / "azurite"
_FILES = ("package.json", "package-lock.json")
_PROGRAM = "node_modules/azurite/dist/src/blob/main.js"


def install(cache: Path) -> dict[str, Path]:
    """Return the paths of Node.js and of Azurite's blob service; install what the cache lacks."""
    command = npm()
    node = Path(shutil.which("node") or "node")
    digest = hashlib.sha256(b"".join((_SOURCE / name).read_bytes() for name in _FILES)).hexdigest()
    version = re.search(r'"azurite": "([^"]+)"', (_SOURCE / "package.json").read_text(encoding="utf-8"))
    folder = cache / "npm" / f"azurite-{version.group(1) if version else 'unknown'}-{digest[:12]}"
    if not (folder / _PROGRAM).exists():
        with cache_lock(cache):
            if not (folder / _PROGRAM).exists():
                _install(folder, command, cache)
    return {"node": node, "azurite": folder / _PROGRAM}


def _install(folder: Path, command: str, cache: Path) -> None:
    """Install into its own folder; it appears under its name whole or not at all."""
    say(f"installing {folder.name} with npm")
    begin = time.monotonic()
    for leftover in cache.glob("installing-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    temporary = Path(tempfile.mkdtemp(prefix="installing-", dir=cache))
    for name in _FILES:
        shutil.copy(_SOURCE / name, temporary / name)
    done = subprocess.run(
        [command, "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"],
        cwd=temporary, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise LabError(
            f"`npm ci` for Azurite failed; it needs the npm registry that this machine's npm is set to:\n"
            f"{done.stderr.strip()[-2000:]}"
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
    os.replace(temporary, folder)
    say(f"      azurite: done in {time.monotonic() - begin:.0f} s")
