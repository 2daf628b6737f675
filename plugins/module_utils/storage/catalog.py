# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All backends. Adding one is its file and a line here."""

from __future__ import annotations

from ansible_collections.kyma.docker_registry.plugins.module_utils.storage.base import Backend
from ansible_collections.kyma.docker_registry.plugins.module_utils.storage.filesystem import FILESYSTEM
from ansible_collections.kyma.docker_registry.plugins.module_utils.storage.pvc import PVC

DEFAULT: Backend = FILESYSTEM

# Backends that the CR can name.
NAMED: dict[str, Backend] = {backend.name: backend for backend in (PVC,)}

# Backends of the CRD that this release does not deploy; they are refused by name, never mistaken for a typing error.
NOT_YET = ("azure", "s3", "gcs", "btpObjectStore")
