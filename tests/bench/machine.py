# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What docs/benchmarks.md says about the machine: processor, memory, versions. No name of it and no path."""

from __future__ import annotations

import datetime
import json
import os
import platform
import subprocess
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.kyma.docker_registry.tests.support.playbook import REPOSITORY

_LIBRARIES = ("ansible-core", "kubernetes")
_PROGRAM = f"""
import importlib.metadata, json, platform, ansible_collections.kubernetes.core as core
names = {_LIBRARIES!r}
found = {{name: importlib.metadata.version(name) for name in names}}
print(json.dumps([platform.python_version(), found, list(core.__path__)]))
"""


def facts(programs: Path, kubectl: str, server: str) -> dict[str, Any]:
    """programs: of the environment that was measured. server: the version of the API server."""
    python = subprocess.run([programs / "python", "-c", _PROGRAM], capture_output=True, text=True, check=True)
    version, libraries, (folder,) = json.loads(python.stdout)
    manifest = json.loads((Path(folder) / "MANIFEST.json").read_text(encoding="utf-8"))
    client = subprocess.run([kubectl, "version", "--client", "-o", "json"], capture_output=True, text=True, check=True)
    own = yaml.safe_load((REPOSITORY / "galaxy.yml").read_text(encoding="utf-8"))["version"]
    return {
        "date": datetime.datetime.now(tz=datetime.timezone.utc).date().isoformat(),
        "processor": processor(Path("/proc/cpuinfo").read_text(encoding="utf-8")) or platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "memory": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "versions": {
            "kyma.docker_registry": own,
            "Python": version,
            **libraries,
            "kubernetes.core": manifest["collection_info"]["version"],
            "kubectl": json.loads(client.stdout)["clientVersion"]["gitVersion"].removeprefix("v"),
            "Kubernetes": server.removeprefix("v"),
        },
    }


def processor(text: str) -> str:
    """The name of the first processor. text: /proc/cpuinfo, which has none on some architectures."""
    names = [
        value.strip()
        for key, _, value in (line.partition(":") for line in text.splitlines())
        if key.strip() == "model name"
    ]
    return names[0] if names else ""
