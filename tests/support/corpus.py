# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The corpus of inputs: tests/unit/corpus/*.yml, and how an entry is run.

An entry has a name, findings (`severity code path`, in this order; none in good.yml) and one kind of input:
storage (+ secret, parameters, store), manifest (+ namespace), volume (+ live, classes), claim (+ class).
In values {repeat: [text, times]}, {base64: ...}, {key: kind}, {service_account: changes} and {binding: changes} stand for what they make.
"""

from __future__ import annotations

import base64
import functools
import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import yaml
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, Refusal
from ansible_collections.kyma.docker_registry.tests.support import keys

FOLDER = Path(__file__).parents[1] / "unit" / "corpus"
GOOD = "good.yml"
PACKAGE = "ansible_collections.kyma.docker_registry.plugins.module_utils._storage"
STANDARD = {"metadata": {"name": "standard", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}}}


@dataclass(frozen=True)
class Domain:
    """The modules under test; the test of the checks puts changed ones here."""

    spec: ModuleType
    pasted_manifest: ModuleType
    pvc: ModuleType
    volume: ModuleType


def domain() -> Domain:
    """The modules as they can be imported now."""
    return Domain(
        *(
            importlib.import_module(f"{PACKAGE}.{name}")
            for name in ("spec", "pasted_manifest", "backends.pvc", "volume")
        )
    )


@dataclass(frozen=True)
class Case:
    """One entry with its values made."""

    name: str
    file: str
    entry: Mapping[str, Any] = field(repr=False)

    @property
    def expected(self) -> list[str]:
        """The findings, one line each."""
        return list(self.entry.get("findings", []))

    @property
    def secret(self) -> dict[str, bytes] | None:
        """The Secret's data."""
        given = self.entry.get("secret")
        if given is None:
            return None
        return {
            name: value if isinstance(value, bytes) else str(value).encode("utf-8") for name, value in given.items()
        }


_MAKERS: dict[str, Any] = {
    "repeat": lambda value: value[0] * value[1],
    "base64": lambda value: base64.b64decode(value, validate=True),
    "key": keys.private_key,
    "service_account": lambda value: keys.service_account(_expand(value)),
    "binding": lambda value: base64.b64encode(keys.service_account(_expand(value)).encode()).decode(),
    "binding_in_lines": lambda value: base64.encodebytes(keys.service_account(_expand(value)).encode()).decode(),
}


def _expand(value: Any) -> Any:
    if isinstance(value, Mapping):
        if len(value) == 1 and (maker := _MAKERS.get(next(iter(value)))):
            return maker(next(iter(value.values())))
        return {key: _expand(item) for key, item in value.items()}
    return [_expand(item) for item in value] if isinstance(value, list) else value


@functools.cache
def cases() -> tuple[Case, ...]:
    """Every entry of every file."""
    found = []
    for path in sorted(FOLDER.glob("*.yml")):
        for entry in yaml.safe_load(path.read_text(encoding="utf-8")):
            found.append(Case(entry["name"], path.name, _entry(entry)))
    return tuple(found)


def _entry(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Values are made, but facts and findings stand as they are."""
    return {key: value if key in ("name", "findings", "store") else _expand(value) for key, value in entry.items()}


def run(case: Case, modules: Domain) -> tuple[Any, list[Finding]]:
    """The result (a Store, a Manifest, values or None) and the findings."""
    return run_all(case, modules)[:2]


def run_all(case: Case, modules: Domain) -> tuple[Any, list[Finding], Any]:
    """As run(), and spec.storage of the CR where the entry has one; of a manifest, what a removal takes of it."""
    if "storage" not in case.entry:
        return (*_run_other(case, modules), _named(case, modules))
    resolved, found = modules.spec.check_storage(case.entry["storage"], "storage")
    if resolved is None:
        return None, list(found), None
    store, more = resolved.store(
        case.secret, case.entry.get("parameters"), secret_path="secret", parameters_path="parameters"
    )
    return store, [*found, *more], resolved.spec


def _run_other(case: Case, modules: Domain) -> tuple[Any, list[Finding]]:
    entry = case.entry
    if "manifest" in entry:
        return _manifest(case, modules)
    if "volume" in entry:
        return None, _volume(entry, modules)
    return None, modules.pvc.check_claim(entry["claim"], entry.get("class"), "pvc", name="claim", namespace="ns")


def _manifest(case: Case, modules: Domain) -> tuple[Any, list[Finding]]:
    try:
        manifest, found = modules.pasted_manifest.read_manifest(case.entry["manifest"], case.entry.get("namespace"))
    except Refusal as refusal:
        return None, list(refusal.findings)
    return manifest, list(found)


def _named(case: Case, modules: Domain) -> Any:
    try:
        return modules.pasted_manifest.read_name(case.entry["manifest"]) if "manifest" in case.entry else None
    except Refusal as refusal:
        return refusal.findings


def _volume(entry: Mapping[str, Any], modules: Domain) -> list[Finding]:
    requested = {"size": "20Gi", "storage_class": None, "access_modes": ["ReadWriteOnce"], **entry["volume"]}
    wanted = modules.volume.VolumeRequest(
        requested["size"], requested["storage_class"], tuple(requested["access_modes"])
    )
    found = modules.volume.check_volume_input(wanted)
    if found and "live" not in entry:
        return found
    return [*found, *modules.volume.check_volume(wanted, entry.get("live"), lambda: entry.get("classes", [STANDARD]))]


def lines(found: list[Finding]) -> list[str]:
    """The findings as the corpus writes them."""
    return [f"{item.severity} {item.code} {item.path}" for item in found]
