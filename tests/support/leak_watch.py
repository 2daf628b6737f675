# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run of ansible-playbook leaves or shows beside its output: in syslog, in the folder for temporary files, in the list of processes.

The run is in its own mount namespace, in which `/dev/log` is a socket of the test.
"""

from __future__ import annotations

import os
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

_TICK = 0.02
_LARGEST = 4 * 1024 * 1024
# Makes a /dev in the folder $1 that has the socket `log`, and runs the rest of the arguments in it.
_NAMESPACE = """
set -e
dev=$1; shift
for name in null zero full random urandom tty; do touch $dev/$name; mount --bind /dev/$name $dev/$name; done
for name in shm pts; do mkdir -p $dev/$name; [ ! -d /dev/$name ] || mount --rbind /dev/$name $dev/$name; done
ln -sfn /proc/self/fd $dev/fd
mount --rbind $dev /dev
exec "$@"
"""


@dataclass
class Watch:
    """inside, environment: for playbook.run(). Texts by channel, as far as the run has come."""

    inside: list[str]
    environment: dict[str, str]
    temporary: Path
    syslog: list[str] = field(default_factory=list)
    commands: set[str] = field(default_factory=set)
    files: dict[str, str] = field(default_factory=dict)

    @property
    def options(self) -> dict[str, object]:
        """For playbook.run(), whose tasks then show their invocation too."""
        return {"inside": self.inside, "extra_environment": {"ANSIBLE_INJECT_INVOCATION": "1", **self.environment}}

    def texts(self) -> dict[str, str]:
        """Everything that was seen, by channel."""
        return {
            "syslog": "\n".join(self.syslog),
            "list of processes": "\n".join(sorted(self.commands)),
            "temporary files": "\n".join(self.files.values()),
        }

    def left(self) -> dict[str, str]:
        """Temporary files that are still there, by name."""
        return {str(path): _read(path) for path in self.temporary.rglob("*") if path.is_file()}


@contextmanager
def watched() -> Iterator[Watch]:
    """Watches the runs that are started in this context with what the watch gives."""
    # The path of a socket has to be short.
    with tempfile.TemporaryDirectory(prefix="watch-") as name:
        dev, temporary = Path(name) / "dev", Path(name) / "tmp"
        dev.mkdir(), temporary.mkdir()
        alone = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"])]
        inside = [*alone, "sh", "-c", _NAMESPACE, "sh", str(dev)]
        watch = Watch(inside, {"TMPDIR": str(temporary)}, temporary)
        over = threading.Event()
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as log:
            log.bind(str(dev / "log"))
            log.settimeout(0.1)
            workers = [
                threading.Thread(target=work, args=arguments, daemon=True)
                for work, arguments in ((_listen, (watch, log, over)), (_look, (watch, over)))
            ]
            for worker in workers:
                worker.start()
            try:
                yield watch
            finally:
                over.set()
                for worker in workers:
                    worker.join()


def _listen(watch: Watch, log: socket.socket, over: threading.Event) -> None:
    while True:
        try:
            watch.syslog.append(log.recv(65536).decode("utf-8", "replace"))
        except TimeoutError:
            if over.is_set():
                return


def _look(watch: Watch, over: threading.Event) -> None:
    seen: dict[str, tuple[int, int]] = {}
    while not over.wait(_TICK):
        for entry in os.listdir("/proc"):
            if entry.isdigit():
                with suppress(OSError):
                    command = Path("/proc", entry, "cmdline").read_bytes().replace(b"\0", b" ")
                    watch.commands.add(command.decode("utf-8", "replace"))
        for folder, _folders, names in os.walk(watch.temporary):
            for name in names:
                path = Path(folder, name)
                with suppress(OSError):
                    state = path.stat()
                    if seen.get(str(path)) != (state.st_mtime_ns, state.st_size):
                        seen[str(path)] = (state.st_mtime_ns, state.st_size)
                        watch.files[f"{path} {len(watch.files)}"] = _read(path)


def _read(path: Path) -> str:
    with suppress(OSError), path.open("rb") as file:
        return file.read(_LARGEST).decode("utf-8", "replace")
    return ""
