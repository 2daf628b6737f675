# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Websockets to the API server with the connection's credentials, TLS settings, proxy and impersonation."""

from __future__ import annotations

import base64
import contextlib
import importlib.util
import socket as socket_module
import ssl
import threading
from typing import Any
from urllib.parse import unquote, urlsplit

from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s import errors
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import Call, ClusterError

from . import network
from .bounds import Backoff
from .http_transport import Query, Transport

try:
    import certifi
    import websocket as library

    websocket: Any = library
except ImportError:
    websocket = None

PROTOCOL = "v4.channel.k8s.io"


# Older releases of websocket-client ignore a TLS context.
_SINCE_CONTEXT = (1, 2, 3)
# Seconds that a thread needs to find that its connection has ended.
_END = 1.0
# Not 500: that is how the API server passes on what the node says of the Pod.
_BUSY = frozenset({429, 502, 503, 504})


def open_socket(transport: Transport, call: Call, path: str, query: Query) -> Any:
    """A connected websocket of websocket-client. Raises ClusterError.

    Repeated while the API server does not answer or is too busy. What it is asked for can be done twice: forward a port, or run a command that reads.
    """
    if websocket is None:
        raise ClusterError(
            "cluster-library", "kubernetes", "the Python package `websocket-client` is missing.", "Install it."
        )
    if transport.websocket_context is not None and _version() < _SINCE_CONTEXT:
        text = f"the Python package `websocket-client` {websocket.__version__} is too old."
        wanted = ".".join(map(str, _SINCE_CONTEXT))
        raise ClusterError("cluster-library", "kubernetes", text, f"Install websocket-client>={wanted}.")
    _check_proxy(_proxy_address(transport))
    backoff = Backoff(transport.limits.retry, transport.start_progress)
    while True:
        socket = websocket.WebSocket(sslopt=_tls(transport), enable_multithread=False)
        try:
            transport.require_files()
            _connect(transport, socket, transport.url(path, query))
        except Exception as problem:  # pylint: disable=broad-except
            close(socket)
            failure = _explain(transport, call, problem)
            if not (_is_lost(problem) or getattr(failure, "status", None) in _BUSY):
                raise failure from None
            if not backoff.wait_before_retry(str(failure)):
                raise failure from None
        else:
            socket.settimeout(transport.limits.request)
            return socket


def _check_proxy(address: str) -> None:
    """Rejects a proxy that the library cannot use."""
    scheme = urlsplit(address).scheme
    if scheme == "https":
        # The library would send user and password of the proxy without TLS.
        text = "the Python package `websocket-client` does not support a proxy with TLS."
        remedy = "Use a proxy without TLS (http://), or specify the API server in no_proxy."
        raise ClusterError("cluster-unreachable", "proxy", text, remedy)
    if scheme.startswith("socks") and importlib.util.find_spec("python_socks") is None:
        text = "a stream to a Pod through a SOCKS proxy needs the Python package `python-socks`, which is missing."
        raise ClusterError("cluster-library", "proxy", text, "Install it, or use an HTTP proxy.")


def _version() -> tuple[int, ...]:
    return tuple(int(part) for part in str(websocket.__version__).split(".")[:3] if part.isdigit())


def _connect(transport: Transport, socket: Any, url: str) -> None:
    """Connects in another thread: time-outs of sockets are for one read, and an answer that comes byte by byte would have no limit.

    The library shows its socket only after a proxy has answered, so it cannot be ended before. A thread that is given up closes what it opens.
    """
    scheme, rest = url.split("://", 1)
    options = {
        # A plugin that renews the credentials has its own time.
        "header": [f"{name}: {value}" for name, value in transport.headers()],
        "subprotocols": [PROTOCOL],
        "suppress_origin": True,
        "timeout": transport.limits.connect,
        "redirect_limit": 0,
        **_proxy(transport),
    }
    failures: list[BaseException] = []
    given_up = threading.Event()

    def connect() -> None:
        try:
            socket.connect(f"{'wss' if scheme.lower() == 'https' else 'ws'}://{rest}", **options)
        except BaseException as problem:  # pylint: disable=broad-except
            failures.append(problem)
        if given_up.is_set():
            close(socket)

    thread = threading.Thread(target=connect, daemon=True)
    thread.start()
    thread.join(transport.limits.connect + transport.limits.request)
    if thread.is_alive():
        given_up.set()
        _end(socket, thread)
        raise TimeoutError("the handshake was not complete within the time limit")
    if failures:
        raise failures[0]


def _end(websocket_client: Any, thread: threading.Thread) -> None:
    """Ends the connection, if the library shows it: the next read of the thread finds no more data. Then it can be closed."""
    if websocket_client.sock is not None:
        with contextlib.suppress(OSError):
            websocket_client.sock.shutdown(socket_module.SHUT_RDWR)
        thread.join(_END)


def _is_lost(problem: Exception) -> bool:
    """Whether the handshake was not answered, and another one can succeed."""
    unanswered = (
        OSError,
        websocket.WebSocketTimeoutException,
        websocket.WebSocketConnectionClosedException,
        websocket.WebSocketAddressException,
        websocket.WebSocketProxyException,
    )
    return isinstance(problem, unanswered) and network.is_transient(problem)


