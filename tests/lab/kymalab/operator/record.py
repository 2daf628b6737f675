"""What was started as the operator; it lies where the cluster's own things lie and goes with them."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from kymalab.processes import Process
from kymalab.settings import Paths


@dataclass
class OperatorRecord:
    """The operator's process, and what it was started for."""

    command: list[str]
    environment: dict[str, str]
    definition: str
    namespace: str
    process: Process

    def save(self, paths: Paths) -> None:
        """Write the record so that a reader sees the old or the new one."""
        target = _file(paths)
        temporary = target.with_suffix(".new")
        temporary.write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")
        os.replace(temporary, target)

    def is_same(self, other: OperatorRecord) -> bool:
        """Whether both are one operator, up to its process."""
        return (self.command, self.environment, self.definition, self.namespace) == (
            other.command, other.environment, other.definition, other.namespace,
        )  # fmt: skip


def load(paths: Paths) -> OperatorRecord | None:
    """Return what was started; None if nothing was."""
    try:
        content = json.loads(_file(paths).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return OperatorRecord(**{**content, "process": Process(**content["process"])})


def forget(paths: Paths) -> None:
    """Remove the record."""
    _file(paths).unlink(missing_ok=True)


def _file(paths: Paths) -> Path:
    return paths.run / "operator.json"
