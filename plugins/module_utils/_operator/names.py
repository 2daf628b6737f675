# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names and texts of Kyma's operator and of its chart, of one release. Pure."""

from __future__ import annotations

from dataclasses import dataclass

# The annotation of the Pod template whose change rolls the Pods, in every release.
ROLLME = "rollme"
# How Helm begins its error about a value that breaks the grammar of --set, in every release. It quotes the value.
PARSE_FAILURE = "failed to parse"


@dataclass(frozen=True)
class OperatorNames:
    """Chart values, parts of the annotation `rollme`, paths, and the errors that become Configured=False."""

    existing_claim: str = "persistence.existingClaim"
    log_level: str = "configData.log.level"
    log_formatter: str = "configData.log.formatter"
    access_log_disabled: str = "configData.log.accesslog.disabled"
    delete_enabled: str = "configData.storage.delete.enabled"
    credentials_digest: str = "secrets.{driver}"
    key_file_folder: str = "/gcs_secret"
    two_backends: str = "only one storage option can be used"
    no_secret_name: str = "resource name may not be empty"
    secret_missing: str = 'secrets "{name}" not found'
    claim_missing: str = 'PersistentVolumeClaim "{name}" not found'
    bad_base64: str = "illegal base64 data"
    binding_rejected: str = "Azure storage is not supported for BTPObjectStore"
    binding_unknown: str = "unknown storage type"

    @staticmethod
    def chart_value(driver: str, name: str) -> str:
        """A value in the driver's section of the chart."""
        return f"{driver}.{name}"
