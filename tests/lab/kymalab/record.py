"""The machine's one lab: its lock, and the record of what was started."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from kymalab.processes import Process
from kymalab.products import ADDON_PRODUCTS
from kymalab.settings import MACHINE_FOLDER, Paths, say

_FILE = MACHINE_FOLDER / "record.json"


@dataclass
class Record:
    """What was started, from which definition, and what the machine was like before."""

    state: str
    definition: str
    sysctls: dict[str, str]
    binaries: dict[str, str] = field(default_factory=dict)
    processes: dict[str, Process] = field(default_factory=dict)
    complete: bool = False

    def save(self) -> None:
        """Write the record so that a reader sees the old or the new one."""
        MACHINE_FOLDER.mkdir(parents=True, exist_ok=True)
        temporary = _FILE.with_suffix(".new")
        temporary.write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")
        os.replace(temporary, _FILE)

    def belongs_to(self, paths: Paths) -> bool:
        """Whether this is the lab of a state folder."""
        return self.state == str(paths.state)

    @property
    def minimal(self) -> bool:
        """Whether this is a lab without the add-ons."""
        return any(name not in self.binaries for product in ADDON_PRODUCTS for name in product.commands)

    @property
    def any_alive(self) -> bool:
        """Whether at least one recorded process runs."""
        return any(process.alive for process in self.processes.values())


def load() -> Record | None:
    """Return the record of the lab that was started last and not taken down."""
    try:
        content = json.loads(_FILE.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    content["processes"] = {name: Process(**process) for name, process in content["processes"].items()}
    return Record(**content)


def forget() -> None:
    """Remove the record."""
    _FILE.unlink(missing_ok=True)


@contextmanager
def machine_lock() -> Iterator[None]:
    """Let one command at a time change the lab."""
    MACHINE_FOLDER.mkdir(parents=True, exist_ok=True)
    path = MACHINE_FOLDER / "lock"
    with open(path, "a+", encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = Path(path).read_text(encoding="utf-8").strip()
            say(f"Another lab command (process {owner}) is at work; waiting for it.")
            fcntl.flock(handle, fcntl.LOCK_EX)
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        yield
