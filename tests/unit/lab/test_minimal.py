# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The minimal lab: what it leaves out, its ready-made volumes, and how it is completed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from kymalab import components, lifecycle, processes, products, record, volumes
from kymalab.record import Record
from kymalab.settings import STORAGE_CLASS, LabError, Paths

COLLECTION = Path(__file__).resolve().parents[3]
ADDONS = ["coredns", "local-path-provisioner"]


def _binaries(*chosen: products.Product) -> dict[str, str]:
    return {name: f"/bin/{name}" for product in chosen for name in product.commands}


WHOLE = Record("/s", "d", {}, binaries=_binaries(*products.PRODUCTS))
MINIMAL = Record("/s", "d", {}, binaries=_binaries(*products.NODE_PRODUCTS, products.KUBECTL))


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    """A state folder with one for volumes."""
    found = Paths(tmp_path / "state", tmp_path / "cache")
    found.volumes.mkdir(parents=True)
    return found


def test_what_a_minimal_lab_is() -> None:
    """A lab whose record has no add-ons; a half completed one counts as minimal too."""
    assert MINIMAL.minimal and not WHOLE.minimal
    half = {**MINIMAL.binaries, "coredns": "/bin/coredns"}
    assert Record("/s", "d", {}, binaries=half).minimal


def test_components(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same but for the add-ons; whatever runs can be found again by its program's name after a kill."""
    monkeypatch.setattr(components, "find_command", lambda name: f"/usr/bin/{name}")
    whole, minimal = (
        components.components(paths, {name: Path(path) for name, path in known.binaries.items()})
        for known in (WHOLE, MINIMAL)
    )
    assert [name for name in whole if name not in minimal] == ADDONS
    assert list(minimal) == [name for name in whole if name in minimal]
    for component in whole.values():
        command = "\0".join(component.command)
        assert Path(component.command[0]).name in processes._LAB_PROGRAMS
        marks = [str(folder) for folder in (paths.run, paths.pki, paths.kubeconfigs)]
        assert any(f"{mark}/" in command for mark in marks), f"{component.name} is not known by its command line"


class _Api:
    """Keeps volumes as the API server does, as far as the lab asks for them."""

    def __init__(self, **phases: str) -> None:
        self.volumes: dict[str, dict[str, Any]] = {}
        for name, phase in phases.items():
            self.volumes[name.replace("_", "-")] = {"status": {"phase": phase}}
        self.calls: list[str] = []

    def get(self, path: str) -> dict[str, Any]:
        assert path == "/api/v1/persistentvolumes"
        return {"items": [{**volume, "metadata": {"name": name}} for name, volume in self.volumes.items()]}

    def call(self, method: str, path: str, body: dict[str, Any]) -> None:
        assert (method, path) == ("POST", "/api/v1/persistentvolumes")
        name = body["metadata"]["name"]
        assert name not in self.volumes
        self.volumes[name] = {**body, "status": {"phase": "Available"}}
        self.calls.append(f"create {name}")

    def delete(self, path: str) -> None:
        del self.volumes[path.rpartition("/")[2]]
        self.calls.append(f"delete {path.rpartition('/')[2]}")

    def drop_finalizers(self, path: str) -> None:
        assert path.rpartition("/")[2] not in self.volumes


def test_volumes_are_offered(paths: Paths) -> None:
    """As the provisioner would make them: root's, mode 0755, of the default class; a second time nothing is done."""
    api = _Api()
    volumes.offer(api, paths)  # type: ignore[arg-type]
    assert set(api.volumes) == set(volumes.READY_MADE) and len(api.calls) == len(volumes.READY_MADE)
    volume = api.volumes["ready-made-1"]
    assert volume["spec"]["storageClassName"] == STORAGE_CLASS and volume["spec"]["accessModes"] == ["ReadWriteOnce"]
    assert volume["spec"]["persistentVolumeReclaimPolicy"] == "Delete"
    assert volume["metadata"]["annotations"] == {"pv.kubernetes.io/provisioned-by": volumes.PROVISIONER}
    folder = Path(volume["spec"]["local"]["path"])
    assert folder.parent == paths.volumes and folder.stat().st_mode & 0o777 == 0o755
    volumes.offer(api, paths)  # type: ignore[arg-type]
    assert len(api.calls) == len(volumes.READY_MADE)


def test_volumes_that_were_given_up(paths: Paths) -> None:
    """Created again, empty; one that a claim has, or that was just made, is left alone."""
    api = _Api(ready_made_1="Bound", ready_made_2="Released", ready_made_3="Failed", ready_made_4="", other="Released")
    for name in api.volumes:
        (paths.volumes / name).mkdir()
        (paths.volumes / name / "image").touch()
    volumes.offer(api, paths)  # type: ignore[arg-type]
    again = ["ready-made-2", "ready-made-3"]
    assert api.calls == [f"{verb} {name}" for name in again for verb in ("delete", "create")]
    kept = sorted(path.parent.name for path in paths.volumes.glob("*/image"))
    assert kept == ["other", "ready-made-1", "ready-made-4"]


def test_volumes_are_withdrawn(paths: Paths) -> None:
    """Only those that no claim has: the provisioner removes the others."""
    api = _Api(ready_made_1="Bound", ready_made_2="Available", ready_made_3="Released", other="Available")
    for name in api.volumes:
        (paths.volumes / name).mkdir()
    volumes.withdraw(api, paths)  # type: ignore[arg-type]
    assert api.calls == ["delete ready-made-2"] and not (paths.volumes / "ready-made-2").exists()
    assert (paths.volumes / "ready-made-3").exists()


def test_the_default_volume_fits() -> None:
    """What the role asks for by default, a ready-made volume has."""
    defaults = yaml.safe_load((COLLECTION / "roles/registry/meta/argument_specs.yml").read_text())
    requested = defaults["argument_specs"]["main"]["options"]["registry_volume_size"]["default"]
    assert requested.endswith("Gi") and volumes.READY_MADE_SIZE.endswith("Gi")
    assert int(requested.removesuffix("Gi")) <= int(volumes.READY_MADE_SIZE.removesuffix("Gi"))


@pytest.fixture
def up(monkeypatch: pytest.MonkeyPatch, paths: Paths) -> Any:
    """`lab up` on a machine with a given lab; returns what it did."""
    done: list[str] = []

    @contextlib.contextmanager
    def unlocked() -> Iterator[None]:
        yield

    def run(known: Record | None, *, minimal: bool, healthy: bool = True) -> list[str]:
        done.clear()
        if known:
            known = Record(str(paths.state), "d", {}, binaries=known.binaries, complete=True)
        monkeypatch.setattr(record, "load", lambda: known)
        monkeypatch.setattr(lifecycle, "problems_of", lambda *_: [] if healthy else ["etcd does not run"])
        lifecycle.up(paths, minimal=minimal)
        return list(done)

    monkeypatch.setattr(lifecycle.preconditions, "require_root", lambda: None)
    monkeypatch.setattr(record, "machine_lock", unlocked)
    monkeypatch.setattr(lifecycle, "definition", lambda: "d")
    monkeypatch.setattr(lifecycle, "_offer_volumes", lambda *_: done.append("volumes"))
    monkeypatch.setattr(lifecycle, "_add_addons", lambda *_: done.append("complete"))
    monkeypatch.setattr(lifecycle, "_start", lambda *args: done.append(f"start {len(args[3])}"))
    return run


NODE, ALL = len(products.NODE_PRODUCTS), len(products.PRODUCTS)


@pytest.mark.parametrize(
    ("known", "minimal", "healthy", "done"),
    [
        (None, True, True, [f"start {NODE}"]),
        (None, False, True, [f"start {ALL}"]),
        (WHOLE, True, True, []),
        (WHOLE, False, True, []),
        (MINIMAL, True, True, ["volumes"]),
        (MINIMAL, False, True, ["complete"]),
        (WHOLE, True, False, [f"start {NODE}"]),
        (MINIMAL, False, False, [f"start {ALL}"]),
    ],
)
def test_up(up: Any, known: Record | None, minimal: bool, healthy: bool, done: list[str]) -> None:
    """A whole lab serves as it is; a minimal one is completed while it runs; only a broken one starts again."""
    assert up(known, minimal=minimal, healthy=healthy) == done


def test_clouds_need_a_whole_lab(monkeypatch: pytest.MonkeyPatch, paths: Paths) -> None:
    """Nothing answers their names in a minimal one."""
    known = Record(str(paths.state), "d", {}, binaries=MINIMAL.binaries, complete=True)
    monkeypatch.setattr(record, "load", lambda: known)
    with pytest.raises(LabError, match="no DNS"):
        lifecycle.clouds._require_lab(paths, "d")
    known.binaries = WHOLE.binaries
    lifecycle.clouds._require_lab(paths, "d")
