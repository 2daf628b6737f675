# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All backends. Adding one is its file and a line here."""

from __future__ import annotations

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.variables import Variables
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.backends.azure import AZURE
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.backends.btp_object_store import (
    BTP_OBJECT_STORE,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.backends.filesystem import FILESYSTEM
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.backends.gcs import GCS
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.backends.pvc import PVC
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.backends.s3 import S3_BACKEND

from .base import CLAIM_KIND, Backend, claim_storage_id
from .driver import Driver
from .operator_mapping import OperatorMapping

DEFAULT: Backend = FILESYSTEM

# Backends that the CR can name.
NAMED: dict[str, Backend] = {backend.name: backend for backend in (AZURE, S3_BACKEND, GCS, BTP_OBJECT_STORE, PVC)}


def backends() -> tuple[Backend, ...]:
    """The default and those that the CR can name."""
    return (DEFAULT, *NAMED.values())


def drivers() -> dict[str, Driver]:
    """Storage drivers of Distribution, by name."""
    return {driver.name: driver for backend in backends() for driver in backend.drivers}


def library_variables() -> tuple[Variables, ...]:
    """Variables that the libraries of the storage drivers read."""
    return tuple(driver.library for driver in drivers().values())


def operator_mapping(storage_type: str) -> OperatorMapping:
    """What Kyma's operator renders from a storage type."""
    return next(item for backend in backends() for item in backend.operator if item.storage_type == storage_type)


def storage_type_of(storage_id: str) -> str:
    """The storage type that follows from a storage ID, which is the same for a binding and for a bucket that the CR names."""
    kind = storage_id.partition("/")[0]
    if kind != CLAIM_KIND:
        return kind
    if storage_id == claim_storage_id(constants.DEFAULT_CLAIM):
        return DEFAULT.name
    return next(backend.name for backend in NAMED.values() if backend.claim_field)
