# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with an Azure account, its key, and the way to it (auth.go, parser.go of the driver; Azure's naming rules). Pure."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import (
    Finding,
    error,
    shown_key,
    warning,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import bucket_storage_id
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.texts import (
    IS_CREDENTIAL,
    kind_of,
    nearest,
    root_directory_problem,
    suggest_name,
)

from .endpoints import Endpoint, parse_endpoint

SHARED_KEY, CLIENT_SECRET, DEFAULT_CREDENTIALS = "shared_key", "client_secret", "default_credentials"
TYPES = (SHARED_KEY, CLIENT_SECRET, DEFAULT_CREDENTIALS)
DEFAULT_REALM = "core.windows.net"
REALMS = (DEFAULT_REALM, "core.chinacloudapi.cn", "core.usgovcloudapi.net")

_ACCOUNT = re.compile(r"[a-z0-9]{3,24}")
_CONTAINER = re.compile(r"[0-9a-z]+(-[0-9a-z]+)*")
_IDENTIFIER = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_TENANT_DOMAIN = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_SHARED_ACCESS = re.compile(r"[?&]?(sv|sig|se|sp)=[^&]*&", re.IGNORECASE)
_CONNECTION = re.compile(r"(AccountKey|AccountName|DefaultEndpointsProtocol|SharedAccessSignature)=", re.IGNORECASE)
_KEY_BYTES = 64
_CREDENTIAL_KEYS = {"clientid": "clientId", "tenantid": "tenantId", "secret": "clientSecret"}
_AZURE_DOMAINS = (".blob.core.windows.net", ".blob.storage.azure.net")


def credentials_type(parameters: Mapping[str, Any] | None, path: str) -> tuple[str, list[Finding]]:
    """The authentication type, shared_key if none is named (the driver has no default), and findings."""
    found: list[Finding] = []
    for key in parameters or {}:
        name, place = str(key), f"{path}.{shown_key(key)}"
        if name in _CREDENTIAL_KEYS:
            remedy = f"Put it into the storage Secret, key {_CREDENTIAL_KEYS[name]}."
            found.append(error("parameter-credential", place, IS_CREDENTIAL, remedy))
        elif name != "type":
            found.append(
                error("parameter-unknown", place, "is not a field of credentials.", suggest_name(name, ("type",)))
            )
    kind = (parameters or {}).get("type", SHARED_KEY)
    if not isinstance(kind, str):
        message = f"is {kind_of(kind)}, not text."
        return SHARED_KEY, [*found, error("parameter-wrong-type", f"{path}.type", message, f"Use {SHARED_KEY}.")]
    if kind not in TYPES:
        suggestion = nearest(kind, TYPES)
        remedy = f"Did you mean {suggestion}?" if suggestion else f"Use one of: {', '.join(TYPES)}."
        message = "is not a type that the driver supports. The registry would not start."
        return SHARED_KEY, [*found, error("parameter-bad-choice", f"{path}.type", message, remedy)]
    return kind, found


def check_parameters(parameters: Mapping[str, Any], path: str) -> list[Finding]:
    """Findings about the way to the account."""
    found = [*_service_url(parameters, f"{path}.serviceurl"), *_realm(parameters, f"{path}.realm")]
    problem = root_directory_problem(parameters.get("rootdirectory", ""))
    if problem:
        found.append(
            error("root-directory", f"{path}.rootdirectory", problem, "Specify a folder, for example registry.")
        )
    if parameters.get("skipverify"):
        message = "is true: an attacker on the network path can read credentials and images."
        remedy = "Trust the store's CA instead (registry_ca_bundle)."
        found.append(warning("tls-unverified", f"{path}.skipverify", message, remedy))
    return found


def _service_url(parameters: Mapping[str, Any], path: str) -> list[Finding]:
    text = parameters.get("serviceurl")
    if not text:
        return []
    remedy = "Write for example https://account.blob.core.windows.net."
    endpoint, problem = parse_endpoint(text)
    if endpoint is None:
        return [error("endpoint-bad", path, problem, remedy)]
    if not endpoint.scheme:
        return [error("endpoint-bad", path, "has no scheme. The driver requires a complete URL.", remedy)]
    if endpoint.scheme == "http":
        message = "disables TLS between the registry and the store: images and signed requests are sent unencrypted."
        return [warning("endpoint-http", path, message, "Use https if the store supports it.")]
    return []


def _realm(parameters: Mapping[str, Any], path: str) -> list[Finding]:
    realm = parameters.get("realm")
    if not realm:
        return []
    if parameters.get("serviceurl"):
        message = "has no effect if serviceurl is set."
        return [warning("azure-realm-shadowed", path, message, "Leave one of them out.")]
    endpoint, _problem = parse_endpoint(realm)
    if endpoint is None or endpoint.scheme or endpoint.port or endpoint.path or ".blob." in f".{realm}":
        message = "is not the domain that follows `.blob.` in the address."
        return [
            error(
                "azure-realm", path, message, f"Write for example {DEFAULT_REALM}; use serviceurl for a complete URL."
            )
        ]
    if realm not in REALMS:
        message = "is not the domain of an Azure cloud."
        return [warning("azure-realm-unknown", path, message, f"Known: {', '.join(REALMS)}.")]
    return []


