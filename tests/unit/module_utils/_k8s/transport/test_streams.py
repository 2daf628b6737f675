# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Streams over a websocket that a test plays."""

from __future__ import annotations

import http.client
from typing import Any

import pytest
import websocket
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.progress import TICK, silent
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster, connect
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import ClusterError
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.transport import streams, websockets
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.transport.streams import Stream

BINARY, CLOSE, PING = websocket.ABNF.OPCODE_BINARY, websocket.ABNF.OPCODE_CLOSE, websocket.ABNF.OPCODE_PING
PORTS = [b"\x00\x88\x13", b"\x01\x88\x13"]


class Frame:
    """Of websocket-client."""

    def __init__(self, data: bytes) -> None:
        """Its bytes."""
        self.data = data


class FakeSocket:
    """Gives these frames (bytes, an opcode, or an exception), then closes; keeps what is sent."""

    def __init__(self, *frames: Any) -> None:
        """The frames to give."""
        self.frames = list(frames)
        self.sent: list[bytes] = []
        self.closed = 0
        self.timeouts: list[float | None] = []

    def recv_data_frame(self, _control: bool) -> tuple[int, Any]:
        """The next one."""
        frame = self.frames.pop(0) if self.frames else CLOSE
        if isinstance(frame, Exception):
            raise frame
        return (BINARY, Frame(frame)) if isinstance(frame, bytes) else (frame, None)

    def send_binary(self, data: bytes) -> None:
        """Keeps it."""
        if self.closed:
            raise websocket.WebSocketConnectionClosedException
        self.sent.append(data)

    def settimeout(self, seconds: float | None) -> None:
        """Keeps it."""
        self.timeouts.append(seconds)

    def send_close(self) -> None:
        """A goodbye that fails."""
        raise OSError

    def shutdown(self) -> None:
        """Counts."""
        self.closed += 1


def answer(body: bytes, *, close: bool = False) -> bytes:
    """An HTTP answer on the data channel."""
    ending = b"Connection: close\r\n" if close else b""
    return b"\x00HTTP/1.1 200 OK\r\n" + ending + b"Content-Length: %d\r\n\r\n" % len(body) + body


def test_http_over_a_stream() -> None:
    """Two answers; the first frames with the port's number and pings are not data."""
    socket = FakeSocket(*PORTS, PING, answer(b"one"), answer(b"two"))
    connection = http.client.HTTPConnection("x")
    connection.sock = Stream(socket, 5000)
    for body in (b"one", b"two"):
        connection.request("GET", "/", body=b"abc")
        assert connection.getresponse().read() == body
    assert all(data[:1] == b"\x00" for data in socket.sent)
    connection.close()
    assert socket.closed == 1


def test_the_connection_outlives_its_close_until_the_answer_is_read() -> None:
    """As a socket's does."""
    socket = FakeSocket(*PORTS, answer(b"body", close=True))
    connection = http.client.HTTPConnection("x")
    connection.sock = Stream(socket, 5000)
    connection.request("GET", "/")
    response = connection.getresponse()
    connection.close()
    assert socket.closed == 0
    assert response.read() == b"body"
    response.close()
    assert socket.closed == 1


def test_large_bodies_go_in_frames() -> None:
    """Each with its channel; iterables as well."""
    socket = FakeSocket()
    stream = Stream(socket, 5000)
    stream.sendall(b"x" * 300_000)
    stream.sendall([b"a", memoryview(b"b")])
    assert b"".join(data[1:] for data in socket.sent) == b"x" * 300_000 + b"ab"
    assert max(len(data) for data in socket.sent) <= 128 * 1024 + 1


def test_the_kubelets_reason_comes_with_the_reset() -> None:
    """From the error channel."""
    stream = Stream(FakeSocket(*PORTS, b"\x01connection refused\n"), 4999)
    with pytest.raises(ConnectionResetError, match="port 4999: connection refused"):
        stream.recv(10)


@pytest.mark.parametrize(
    ("problem", "expected"),
    [
        (websocket.WebSocketTimeoutException("x"), TimeoutError),
        (websocket.WebSocketProtocolException("x"), ConnectionResetError),
        (ConnectionAbortedError(), ConnectionAbortedError),
    ],
)
def test_failures_are_those_of_sockets(problem: Exception, expected: type[OSError]) -> None:
    """So that http.client and its users know them."""
    with pytest.raises(expected):
        Stream(FakeSocket(*PORTS, problem), 1).recv(1)


