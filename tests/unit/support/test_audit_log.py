# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is read out of an API server's audit log."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from ansible_collections.kyma.docker_registry.tests.support import audit
from ansible_collections.kyma.docker_registry.tests.support.playbook import COLLECTIONS


def _entry(agent: str, verb: str, namespace: str = "one", resource: str = "secrets", query: str = "") -> str:
    reference: dict[str, Any] = {"resource": resource, "namespace": namespace}
    uri = f"/api/v1/namespaces/{namespace}/{resource}{query}"
    entry = {"userAgent": agent, "stage": "ResponseComplete", "verb": verb, "requestURI": uri, "objectRef": reference}
    return json.dumps({**entry, "user": {"username": "admin"}})


def test_last_run(tmp_path: Path) -> None:
    """What we asked for since kubectl was used in the namespace; other namespaces, other clients and a half line do not count."""
    log = tmp_path / "audit.log"
    lines = [
        _entry("kubectl/v1", "get", resource="namespaces"),
        _entry(audit.OUR_AGENT, "create"),
        _entry("kubectl/v1", "get", resource="namespaces"),
        _entry(audit.OUR_AGENT, "get"),
        _entry("kubectl/v1", "patch", namespace="two"),
        _entry(audit.OUR_AGENT, "patch", namespace="one-more"),
        _entry("others", "delete"),
        _entry(audit.OUR_AGENT, "patch", query="?dryRun=All"),
        _entry(audit.OUR_AGENT, "patch"),
    ]
    log.write_text("\n".join([*lines, _entry(audit.OUR_AGENT, "delete")[:-1]]), encoding="utf-8")
    found = audit.of_last_run(log, "one")
    assert [(item.verb, item.writes) for item in found] == [("get", False), ("patch", False), ("patch", True)]
    assert audit.of_last_run(log, "three") == []


def test_as_a_program(tmp_path: Path) -> None:
    """It succeeds if the last run was seen and has written nothing; else it says why it fails."""
    log = tmp_path / "audit.log"
    outcomes = []
    for lines in ([_entry(audit.OUR_AGENT, "get")], [_entry(audit.OUR_AGENT, "patch")], []):
        log.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-m", audit.__name__, log, "one"],
            env={**os.environ, "PYTHONPATH": str(COLLECTIONS)},
            capture_output=True,
            text=True,
            check=False,
        )
        outcomes.append((done.returncode, done.stderr.strip()))
    assert outcomes == [
        (0, ""),
        (1, "patch /api/v1/namespaces/one/secrets"),
        (1, "the log holds no request of the last run"),
    ]
