# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The CR's spec.storage: what a user pasted, checked and resolved to one backend. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import (
    Finding,
    error,
    errors,
    shown_key,
    warning,
)

from . import catalog, fields
from .base import PARAMETERS_PATH, SECRET_PATH, Backend, StoreAndFindings, StoreRequest
from .texts import kind_of

DELETE_ENABLED = "deleteEnabled"


@dataclass(frozen=True)
class Resolved:
    """One backend with its values, and what follows from them.

    spec: what goes into the CR, None = left out. path: where the user wrote the backend.
    """

    kind: Backend
    values: Mapping[str, Any] = field(default_factory=dict)
    delete_enabled: bool = False
    spec: dict[str, Any] | None = None
    path: str = "spec.storage"

    @property
    def backend(self) -> str:
        """The backend's name in the CR."""
        return self.kind.name

    @property
    def claim(self) -> str | None:
        """The claim that is mounted, None for object stores."""
        return self.kind.claim(self.values)

    @property
    def secret_name(self) -> str | None:
        """The storage Secret that the CR names."""
        return self.kind.secret_name(self.values)

    def store(
        self,
        secret: Mapping[str, bytes] | None,
        parameters: object = None,
        *,
        secret_path: str = SECRET_PATH,
        parameters_path: str = PARAMETERS_PATH,
    ) -> StoreAndFindings:
        """Everything that a registry needs, None if a finding is an error.

        secret: decoded data of the Secret that the CR names, None if it names none. parameters: driver parameters as given.
        """
        if self.secret_name is None:
            secret = None
        elif secret is None:
            message = f"there is no Secret {self.secret_name}."
            remedy = (
                "Create it in the namespace of the DockerRegistry, or let the role create it (registry_storage_secret)."
            )
            return None, (error("secret-missing", f"{self.path}.secretName", message, remedy),)
        else:
            foreign = self._check_foreign_keys(secret, secret_path)
            if foreign is not None:
                return None, (foreign,)
        return self.kind.store(StoreRequest(self.values, secret, parameters, self.path, secret_path, parameters_path))

    def _check_foreign_keys(self, secret: Mapping[str, bytes], path: str) -> Finding | None:
        """A finding if the Secret has none of this backend's keys and all of another's."""
        if self.kind.has_any_key(secret):
            return None
        for other in catalog.NAMED.values():
            if other.has_required_keys(secret):
                message = f"has the keys of a Secret for {other.name}, not for {self.backend}."
                remedy = f"Specify it in spec.storage.{other.name}, or specify another Secret."
                return error("secret-foreign", path, message, remedy)
        return None


def check_storage(storage: object, path: str) -> tuple[Resolved | None, tuple[Finding, ...]]:
    """Resolves spec.storage. None, '' and {} mean the default volume.

    Returns the resolved storage, None if an error was found, and all findings; path is where the user wrote it.
    """
    if storage is None or (isinstance(storage, (str, Mapping)) and not storage):
        return Resolved(catalog.DEFAULT), ()
    if not isinstance(storage, Mapping):
        message = f"is {kind_of(storage)}, but spec.storage is a mapping."
        return None, (error("storage-not-a-mapping", path, message, "Write for example pvc: {name: existing-pvc}."),)
    found: list[Finding] = []
    delete_enabled = _delete_enabled(storage, path, found)
    named = _named_backends(storage, path, found)
    if len(named) > 1:
        message = f"has {len(named)} backends: {', '.join(sorted(named))}. A registry has one backend."
        found.append(error("storage-two-backends", path, message, "Remove one of them."))
    if errors(found):
        return None, tuple(found)
    if not named:
        return Resolved(catalog.DEFAULT, {}, delete_enabled, {DELETE_ENABLED: delete_enabled}), tuple(found)
    name = named[0]
    backend, place = catalog.NAMED[name], f"{path}.{name}"
    values = fields.read_fields(backend, storage[name], place, found)
    if not errors(found):
        found.extend(backend.check(values, place))
    if errors(found):
        return None, tuple(found)
    spec: dict[str, Any] = {name: values}
    if DELETE_ENABLED in storage:
        spec[DELETE_ENABLED] = delete_enabled
    return Resolved(backend, values, delete_enabled, spec, place), tuple(found)


def _delete_enabled(storage: Mapping[str, Any], path: str, found: list[Finding]) -> bool:
    value = storage.get(DELETE_ENABLED, False)
    if isinstance(value, bool):
        return value
    place = f"{path}.{DELETE_ENABLED}"
    if isinstance(value, str) and value.lower() in ("true", "false"):
        found.append(
            warning(
                "storage-boolean-text", place, "is text. It is interpreted as a boolean.", "Write it without quotes."
            )
        )
        return value.lower() == "true"
    found.append(error("storage-wrong-type", place, f"is {kind_of(value)}, not a boolean.", "Write true or false."))
    return False


def _named_backends(storage: Mapping[str, Any], path: str, found: list[Finding]) -> list[str]:
    known = tuple(catalog.NAMED)
    named = []
    for key in storage:
        if key in known:
            named.append(str(key))
        elif key != DELETE_ENABLED:
            found.append(fields.unknown_field(str(key), f"{path}.{shown_key(key)}", (*known, DELETE_ENABLED)))
    return named
