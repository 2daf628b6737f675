# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the registry logs of a store that rejects a request: the cause that is reported for each answer."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.errors import RegistryError
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.log_causes import find_cause
from ansible_collections.kyma.docker_registry.tests.distribution import releases
from ansible_collections.kyma.docker_registry.tests.distribution.running import started
from ansible_collections.kyma.docker_registry.tests.support.each import check_each
from ansible_collections.kyma.docker_registry.tests.support.store_answers import ANSWERS, Answer
from ansible_collections.kyma.docker_registry.tests.support.waiting import until

pytestmark = pytest.mark.beside

HEALTH = {"REGISTRY_HEALTH_STORAGEDRIVER_ENABLED": "true", "REGISTRY_HEALTH_STORAGEDRIVER_INTERVAL": "1s"}
KEY = base64.b64encode(b"0" * 64).decode()


class _Store(ThreadingHTTPServer):
    """A store that answers every request with the same error."""

    answer: Answer
    requests: list[str]


class _Handler(BaseHTTPRequestHandler):
    def _reject(self) -> None:
        assert isinstance(self.server, _Store)
        answer = self.server.answer
        self.server.requests.append(self.path)
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = f"<Error><Code>{answer.code}</Code><Message>{answer.message}</Message></Error>".encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", "application/xml")
        self.send_header("x-ms-error-code", answer.code)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _reject  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing on stderr."""


@contextmanager
def _rejecting_store() -> Iterator[_Store]:
    with _Store(("127.0.0.1", 0), _Handler) as store:
        store.requests = []
        threading.Thread(target=store.serve_forever, daemon=True).start()
        try:
            yield store
        finally:
            store.shutdown()


def _driver(name: str, port: int, **more: Any) -> dict[str, dict[str, Any]]:
    azure = {
        "accountname": "account",
        "accountkey": KEY,
        "container": "images",
        "credentials": {"type": "shared_key"},
        "serviceurl": f"http://127.0.0.1:{port}",
        "max_retries": 1,
        "retry_delay": "1ms",
    }
    bucket = releases.Bucket("images", f"127.0.0.1:{port}").parameters()
    return {"azure": {"azure": {**azure, **more}}, "s3": {"s3": {**bucket, **more}}}[name]


# The clouds' libraries repeat such a request for several seconds.
@pytest.mark.parametrize("busy", [False, pytest.param(True, marks=pytest.mark.long)])
@pytest.mark.parametrize("driver", ["s3", "azure"])
def test_cause_of_each_answer(registry_program: Path, tmp_path: Path, driver: str, busy: bool) -> None:
    """The registry's log names the cause of a push that its store rejects, under the finding's code."""
    with (
        _rejecting_store() as store,
        started(registry_program, tmp_path, driver=_driver(driver, store.server_port)) as registry,
        registry.api() as api,
    ):
        output = registry.config.with_suffix(".log")

        def check(answer: Answer) -> None:
            store.answer = answer
            before = len(output.read_text(encoding="utf-8"))
            with pytest.raises(RegistryError):
                api.begin_upload("images")
            until("the answer's line", lambda: answer.code in output.read_text(encoding="utf-8")[before:])
            cause = find_cause(output.read_text(encoding="utf-8")[before:])
            assert cause is not None and answer.cause in cause.cause, cause
            assert cause.code == answer.finding and cause.remedy and answer.code in cause.line, cause

        answers = [item for item in ANSWERS if item.driver == driver and busy is (item.finding == "store-busy")]
        check_each(answers, check, lambda answer: answer.message)


def test_requests_stay_in_the_folder(registry_program: Path, tmp_path: Path) -> None:
    """With a folder, health check, lists and writes need rights in this folder only, as the documentation of S3 says."""
    with (
        _rejecting_store() as store,
        started(
            registry_program, tmp_path, HEALTH, driver=_driver("s3", store.server_port, rootdirectory="kyma")
        ) as registry,
        registry.api() as api,
    ):
        store.answer = Answer("s3", 404, "NoSuchKey", "The specified key does not exist.", "", "")
        for use in (api.read_store, lambda: list(api.catalog()), lambda: api.begin_upload("images")):
            with suppress(RegistryError):
                use()
        before = len(store.requests)
        until("the health check", lambda: len(store.requests) > before, 15)
    paths = [urlsplit(path) for path in store.requests]
    lists = [prefix for path in paths for prefix in parse_qs(path.query).get("prefix", [])]
    objects = [path.path for path in paths if path.path.strip("/") != "images"]
    assert lists and all(prefix.startswith("kyma") for prefix in lists), lists
    assert objects and all(path.startswith("/images/kyma/") for path in objects), objects
