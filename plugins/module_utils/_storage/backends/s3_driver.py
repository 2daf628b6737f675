# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Distribution's storage driver s3: its parameters (registry/storage/driver/s3-aws/s3.go, 3.1.1), and what Kyma's operator does with it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, error, warning
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.variables import Variables
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.checks import s3_checks
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.driver import (
    ChartCredential,
    Driver,
    DriverMapping,
    Fault,
    Parameter,
    RejectedParameter,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.texts import IS_CREDENTIAL

_MIB = 1024 * 1024
# S3's own bounds of a part.
_SMALLEST_PART = 5 * _MIB
_LARGEST_PART = 5 * 1024 * _MIB

STORAGE_CLASSES = (
    "NONE",
    "STANDARD",
    "REDUCED_REDUNDANCY",
    "STANDARD_IA",
    "ONEZONE_IA",
    "INTELLIGENT_TIERING",
    "OUTPOSTS",
    "GLACIER_IR",
    "EXPRESS_ONEZONE",
)
ACLS = (
    "private",
    "public-read",
    "public-read-write",
    "authenticated-read",
    "aws-exec-read",
    "bucket-owner-read",
    "bucket-owner-full-control",
)
SDK_LOG_LEVELS = (
    "off",
    "debug",
    "debugwithsigning",
    "debugwithhttpbody",
    "debugwithrequestretries",
    "debugwithrequesterrors",
    "debugwitheventstreambody",
)

_IN_SECRET = "Put it into the storage Secret, key "


def _check_addressing(values: Mapping[str, str | bool], path: str) -> Iterator[tuple[str, Finding]]:
    """The chart renders no flag that is false, and the driver uses path style only if it is set."""
    endpoint = values.get("regionEndpoint")
    if not isinstance(endpoint, str):
        return
    if values.get("secure") is False and "://" not in endpoint:
        message = "is false, but the operator does not pass it to the registry, which uses https."
        yield "secure", error("operator-secure-ignored", f"{path}.secure", message, "Start the endpoint with http://.")
    if not s3_checks.is_aws({"regionendpoint": endpoint}):
        message = "is a store that may require path-style addresses, which the operator cannot set."
        remedy = (
            "Configure the store for host names of the form bucket.host, or set forcepathstyle with the collection."
        )
        yield "forcepathstyle", warning("operator-path-style", f"{path}.regionEndpoint", message, remedy)


def _storage_id(parameters: Mapping[str, str]) -> str | None:
    return s3_checks.storage_id(parameters) if "bucket" in parameters else None


_OPERATOR = DriverMapping(
    mandatory="bucket",
    credentials=(ChartCredential("accessKey", "s3AccessKey"), ChartCredential("secretKey", "s3SecretKey")),
    missing_credential="is missing or empty: the operator reports no error, and the registry uses the cloud identity of the node.",
    required=("region", "bucket"),
    flags=("encrypt", "secure"),
    check=_check_addressing,
    storage_id=_storage_id,
)

_KEYS = "Set accessKey and secretKey in registry_storage_secret."
# The AWS SDK for Go 1.x: identity of the workload, region, trust.
_LIBRARY = Variables(
    prefixes=("AWS_",),
    known={
        "AWS_CA_BUNDLE": "text",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "text",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": "text",
        "AWS_DEFAULT_REGION": "text",
        "AWS_EC2_METADATA_DISABLED": "boolean",
        "AWS_REGION": "text",
        "AWS_ROLE_ARN": "text",
        "AWS_ROLE_SESSION_NAME": "text",
        "AWS_SDK_LOAD_CONFIG": "boolean",
        "AWS_STS_REGIONAL_ENDPOINTS": "text",
        "AWS_USE_DUALSTACK_ENDPOINT": "boolean",
        "AWS_USE_FIPS_ENDPOINT": "boolean",
        "AWS_WEB_IDENTITY_TOKEN_FILE": "text",
    },
    credentials={
        "AWS_ACCESS_KEY": _KEYS,
        "AWS_ACCESS_KEY_ID": _KEYS,
        "AWS_SECRET_ACCESS_KEY": _KEYS,
        "AWS_SECRET_KEY": _KEYS,
        "AWS_SESSION_TOKEN": "Use keys that do not expire (registry_storage_secret), or the identity of the workload.",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN": "Use AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE.",
    },
)

S3_DRIVER = Driver(
    "s3",
    (
        Parameter("bucket", "string", "Name of the bucket."),
        Parameter("region", "string", "Region of the bucket."),
        Parameter("regionendpoint", "string", "Address of an S3-compatible store, or of a region of AWS."),
        Parameter("forcepathstyle", "boolean", "Puts the bucket into the path instead of the host name.", False),
        Parameter("encrypt", "boolean", "Encrypts images at rest.", False),
        Parameter("keyid", "string", "ID of the KMS key for encryption. Default: the key that AWS manages."),
        Parameter("secure", "boolean", "Uses TLS if the endpoint names no scheme.", True),
        Parameter("skipverify", "boolean", "Accepts any TLS certificate.", False),
        Parameter(
            "v4auth",
            "boolean",
            "Signs requests with signature version 4. Set it to false only for stores that do not support version 4.",
            True,
        ),
        Parameter(
            "chunksize",
            "integer",
            "Size of one part of an upload, in bytes.",
            10 * _MIB,
            minimum=_SMALLEST_PART,
            maximum=_LARGEST_PART,
        ),
        Parameter(
            "multipartcopychunksize",
            "integer",
            "Size of one part of a copy, in bytes.",
            32 * _MIB,
            minimum=_SMALLEST_PART,
            maximum=_LARGEST_PART,
        ),
        Parameter(
            "multipartcopymaxconcurrency",
            "integer",
            "Maximum number of parts that are copied concurrently.",
            100,
            minimum=1,
        ),
        Parameter(
            "multipartcopythresholdsize",
            "integer",
            "Size in bytes from which an object is copied in parts.",
            32 * _MIB,
            minimum=0,
            maximum=_LARGEST_PART,
        ),
        Parameter("rootdirectory", "string", "Folder in the bucket. A change hides all images."),
        Parameter(
            "storageclass",
            "string",
            "Storage class of the objects. NONE for stores without storage classes.",
            "STANDARD",
            choices=STORAGE_CLASSES,
            choices_ignore_case=True,
            newer_choices={"EXPRESS_ONEZONE": (3, 1, 0)},
        ),
        Parameter("objectacl", "string", "Access control list (ACL) of each object.", "private", choices=ACLS),
        Parameter("useragent", "string", "User agent of the requests."),
        Parameter("usedualstack", "boolean", "Uses AWS' endpoints with IPv6.", False),
        Parameter("accelerate", "boolean", "Uses AWS' transfer acceleration.", False),
        Parameter("usefipsendpoint", "boolean", "Uses AWS' FIPS endpoints.", False, since=(3, 1, 0)),
        Parameter(
            "redirectendpoint",
            "string",
            "Scheme and host of the address from which clients download layers, instead of the store's own.",
            since=(3, 1, 2),
        ),
        Parameter(
            "loglevel",
            "string",
            "Log level of the AWS SDK.",
            "off",
            choices=SDK_LOG_LEVELS,
            choices_ignore_case=True,
        ),
    ),
    (
        RejectedParameter(
            "parameter-credential", "accesskey", IS_CREDENTIAL, f"{_IN_SECRET}accessKey (access_key_id in a binding)."
        ),
        RejectedParameter(
            "parameter-credential",
            "secretkey",
            IS_CREDENTIAL,
            f"{_IN_SECRET}secretKey (secret_access_key in a binding).",
        ),
        RejectedParameter(
            "parameter-ignored",
            "sessiontoken",
            "is ignored by the driver, so temporary keys do not work.",
            "Use a long-lived key, or cloud identity (leave secretName out).",
        ),
    ),
    operator=_OPERATOR,
    library=_LIBRARY,
    upload_parts=2,
    hides_tags=True,
    faults=(
        Fault(
            (3, 1, 2),
            "lists of tags leave out a tag whose name begins with another one, v10 beside v1 (distribution#4898)",
            since=(3, 1, 0),
        ),
        Fault(
            (3, 1, 2),
            "pages of the catalog leave out repositories whose name begins with another one (distribution#4904)",
        ),
    ),
)
