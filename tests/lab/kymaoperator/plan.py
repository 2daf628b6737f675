"""From a DockerRegistry's spec to the flags of the chart, and the warnings on the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from kymaoperator import storage
from kymaoperator.errors import StorageError
from kymaoperator.flags import Flags
from kymaoperator.storage import ReadSecret

NO_GATEWAY = (
    ".spec.externalAccess.enabled is true but the kyma-gateway Gateway in the kyma-system namespace is not found"
)


@dataclass(frozen=True)
class Facts:
    """What the cluster says: the registry's user and HTTP secret that are there already, and a NodePort."""

    namespace: str
    credentials: Mapping[str, str] | None
    http_secret: str
    node_port: int
    read_secret: ReadSecret
    has_claim: Callable[[str], bool]


def plan(spec: Mapping[str, Any], facts: Facts) -> tuple[Flags, list[str]]:
    """Return the flags, and what the operator only warns of."""
    flags, warnings = Flags(), []
    flags.access(facts.credentials, facts.http_secret, facts.node_port)
    if (spec.get("externalAccess") or {}).get("enabled"):
        warnings.append(NO_GATEWAY)
    flags.logging(spec.get("logging"))
    try:
        storage.configure(flags, spec.get("storage"), facts.namespace, facts.read_secret, facts.has_claim)
    except StorageError as error:
        warnings.append(str(error))
    return flags, warnings


def warning_text(warnings: list[str]) -> str:
    """Return the warnings as conditions show them; empty for none."""
    return f"Warning: {'; '.join(warnings)}" if warnings else ""
