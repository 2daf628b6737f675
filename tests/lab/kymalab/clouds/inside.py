"""Runs a command that can resolve and trust the clouds, in its own mount namespace."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from kymalab.clouds import certificates, credentials, names
from kymalab.clouds.resolving import hosts_file
from kymalab.preconditions import find_command, find_file
from kymalab.settings import LabError, Paths

_HOSTS = "/etc/hosts"


def run(paths: Paths, command: list[str]) -> None:
    """Become the command; the machine's own hosts file and CA bundle are hidden from it alone."""
    if not shutil.which(command[0]):
        raise LabError(f"{command[0]} is not found.")
    hosts = paths.clouds / "hosts"
    # Replaced, not rewritten: another command may look at the one before.
    text = hosts_file(Path(_HOSTS).read_text(encoding="utf-8"), names.ADDRESS)
    credentials.write_private(hosts, text)
    hosts.chmod(0o644)
    binds = ((hosts, _HOSTS), (certificates.bundle(paths), find_file("ca-certificates")))
    script = "".join('mount --bind "$1" "$2" && shift 2 && ' for _ in binds) + 'exec "$@"'
    arguments = [str(word) for bind in binds for word in bind]
    unshare = find_command("unshare")
    os.execv(unshare, [unshare, "--mount", "--propagation", "private", "sh", "-c", script, "sh", *arguments, *command])
