# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One request to the API server: credentials, retries, errors as findings. Plain dictionaries, no models."""

from __future__ import annotations

import json
import re
import ssl
import time
import warnings
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import json_yaml
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.log_redaction import redacted
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s import errors
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.connection.targets import Limits
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import Call, ClusterError

from . import network, tls
from .bounds import Backoff, Deadline, StartProgress, bound_pool, no_progress

try:
    import urllib3
    from kubernetes.client import ApiClient
    from urllib3._collections import HTTPHeaderDict
except ImportError:
    urllib3 = None

Query = Sequence[tuple[str, str]]
JSON = "application/json"

_BUSY = frozenset({408, 429, 500, 502, 503, 504})
_WARNING = re.compile(r'299 \S+ "((?:[^"\\]|\\.)*)"')


class Transport:
    """Requests over the pool of the `kubernetes` package's client.

    configuration: of load_configuration(). warnings: the warnings of the API, each once, in their order. start_progress: of the
    repetitions of a request (see Backoff).
    """

    def __init__(
        self,
        configuration: Any,
        user_agent: str,
        impersonate: Sequence[tuple[str, str]] = (),
        source: str = "",
        limits: Limits | None = None,
    ) -> None:
        """Sets up the pool; sends nothing. source: the source of the address, for messages."""
        self.configuration = configuration
        self.source = source
        self.limits = limits or Limits()
        self.start_progress: StartProgress = no_progress
        self._deadline = Deadline()
        self.warnings: list[str] = []
        self.user_agent = user_agent
        self.impersonate = tuple(impersonate)
        # Of websockets, if the files of certificates and keys are no longer there.
        self.websocket_context: ssl.SSLContext | None = None
        self._unusable_files: Exception | None = None
        try:
            with warnings.catch_warnings():
                # urllib3 would write to stderr what is reported here.
                warnings.simplefilter("ignore")
                self.pool = ApiClient(configuration).rest_client.pool_manager
        except ImportError:
            raise ClusterError(
                "library-missing",
                "proxy",
                "a SOCKS proxy needs the Python package `PySocks`, which is missing.",
                "Install it, or use an HTTP proxy.",
            ) from None
        except (OSError, ValueError, urllib3.exceptions.HTTPError) as problem:
            # Older versions of urllib3 quote the whole address of the proxy, which may hold a password.
            if isinstance(problem, urllib3.exceptions.ProxySchemeUnknown):
                # Older ones know no SOCKS.
                text = "the installed Python package `kubernetes` does not support this type of proxy"
            elif isinstance(problem, urllib3.exceptions.LocationValueError):
                text = "the address of the proxy is not a valid URL"
            else:
                text = f"the connection cannot be configured: {problem}"
            raise ClusterError("cluster-options", "proxy", text, "Check the proxy and the certificate files.") from None
        bound_pool(self.pool, self._deadline)

    def load_files(self) -> None:
        """Loads certificates and the private key, whose files are not needed any more. If that fails, each request reports it."""
        try:
            self.websocket_context = tls.load_files(self.pool, self.configuration)
        except (OSError, ValueError) as problem:
            self._unusable_files = problem

    def require_files(self) -> None:
        """Raises what prevented that the files were loaded."""
        if self._unusable_files is not None:
            raise self._unusable_files

    def close(self) -> None:
        """Closes the pool's connections."""
        self.pool.clear()

    def url(self, path: str, query: Query = ()) -> str:
        """The full address of a path with its query."""
        address = str(self.configuration.host).rstrip("/") + path
        try:
            return f"{address}?{urlencode(list(query), quote_via=quote)}" if query else address
        except UnicodeEncodeError:
            text = f"the query {dict(query)!r} contains half of a surrogate pair, which is not valid Unicode."
            raise ClusterError("cluster-invalid", path, text, "Correct the name.") from None

    def authorization(self) -> str | None:
        """The value of the Authorization header, renewed if the kubeconfig's plugin can do so."""
        for setting in self.configuration.auth_settings().values():
            if setting["in"] == "header" and setting["key"].lower() == "authorization" and setting["value"]:
                return str(setting["value"])
        return None

    def headers(self) -> list[tuple[str, str]]:
        """Who asks. Impersonated groups repeat their header."""
        value = self.authorization()
        return [("User-Agent", self.user_agent), *([("Authorization", value)] if value else []), *self.impersonate]

    def json(
        self,
        call: Call,
        method: str,
        path: str,
        *,
        query: Query = (),
        body: Any = None,
        content_type: str = JSON,
        accept: str = JSON,
        before_repetition: Callable[[], None] | None = None,
    ) -> dict[str, Any]:
        """The answer to a request as a dictionary. Raises ClusterError for anything but success."""
        data = self.raw(
            call,
            method,
            path,
            query=query,
            body=body,
            content_type=content_type,
            accept=accept,
            before_repetition=before_repetition,
        ).data
        try:
            value = json.loads(data)
        except ValueError:
            value = None
        if not isinstance(value, dict):
            raise ClusterError(
                "cluster-unreachable",
                call.path,
                f"the response of {self.shown} is not from a Kubernetes API server.",
                "Check host and proxy.",
            )
        return value

    @property
    def shown(self) -> str:
        """The server's address for messages, without a user in it, and its source."""
        parts = urlsplit(str(self.configuration.host))
        address = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
        return f"{address} ({self.source})" if self.source else address

    def raw(
        self,
        call: Call,
        method: str,
        path: str,
        *,
        query: Query = (),
        body: Any = None,
        content_type: str = JSON,
        accept: str = JSON,
        stream_seconds: float | None = None,
        repeats: bool = True,
        before_repetition: Callable[[], None] | None = None,
    ) -> Any:
        """The successful response of urllib3: `data` and `headers`. Raises ClusterError.

        stream_seconds: how long the response may be read as a stream, which the caller closes. Requests that got lost, or that the server was too
        busy for, are repeated if `repeats`. The server may have done a request of which the answer got lost: `after_lost` of
        the error that a later repetition meets is True then. before_repetition: what it raises prevents the repetition.
        """
        seconds = self.limits.request if stream_seconds is None else stream_seconds
        timeout = urllib3.Timeout(connect=self.limits.connect, read=seconds)
        backoff = Backoff(self.limits.retry if repeats else 0.0, self.start_progress)
        lost = False
        while True:
            wanted: float | None = None
            self._deadline.at = time.monotonic() + self.limits.connect + seconds
            try:
                response = self._once(
                    method,
                    path,
                    query,
                    body,
                    {"Accept": accept, "Content-Type": content_type},
                    preload_content=stream_seconds is None,
                    timeout=timeout,
                )
            except Exception as problem:  # pylint: disable=broad-except
                failure = network.error_from_exception(call, self.shown, problem)
                if failure is None:
                    raise
                again = network.is_transient(problem)
                may_be_done = not network.failed_before_sending(problem)
            else:
                self._note_warnings(response)
                if 200 <= response.status < 300:
                    return response
                failure = errors.error_from_answer(call, response.status, response.data)
                again = response.status in _BUSY and failure.code != "cluster-invalid"
                may_be_done = response.status != 429
                wanted = _retry_after(response)
            failure.after_lost = lost
            if not again or not backoff.wait_before_retry(str(failure), wanted):
                raise failure
            lost = lost or may_be_done
            if before_repetition is not None:
                before_repetition()

    def _once(self, method: str, path: str, query: Query, body: Any, forms: dict[str, str], **settings: Any) -> Any:
        self.require_files()
        headers = HTTPHeaderDict()
        for name, value in self.headers():
            headers.add(name, value)
        headers.add("Accept", forms["Accept"])
        data = None
        if body is not None:
            headers.add("Content-Type", forms["Content-Type"])
            data = json_yaml.dumps(body).encode("utf-8")
        with warnings.catch_warnings():
            # A warning says once that verification is off; urllib3 would write to stderr at each connection.
            warnings.simplefilter("ignore")
            url = self.url(path, query)
            return self.pool.request(method, url, body=data, headers=headers, retries=False, redirect=False, **settings)

    def _note_warnings(self, response: Any) -> None:
        for header in response.headers.getlist("Warning"):
            for text in _WARNING.findall(header):
                # Policies write them as well, and may quote what they found in an object.
                plain = redacted(re.sub(r"\\(.)", r"\1", text))
                if plain not in self.warnings:
                    self.warnings.append(plain)


def _retry_after(response: Any) -> float | None:
    text = str(response.headers.get("Retry-After") or "")
    return float(text) if text.isdigit() else None
