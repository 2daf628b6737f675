# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The build of the lab's programs, with a Go command that only writes down what it is asked for."""

from __future__ import annotations

import re
import threading
from concurrent.futures import Future
from pathlib import Path

import pytest
from kymalab import build as building
from kymalab.build import GoToolchain, build
from kymalab.products import Product
from kymalab.settings import LabError

# Lists as slowly as the folder says, or only after another product's build has begun, and writes what it is asked to build.
GO = """\
#!/bin/sh
echo "$1 $(basename "$PWD") $$" >>"$GO_LOG"
case $1 in
env) echo "go1.26 linux amd64" ;;
list)
    [ ! -e slow ] || sleep 0.3
    [ ! -e after-a ] || for _ in $(seq 600); do ! grep -q "^build a " "$GO_LOG" || break; sleep 0.05; done
    [ ! -e broken-modules ] || { echo "no such module" >&2; exit 1; }
    printf 'one\\ntwo\\n' ;;
build)
    [ ! -e broken ] || { echo "main.go:1: syntax error"; exit 1; }
    while [ "$1" != -o ]; do shift; done
    output=$2; shift 2
    for package; do
        case $output in */) echo x >"$output$(basename "$package")" ;; *) echo x >"$output" ;; esac
        echo "$package"
    done ;;
esac
"""


class BuildEnvironment:
    """A cache, a Go command, and products of one file each."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Write the command."""
        self.log, self.cache, self.source = folder / "log", folder / "cache", folder / "go"
        command = folder / "go-command"
        command.write_text(GO)
        command.chmod(0o755)
        self.go = GoToolchain(str(command), {"PATH": "/usr/bin:/bin", "GO_LOG": str(self.log)})
        monkeypatch.setattr("kymalab.products.GO_SOURCE", self.source)

    def product(self, name: str, *commands: str, marks: tuple[str, ...] = ()) -> Product:
        """Make a product's folder."""
        (self.source / name).mkdir(parents=True)
        for mark in marks:
            (self.source / name / mark).touch()
        return Product(name, {command: f"example.com/{command}" for command in commands or (name,)})

    @property
    def requested(self) -> list[str]:
        """What Go was asked for, in order."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return [" ".join(line.split()[:2]) for line in lines if not line.startswith("env")]


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BuildEnvironment:
    """An empty cache."""
    return BuildEnvironment(tmp_path, monkeypatch)


def test_builds_once(environment: BuildEnvironment, capsys: pytest.CaptureFixture[str]) -> None:
    """Every command is there, one folder for each product; the second time nothing is asked."""
    products = (environment.product("a"), environment.product("b", "b1", "b2"))
    found = build(products, environment.cache, environment.go)
    assert set(found) == {"a", "b1", "b2"} and all(path.is_file() for path in found.values())
    assert found["b1"].parent == found["b2"].parent != found["a"].parent
    assert sorted(environment.requested) == ["build a", "build b", "list a", "list b"]
    said = capsys.readouterr().out
    assert "[2/2] building b v0: b1, b2" in said
    assert re.search(r"b: done in \d+ s, \d+ s of CPU time\nBuilt 2 products in \d+ s", said)
    assert build(products, environment.cache, environment.go) == found and len(environment.requested) == 4
    assert not list(environment.cache.glob("building-*"))


def test_modules_come_while_something_else_is_built(environment: BuildEnvironment) -> None:
    """They are listed one after the other in the background; a product waits for no modules but its own."""
    products = (environment.product("a"), environment.product("b", marks=("after-a",)), environment.product("c"))
    build(products, environment.cache, environment.go)
    assert [line for line in environment.requested if line.startswith("build")] == ["build a", "build b", "build c"]
    assert environment.requested.index("list b") < environment.requested.index("build b")
    assert environment.requested.index("build a") < environment.requested.index("list c")


def test_a_wait_for_modules_is_reported(
    environment: BuildEnvironment, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A slow network is not reported as silent."""
    monkeypatch.setattr(building, "HEARTBEAT_SECONDS", 0.05)
    build((environment.product("a", marks=("slow",)),), environment.cache, environment.go)
    assert "a: downloading its modules" in capsys.readouterr().out


@pytest.mark.parametrize(("mark", "words"), [("broken", "syntax error"), ("broken-modules", "no such module")])
def test_a_failure_ends_the_build(environment: BuildEnvironment, mark: str, words: str) -> None:
    """With what Go said; what was built before stays, what comes after is not begun."""
    products = (environment.product("a"), environment.product("b", marks=(mark,)), environment.product("c"))
    with pytest.raises(LabError, match=words):
        build(products, environment.cache, environment.go)
    assert "build a" in environment.requested and "build c" not in environment.requested
    assert [path.name for path in environment.cache.glob("bin/*/*")] == ["a"]
    assert not list(environment.cache.glob("building-*"))


def test_a_failure_beside_ends_the_build(environment: BuildEnvironment) -> None:
    """The build ends at once, because its programs could not be started."""
    beside: Future[None] = Future()
    beside.set_exception(LabError("no packages"))
    with pytest.raises(LabError, match="no packages"):
        build((environment.product("a"),), environment.cache, environment.go, beside)
    assert "build a" not in environment.requested


def test_what_runs_beside_is_not_waited_for(environment: BuildEnvironment) -> None:
    """The build is done first, if it is the faster one."""
    beside: Future[None] = Future()
    assert set(build((environment.product("a"),), environment.cache, environment.go, beside)) == {"a"}


def test_two_builds_of_one_cache(environment: BuildEnvironment) -> None:
    """The second waits, and finds what the first has built."""
    product = environment.product("a", marks=("slow",))
    threads = [threading.Thread(target=build, args=((product,), environment.cache, environment.go)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(environment.requested) == ["build a", "list a"]
