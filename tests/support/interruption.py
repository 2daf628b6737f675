# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs of a playbook that end with kill -9 right after one of their writes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.tests.support import playbook, rights
from ansible_collections.kyma.docker_registry.tests.support.audit import Audit

_POLL = 0.02


def run_until(
    number: int,
    audit: Audit,
    site: Path,
    *,
    kubeconfig: str,
    variables: Mapping[str, Any],
    expired: bool = True,
    seconds: float = 240.0,
) -> bool:
    """As kill_when(), as soon as the audit log holds so many changes."""

    def reached() -> bool:
        return len(audit.changes()) >= number

    return kill_when(reached, site, kubeconfig=kubeconfig, variables=variables, expired=expired, seconds=seconds)


def kill_when(
    reached: Callable[[], object],
    site: Path,
    *,
    kubeconfig: str,
    variables: Mapping[str, Any],
    expired: bool = True,
    seconds: float = 240.0,
) -> bool:
    """Starts the playbook and kills it with all its children as soon as `reached` is true; False if it ended before.

    expired: the Lease that the run leaves is deleted, so that the next run does not wait a minute for it.
    """
    with tempfile.TemporaryDirectory(prefix="kyma-play-", ignore_cleanup_errors=True) as folder:
        extra = Path(folder, "variables.json")
        extra.write_text(json.dumps(dict(variables)), encoding="utf-8")
        process = subprocess.Popen(
            [str(Path(sys.executable).parent / "ansible-playbook"), str(site), "-e", f"@{extra}"],
            env=playbook.environment(kubeconfig, "action", Path(folder)),
            cwd=playbook.REPOSITORY,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            deadline = time.monotonic() + seconds
            while process.poll() is None and time.monotonic() < deadline:
                if reached():
                    return True
                time.sleep(_POLL)
            return False
        finally:
            _kill(process.pid)
            process.wait()
            if expired:
                namespace = str(variables.get("registry_namespace", constants.CR_NAMESPACE))
                rights.kubectl(kubeconfig, "delete", "lease", constants.LEASE, "-n", namespace, "--ignore-not-found")


def _kill(leader: int) -> None:
    """Its workers have sessions of their own, so they are found by their parents. Stopped first, they make no new ones."""
    ended: set[int] = set()
    while True:
        family = _family(leader) - ended
        if not family:
            break
        for number in family:
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGSTOP)
        ended |= family
    for number in ended:
        with suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)


def _family(leader: int) -> set[int]:
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            # The program's name may hold spaces; what follows it does not.
            parents[int(path.parent.name)] = int(path.read_text(encoding="utf-8").rpartition(")")[2].split()[1])
    found = {leader} & parents.keys()
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found
