# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`make demo` with programs that only write down how they are called: the lab and the environment are made side by side."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

GATES = Path(__file__).resolve().parents[2] / "gates"

# `up` waits for a signal, or until the environment is there.
LAB = """\
import json, pathlib, sys, time
def note(text):
    with open("log", "a") as log:
        log.write(f"{text}\\n")
if sys.argv[1] == "up":
    note("lab " + " ".join(sys.argv[1:]))
    try:
        for _ in range(1200):
            if pathlib.Path("environment").exists():
                break
            time.sleep(0.05)
    except KeyboardInterrupt:
        note("lab interrupted")
        sys.exit(130)
elif sys.argv[1] == "status":
    print(json.dumps({"kubectl": "/cache/kubectl", "images": {"lab.local/busybox:1": "/images/busybox.tar"}}))
elif sys.argv[1] == "kubeconfig":
    print("/lab/kubeconfig")
"""
VENV = """\
#!/bin/bash
for _ in $(seq 1200); do [ -z "$KUBECONFIG" ] && ! grep -qs "^lab up" log || break; sleep 0.05; done
echo "venv $*" >>log
[ -z "$BROKEN_VENV" ] || exit 77
touch environment
"""
TOOL = """\
#!/bin/bash
echo "$(basename "$0") $*" >>log
case "$*" in *nodePort*) echo 32199 ;; *demo_guard*) exit "${GUARD:-0}" ;; esac
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout of nothing but the demo."""
    for path, text in (("tests/gates/venv", VENV), ("tests/lab/lab", LAB)):
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).write_text(text)
        (tmp_path / path).chmod(0o755)
    shutil.copy(GATES / "demo", tmp_path / "tests/gates/demo")
    tools = tmp_path / ".venv/main/bin"
    tools.mkdir(parents=True)
    for name in ("python", "ansible-playbook", "kubectl"):
        (tools / name).write_text(TOOL)
        (tools / name).chmod(0o755)
    # The lab needs Python 3.11; the one that runs this test may be older.
    found = subprocess.run(
        [GATES / "python", "3.13", "3.12", "3.14", "3.11"], stdout=subprocess.PIPE, text=True, check=True
    )
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/python3").symlink_to(found.stdout.strip())
    return tmp_path


def _run(checkout: Path, **environment: str) -> tuple[int, str, list[str]]:
    path = f"{checkout}/bin:{os.environ['PATH']}"
    done = subprocess.run(
        [checkout / "tests/gates/demo"],
        env={"PATH": path, "HOME": str(checkout), **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return done.returncode, done.stdout, (checkout / "log").read_text().splitlines()


def test_a_lab_is_made(checkout: Path) -> None:
    """A minimal one, while the environment is made; what is printed can be copied."""
    code, said, log = _run(checkout)
    assert code == 0
    assert log[:3] == ["lab up --minimal", "venv main", "python tests/gates/demo_guard.py kyma-system"]
    assert log[3].startswith("ansible-playbook kyma.docker_registry.site -e registry_namespace=kyma-system")
    assert "minutes" in said.splitlines()[1], "how long the first time takes comes first"
    assert "export KUBECONFIG=/lab/kubeconfig" in said
    assert "docker-archive:/images/busybox.tar docker://127.0.0.1:32199/team/app:v1" in said


def test_no_environment(checkout: Path) -> None:
    """The lab's build is not left behind, nor waited for."""
    code, said, log = _run(checkout, BROKEN_VENV="1")
    assert code == 77 and "Deploying" not in said
    assert log == ["lab up --minimal", "venv main", "lab interrupted"]


def test_somebody_elses_registry(checkout: Path) -> None:
    """Nothing is deployed."""
    code, said, log = _run(checkout, GUARD="1")
    assert code == 1 and "REGISTRY_NAMESPACE" in said and len(log) == 3


def test_a_cluster_that_is_given(checkout: Path) -> None:
    """No lab; the guard looks at every namespace."""
    code, said, log = _run(checkout, KUBECONFIG="/mine")
    assert code == 0 and log[:2] == ["venv main", "python tests/gates/demo_guard.py"]
    assert "export KUBECONFIG=/mine" in said and " IMAGE docker://127.0.0.1:32199/team/app:v1" in said
