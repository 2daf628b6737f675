# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The registry programs of further releases, built from their Go modules as the lab builds its programs, and into the same cache.

They are not part of the lab: `lab up` does not wait for them.
"""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ansible_collections.kyma.docker_registry.tests.support import lab_path  # noqa: F401
from ansible_collections.kyma.docker_registry.tests.support.waiting import until
from kymalab import build, preconditions, products
from kymalab.settings import paths_from_environment

_SOURCE = Path(__file__).resolve().parent / "go"
# Both ends of the range that the collection supports; the lab's own release is between them.
OTHERS = ("3.0.0", "3.1.2")
ACCESS_KEY, SECRET_KEY = "AKIAEXAMPLE", "wJalrXUtnFEMIK7MDENG"


class _Release(products.Product):
    """A registry beside the lab's own."""

    @property
    def folder(self) -> Path:
        """The folder that holds its go.mod."""
        return _SOURCE / self.name


def build_registry(release: str) -> Path:
    """Path of the program of this release. The first build takes a minute or two, later calls use its result."""
    of_lab = products.REGISTRY
    product = of_lab
    if of_lab.version != f"v{release}":
        product = _Release(f"registry-{release}", of_lab.commands, of_lab.module, of_lab.version_variables)
    go = preconditions.go_toolchain()
    go = replace(go, environment={**go.environment, "GOTOOLCHAIN": "auto"})
    return build.build((product,), paths_from_environment().cache, go)["registry"]


@dataclass(frozen=True)
class Bucket:
    """A bucket of an S3 store on loopback."""

    name: str
    address: str

    def parameters(self) -> dict[str, Any]:
        """Of the driver."""
        return {
            "bucket": self.name,
            "region": "us-east-1",
            "regionendpoint": f"http://{self.address}",
            "forcepathstyle": True,
            "accesskey": ACCESS_KEY,
            "secretkey": SECRET_KEY,
        }


@contextmanager
def bucket(folder: Path) -> Iterator[Bucket]:
    """A store with one empty bucket; ended at the end."""
    program = build.build((products.VERSITYGW,), paths_from_environment().cache, preconditions.go_toolchain())[
        "versitygw"
    ]
    for name in ("buckets/images", "metadata"):
        (folder / name).mkdir(parents=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    command = [program, f"--port={address}", "--quiet", "posix", f"--sidecar={folder}/metadata", f"{folder}/buckets"]
    environment = {"ROOT_ACCESS_KEY": ACCESS_KEY, "ROOT_SECRET_KEY": SECRET_KEY}
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
        try:
            until("the store to listen", lambda: _listens(address))
            yield Bucket("images", address)
        finally:
            process.kill()


def _listens(address: str) -> bool:
    host, _colon, port = address.partition(":")
    try:
        socket.create_connection((host, int(port)), timeout=1).close()
    except OSError:
        return False
    return True
