# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How Kyma's operator reads the Secret of a storage type, as the backend declares it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .driver import ChartCredential, Driver


@dataclass(frozen=True)
class OperatorMapping:
    """What the operator renders from one storage type.

    storage_type: as in status.storage. keys: key of the Secret to the credential in the driver's section of the chart. mark: the key
    that distinguishes this storage type from others of the same backend, '' if there is no other. mark_value: its value in a Secret
    of ours, from the driver's parameters. encoded: keys whose value is base64 of the credential. parameters: driver parameters that
    the operator reads from the Secret. flags: driver parameters that it sets itself. rejected: it does not support this storage type.
    """

    storage_type: str
    driver: Driver
    keys: Mapping[str, str] = field(default_factory=dict)
    mark: str = ""
    mark_value: Callable[[Mapping[str, Any]], str] | None = None
    encoded: frozenset[str] = frozenset()
    parameters: tuple[str, ...] = ()
    flags: Mapping[str, bool] = field(default_factory=dict)
    rejected: bool = False

    def fits(self, secret: Mapping[str, bytes]) -> bool:
        """True if the operator takes the Secret for one of this storage type."""
        return not self.mark or self.mark in secret

    @property
    def credentials(self) -> dict[str, ChartCredential]:
        """Key of the Secret to what the chart renders from it."""
        known = {item.name: item for item in self.driver.operator.credentials}
        return {key: known[name] for key, name in self.keys.items()}

    @property
    def generated_keys(self) -> frozenset[str]:
        """Keys of the Secret that the operator's chart renders."""
        return frozenset(item.generated_key for item in self.driver.operator.credentials)