def test_the_end_is_empty_for_ever() -> None:
    """Also after close."""
    stream = Stream(FakeSocket(*PORTS, b"\x00ab"), 1)
    assert [stream.recv(1), stream.recv(5), stream.recv(5), stream.recv(5)] == [b"a", b"b", b"", b""]
    stream.close()
    with pytest.raises(BrokenPipeError):
        stream.sendall(b"x")


def test_files_over_a_stream() -> None:
    """Only for reading; closed ones say so."""
    stream = Stream(FakeSocket(*PORTS, b"\x00line\nrest"), 1)
    file = stream.makefile("rb", -1)
    assert file.readline() == b"line\n"
    file.close()
    with pytest.raises(ValueError, match="closed"):
        file.read()
    with pytest.raises(ValueError, match="only be read"):
        stream.makefile("w")


def link() -> Cluster:
    """A connection to nowhere."""
    return connect({"host": "https://nowhere.invalid"}, {"HOME": "/x"})


def execute(
    monkeypatch: pytest.MonkeyPatch, *frames: Any, max_bytes: int = 100, timeout: float = 5, say: Any = silent
) -> tuple[Any, FakeSocket]:
    """A command's result and its socket. A frame that is a timeout lets that much time pass."""
    now = 0.0

    class Timed(FakeSocket):
        """With a clock."""

        def recv_data_frame(self, control: bool) -> tuple[int, Any]:
            """The next one."""
            nonlocal now
            if self.frames and isinstance(self.frames[0], websocket.WebSocketTimeoutException):
                now += self.timeouts[-1] or 0
            return super().recv_data_frame(control)

    socket = Timed(*frames)
    monkeypatch.setattr(streams.time, "monotonic", lambda: now)
    monkeypatch.setattr(websockets, "open_socket", lambda *_arguments: socket)
    try:
        return link().exec(("n", "p", "c"), ["x"], max_bytes, timeout, say), socket
    finally:
        assert socket.closed == 1


def test_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    """Success, an exit code, no status at all."""
    good, _socket = execute(monkeypatch, b"\x01", b"\x01out", b"\x02err", b'\x03{"status":"Success"}')
    assert (good.stdout, good.stderr, good.code) == ("out", "err", 0)
    status = b'\x03{"status":"Failure","details":{"causes":[{"reason":"ExitCode","message":"3"}]}}'
    assert execute(monkeypatch, status)[0].code == 3
    assert execute(monkeypatch, b"\x01out")[0].code is None


def test_a_command_that_takes_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its caller can renew what expires, also while the command writes nothing."""
    waits = [websocket.WebSocketTimeoutException()] * 10
    said: list[str] = []
    result, socket = execute(monkeypatch, *waits, b"\x01out", *waits, b"\x01put", timeout=200, say=said.append)
    assert result.stdout == "output" and len(said) == 23
    assert set(socket.timeouts) == {TICK}


def test_too_much_output_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the command left."""
    result, socket = execute(monkeypatch, *[b"\x01xxxxxxxx"] * 50, max_bytes=20)
    assert (len(result.stdout), result.code) == (20, None)
    assert len(socket.frames) > 40


def test_commands_that_fail_to_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not found, too slow, broken."""
    with pytest.raises(ClusterError, match="not found") as caught:
        execute(monkeypatch, b'\x03{"status":"Failure","message":"x: not found"}')
    assert caught.value.code == "cluster-invalid"
    with pytest.raises(ClusterError) as caught:
        execute(monkeypatch, *[websocket.WebSocketTimeoutException()] * 3, timeout=12)
    assert caught.value.code == "cluster-timeout"
    with pytest.raises(ClusterError) as caught:
        execute(monkeypatch, b"\x01x", timeout=0)
    assert caught.value.code == "cluster-timeout"
    with pytest.raises(ClusterError) as caught:
        execute(monkeypatch, websocket.WebSocketProtocolException())
    assert caught.value.code == "cluster-unreachable"


def test_leaving_closes_every_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also those that an answer still holds, and after an exception."""
    sockets = [FakeSocket(), FakeSocket()]
    waiting = sockets[:]
    monkeypatch.setattr(websockets, "open_socket", lambda *_arguments: waiting.pop())
    with pytest.raises(KeyError), link().port_forward("n", "p", 5000) as opened:
        opened().makefile("rb")
        opened()
        raise KeyError
    assert [socket.closed for socket in sockets] == [1, 1]


def test_constants_of_the_protocol() -> None:
    """A frame and its channel stay below the server's bound."""
    assert streams._FRAME < 1024 * 1024
