# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Backend azure: a container of an Azure storage account. Account and container are in the Secret, as the operator requires."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.encoding import env_value
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, error, errors
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.variables import Variables
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
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.checks import azure_checks
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.checks.azure_checks import (
    CLIENT_SECRET,
    SHARED_KEY,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.driver import (
    ChartCredential,
    Driver,
    DriverMapping,
    Fault,
    Parameter,
    RejectedParameter,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.operator_mapping import OperatorMapping
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.texts import IS_CREDENTIAL


def _storage_id(parameters: Mapping[str, str]) -> str | None:
    values = {"accountName": parameters.get("accountname", ""), "container": parameters.get("container", "")}
    return azure_checks.storage_id(values, parameters) if all(values.values()) else None


def _login_missing(place: str) -> Finding:
    message = "the operator does not set the authentication type for Azure, so the registry exits at startup."
    remedy = "Let the collection complete the Deployment, or use direct mode (registry_mode: direct)."
    return error("operator-azure-no-type", place, message, remedy)


_OPERATOR = DriverMapping(
    mandatory="container",
    credentials=(
        ChartCredential("accountName", "azureAccountName"),
        ChartCredential("accountKey", "azureAccountKey"),
        ChartCredential("container", "azureContainer"),
    ),
    missing_credential="is missing or empty: the operator reports no error, and the Pod never starts.",
    refers_always=True,
    login_parameter="credentials",
    login_missing=_login_missing,
    storage_id=_storage_id,
)

_OTHER_LOGIN = "Use another authentication type. See the page of the backend azure."
# azidentity: identity of the workload.
_LIBRARY = Variables(
    prefixes=("AZURE_", "MSI_", "IDENTITY_"),
    known={
        "AZURE_AUTHORITY_HOST": "text",
        "AZURE_CLIENT_ID": "text",
        "AZURE_FEDERATED_TOKEN_FILE": "text",
        "AZURE_REGIONAL_AUTHORITY_NAME": "text",
        "AZURE_TENANT_ID": "text",
    },
    credentials={
        "AZURE_CLIENT_SECRET": "Use registry_driver_parameters (credentials: type client_secret) with the key in registry_storage_secret.",
        "AZURE_CLIENT_CERTIFICATE_PASSWORD": _OTHER_LOGIN,
        "AZURE_PASSWORD": _OTHER_LOGIN,
        "AZURE_USERNAME": _OTHER_LOGIN,
    },
)

AZURE_DRIVER = Driver(
    "azure",
    (
        Parameter("accountname", "string", "Name of the storage account."),
        Parameter("container", "string", "Name of the container."),
        Parameter(
            "credentials",
            "mapping",
            "{type: ...}: shared_key, client_secret or default_credentials.",
            newer_choices={"default_credentials": (3, 1, 0)},
        ),
        Parameter("realm", "string", "Domain of the cloud.", azure_checks.DEFAULT_REALM),
        Parameter("serviceurl", "string", "URL of the blob service. Default: built from the account name and realm."),
        Parameter("rootdirectory", "string", "Folder in the container. A change hides all images."),
        Parameter("max_retries", "integer", "Number of retries after a failure.", 5, minimum=1, maximum=2**31 - 1),
        Parameter("retry_delay", "duration", "Time before a retry.", "100ms"),
        Parameter("skipverify", "boolean", "Accepts any TLS certificate.", False),
    ),
    (
        RejectedParameter(
            "parameter-credential", "accountkey", IS_CREDENTIAL, "Put it in the storage Secret, key accountKey."
        ),
        RejectedParameter(
            "parameter-ignored",
            "connectionstring",
            "has no effect: the driver reads it but does not use it.",
            "Copy its accountName and accountKey to the storage Secret.",
        ),
        RejectedParameter(
            "parameter-ignored", "trimlegacyrootprefix", "is ignored by Distribution 3.", "Leave it out."
        ),
        RejectedParameter(
            "parameter-renamed", "copy_status_poll_max_retry", "was the name in early versions.", "Write max_retries."
        ),
        RejectedParameter(
            "parameter-renamed", "copy_status_poll_delay", "was the name in early versions.", "Write retry_delay."
        ),
    ),
    operator=_OPERATOR,
    library=_LIBRARY,
    signs_https_only=True,
    faults=(
        Fault(
            (3, 1, 2),
            "pushes to tags that another tool copied into the container, or that 3.1.2 wrote, fail with 409 InvalidBlobType (distribution#4871, #4888)",
        ),
        Fault((3, 1, 0), "credentials of type default_credentials are treated as a shared key (distribution#4618)"),
    ),
)

ACCOUNT_NAME = SecretKey("accountName", "the name of the storage account.", secret=False, placeholders=("accountName",))
ACCOUNT_KEY = SecretKey("accountKey", "a key of the storage account.", placeholders=("accountKey",))
CONTAINER = SecretKey("container", "the name of the container.", secret=False)
CLIENT_KEYS = (
    SecretKey("clientId", "the application (client) ID.", required=False, secret=False),
    SecretKey("tenantId", "the directory (tenant) ID.", required=False, secret=False),
    SecretKey("clientSecret", "a secret of the application.", required=False),
)

_KEY_VARIABLE = AZURE_DRIVER.variable("accountkey")
# One variable for the whole: below a mapping of the file Distribution ignores variables (configuration/parser.go,
# "map with non-string keys"), and this one replaces it.
_CLIENT_ENVIRONMENT = {AZURE_DRIVER.variable("credentials"): "azureCredentials"}


@dataclass(frozen=True)
class Azure(Backend):
    """A container of an Azure storage account."""

    name: str = "azure"
    fields: tuple[Field, ...] = (
        Field("secretName", "string", "Secret with accountName, accountKey and container.", required=True),
    )
    drivers: tuple[Driver, ...] = (AZURE_DRIVER,)
    operator: tuple[OperatorMapping, ...] = (
        OperatorMapping(
            "azure",
            AZURE_DRIVER,
            keys={"accountName": "accountName", "accountKey": "accountKey", "container": "container"},
        ),
    )
    secret_keys: tuple[SecretKey, ...] = (ACCOUNT_NAME, ACCOUNT_KEY, CONTAINER, *CLIENT_KEYS)
    taken_parameters: Mapping[str, str] = field(
        default_factory=lambda: {
            "accountname": "Set it in the storage Secret, key accountName.",
            "container": "Set it in the storage Secret, key container.",
        }
    )

    def check(self, values: Mapping[str, Any], path: str) -> tuple[Finding, ...]:
        """The Secret's name."""
        return secret_data.check_secret_name(values["secretName"], path)

    def store(self, request: StoreRequest) -> StoreAndFindings:
        """Driver azure with the credentials of the Secret."""
        path = request.parameters_path
        parameters, problems = driver_parameters.check_parameters(
            AZURE_DRIVER, request.parameters, path, self.taken_parameters
        )
        kind, more = azure_checks.credentials_type(parameters.get("credentials"), f"{path}.credentials")
        found = [*problems, *more, *azure_checks.check_parameters(parameters, path)]
        texts, more = secret_data.read_values(request.secret or {}, _needed(kind), request.secret_path)
        found.extend(more)
        found.extend(azure_checks.check_credentials(texts, parameters, request.secret_path))
        if errors(found):
            return None, tuple(found)
        section = {**parameters, "credentials": {"type": kind}}
        return _store(self.name, kind, section, texts), tuple(found)

    def has_required_keys(self, secret: Mapping[str, bytes]) -> bool:
        """Account and container exist. Other keys, or none, determine how to authenticate to it."""
        return all(key.name in secret for key in (ACCOUNT_NAME, CONTAINER))


def _needed(kind: str) -> tuple[SecretKey, ...]:
    if kind == SHARED_KEY:
        return (ACCOUNT_NAME, ACCOUNT_KEY, CONTAINER)
    if kind == CLIENT_SECRET:
        return (ACCOUNT_NAME, CONTAINER, *CLIENT_KEYS)
    return (ACCOUNT_NAME, CONTAINER)


def _store(storage_type: str, kind: str, section: Mapping[str, Any], texts: Mapping[str, str]) -> Store:
    environment = AZURE_DRIVER.secret_variables
    secret = {"azureAccountName": env_value(texts["accountName"]), "azureContainer": env_value(texts["container"])}
    credentials: tuple[str, ...] = ()
    if kind != SHARED_KEY:
        del environment[_KEY_VARIABLE]
    else:
        secret["azureAccountKey"] = env_value(texts["accountKey"])
        credentials = (texts["accountKey"],)
    if kind == CLIENT_SECRET:
        environment.update(_CLIENT_ENVIRONMENT)
        secret["azureCredentials"] = env_value(
            {
                "type": kind,
                "clientid": texts["clientId"],
                "tenantid": texts["tenantId"],
                "secret": texts["clientSecret"],
            }
        )
        credentials = (texts["clientSecret"],)
    return Store(
        storage_type,
        AZURE_DRIVER.name,
        section,
        azure_checks.storage_id(texts, section),
        environment=environment,
        secret=secret,
        credentials=credentials,
    )


AZURE = Azure()
