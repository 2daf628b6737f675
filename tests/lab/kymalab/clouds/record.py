"""What was started of the clouds; it lies where the cluster's own things lie and goes with them."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

from kymalab.processes import Process
from kymalab.settings import Paths


@dataclass
class CloudRecord:
    """The processes of the clouds, and from which definition they were started."""

    definition: str
    binaries: dict[str, str]
    processes: dict[str, Process] = field(default_factory=dict)

    def save(self, paths: Paths) -> None:
        """Write the record so that a reader sees the old or the new one."""
        target = _file(paths)
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.with_suffix(".new")
        temporary.write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")
        os.replace(temporary, target)


def load(paths: Paths) -> CloudRecord | None:
    """Return what was started; None if nothing was."""
    try:
        content = json.loads(_file(paths).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    content["processes"] = {name: Process(**process) for name, process in content["processes"].items()}
    return CloudRecord(**content)


def _file(paths: Paths) -> Path:
    return paths.clouds / "record.json"
