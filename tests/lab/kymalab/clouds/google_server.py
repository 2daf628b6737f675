"""The process beside fake-gcs-server that does what Google does and it does not: tokens and permissions.

nginx asks it about every request (`X-Lab-Ask: permission`: 204 or 403), and lets it speak where a request is refused
(`answer`) and where a token is wanted (`token`).
"""

from __future__ import annotations

import json
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from kymalab.clouds import google_access, google_tokens, names
from kymalab.clouds.google_access import Answer, Request
from kymalab.clouds.google_tokens import Account, Refused

HEALTH_PATH = "/healthz"
_JSON = "application/json; charset=UTF-8"
_BODY_LIMIT = 1 << 16


class Handler(BaseHTTPRequestHandler):
    """Answers nginx."""

    protocol_version = "HTTP/1.1"
    accounts: dict[str, Account]
    buckets: frozenset[str]
    key: bytes

    def _handle(self) -> None:
        ask = self.headers.get("X-Lab-Ask", "")
        if self.path == HEALTH_PATH and not ask:
            self._send(Answer(200, "text/plain", "ok"))
        elif ask == "token":
            self._send(self._token())
        elif ask in ("permission", "answer"):
            self._decide(ask)
        else:
            self._send(Answer(404, "text/plain", "unknown question"))

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _handle  # noqa: N815

    def _decide(self, ask: str) -> None:
        request = Request(
            self.headers.get("X-Original-Method", self.command),
            self.headers.get("X-Original-URI", ""),
            {name: self.headers.get(name, "") for name in google_access.HEADERS},
        )
        answer = google_access.refusal(request, self.accounts, self.buckets, self.key, time.time())
        if ask == "permission":
            self.log_message("%s %s: %s", request.method, request.path, answer.body if answer else "may pass")
            answer = Answer(403, "text/plain", "") if answer else Answer(204, "", "")
        # The front has rejected it, and now it would be accepted: the client may try again.
        self._send(answer or Answer(503, "text/plain", ""))

    def _token(self) -> Answer:
        length = int(self.headers.get("Content-Length") or 0)
        if self.command != "POST" or length > _BODY_LIMIT:
            return Answer(404, "text/plain", "Not Found")
        body = self.rfile.read(length).decode("utf-8", "replace")
        try:
            granted = google_tokens.exchange(body, self.accounts, self.key, time.time())
        except Refused as refused:
            self.log_message("token refused: %s", refused)
            return Answer(400, _JSON, json.dumps(refused.answer))
        return Answer(200, _JSON, json.dumps(granted))

    def _send(self, answer: Answer) -> None:
        body = answer.body.encode()
        self.send_response(answer.status)
        if answer.status != 204:
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.headers.get("X-Original-Method", self.command) != "HEAD" and answer.status != 204:
            self.wfile.write(body)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log nothing for a request: each decision is logged separately."""


def main() -> None:
    """Serve until the end."""
    config = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    Handler.accounts = {
        email: Account(int(account["modulus"], 16), frozenset(account["buckets"]))
        for email, account in config["accounts"].items()
    }
    Handler.buckets = frozenset(config["buckets"])
    Handler.key = bytes.fromhex(config["token_key"])
    ThreadingHTTPServer(("127.0.0.1", names.GOOGLE_PORT), Handler).serve_forever()


if __name__ == "__main__":
    main()
