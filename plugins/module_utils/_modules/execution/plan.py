# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plan of a run: what docker_registry_storage with state `validated` decided, for the modules that follow.

It holds decisions, not permission: no secret value, no verdict of the data guard and no time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, TypeVar

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.argspec import Spec
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, Refusal, error

from .input_names import NAMES_SPEC
from .options import PlannedOptions

_Planned = TypeVar("_Planned", bound=PlannedOptions)

# Changes with every change of the plan's form: a plan is used by the release that made it.
VERSION = 1
PLAN_SPEC = Spec({"plan": {"type": "dict"}}).merged(NAMES_SPEC)


@dataclass(frozen=True)
class JudgedObject:
    """An object that the plan judged. uid: '' if it did not exist.

    content: hash of what was judged. wanted: the same of the object as the run will leave it, '' if that is not known.
    """

    kind: str
    name: str
    uid: str
    content: str
    wanted: str = ""


@dataclass(frozen=True)
class Differences:
    """Whether modules have something to write: the registry's credentials and their copies, the storage Secret, the DockerRegistry.

    status: of the DockerRegistry in direct mode. former_values: values of the storage Secret are kept that a verification has not replaced yet.
    """

    credentials: bool
    storage_secret: bool
    docker_registry: bool
    status: bool
    former_values: bool


@dataclass(frozen=True)
class Plan:
    """What was decided.

    options: the validated input, by the names of the modules' options. storage_path: where the user configures the storage.
    external_access: spec.externalAccess of a pasted manifest. namespace_uid: '' if the namespace did not exist.
    user: node port, addresses and fingerprint of the registry's user, {} if its Secrets do not exist yet or are an operator's.
    findings: codes of what was found.
    """

    namespace_uid: str
    lease_identity: str
    lease_timeout: int
    options: Mapping[str, Any]
    storage_path: str
    external_access: Mapping[str, Any] | None
    storage_id: str
    storage_type: str
    differs: Differences
    objects: tuple[JudgedObject, ...]
    user: Mapping[str, Any] = field(default_factory=dict)
    findings: tuple[str, ...] = ()

    def to_result(self) -> dict[str, Any]:
        """The plan as a module returns it."""
        found = asdict(self)
        return {"version": VERSION, **found, "objects": list(found["objects"]), "findings": list(self.findings)}

    @classmethod
    def from_result(cls, value: Mapping[str, Any]) -> Plan:
        """The plan that a module was given. Raises Refusal (plan-invalid): one of another release, or something else."""
        given = dict(value)
        if given.pop("version", None) != VERSION or given.keys() != {item.name for item in fields(cls)}:
            raise _invalid()
        try:
            return cls(
                **{
                    **given,
                    "differs": Differences(**given["differs"]),
                    "objects": tuple(JudgedObject(**item) for item in given["objects"]),
                    "findings": tuple(given["findings"]),
                }
            )
        except TypeError:
            raise _invalid() from None

    def complete(self, options: _Planned) -> _Planned:
        """The options of a module with what the plan has decided. A Lease that is given by itself counts before the plan's."""
        decided = {name: value for name, value in self.options.items() if name in options.names()}
        lease = options.lease or {"identity": self.lease_identity, "timeout": self.lease_timeout}
        return replace(options, **{**decided, "lease": lease})

    def check_storage_id(self, storage_id: str, path: str) -> list[Finding]:
        """An error (plan-storage-changed) if the storage Secret names another place now. path: of that Secret."""
        if storage_id == self.storage_id:
            return []
        text = f"leads to {storage_id} now. This run had validated {self.storage_id}."
        return [error("plan-storage-changed", path, text, "Run again.")]

    def check_objects(self, current: Mapping[tuple[str, str], JudgedObject]) -> list[Finding]:
        """Errors (plan-outdated) for objects that are neither as the plan saw them nor as it wants them. current: as they are now."""
        found = []
        for planned in self.objects:
            now = current[planned.kind, planned.name]
            if (now.uid, now.content) == (planned.uid, planned.content):
                continue
            same = not planned.uid or planned.uid == now.uid
            if same and planned.wanted and now.content == planned.wanted:
                continue
            text = "was changed by another client after this run had validated it. This task has written nothing."
            found.append(error("plan-outdated", f"{planned.kind}/{planned.name}", text, "Run again."))
        return found


def _invalid() -> Refusal:
    text = "is not the plan that docker_registry_storage of this release returns with state validated."
    return Refusal([error("plan-invalid", "plan", text, "Pass on its result plan as it is.")])
