# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Specifications of module arguments, which can be merged with their constraints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Spec:
    """An argument specification with its constraints, in the shapes that AnsibleModule takes."""

    options: dict[str, dict[str, Any]]
    mutually_exclusive: Sequence[Sequence[str]] = ()

    def merged(self, other: Spec) -> Spec:
        """Both specifications in one; an option may be in only one of them."""
        twice = self.options.keys() & other.options.keys()
        if twice:
            raise ValueError(f"options in both specifications: {sorted(twice)}")
        return Spec(
            options={**self.options, **other.options},
            mutually_exclusive=(*self.mutually_exclusive, *other.mutually_exclusive),
        )

    def secrets(self, params: Mapping[str, Any], without: str = "") -> set[str]:
        """The values of all options with `no_log`, except the option `without`."""
        return set(_marked({name: option for name, option in self.options.items() if name != without}, params))

    def constraints(self) -> dict[str, Any]:
        """The keyword arguments besides `argument_spec` (AnsibleModule and ArgumentSpecValidator share them)."""
        return {"mutually_exclusive": [list(group) for group in self.mutually_exclusive]}


def _marked(options: Mapping[str, Any], params: Mapping[str, Any]) -> Iterator[str]:
    for name, option in options.items():
        value = params.get(name)
        if option.get("no_log"):
            yield from texts_of(value)
        elif option.get("options") and isinstance(value, Mapping):
            yield from _marked(option["options"], value)


def texts_of(value: Any) -> Iterator[str]:
    """All values in a nested value as text, without empty ones and booleans."""
    if isinstance(value, (Mapping, list)):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from texts_of(item)
    elif value not in (None, "") and not isinstance(value, bool):
        yield str(value)
