"""Builds the Go products into the cache: once per definition, with progress, safe to interrupt."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kymalab.products import Product
from kymalab.settings import LabError, say

HEARTBEAT_SECONDS = 15
_PACKAGE_LINE = re.compile(r"[A-Za-z0-9._~/-]+")


@dataclass(frozen=True)
class GoToolchain:
    """The Go command and the environment that every build uses."""

    command: str
    environment: dict[str, str]

    @property
    def identity(self) -> str:
        """What of the toolchain decides about the result of a build."""
        return self.run("env", "GOVERSION", "GOOS", "GOARCH")

    def run(self, *arguments: str, folder: Path | None = None) -> str:
        """Run a short Go command and return what it prints."""
        done = subprocess.run(
            [self.command, *arguments], cwd=folder, env=self.environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise LabError(f"`go {' '.join(arguments)}` failed:\n{done.stderr.strip()}")
        return done.stdout.strip()


@contextmanager
def cache_lock(cache: Path) -> Iterator[None]:
    """Let one process at a time build into the cache."""
    cache.mkdir(parents=True, exist_ok=True)
    with open(cache / "lock", "w", encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another build uses the same cache; waiting for it.")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def build(products: tuple[Product, ...], cache: Path, go: GoToolchain) -> dict[str, Path]:
    """Build what the cache lacks; return the path of every command."""
    identity = go.identity
    folders = {product: cache / "bin" / _key(product, identity) for product in products}
    binaries = {command: folder / command for product, folder in folders.items() for command in product.commands}
    missing = [product for product in products if any(not binaries[name].exists() for name in product.commands)]
    if not missing:
        return binaries
    with cache_lock(cache):
        for leftover in cache.glob("building-*"):
            shutil.rmtree(leftover, ignore_errors=True)
        begin = time.monotonic()
        for number, product in enumerate(missing, 1):
            say(f"[{number}/{len(missing)}] building {product.name} {product.version}: {', '.join(product.commands)}")
            _build_product(product, folders[product], cache, go)
        say(f"Built {len(missing)} products in {time.monotonic() - begin:.0f} s.")
    return binaries


def _key(product: Product, identity: str) -> str:
    """Name the folder of a product's commands after everything that they are built from."""
    digest = hashlib.sha256(f"{identity}\0{product.ldflags}\0-trimpath\0CGO_ENABLED=0".encode())
    for path in sorted(product.folder.iterdir()):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return f"{product.name}-{product.version}-{digest.hexdigest()[:12]}"


def _build_product(product: Product, folder: Path, cache: Path, go: GoToolchain) -> None:
    """Build the commands that are missing in a folder; each appears there whole or not at all."""
    wanted = {name: package for name, package in product.commands.items() if not (folder / name).exists()}
    if not wanted:
        return
    total = len(go.run("list", "-deps", *wanted.values(), folder=product.folder).splitlines())
    with tempfile.TemporaryDirectory(prefix="building-", dir=cache) as name:
        output = f"{name}/" if len(wanted) > 1 else f"{name}/{next(iter(wanted))}"
        _run_build(product, total, output, list(wanted.values()), go)
        folder.mkdir(parents=True, exist_ok=True)
        for command in wanted:
            os.replace(f"{name}/{command}", folder / command)


def _run_build(product: Product, total: int, output: str, packages: list[str], go: GoToolchain) -> None:
    """Run `go build` and tell every few seconds how far it is."""
    begin = time.monotonic()
    compiled = 0
    messages: list[str] = []
    finished = threading.Event()

    def heartbeat() -> None:
        while not finished.wait(HEARTBEAT_SECONDS):
            elapsed = time.monotonic() - begin
            say(f"      {product.name}: {compiled} of about {total} packages compiled, {elapsed:.0f} s")

    command = [go.command, "build", "-v", "-trimpath", "-ldflags", product.ldflags, "-o", output, *packages]
    with subprocess.Popen(
        command,
        cwd=product.folder,
        env=go.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        threading.Thread(target=heartbeat, daemon=True).start()
        try:
            for line in process.stdout or ():
                if _PACKAGE_LINE.fullmatch(line.strip()):
                    compiled += 1
                elif not line.startswith("go: downloading"):
                    messages.append(line.rstrip())
        except BaseException:
            process.terminate()
            raise
        finally:
            finished.set()
    if process.returncode:
        details = "\n".join(messages[-30:])
        raise LabError(f"Building {product.name} failed:\n{details}")
    say(f"      {product.name}: done in {time.monotonic() - begin:.0f} s")
