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
    (r"read-only file system", "the volume is mounted read-only", "Use a volume that can be written."),
    (
        r"bind: permission denied",
        "the registry may not listen on that port",
        "Use a port above 1023.",
    ),
    (
        r"permission denied|operation not permitted",
        "the registry's user (1000, group 1000) may not use that file or folder",
        "Let group 1000 write to the volume: its storage class must support fsGroup, or its folders be changed once.",
    ),
    (r"not a directory", "a file stands where a folder of the registry should be", "Use an empty volume."),
    (r"input/output error|stale file handle|transport endpoint", "the volume fails", "Look at the storage behind it."),
    (
        r"multiple storage drivers|must provide exactly one storage type",
        "two storage drivers are configured, one of them by a variable",
        _ENVIRONMENT,
    ),
    (r"no storage configuration provided", "no storage driver is configured", "Run the role again."),
    (
        r"StorageDriver not registered",
        "this image has no such storage driver (swift and oss ended with 2.8)",
        "Use the CNCF registry image 3.1 in registry_image, and no REGISTRY_STORAGE variable.",
    ),
    (
        r"invalid credentials type",
        "the credentials type of Azure is missing; registry 3 has no default for it",
        "Set the driver parameter credentials: {type: shared_key}.",
    ),
    (r"decode account key", "the account key of Azure is not base64", "Copy the key again, whole and without spaces."),
    (
        r"got unconvertible type",
        "a driver parameter was read as a number or a boolean",
        "Quote its value twice, as JSON: the registry reads variables as YAML.",
    ),
    (r"no bucket parameter|no region parameter", "a required driver parameter is missing", _PARAMETER),
    (
        r"invalid region provided",
        "this registry does not know that region",
        "Correct the region, or give its endpoint as well.",
    ),
    (r"chunksize", "the chunk size is out of the driver's bounds", _PARAMETER),
    (
        r"from JSON credentials|credentials were not specified in the correct format",
        "the key is not the key file of a service account",
        "Use a key of type service_account.",
    ),
    (
        r"readonly config key must contain|invalid type for redirect config|upload purge configuration",
        "a section under storage has the wrong form",
        "Correct it in registry_env, or leave it to the role.",
    ),
    (r"invalid loglevel|logging formatter", "the log level or format is not known", "Correct registry_logging."),
    (
        r"should be a boolean|must be an integer|must be one of|invalid value for|config error",
        "a driver parameter has a value that the driver does not take",
        _PARAMETER,
    ),
    (
        r"environment variable REGISTRY_\w*_(PORT|SERVICE_HOST|SERVICE_PORT)(_\w+)?\b",
        "Kubernetes set that variable for a Service whose name begins with `registry-`",
        _LINKS,
    ),
    (
        r"parsing environment variable",
        "the variable's value is not what the registry reads there (YAML)",
        "Correct or remove the variable in registry_env.",
    ),
    (r"redis configuration required|redis", "the registry looks for a Redis", "Leave cache and redis out."),
    (r"unsupported version", "this image does not know the configuration's version", "Use a registry image 3.1."),
    (
        r"unable to configure authorization",
        "the registry cannot use its htpasswd file",
        "Check that the Secret with the key htpasswd exists and is mounted.",
    ),
    (
        r"address already in use|cannot assign requested address",
        "the registry cannot listen on its address",
        "Leave the ports 5000 and 5001 of the Pod to it.",
    ),
    (r"error parsing|configuration error: open", "the registry cannot read its config.yml", "Run the role again."),
    (r"no such file or directory", "a file is missing", "Look at the volumes of the Pod."),
    (
        r"out of memory|cannot allocate memory",
        "the registry ran out of memory",
        "Raise the limit in registry_resources.",
    ),
)
