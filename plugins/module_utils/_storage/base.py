# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a storage backend is: fields in the CR, keys of its Secret, its checks, and what a registry needs to use it. Pure."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding

from .driver import Driver
from .operator_mapping import OperatorMapping

FieldType = Literal["string", "boolean", "integer"]

# The operator's own path is /gcs_secret; a folder of ours says what is in it.
KEY_FILE = "keyfile.json"
KEY_FILE_PATH = f"/etc/registry-storage/{KEY_FILE}"

PARAMETERS_PATH = "registry_driver_parameters"
SECRET_PATH = "registry_storage_secret"

# The CR's field that names the Secret of a backend.
SECRET_FIELD = "secretName"
# The first part of the storage ID of a volume.
CLAIM_KIND = "persistentvolumeclaim"


@dataclass(frozen=True)
class Field:
    """One field of a backend in the CR's spec.storage (source: the CRD of operator 0.15.0).

    aliases: spellings that only the documentation uses; they are rewritten.
    """

    name: str
    type: FieldType
    description: str
    required: bool = False
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class SecretKey:
    """One key of a storage Secret (source: the operator and Kyma's documentation).

    required: False if only another authentication type needs it. secret: False for a name that may be shown. multiline: the value is
    a document, so line ends are its own. placeholders: what Kyma's documentation puts there.
    """

    name: str
    description: str
    required: bool = True
    secret: bool = True
    aliases: tuple[str, ...] = ()
    multiline: bool = False
    placeholders: tuple[str, ...] = ()


@dataclass(frozen=True)
class Store:
    """Everything that a registry needs to use one backend.

    storage_type: as in the CR's status.storage. parameters: the driver's section of config.yml, without credentials. storage_id: what holds
    the images. environment: variable to key of the derived Secret. secret: the derived Secret (constants.STORAGE_SECRET), values of
    the environment encoded for it, key files raw. key_file: key of `secret` that is mounted at KEY_FILE_PATH, '' for none.
    claim: the PersistentVolumeClaim that is mounted. credentials: raw secret values, to be masked.
    """

    storage_type: str
    driver: str
    parameters: Mapping[str, Any]
    storage_id: str
    environment: Mapping[str, str] = field(default_factory=dict)
    secret: Mapping[str, str] = field(default_factory=dict, repr=False)
    key_file: str = ""
    claim: str | None = None
    credentials: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class StoreRequest:
    """What a backend makes a store from.

    values: fields of the CR that passed Backend.check(). secret: data of the Secret that the values name, None if they name none.
    parameters: driver parameters as the user wrote them. path, secret_path, parameters_path: where the user wrote each of them.
    """

    values: Mapping[str, Any]
    secret: Mapping[str, bytes] | None = field(default=None, repr=False)
    parameters: object = None
    path: str = "spec.storage"
    secret_path: str = SECRET_PATH
    parameters_path: str = PARAMETERS_PATH


# The store, None if a finding is an error.
StoreAndFindings: TypeAlias = "tuple[Store | None, tuple[Finding, ...]]"


@dataclass(frozen=True)
class Backend(ABC):
    """One storage kind of the CR. Subclasses live in a file each; only a binding knows the stores that it may lead to.

    drivers: what it may resolve to. taken_parameters: driver parameters that the CR or the Secret sets, each with the remedy. names: keys that its
    Secret may have besides, which are not read and which hold names. claim_field: the field that names a PersistentVolumeClaim.
    cloud_identity: without a Secret the registry authenticates with the identity of its Pod. operator: what Kyma's operator renders from it, one
    entry for each storage type, in the order in which the operator looks for their marks. secret_remedy: what to do if the operator
    cannot use its Secret.
    """

    name: str
    fields: tuple[Field, ...]
    drivers: tuple[Driver, ...]
    secret_keys: tuple[SecretKey, ...] = ()
    taken_parameters: Mapping[str, str] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    claim_field: str = ""
    cloud_identity: bool = False
    operator: tuple[OperatorMapping, ...] = ()
    secret_remedy: str = "Correct the keys of the Secret."

    @property
    def names_secret(self) -> bool:
        """True if the CR has a field for the name of a Secret."""
        return any(item.name == SECRET_FIELD for item in self.fields)

    @property
    def shown_keys(self) -> frozenset[str]:
        """Keys of its Secret whose values are names, which may be shown. Any other may hold a credential, known or not."""
        return frozenset((*(key.name for key in self.secret_keys if not key.secret), *self.names))

    @abstractmethod
    def check(self, values: Mapping[str, Any], path: str) -> tuple[Finding, ...]:
        """Findings about values whose names and types are right already."""

    @abstractmethod
    def store(self, request: StoreRequest) -> StoreAndFindings:
        """The store for values that passed check(), None if a finding is an error."""

    def secret_name(self, values: Mapping[str, Any]) -> str | None:
        """The Secret that the values name."""
        return str(values.get(SECRET_FIELD) or "") or None

    def has_required_keys(self, secret: Mapping[str, bytes]) -> bool:
        """True if the Secret has every key that this backend requires."""
        needed = [key.name for key in self.secret_keys if key.required]
        return bool(needed) and all(name in secret for name in needed)

    def has_any_key(self, secret: Mapping[str, bytes]) -> bool:
        """True if the Secret has at least one of this backend's keys."""
        return any(key.name in secret for key in self.secret_keys)

    def claim(self, values: Mapping[str, Any]) -> str | None:
        """The PersistentVolumeClaim that the registry mounts, None for object stores."""
        return str(values.get(self.claim_field, "")) if self.claim_field else None

    def operator_mapping(self, secret: Mapping[str, bytes] | None) -> OperatorMapping | None:
        """What the operator renders from a Secret (None: there is none), None if it cannot determine the storage type."""
        return next((item for item in self.operator if item.fits(secret or {})), None)


def claim_storage_id(claim: str) -> str:
    """The storage ID of a claim: the same for the default volume and a volume of the user's own."""
    return f"{CLAIM_KIND}/{claim}"


def is_claim(storage_id: str) -> bool:
    """Whether the storage ID is that of a claim, and not of an object store."""
    return storage_id.startswith(f"{CLAIM_KIND}/")


def bucket_storage_id(kind: str, *parts: object) -> str:
    """The storage ID of a place in an object store. An empty root directory adds nothing to it."""
    texts = [str(part).strip("/") for part in parts if part is not None]
    return "/".join([kind, *(text for text in texts if text)])
