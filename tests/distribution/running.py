# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The registry program with a configuration: started, read up to its listening, collected, ended."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.client import RegistryApi

LISTENING = "listening on"
_ADDRESS = re.compile(r"listening on (127\.0\.0\.1:\d+)")
_SECONDS = 20.0


@dataclass(frozen=True)
class Registry:
    """A registry that is running, or has ended. log: its output up to the line that says that it listens. address: `host:port`.

    environment: further variables.
    """

    process: subprocess.Popen[bytes]
    program: Path
    config: Path
    log: str
    environment: Mapping[str, str]

    @property
    def address(self) -> str:
        """Where it listens."""
        found = _ADDRESS.search(self.log)
        assert found, self.log
        return found[1]

    @contextmanager
    def api(self) -> Iterator[RegistryApi]:
        """The collection's client; the registry asks for no credentials."""
        host, _, port = self.address.partition(":")

        def connect() -> socket.socket:
            return socket.create_connection((host, int(port)), timeout=10)

        with closing(RegistryApi(open_connection=connect, username="user", password="password", timeout=10)) as api:
            yield api

    def garbage_collect(self, *flags: str) -> None:
        """Delete what no manifest refers to, as Kyma's tutorial does beside the running registry."""
        command = [self.program, "garbage-collect", *flags, str(self.config)]
        subprocess.run(command, env=_environment(self.environment), check=True, capture_output=True)


@contextmanager
def started(
    program: Path,
    folder: Path,
    environment: Mapping[str, str] | None = None,
    driver: Mapping[str, Mapping[str, Any]] | None = None,
    address: str = "127.0.0.1:0",
    **storage: Any,
) -> Iterator[Registry]:
    """The registry on loopback, on a free port or at an address, with its images below `folder`; ended at the end.

    environment: further variables. driver: its name and parameters. storage: sections of `storage` besides.
    """
    config = folder / f"config-{time.monotonic_ns()}.yml"
    sections = {
        **(driver or {"filesystem": {"rootdirectory": str(folder / "images")}}),
        "maintenance": {"uploadpurging": {"enabled": False}},
        **storage,
    }
    content = {"version": "0.1", "storage": sections, "http": {"addr": address}}
    config.write_text(json.dumps(content), encoding="utf-8")
    output = config.with_suffix(".log")
    with (
        output.open("wb") as file,
        subprocess.Popen(
            [program, "serve", str(config)],
            env=_environment(environment or {}),
            stdout=file,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            yield Registry(process, program, config, _log(process, output), environment or {})
        finally:
            process.kill()


def _environment(further: Mapping[str, str]) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "OTEL_TRACES_EXPORTER": "none", **further}


def _log(process: subprocess.Popen[bytes], output: Path) -> str:
    deadline = time.monotonic() + _SECONDS
    while True:
        ended = process.poll() is not None or time.monotonic() > deadline
        log = output.read_text(encoding="utf-8")
        if ended or LISTENING in log:
            return log
        time.sleep(0.02)
