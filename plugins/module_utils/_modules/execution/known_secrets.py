# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The secrets that a task knows. They are masked in everything that leaves the task."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal, error
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.masking import (
    SHORTEST_SECRET,
    mask,
    mask_result,
    secret_forms,
)


class KnownSecrets:
    """Values that are masked, and those among them that may be shown.

    options: values of the options with `no_log`. A body adds what it reads (`hide`) and takes out what is only a name (`show`).
    """

    def __init__(self, options: Iterable[Any] = ()) -> None:
        self._options = {str(value) for value in options if value}
        self._hidden: set[str] = set()
        self._shown: set[str] = set()

    def hide(self, *values: str | None) -> None:
        """Masks the values from now on."""
        self._hidden.update(value for value in values if value)

    def show(self, *values: str) -> None:
        """Does not mask the values, which are names and not credentials, although an option with `no_log` holds them."""
        self._shown.update(values)

    @property
    def shown(self) -> frozenset[str]:
        """Values that may be shown. A value that is hidden too may not."""
        return frozenset(self._shown - self._hidden)

    def values(self) -> set[str]:
        """Every value that is masked. What is too short for that is rejected where it is read."""
        return {text for text in (self._options | self._hidden) - self.shown if len(text) >= SHORTEST_SECRET}

    def mask(self, value: Any) -> Any:
        """The value without the secrets, in texts and in keys, at any depth."""
        return mask(value, secret_forms(self.values()))

    def mask_result(self, result: Mapping[str, Any]) -> dict[str, Any]:
        """The result of a task without the secrets. Its keys, and codes and severities of findings, stay."""
        return mask_result(result, secret_forms(self.values()))

    def require_visible(self, values: Mapping[str, Any]) -> None:
        """Rejects a secret that is also part of a value that later tasks need, because masking would change that value.

        Raises Refusal (secret-in-name) with the names of the values.
        """
        known = secret_forms(self.values())
        masked = sorted(str(key) for key, value in values.items() if mask(value, known) != value)
        if masked:
            raise Refusal(
                [
                    error(
                        "secret-in-name",
                        ", ".join(masked),
                        "contains the text of a secret, which must be masked in all output.",
                        "Use another password or key that is not part of a name. Leave out keys that the storage Secret does not need.",
                    )
                ]
            )
