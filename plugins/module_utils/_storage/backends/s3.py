# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Backend s3: a bucket on AWS or on any store that speaks its protocol."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.encoding import env_value
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, error, errors, warning
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import parameters as driver_parameters
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import secret_data
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import (
    Backend,
    Field,
    SecretKey,
    Store,
    StoreAndFindings,
    StoreRequest,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.checks import s3_checks, s3_regions
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.driver import (
    Driver,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.operator_mapping import OperatorMapping

from .s3_driver import S3_DRIVER

# CR field to driver parameter.
_PARAMETER_OF = {
    "bucket": "bucket",
    "region": "region",
    "regionEndpoint": "regionendpoint",
    "encrypt": "encrypt",
    "secure": "secure",
}
_FIELD_OF = {parameter: name for name, parameter in _PARAMETER_OF.items()}
_TEMPORARY_PREFIX = "ASIA"
_LONG_LIVED_PREFIX = "AKIA"
_KEY_ID = re.compile(r"(?:AKIA|ASIA)[A-Z0-9]{12,124}")
_SECRET_KEY = re.compile(r"[A-Za-z0-9+/]{40}")
_KEY_ID_CHARACTERS = re.compile(r"\w+", re.ASCII)


def s3_store(storage_type: str, settings: Mapping[str, Any], keys: tuple[str, str] | None) -> Store:
    """The store of driver s3. keys: access key and secret key, None for cloud identity."""
    environment = S3_DRIVER.secret_variables if keys else {}
    secret = dict(zip(environment.values(), map(env_value, keys or ()), strict=True))
    return Store(
        storage_type,
        S3_DRIVER.name,
        dict(settings),
        s3_checks.storage_id(settings),
        environment=environment,
        secret=secret,
        credentials=keys or (),
    )


def check_keys(access_key: str, secret_key: str, settings: Mapping[str, Any], paths: tuple[str, str]) -> list[Finding]:
    """Findings about AWS keys. paths: of access key and secret key. Keys of other stores have any form."""
    encoded = [paths[0]] if _KEY_ID.fullmatch(_decoded(access_key)) else []
    if s3_checks.is_aws(settings):
        # A secret key of AWS decodes to bytes that are not text.
        encoded += [paths[1]] if _SECRET_KEY.fullmatch(_decoded(secret_key)) else []
    if encoded:
        message, remedy = (
            "is an AWS key in base64 encoding.",
            "Encode the value once under data, and not at all under stringData.",
        )
        return [error("s3-keys-encoded", path, message, remedy) for path in encoded]
    return _aws_keys(access_key, secret_key, settings, paths) if s3_checks.is_aws(settings) else []


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode("ascii").strip()
    except ValueError:
        return ""


def _aws_keys(access_key: str, secret_key: str, settings: Mapping[str, Any], paths: tuple[str, str]) -> list[Finding]:
    if access_key.startswith(_TEMPORARY_PREFIX):
        message = "is a temporary key, which needs a session token. The driver does not support session tokens."
        return [
            error(
                "s3-temporary-key", paths[0], message, "Use a long-lived key, or cloud identity (leave secretName out)."
            )
        ]
    if secret_key.startswith((_LONG_LIVED_PREFIX, _TEMPORARY_PREFIX)) and len(secret_key) < len(access_key):
        message = "looks like the key ID, and the key ID looks like the secret key."
        return [error("s3-keys-swapped", paths[1], message, "Swap the two values.")]
    # A Secret that is checked alone may be of any store: its region is not known then.
    if settings.get("region") in s3_regions.REGIONS and not _KEY_ID_CHARACTERS.fullmatch(access_key):
        message = "contains characters that are not allowed in an AWS access key ID."
        return [error("s3-key-characters", paths[0], message, "Copy it again, without spaces and line breaks.")]
    return []


@dataclass(frozen=True)
class S3(Backend):
    """A bucket, named in the CR."""

    name: str = "s3"
    fields: tuple[Field, ...] = (
        Field("bucket", "string", "Name of the bucket.", required=True),
        Field("region", "string", "Region of the bucket. For a store without regions, any text.", required=True),
        Field("regionEndpoint", "string", "Address of the store, as URL or host:port. Default: the endpoint of AWS."),
        Field("encrypt", "boolean", "Encrypts images at rest."),
        Field("secure", "boolean", "Uses TLS if regionEndpoint names no scheme."),
        Field("secretName", "string", "Secret with accessKey and secretKey. Default: cloud identity."),
    )
    drivers: tuple[Driver, ...] = (S3_DRIVER,)
    operator: tuple[OperatorMapping, ...] = (
        OperatorMapping("s3", S3_DRIVER, keys={"accessKey": "accessKey", "secretKey": "secretKey"}),
    )
    cloud_identity: bool = True
    secret_keys: tuple[SecretKey, ...] = (
        SecretKey(
            "accessKey", "the ID of the access key.", aliases=("accountKey",), placeholders=("accessKey", "accountKey")
        ),
        SecretKey("secretKey", "the secret access key.", placeholders=("secretKey",)),
    )
    taken_parameters: Mapping[str, str] = field(
        default_factory=lambda: {
            parameter: f"Set it in spec.storage.s3.{name}." for parameter, name in _FIELD_OF.items()
        }
    )

    def check(self, values: Mapping[str, Any], path: str) -> tuple[Finding, ...]:
        """Bucket, region, endpoint, and the Secret's name."""

        def path_of(name: str) -> str:
            return f"{path}.{_FIELD_OF[name]}"

        return (
            *s3_checks.check_place(_settings(values), path_of),
            *secret_data.check_secret_name(values.get("secretName"), path),
        )

    def store(self, request: StoreRequest) -> StoreAndFindings:
        """Driver s3 with the keys of the Secret, or by cloud identity."""
        parameters, problems = driver_parameters.check_parameters(
            S3_DRIVER, request.parameters, request.parameters_path, self.taken_parameters
        )
        settings = {**_settings(request.values), **parameters}
        found = [*problems, *s3_checks.check_access(settings, lambda name: _path_of(name, request))]
        keys = None
        if request.secret is None:
            found.extend(_identity_findings(settings, request.path))
        else:
            texts, more = secret_data.read_values(request.secret, self.secret_keys, request.secret_path)
            found.extend(more)
            if not errors(more):
                keys = (texts["accessKey"], texts["secretKey"])
                found.extend(
                    check_keys(
                        *keys, settings, (f"{request.secret_path}.accessKey", f"{request.secret_path}.secretKey")
                    )
                )
        if errors(found):
            return None, tuple(found)
        return s3_store(self.name, settings, keys), tuple(found)


def _settings(values: Mapping[str, Any]) -> dict[str, Any]:
    return {_PARAMETER_OF[name]: value for name, value in values.items() if name in _PARAMETER_OF}


def _path_of(name: str, request: StoreRequest) -> str:
    return f"{request.path}.{_FIELD_OF[name]}" if name in _FIELD_OF else f"{request.parameters_path}.{name}"


def _identity_findings(settings: Mapping[str, Any], path: str) -> list[Finding]:
    if s3_checks.is_aws(settings):
        return []
    message = (
        "is not set: the registry would authenticate with cloud identity, which few stores other than AWS support."
    )
    return [warning("s3-no-keys", f"{path}.secretName", message, "Specify a Secret with accessKey and secretKey.")]


S3_BACKEND = S3()
