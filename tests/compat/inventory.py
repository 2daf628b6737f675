# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Inventories in YAML, with values in a vault."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

import yaml
from ansible.parsing.vault import VaultLib, VaultSecret

Hosts = Mapping[str, Mapping[str, Any]]
# Of the vault.
PASSWORD = uuid.uuid4().hex


class Encrypted(str):
    """A text that is `!vault` in the inventory."""

    __slots__ = ()


class _Dumper(yaml.SafeDumper):
    """Writes an inventory. The same value twice is written twice."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _encrypted(dumper: _Dumper, value: Encrypted) -> yaml.Node:
    vault = VaultLib([("default", VaultSecret(PASSWORD.encode()))])
    return dumper.represent_scalar("!vault", vault.encrypt(str(value)).decode(), style="|")


_Dumper.add_representer(Encrypted, _encrypted)


def text(hosts: Hosts) -> str:
    """The inventory. hosts: variables by name of the host."""
    return yaml.dump({"all": {"hosts": dict(hosts)}}, Dumper=_Dumper)
