# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All backends. Adding one is its file and a line here."""

from __future__ import annotations

from ansible_collections.kyma.docker_registry.plugins.module_utils.storage.azure import AZURE
from ansible_collections.kyma.docker_registry.plugins.module_utils.storage.base import Backend, Driver
from ansible_collections.kyma.docker_registry.plugins.module_utils.storage.btp_object_store import BTP_OBJECT_STORE
from ansible_collections.kyma.docker_registry.plugins.module_utils.storage.filesystem import FILESYSTEM
from ansible_collections.kyma.docker_registry.plugins.module_utils.storage.gcs import GCS
from ansible_collections.kyma.docker_registry.plugins.module_utils.storage.pvc import PVC
from ansible_collections.kyma.docker_registry.plugins.module_utils.storage.s3 import S3_BACKEND

DEFAULT: Backend = FILESYSTEM

# Backends that the CR can name.
NAMED: dict[str, Backend] = {backend.name: backend for backend in (AZURE, S3_BACKEND, GCS, BTP_OBJECT_STORE, PVC)}

# Storage drivers of Distribution.
DRIVERS: dict[str, Driver] = {
    driver.name: driver for backend in (DEFAULT, *NAMED.values()) for driver in backend.drivers
}
