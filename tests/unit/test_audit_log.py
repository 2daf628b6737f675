# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is read out of an API server's audit log."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ansible_collections.kyma.docker_registry.tests.support import audit


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
