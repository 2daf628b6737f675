# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the API server's audit log says that our own requests did."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

OUR_AGENT = "kyma.docker_registry"
# Of a run that changes nothing, of a registry on the default volume.
MOST_REQUESTS = 24
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
    namespace: str
    user: str
    # Of the answer.
    status: int

    @property
    def writes(self) -> bool:
        """Whether it could change something."""
        return self.verb in _WRITES and not self.dry_run and self.resource.rpartition("/")[2] not in _STREAMS


class Audit:
    """Reads what was logged since it was made, of one test: others may use the cluster at the same time."""

    def __init__(self, path: str, namespace: str, user: str = "") -> None:
        """namespace: the test's own. user: who sends the test's requests (playbook.known_as), or a service account of that namespace.

        Namespaces and users that begin with these names count as well. Without a user every request without a namespace counts, so
        no other client may use the API server then.
        """
        self._path = Path(path)
        self._namespace = namespace
        self._user = user
        self._start = self._path.stat().st_size

    def requests(self) -> list[Request]:
        """Our requests since then."""
        with self._path.open("rb") as file:
            file.seek(self._start)
            # The last line may be half written.
            lines = file.read().rpartition(b"\n")[0].splitlines()
        found = map(_request, map(json.loads, lines))
        return [request for request in found if request is not None and self._counts(request)]

    def _counts(self, request: Request) -> bool:
        inside = bool(request.namespace) and request.namespace.startswith(self._namespace)
        if not self._user:
            return inside or not request.namespace
        own = request.user.startswith((self._user, f"system:serviceaccount:{self._namespace}"))
        # What the same run asks for without a namespace would be missed.
        assert own or not inside, f"a request of the test by a user who is not known to be the test's: {request}"
        return inside or (own and not request.namespace)

    def require_few(self) -> None:
        """Fails if a run that changes nothing has sent more requests than it may, or a write."""
        sent = [f"{request.verb} {request.uri}" for request in self.requests()]
        assert self.writes() == [] and 0 < len(sent) <= MOST_REQUESTS, "\n".join([str(len(sent)), *sent])

    def restart(self) -> None:
        """Forgets what was logged until now."""
        self._start = self._path.stat().st_size

    def writes(self) -> list[Request]:
        """Those that could change something."""
        return [request for request in self.requests() if request.writes]

    def changes(self) -> list[Request]:
        """The same without those of the Lease, which say that a run writes and change nothing."""
        return [request for request in self.writes() if request.resource != "leases"]


def _request(entry: dict[str, Any]) -> Request | None:
    """A request of ours that was answered; None for any other entry."""
    if not str(entry.get("userAgent", "")).startswith(OUR_AGENT) or entry.get("stage") != "ResponseComplete":
        return None
    reference = entry.get("objectRef") or {}
    resource = "/".join(part for part in (reference.get("resource", ""), reference.get("subresource")) if part)
    dry_run = parse_qs(urlsplit(entry["requestURI"]).query).get("dryRun") == ["All"]
    user = (entry.get("impersonatedUser") or entry["user"])["username"]
    status = int((entry.get("responseStatus") or {}).get("code", 0))
    return Request(
        entry["verb"], resource, entry["requestURI"], dry_run, reference.get("namespace") or "", user, status
    )


def of_last_run(path: Path, namespace: str) -> list[Request]:
    """Our requests in a namespace since kubectl was last used in it: each run of molecule's converge.yml begins with that."""
    found: list[Request] = []
    with path.open("rb") as file:
        for line in file:
            if namespace.encode() not in line or not line.endswith(b"\n"):
                continue
            entry = json.loads(line)
            request = _request(entry)
            if str(entry.get("userAgent", "")).startswith("kubectl"):
                found.clear()
            elif request and request.namespace == namespace:
                found.append(request)
    return found


if __name__ == "__main__":
    requests = of_last_run(Path(sys.argv[1]), sys.argv[2])
    written = [f"{request.verb} {request.uri}" for request in requests if request.writes]
    # An empty text would be a failure.
    sys.exit(("\n".join(written) or None) if requests else "the log holds no request of the last run")
