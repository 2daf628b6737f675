# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Backend btpObjectStore: a service binding of SAP BTP's Object Store, which leads to a bucket of AWS or Google.

The keys show which store it is, in the operator's order: host is AWS, sas_token is Azure (rejected), base64EncodedPrivateKeyData
is Google.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, error, errors
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import parameters as driver_parameters
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import secret_data
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import (
    Backend,
    Field,
    SecretKey,
    StoreAndFindings,
    StoreRequest,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.checks import s3_checks, service_account
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.checks.s3_regions import REGIONS
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.driver import (
    Driver,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.operator_mapping import OperatorMapping
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.texts import nearest

from . import gcs, s3
from .azure import AZURE_DRIVER
from .gcs import GCS_DRIVER
from .s3_driver import S3_DRIVER

AWS_STORAGE_TYPE, AZURE_STORAGE_TYPE, GCP_STORAGE_TYPE = (
    "btp-objectstore-aws",
    "btp-objectstore-azure",
    "btp-objectstore-gcp",
)
AWS_MARK, AZURE_MARK, GCP_MARK = "host", "sas_token", "base64EncodedPrivateKeyData"

BUCKET = SecretKey("bucket", "the name of the bucket.", secret=False)
AWS_KEYS = (
    SecretKey("access_key_id", "the ID of the access key."),
    SecretKey("secret_access_key", "the secret access key."),
    BUCKET,
    SecretKey("region", "the region of the bucket.", secret=False),
    SecretKey(AWS_MARK, "the address of S3 in that region.", secret=False),
)
GCP_KEYS = (
    SecretKey(GCP_MARK, "the service account's key file, in base64.", multiline=True),
    BUCKET,
)
# What else bindings to the three stores hold, without addresses: those may carry keys. Then what BTP's service operator adds.
_NAMES = ("username", "projectId", "keyAlgo", "account_name", "container_name", "role")
_OF_OPERATOR = ("type", "label", "plan", "tags", "instance_name", "instance_guid", "instance_external_name")
_FROM_BINDING = "Leave it out: the service binding contains it."
_AWS_TAKEN_PARAMETERS = {"bucket": _FROM_BINDING, "region": _FROM_BINDING}
_GCP_TAKEN_PARAMETERS = {"bucket": _FROM_BINDING}
_REBIND = "Create a new service binding without parameters and specify its Secret."


def _aws_host(parameters: Mapping[str, Any]) -> str:
    """The host of a binding; the operator reads from it only that the binding is one to AWS."""
    endpoint = str(parameters.get("regionendpoint", f"s3.{parameters['region']}.amazonaws.com"))
    return endpoint.rpartition("://")[2]


@dataclass(frozen=True)
class BtpObjectStore(Backend):
    """A service binding of SAP BTP's Object Store."""

    name: str = "btpObjectStore"
    fields: tuple[Field, ...] = (Field("secretName", "string", "Secret of the service binding."),)
    drivers: tuple[Driver, ...] = (S3_DRIVER, GCS_DRIVER)
    operator: tuple[OperatorMapping, ...] = (
        OperatorMapping(
            AWS_STORAGE_TYPE,
            S3_DRIVER,
            keys={"access_key_id": "accessKey", "secret_access_key": "secretKey"},
            mark=AWS_MARK,
            mark_value=_aws_host,
            parameters=("bucket", "region"),
            flags={"secure": True},
        ),
        OperatorMapping(AZURE_STORAGE_TYPE, AZURE_DRIVER, mark=AZURE_MARK, rejected=True),
        OperatorMapping(
            GCP_STORAGE_TYPE,
            GCS_DRIVER,
            keys={GCP_MARK: "accountkey"},
            mark=GCP_MARK,
            encoded=frozenset({GCP_MARK}),
            parameters=("bucket",),
        ),
    )
    secret_remedy: str = "Use a binding to AWS or Google, or your own Azure account (azure)."
    secret_keys: tuple[SecretKey, ...] = (*AWS_KEYS, *GCP_KEYS[:1])
    taken_parameters: Mapping[str, str] = field(default_factory=lambda: _AWS_TAKEN_PARAMETERS)
    names: tuple[str, ...] = (*_NAMES, *_OF_OPERATOR)

    def check(self, values: Mapping[str, Any], path: str) -> tuple[Finding, ...]:
        """The Secret's name; the CRD does not require it, the operator does."""
        if not values.get("secretName"):
            message = "is required, but missing or empty."
            remedy = "Specify the Secret of the service binding."
            return (error("storage-missing-field", f"{path}.secretName", message, remedy),)
        return secret_data.check_secret_name(values["secretName"], path)

    def store(self, request: StoreRequest) -> StoreAndFindings:
        """Driver s3 or gcs with what the binding holds."""
        data = request.secret or {}
        refusal = _refusal(data, request.secret_path)
        if refusal is not None:
            return None, (*secret_data.check_secret(data, request.secret_path), refusal)
        if AWS_MARK in data:
            return _aws(data, request)
        return _gcp(data, request)

    def has_required_keys(self, secret: Mapping[str, bytes]) -> bool:
        """One of the keys that identify a store exists."""
        return any(mark in secret for mark in (AWS_MARK, AZURE_MARK, GCP_MARK))

    def has_any_key(self, secret: Mapping[str, bytes]) -> bool:
        """As has_required_keys(): bucket and region alone do not identify a binding."""
        return self.has_required_keys(secret)


def _refusal(data: Mapping[str, bytes], path: str) -> Finding | None:
    if AWS_MARK not in data and AZURE_MARK in data:
        message = "is a service binding to Azure. The driver cannot use its shared access signature."
        return error(
            "btp-azure", path, message, "Use a subaccount on AWS or Google, or your own Azure account (azure)."
        )
    if "role" in data:
        message = "restricts the service binding. A registry must be able to read, write and delete."
        return error("btp-role", f"{path}.role", message, _REBIND)
    if AWS_MARK in data and GCP_MARK in data:
        message = "has the keys of a service binding to AWS and of one to Google. A key without a new value remains in a Secret."
        return error("btp-two-bindings", path, message, "Use a separate Secret for each service binding.")
    if AWS_MARK in data or GCP_MARK in data:
        return None
    for mark in (AWS_MARK, GCP_MARK):
        suggestion = nearest(mark, [name for name in data if name.isprintable()])
        if suggestion is not None:
            message = f"is not a key of a service binding. The expected key is {mark}."
            return error("secret-misspelt-key", f"{path}.{suggestion}", message, f"Rename the key to {mark}.")
    message = f"is not a binding to an object store: neither {AWS_MARK} (AWS), {AZURE_MARK} (Azure) nor {GCP_MARK} (Google) is a key of the Secret."
    return error("btp-unknown-binding", path, message, "Specify the Secret of the service binding.")


def _read_binding(
    data: Mapping[str, bytes],
    request: StoreRequest,
    driver: Driver,
    keys: tuple[SecretKey, ...],
    taken_parameters: Mapping[str, str],
) -> tuple[dict[str, Any], dict[str, str] | None, list[Finding]]:
    """The driver parameters, the texts of the binding (None if one is wrong or missing), and findings."""
    parameters, problems = driver_parameters.check_parameters(
        driver, request.parameters, request.parameters_path, taken_parameters
    )
    texts, more = secret_data.read_values(data, keys, request.secret_path)
    return parameters, None if errors(more) else texts, [*problems, *more]


def _aws(data: Mapping[str, bytes], request: StoreRequest) -> StoreAndFindings:
    path, parameters_path = request.secret_path, request.parameters_path
    parameters, texts, found = _read_binding(data, request, S3_DRIVER, AWS_KEYS, _AWS_TAKEN_PARAMETERS)
    if texts is None:
        return None, tuple(found)
    settings = {"bucket": texts["bucket"], "region": texts["region"], **parameters}
    if texts["region"] not in REGIONS and "regionendpoint" not in parameters:
        # A region newer than the driver's list works with its endpoint, and the binding names it.
        settings["regionendpoint"] = f"https://{texts[AWS_MARK]}"

    def path_of(name: str) -> str:
        if name == "regionendpoint" and name not in parameters:
            return f"{path}.{AWS_MARK}"
        return f"{path}.{name}" if name in _AWS_TAKEN_PARAMETERS else f"{parameters_path}.{name}"

    keys = (texts["access_key_id"], texts["secret_access_key"])
    found.extend(s3_checks.check_place(settings, path_of))
    found.extend(s3_checks.check_access(settings, path_of))
    found.extend(s3.check_keys(*keys, settings, (f"{path}.access_key_id", f"{path}.secret_access_key")))
    if errors(found):
        return None, tuple(found)
    return s3.s3_store(AWS_STORAGE_TYPE, settings, keys), tuple(found)


def _gcp(data: Mapping[str, bytes], request: StoreRequest) -> StoreAndFindings:
    path, parameters_path = request.secret_path, request.parameters_path
    parameters, texts, found = _read_binding(data, request, GCS_DRIVER, GCP_KEYS, _GCP_TAKEN_PARAMETERS)
    if texts is None:
        return None, tuple(found)
    settings = {"bucket": texts["bucket"], **parameters}
    paths = {"bucket": f"{path}.bucket", "rootdirectory": f"{parameters_path}.rootdirectory"}
    found.extend(gcs.check_place(settings, paths))
    key_file, more = _key_file(texts[GCP_MARK], f"{path}.{GCP_MARK}")
    found.extend(more)
    if errors(found):
        return None, tuple(found)
    return gcs.gcs_store(GCP_STORAGE_TYPE, settings, key_file, (texts[GCP_MARK],)), tuple(found)


def _key_file(text: str, path: str) -> tuple[str, list[Finding]]:
    """The key file inside; line ends in base64 are left out as Go does."""
    lines = text.replace("\r", "").replace("\n", "")
    try:
        decoded = base64.b64decode(lines.encode("ascii"), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        message = "is not base64-encoded text. In a service binding the key file is base64-encoded."
        return "", [error("btp-key-encoding", path, message, "Copy the value from the service binding unchanged.")]
    return decoded, service_account.check_key_file(decoded, path)


BTP_OBJECT_STORE = BtpObjectStore()
