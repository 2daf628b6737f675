# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the API server's audit log says that our own requests did."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

OUR_AGENT = "kyma.docker_registry"
_WRITES = frozenset({"create", "update", "patch", "delete", "deletecollection"})
# Port-forward and exec are created, but change nothing.
_STREAMS = frozenset({"portforward", "exec"})


@dataclass(frozen=True)
class Request:
    """One request of ours."""

    verb: str
    resource: str
    uri: str
    dry_run: bool
    namespace: str = ""

    @property
    def writes(self) -> bool:
        """Whether it could change something."""
        return self.verb in _WRITES and not self.dry_run and self.resource.rpartition("/")[2] not in _STREAMS


class Audit:
    """Reads what was logged since it was made, of one test: others may use the cluster at the same time."""

    def __init__(self, path: str, namespace: str) -> None:
        """namespace: the test's own; those that begin with its name count as well, and what has none."""
        self._path = Path(path)
        self._namespace = namespace
        self._start = self._path.stat().st_size

    def requests(self) -> list[Request]:
        """Our requests since then."""
        with self._path.open("rb") as file:
            file.seek(self._start)
            # The last line may be half written.
            lines = file.read().rpartition(b"\n")[0].splitlines()
        found = []
        for line in lines:
            entry = json.loads(line)
            if not str(entry.get("userAgent", "")).startswith(OUR_AGENT) or entry.get("stage") != "ResponseComplete":
                continue
            reference = entry.get("objectRef") or {}
            resource = "/".join(part for part in (reference.get("resource", ""), reference.get("subresource")) if part)
            query = parse_qs(urlsplit(entry["requestURI"]).query)
            namespace = reference.get("namespace") or ""
            if namespace and not namespace.startswith(self._namespace):
                continue
            dry_run = query.get("dryRun") == ["All"]
            found.append(Request(entry["verb"], resource, entry["requestURI"], dry_run, namespace))
        return found

    def restart(self) -> None:
        """Forgets what was logged until now."""
        self._start = self._path.stat().st_size

    def writes(self) -> list[Request]:
        """Those that could change something."""
        return [request for request in self.requests() if request.writes]
