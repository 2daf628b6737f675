# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why a registry does not start or cannot write to its volume: (pattern, cause, remedy), the more specific first. Pure."""

from __future__ import annotations

_ENVIRONMENT = "Remove the REGISTRY_STORAGE_* variable from registry_env."
_LINKS = "Keep enableServiceLinks: false in the Pod, and name no Service registry-auth or registry-storage."
_PARAMETER = "Correct the driver parameter that the line names."

REGISTRY_CAUSES: tuple[tuple[str, str, str], ...] = (
    (
        r"no space left on device|disk quota exceeded",
        "the volume is full",
        "Make it larger with registry_volume_size, or delete images and collect garbage.",
    ),
    (r"read-only file system", "the volume is mounted read-only", "Use a writable volume."),
    (
        r"bind: permission denied",
        "the registry has no permission to listen on that port",
        "Use a port above 1023.",
    ),
    (
        r"permission denied|operation not permitted",
        "the registry's user (1000, group 1000) has no permission for that file or folder",
        "Give group 1000 write permission on the volume: use a storage class that supports fsGroup, or change the owner of the folders once.",
    ),
    (r"not a directory", "the volume has a file in the place of a folder of the registry", "Use an empty volume."),
    (
        r"input/output error|stale file handle|transport endpoint",
        "the volume has an I/O error",
        "Check the storage that provides the volume.",
    ),
    (
        r"multiple storage drivers|must provide exactly one storage type",
        "two storage drivers are configured, one of them by a variable",
        _ENVIRONMENT,
    ),
    (r"no storage configuration provided", "no storage driver is configured", "Run the role again."),
    (
        r"StorageDriver not registered",
        "the image does not contain this storage driver (Distribution 3 removed swift and oss)",
        "Use the CNCF registry image 3.1 in registry_image, and do not set a REGISTRY_STORAGE variable.",
    ),
    (
        r"invalid credentials type",
        "the credentials type of Azure is missing. Distribution 3 has no default for it",
        "Set the driver parameter credentials: {type: shared_key}.",
    ),
    (r"decode account key", "the account key of Azure is not base64", "Copy the complete key again, without spaces."),
    (
        r"got unconvertible type",
        "the registry reads a driver parameter as a number or a boolean",
        "Put the value in two pairs of quotes, as JSON: the registry reads variables as YAML.",
    ),
    (r"no bucket parameter|no region parameter", "a required driver parameter is missing", _PARAMETER),
    (
        r"invalid region provided",
        "the registry does not support that region",
        "Correct the region, or also set its endpoint.",
    ),
    (r"chunksize", "the chunk size is outside the range that the driver accepts", _PARAMETER),
    (
        r"from JSON credentials|credentials were not specified in the correct format",
        "the key is not the key file of a service account",
        "Use a key of type service_account.",
    ),
    (
        r"readonly config key must contain|invalid type for redirect config|upload purge configuration",
        "a section under storage has the wrong form",
        "Correct it in registry_env, or remove it, so that the role sets it.",
    ),
    (
        r"invalid loglevel|logging formatter",
        "the registry does not support the log level or format",
        "Correct registry_logging.",
    ),
    (
        r"should be a boolean|must be an integer|must be one of|invalid value for|config error",
        "a driver parameter has a value that the driver does not accept",
        _PARAMETER,
    ),
    (
        r"environment variable REGISTRY_\w*_(PORT|SERVICE_HOST|SERVICE_PORT)(_\w+)?\b",
        "Kubernetes set that variable for a Service whose name begins with `registry-`",
        _LINKS,
    ),
    (
        r"parsing environment variable",
        "the value of the variable does not have the form that the registry expects (YAML)",
        "Correct or remove the variable in registry_env.",
    ),
    (
        r"redis configuration required|redis",
        "the registry is configured to use Redis",
        "Remove the settings for cache and redis.",
    ),
    (
        r"unsupported version",
        "the image does not support the version of the configuration",
        "Use a registry image 3.1 in registry_image.",
    ),
    (
        r"unable to configure authorization",
        "the registry cannot use its htpasswd file",
        "Check that the Secret with the key htpasswd exists and is mounted.",
    ),
    (
        r"address already in use|cannot assign requested address",
        "the registry cannot listen on its address",
        "Do not use the ports 5000 and 5001 of the Pod for other containers.",
    ),
    (r"error parsing|configuration error: open", "the registry cannot read its config.yml", "Run the role again."),
    (r"no such file or directory", "a file is missing", "Check the volumes of the Pod."),
    (
        r"out of memory|cannot allocate memory",
        "the registry ran out of memory",
        "Raise the limit in registry_resources.",
    ),
)
