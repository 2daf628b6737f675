# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All backends. Adding one is its file and a line here."""

from __future__ import annotations

from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.backends.azure import AZURE
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.backends.btp_object_store import (
    BTP_OBJECT_STORE,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.backends.filesystem import FILESYSTEM
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.backends.gcs import GCS
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.backends.pvc import PVC
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.backends.s3 import S3_BACKEND

from .base import Backend, Driver

DEFAULT: Backend = FILESYSTEM

# Backends that the CR can name.
NAMED: dict[str, Backend] = {backend.name: backend for backend in (AZURE, S3_BACKEND, GCS, BTP_OBJECT_STORE, PVC)}

# Storage drivers of Distribution.
DRIVERS: dict[str, Driver] = {
    driver.name: driver for backend in (DEFAULT, *NAMED.values()) for driver in backend.drivers
}
