"""Which namespaces are the operator's: the real one has all, in the lab it leaves those of other tests alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass(frozen=True)
class Scope:
    """Namespaces by name, with the wildcards of the shell, and the operator's own: fixed in the real one."""

    patterns: Sequence[str] = ("*",)
    base: str = "docker-registry"

    @property
    def everywhere(self) -> bool:
        """Whether all namespaces are served, as by the real operator."""
        return "*" in self.patterns

    def has(self, namespace: str) -> bool:
        """Whether a namespace is served."""
        return any(fnmatchcase(namespace, pattern) for pattern in self.patterns)
