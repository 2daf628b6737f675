"""Builds the Go products into the cache: once per definition, with progress, safe to interrupt."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import resource
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
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


def build(
    products: tuple[Product, ...], cache: Path, go: GoToolchain, beside: Future[None] | None = None
) -> dict[str, Path]:
    """Build what the cache lacks; return the path of every command.

    Products are compiled one after the other, since each keeps all processors busy; the modules of those that follow
    are downloaded at the same time. A failure of what runs `beside` ends the build before the next product.
    """
    identity = go.identity
    folders = {product: cache / "bin" / _key(product, identity) for product in products}
    binaries = {command: folder / command for product, folder in folders.items() for command in product.commands}

    def lacking() -> list[Product]:
        return [product for product in products if any(not binaries[name].exists() for name in product.commands)]

    if not lacking():
        return binaries
    with cache_lock(cache), _one_ahead() as ahead:
        missing = lacking()
        for leftover in cache.glob("building-*"):
            shutil.rmtree(leftover, ignore_errors=True)
        begin = time.monotonic()
        packages = {product: ahead.submit(_count_packages, product, go) for product in missing}
        for number, product in enumerate(missing, 1):
            if beside and beside.done():
                beside.result()
            say(f"[{number}/{len(missing)}] building {product.name} {product.version}: {', '.join(product.commands)}")
            _build_product(product, folders[product], _await_modules(product, packages[product]), cache, go)
        say(f"Built {len(missing)} products in {time.monotonic() - begin:.0f} s.")
    return binaries


@contextmanager
def _one_ahead() -> Iterator[ThreadPoolExecutor]:
    """Give a thread for what is prepared while something else is built; nothing new begins in it after a failure."""
    pool = ThreadPoolExecutor(max_workers=1)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def _count_packages(product: Product, go: GoToolchain) -> int:
    """Download the modules of a product; return how many packages it is built from."""
    return len(go.run("list", "-deps", *product.commands.values(), folder=product.folder).splitlines())


def _await_modules(product: Product, packages: Future[int]) -> int:
    """Wait for the download of a product's modules, and report every few seconds that it continues."""
    begin = time.monotonic()
    while True:
        try:
            return packages.result(HEARTBEAT_SECONDS)
        except TimeoutError:
            if packages.done():
                raise
            say(f"      {product.name}: downloading its modules, {time.monotonic() - begin:.0f} s")


def _key(product: Product, identity: str) -> str:
    """Name the folder of a product's commands after everything that they are built from."""
    digest = hashlib.sha256(f"{identity}\0{product.ldflags}\0-trimpath\0CGO_ENABLED=0".encode())
    for path in sorted(product.folder.iterdir()):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return f"{product.name}-{product.version}-{digest.hexdigest()[:12]}"


def _build_product(product: Product, folder: Path, total: int, cache: Path, go: GoToolchain) -> None:
    """Build the commands that are missing in a folder; each appears there whole or not at all."""
    wanted = {name: package for name, package in product.commands.items() if not (folder / name).exists()}
    if not wanted:
        return
    with tempfile.TemporaryDirectory(prefix="building-", dir=cache) as name:
        output = f"{name}/" if len(wanted) > 1 else f"{name}/{next(iter(wanted))}"
        _run_build(product, total, output, list(wanted.values()), go)
        folder.mkdir(parents=True, exist_ok=True)
        for command in wanted:
            os.replace(f"{name}/{command}", folder / command)


def _run_build(product: Product, total: int, output: str, packages: list[str], go: GoToolchain) -> None:
    """Run `go build` and report every few seconds how far it is."""
    begin, begin_cpu = time.monotonic(), _cpu_seconds()
    compiled = 0
    messages: list[str] = []
    finished = threading.Event()

    def heartbeat() -> None:
        while not finished.wait(HEARTBEAT_SECONDS):
            elapsed = time.monotonic() - begin
            say(f"      {product.name}: {compiled} of about {total} packages compiled, {elapsed:.0f} s")

    # Linker flags drop the tables for debuggers; not making them first saves a tenth of the time.
    flags = ["-v", "-trimpath", "-gcflags=all=-dwarf=false", "-ldflags", product.ldflags]
    command = [go.command, "build", *flags, "-o", output, *packages]
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
    say(
        f"      {product.name}: done in {time.monotonic() - begin:.0f} s, {_cpu_seconds() - begin_cpu:.0f} s of CPU time"
    )


def _cpu_seconds() -> float:
    """Return the CPU time of what was run and has ended: it says more than the wall time on a machine with other work."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
