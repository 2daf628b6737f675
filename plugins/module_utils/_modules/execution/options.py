# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of a task, typed and frozen. Each module has its own subclass; functions that several modules share name the part that they read.

Defaults are in the specifications of the modules. The options that connect the cluster are not among these.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import ObjectDict

_Own = TypeVar("_Own", bound="Options")


@dataclass(frozen=True)
class Options:
    """What every module has. namespace: the registry's."""

    namespace: str

    @classmethod
    def from_params(cls: type[_Own], params: Mapping[str, Any]) -> _Own:
        """The options among the validated parameters of a task."""
        return cls(**{name: params[name] for name in cls.names()})

    @classmethod
    def names(cls) -> frozenset[str]:
        """The names of the options."""
        return frozenset(item.name for item in fields(cls))


@dataclass(frozen=True)
class NamingOptions(Options):
    """Of a module whose findings can name the role's variables or its own options."""

    finding_names: str


@dataclass(frozen=True)
class LeaseOptions(Options):
    """Of a module that writes. lease: identity of the role run and seconds to wait for another one."""

    lease: Mapping[str, Any] | None


@dataclass(frozen=True)
class PlannedOptions(NamingOptions, LeaseOptions):
    """Of a module that follows a plan. plan: result of docker_registry_storage with state `validated`."""

    plan: Mapping[str, Any] | None


@dataclass(frozen=True)
class RegistryOptions(Options):
    """name: of the DockerRegistry."""

    name: str


@dataclass(frozen=True)
class WaitOptions(Options):
    """wait_timeout: seconds that each wait may take."""

    wait_timeout: int


@dataclass(frozen=True)
class SecretOptions(Options):
    """Where the values of a storage Secret come from: secret_source, or the Secret in a pasted manifest."""

    secret_source: Mapping[str, Any]
    manifest: str | None


@dataclass(frozen=True)
class StoreOptions(WaitOptions):
    """What resolves a storage to its store. driver_parameters: of the storage driver, in direct mode."""

    driver_parameters: Mapping[str, Any]


@dataclass(frozen=True)
class StorageInput(SecretOptions, StoreOptions):
    """A storage as the user gives it. storage: as in spec.storage, or its text."""

    storage: Any


@dataclass(frozen=True)
class BundleOptions(Options):
    """ca_bundle: the object with additional CA certificates that the registry trusts."""

    ca_bundle: Mapping[str, Any] | None


@dataclass(frozen=True)
class ConsentOptions(StoreOptions, RegistryOptions):
    """Of a module that the data guard may stop. accept_data_loss: the storage ID that may be lost, with the mark of its registry."""

    accept_data_loss: str


@dataclass(frozen=True)
class VolumeOptions(Options):
    """The default volume, for a run that creates it."""

    volume_size: str
    volume_storage_class: str | None
    volume_access_modes: Sequence[str]


@dataclass(frozen=True)
class OperatorOptions(StorageInput, ConsentOptions):
    """Of a module that deploys through Kyma's operator, and describes these options."""

    objects: Sequence[ObjectDict]
    operator_version: str | None
    storage_lock: bool
    ca_bundle: Any
    environment: Mapping[str, Any]
    login_fingerprint: str
    values_restored: bool
    wait: bool