def _explain(transport: Transport, call: Call, problem: Exception) -> Exception:
    """The finding for a handshake that failed; the exception itself if it is not about a connection."""
    status = getattr(problem, "status_code", None)
    if isinstance(status, int) and status >= 300:
        return errors.error_from_answer(call, status, bytes(getattr(problem, "resp_body", None) or b""))
    if isinstance(problem, websocket.WebSocketProxyException):
        return ClusterError(
            "cluster-unreachable",
            "proxy",
            "the proxy does not forward websocket connections.",
            "Check proxy and no_proxy.",
        )
    if isinstance(problem, websocket.WebSocketAddressException):
        return ClusterError(
            "cluster-unreachable",
            "host",
            f"the host name in {transport.shown} cannot be resolved.",
            "Check the host name and DNS.",
        )
    if isinstance(problem, (websocket.WebSocketException, TimeoutError, ConnectionError)):
        return ClusterError(
            "cluster-unreachable",
            "host",
            f"the websocket connection to {transport.shown} failed.",
            "Check the proxies between this machine and the API server.",
        )
    return network.error_from_exception(call, transport.shown, problem) or problem


def _tls(transport: Transport) -> dict[str, Any]:
    configuration = transport.configuration
    if transport.websocket_context is not None:
        options: dict[str, Any] = {"context": transport.websocket_context}
    else:
        options = _tls_of_files(configuration)
    if getattr(configuration, "tls_server_name", None):
        options["server_hostname"] = configuration.tls_server_name
    return options


def _tls_of_files(configuration: Any) -> dict[str, Any]:
    options: dict[str, Any] = {"cert_reqs": ssl.CERT_NONE, "check_hostname": False}
    if configuration.verify_ssl:
        # Without a CA in the options a connection trusts the CAs of the system, as the other requests do.
        system = ssl.get_default_verify_paths().cafile
        options = {"cert_reqs": ssl.CERT_REQUIRED, "ca_certs": configuration.ssl_ca_cert or system or certifi.where()}
        if configuration.assert_hostname is not None:
            options["check_hostname"] = configuration.assert_hostname
    if configuration.cert_file:
        options["certfile"] = configuration.cert_file
        options["keyfile"] = configuration.key_file
    return options


def _proxy(transport: Transport) -> dict[str, Any]:
    """The way that the pool takes: its proxy, or none at all (the library would look at the environment again)."""
    address = _proxy_address(transport)
    if not address:
        return {"http_proxy_host": "none.invalid", "http_proxy_port": 1, "http_no_proxy": ["*"]}
    parts = urlsplit(address)
    options: dict[str, Any] = {
        "http_proxy_host": parts.hostname,
        "http_proxy_port": parts.port or (1080 if parts.scheme.startswith("socks") else 80),
        "proxy_type": parts.scheme,
        "http_proxy_timeout": transport.limits.connect,
        "http_no_proxy": ["none.invalid"],
    }
    user = _proxy_user(transport.configuration.proxy_headers)
    if parts.scheme.startswith("socks") and parts.username:
        user = (unquote(parts.username), unquote(parts.password or ""))
    return {**options, "http_proxy_auth": user} if user else options


def _proxy_address(transport: Transport) -> str:
    """Address of the proxy that the pool uses, '' if it uses none: the API server can be one of the hosts in no_proxy."""
    pool = transport.pool
    # The pool of a SOCKS proxy has an address alone.
    used = getattr(pool, "proxy", None) is not None or getattr(pool, "proxy_url", None) is not None
    return str(transport.configuration.proxy) if used else ""


def _proxy_user(headers: Any) -> tuple[str, str] | None:
    value = str((headers or {}).get("proxy-authorization") or "")
    if not value.startswith("Basic "):
        return None
    user, _colon, password = base64.b64decode(value.split(" ", 1)[1]).decode("utf-8", "replace").partition(":")
    return user, password


def receive(socket: Any) -> bytes | None:
    """The next frame's bytes (empty for a frame without), None if the other side closed the connection."""
    try:
        opcode, frame = socket.recv_data_frame(True)
    except websocket.WebSocketConnectionClosedException:
        return None
    if opcode == websocket.ABNF.OPCODE_CLOSE:
        return None
    if opcode in (websocket.ABNF.OPCODE_BINARY, websocket.ABNF.OPCODE_TEXT):
        return bytes(frame.data)
    return b""


def as_socket_error(problem: Exception) -> OSError:
    """The exception as a socket would raise it."""
    if isinstance(problem, websocket.WebSocketTimeoutException):
        return TimeoutError("the stream timed out")
    if isinstance(problem, websocket.WebSocketConnectionClosedException):
        return BrokenPipeError("the stream is closed")
    if isinstance(problem, OSError):
        return problem
    return ConnectionResetError(f"the stream was interrupted ({type(problem).__name__})")


def close(socket: Any) -> None:
    """Sends the close frame without waiting for the answer, and closes; never raises."""
    with contextlib.suppress(Exception):
        socket.send_close()
    with contextlib.suppress(Exception):
        socket.shutdown()