def check_credentials(texts: Mapping[str, str], parameters: Mapping[str, Any], path: str) -> list[Finding]:
    """Findings about the Secret's values, as far as they could be read. An emulator behind serviceurl may name as it likes."""
    lenient = _own_service(parameters) is not None
    found: list[Finding] = []
    if "accountName" in texts and not _ACCOUNT.fullmatch(texts["accountName"]):
        message = "is not a valid name of a storage account: 3 to 24 lower-case letters and digits."
        place = f"{path}.accountName"
        remedy = "Specify only the account name, without the domain."
        found.append(
            warning("azure-account-name-own", place, message, remedy)
            if lenient
            else error("azure-account-name", place, message, remedy)
        )
    elif "accountName" in texts:
        found.extend(_foreign_account(texts["accountName"], parameters, f"{path}.accountName"))
    container = texts.get("container")
    if container is not None and not (3 <= len(container) <= 63 and _CONTAINER.fullmatch(container)):
        message = "is not a valid name of a container: 3 to 63 lower-case letters, digits and single '-', a letter or digit at each end."
        found.append(error("azure-container-name", f"{path}.container", message, "Specify only the container name."))
    if "accountKey" in texts:
        found.extend(_account_key(texts["accountKey"], f"{path}.accountKey", lenient))
    return [*found, *_client_findings(texts, path)]


def _foreign_account(account: str, parameters: Mapping[str, Any], path: str) -> list[Finding]:
    """A login by token leads to the account of the address, and not to that of the Secret."""
    endpoint = _endpoint(parameters)
    if endpoint is None or not endpoint.host.endswith(_AZURE_DOMAINS):
        return []
    store = endpoint.host.partition(".")[0]
    if store == account:
        return []
    message = f"is {account}, but serviceurl is an address of the account {store}."
    remedy = "Specify the account that holds the images in both, or leave serviceurl out."
    return [error("azure-account-differs", path, message, remedy)]


def _account_key(key: str, path: str, lenient: bool) -> list[Finding]:
    if _CONNECTION.search(key):
        message = "is a connection string, not a key."
        return [error("azure-connection-string", path, message, "Use the part that follows AccountKey=.")]
    if _SHARED_ACCESS.search(key):
        message = "is a shared access signature (SAS), which the driver cannot use."
        return [error("azure-sas", path, message, "Use an account key, or credentials of type client_secret.")]
    raw = _decoded(key)
    if raw is None:
        message = "is not valid base64. The registry would not start."
        return [error("azure-account-key", path, message, "Copy the key from the account's Access keys.")]
    if len(raw) == _KEY_BYTES:
        return []
    if len(_decoded(raw.decode("ascii", "replace")) or b"") == _KEY_BYTES:
        message = "is base64-encoded twice."
        return [error("azure-account-key", path, message, "Remove one encoding: the key itself is already base64.")]
    message = f"is base64 of {len(raw)} bytes, but an Azure account key has {_KEY_BYTES} bytes."
    if lenient:
        return [warning("azure-account-key-length", path, message, "This is valid only for a self-hosted store.")]
    return [error("azure-account-key", path, message, "Copy the whole key from the account's Access keys.")]


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, ValueError):
        return None


def _client_findings(texts: Mapping[str, str], path: str) -> list[Finding]:
    found = []
    client, tenant = texts.get("clientId"), texts.get("tenantId")
    if client is not None and not _IDENTIFIER.fullmatch(client):
        message = "is not a UUID (8-4-4-4-12 hexadecimal digits)."
        found.append(
            warning("azure-client-form", f"{path}.clientId", message, "Copy the application (client) id, not its name.")
        )
    if tenant is not None and not (_IDENTIFIER.fullmatch(tenant) or _TENANT_DOMAIN.fullmatch(tenant)):
        message = "is neither an identifier of the form 8-4-4-4-12 nor a domain."
        found.append(warning("azure-client-form", f"{path}.tenantId", message, "Copy the directory (tenant) id."))
    return found


def _endpoint(parameters: Mapping[str, Any]) -> Endpoint | None:
    text = parameters.get("serviceurl")
    return parse_endpoint(text)[0] if text else None


def _own_service(parameters: Mapping[str, Any]) -> Endpoint | None:
    """The address of a service that is not Azure's own."""
    endpoint = _endpoint(parameters)
    if endpoint is None or endpoint.host.endswith(_AZURE_DOMAINS):
        return None
    return endpoint


def storage_id(texts: Mapping[str, str], parameters: Mapping[str, Any]) -> str:
    """The storage ID. An account is the same behind each of Azure's own addresses; elsewhere the address belongs to it.

    A path of the address comes before the container; emulators have the account there.
    """
    account, endpoint, own = texts["accountName"], _endpoint(parameters), _own_service(parameters)
    path = endpoint.path if endpoint is not None else None
    realm = str(parameters.get("realm") or DEFAULT_REALM).lower().rstrip(".") if endpoint is None else DEFAULT_REALM
    if own is not None:
        realm = next((item for item in REALMS if own.host == f"{account}.blob.{item}"), own.server())
        path = path if path != account else None
    if realm != DEFAULT_REALM:
        account = f"{account}@{realm}"
    return bucket_storage_id("azure", account, path, texts["container"], parameters.get("rootdirectory"))
