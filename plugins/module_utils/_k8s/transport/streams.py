# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Pod's ports and commands through the API server's websockets.

No thread and no local port: the caller reads and writes the stream, so closing it leaves nothing behind.
"""

from __future__ import annotations

import contextlib
import io
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.progress import TICK, Say, silent
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s import resources
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import Call, ClusterError

from . import websockets
from .http_transport import Transport

_FRAME = 128 * 1024
_DATA, _ERROR = 0, 1
_STDOUT, _STDERR, _STATUS = 1, 2, 3


@dataclass(frozen=True)
class ExecResult:
    """What a command wrote and its exit code; None if the output was cut off before it ended."""

    stdout: str
    stderr: str
    code: int | None


class Stream:
    """One connection to a Pod's port, with as much of a socket as http.client needs.

    Errors are those of sockets: ConnectionResetError (with the kubelet's reason), TimeoutError, BrokenPipeError.
    """

    def __init__(self, socket: Any, port: int) -> None:
        """Over a connected websocket."""
        self._socket = socket
        self._port = port
        self._buffer = bytearray()
        self._greeted: set[int] = set()
        self._readers = 0
        self._ended = False
        self._closing = False

    def settimeout(self, seconds: float | None) -> None:
        """Longest time that one read or write may take."""
        self._socket.settimeout(seconds)

    def setsockopt(self, *_arguments: Any) -> None:
        """Nothing to set: http.client asks for TCP_NODELAY."""

    def sendall(self, data: Any) -> None:
        """Sends all of the bytes, or the bytes of each item of an iterable."""
        if not isinstance(data, (bytes, bytearray, memoryview)):
            for part in data:
                self.sendall(part)
            return
        view = memoryview(data).cast("B")
        for start in range(0, len(view), _FRAME):
            try:
                self._socket.send_binary(bytes((_DATA,)) + bytes(view[start : start + _FRAME]))
            except Exception as problem:  # pylint: disable=broad-except
                raise websockets.as_socket_error(problem) from None

    def recv(self, size: int) -> bytes:
        """Up to `size` bytes, empty at the end."""
        while not self._buffer and not self._ended:
            self._read_frame()
        data = bytes(self._buffer[:size])
        del self._buffer[:size]
        return data

    def recv_into(self, target: Any) -> int:
        """Like recv(), into a buffer."""
        view = memoryview(target).cast("B")
        data = self.recv(len(view))
        view[: len(data)] = data
        return len(data)

    def _read_frame(self) -> None:
        try:
            frame = websockets.receive(self._socket)
        except Exception as problem:  # pylint: disable=broad-except
            raise websockets.as_socket_error(problem) from None
        if frame is None:
            self._ended = True
        elif frame:
            channel, data = frame[0], frame[1:]
            if channel not in self._greeted:
                self._greeted.add(channel)  # The first frame of each channel holds the port's number.
            elif channel == _DATA:
                self._buffer += data
            elif channel == _ERROR and data:
                raise ConnectionResetError(f"port {self._port}: {data.decode('utf-8', 'replace').strip()}")

    def makefile(self, mode: str = "rb", buffering: int | None = None, **_settings: Any) -> Any:
        """A buffered reader; like a socket's, it keeps the connection open until it is closed too."""
        if mode not in ("r", "rb"):
            raise ValueError("a stream can only be read as a file")
        self._readers += 1
        return io.BufferedReader(_Reader(self), buffering if buffering and buffering > 0 else io.DEFAULT_BUFFER_SIZE)

    def shutdown(self, _how: int) -> None:
        """The protocol closes both ways at once: see close()."""

    def close(self) -> None:
        """Closes the connection, once the files over it are closed."""
        self._closing = True
        if not self._readers:
            self.abort()

    def abort(self) -> None:
        """Closes the connection now."""
        self._ended = True
        websockets.close(self._socket)

    def reader_closed(self) -> None:
        """A file over this stream calls it."""
        self._readers -= 1
        if self._closing:
            self.close()


class _Reader(io.RawIOBase):
    def __init__(self, stream: Stream) -> None:
        super().__init__()
        self._stream: Stream | None = stream

    def readable(self) -> bool:
        return True

    def readinto(self, target: Any) -> int:
        if self._stream is None:
            raise ValueError("read of a closed file")
        return self._stream.recv_into(target)

    def close(self) -> None:
        if self._stream is not None:
            stream, self._stream = self._stream, None
            stream.reader_closed()
        super().close()


@contextlib.contextmanager
def port_forward(transport: Transport, namespace: str, pod: str, port: int) -> Iterator[Callable[[], Stream]]:
    """See Cluster.port_forward(). `open()` raises ClusterError if the API server rejects the connection."""
    call = Call("create", "Pod", "pods/portforward", namespace, pod)
    path = resources.path("Pod", namespace, pod, "portforward")
    opened: list[Stream] = []

    def connection() -> Stream:
        stream = Stream(websockets.open_socket(transport, call, path, [("ports", str(port))]), port)
        opened.append(stream)
        return stream

    try:
        yield connection
    finally:
        for stream in opened:
            stream.abort()


def execute(
    transport: Transport,
    place: tuple[str, str, str],
    command: Sequence[str],
    *,
    max_bytes: int,
    timeout: float,
    say: Say = silent,
) -> ExecResult:
    """See Cluster.exec(). place: namespace, Pod and container. say: called at least every TICK seconds."""
    namespace, pod, container = place
    call = Call("create", "Pod", "pods/exec", namespace, pod)
    query = [
        ("container", container),
        ("stdout", "true"),
        ("stderr", "true"),
        *(("command", argument) for argument in command),
    ]
    deadline = time.monotonic() + timeout
    socket = websockets.open_socket(transport, call, resources.path("Pod", namespace, pod, "exec"), query)
    output = {_STDOUT: bytearray(), _STDERR: bytearray(), _STATUS: bytearray()}
    try:
        while len(output[_STDOUT]) + len(output[_STDERR]) <= max_bytes:
            left = deadline - time.monotonic()
            if left <= 0:
                raise _too_long(call, timeout)
            say("the command is running")
            socket.settimeout(min(left, TICK))
            frame = _exec_frame(socket, call)
            if frame is None:
                break
            if frame and frame[0] in output:
                output[frame[0]] += frame[1:]
    finally:
        websockets.close(socket)
    stdout, stderr = (bytes(output[channel][:max_bytes]).decode("utf-8", "replace") for channel in (_STDOUT, _STDERR))
    return ExecResult(stdout, stderr, _exit_code(call, bytes(output[_STATUS])))


def _exec_frame(socket: Any, call: Call) -> bytes | None:
    """The next frame, empty if there is none yet, None if the command has ended."""
    try:
        return websockets.receive(socket)
    except Exception as problem:  # pylint: disable=broad-except
        failure = websockets.as_socket_error(problem)
    if isinstance(failure, TimeoutError):
        # What has arrived of a frame is kept for the next read.
        return b""
    raise ClusterError("cluster-unreachable", call.path, "the connection to the command was interrupted.", "Try again.")


def _too_long(call: Call, timeout: float) -> ClusterError:
    text = f"the command did not end within {timeout:g} s."
    return ClusterError("cluster-timeout", call.path, text, "Check the Pod's node.")


def _exit_code(call: Call, status: bytes) -> int | None:
    """0, the command's exit code, or None if the connection ended without one."""
    try:
        value = json.loads(status)
    except ValueError:
        return None
    if value.get("status") == "Success":
        return 0
    for cause in (value.get("details") or {}).get("causes") or []:
        if cause.get("reason") == "ExitCode" and str(cause.get("message", "")).lstrip("-").isdigit():
            return int(cause["message"])
    raise ClusterError(
        "cluster-invalid",
        call.path,
        f"the command cannot be run: {value.get('message')}",
        "Check the container and the command.",
    )
