# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Log lines of the registry to causes and remedies (observed on registry 3.1.1). Pure.

A registry that cannot start says why in one line: `panic: ...`, `configuration error: ...`, or a log line of level fatal. One
that runs on a dead store logs `storage driver health check: ...` at level error.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.log_redaction import redacted

LONGEST_LINE = 300
# Longer ones are cut before they are searched.
_LONGEST_INPUT = 4000


@dataclass(frozen=True)
class Cause:
    """One explained line. line: as logged, without credentials, at most 300 characters. cause, remedy: may be ''.

    code: of a finding about it: store-* if the store rejects the request or does not answer, else registry-failed.
    """

    line: str
    cause: str = ""
    remedy: str = ""
    code: str = "registry-failed"

    def text(self) -> str:
        """The line, and what it means if that is known."""
        meaning = f" ({self.cause})" if self.cause else ""
        return f"{self.line}{meaning}"


_ENVIRONMENT = "Remove the REGISTRY_STORAGE_* variable from registry_env."
_LINKS = "Keep enableServiceLinks: false in the Pod, and name no Service registry-auth or registry-storage."
_PARAMETER = "Correct the driver parameter that the line names."

# (pattern, cause, remedy): the first that matches counts, so the more specific come first.
_TABLE: tuple[tuple[str, str, str], ...] = (
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
# What stores answer, and what keeps a registry from reaching them: (code, pattern, cause, remedy), the more specific first.
_STORES: tuple[tuple[str, str, str, str], ...] = (
    (
        "store-clock-skew",
        r"RequestTimeTooSkewed|RequestExpired|token must be a short-lived token",
        "the clocks of the node and of the store differ too much",
        "Set the node's clock right (NTP).",
    ),
    (
        "store-credentials",
        r"SignatureDoesNotMatch|InvalidAccessKeyId|AuthenticationFailed|invalid_grant|invalid_client|Invalid Credentials"
        r"|private key should be a PEM",
        "the store does not accept the credentials",
        "Correct the keys in the storage Secret.",
    ),
    (
        # Azure's answer behind its firewall; Azurite's answer to a wrong key.
        "store-credentials",
        r"AuthorizationFailure",
        "the store does not accept the credentials, or its firewall does not let the registry in",
        "Correct the keys in the storage Secret, or the network rules of the account.",
    ),
    (
        "store-missing",
        r"NoSuchBucket|ContainerNotFound|bucket doesn't exist|bucket does not exist",
        "the bucket or container does not exist",
        "Create it, or correct its name.",
    ),
    (
        "store-region",
        r"AuthorizationHeaderMalformed|BucketRegionError|PermanentRedirect",
        "the bucket is in another region",
        "Correct the region.",
    ),
    (
        "store-forbidden",
        r"AccessDenied|AuthorizationPermissionMismatch|Error 403",
        "the store knows the credentials and does not allow what a registry does",
        "Allow them to list, read, write and delete in it; the backend's page of the documentation names the permissions.",
    ),
    (
        "store-tls",
        r"x509:|server gave HTTP response to HTTPS client",
        "the registry does not trust the certificate of its store",
        "Give the authority's certificate with registry_ca_bundle, or correct the endpoint.",
    ),
    (
        "store-name-unknown",
        r"no such host|server misbehaving",
        "the name of the store is not known",
        "Correct the endpoint, or the cluster's DNS; a store of your own may need the driver parameter forcepathstyle.",
    ),
    (
        "store-unreachable",
        r"connection refused|i/o timeout|no route to host|network is unreachable|deadline exceeded|context canceled",
        "the store does not answer",
        "Check the endpoint, network policies and proxies.",
    ),
    (
        "store-protocol",
        r"SerializationError",
        "the server at the endpoint is not an object store of this type",
        "Correct the endpoint, and whether it is http or https.",
    ),
    (
        "store-no-credentials",
        r"could not find default credentials|NoCredentialProviders|DefaultAzureCredential",
        "the registry has no credentials for its store",
        "Name the Secret with the credentials, or give the Pod an identity of the cloud.",
    ),
)
# (code, pattern, cause, remedy)
ROWS = (*(("registry-failed", *row) for row in _TABLE), *_STORES)
_KNOWN = tuple((code, re.compile(pattern, re.IGNORECASE), cause, remedy) for code, pattern, cause, remedy in ROWS)

# Plain text that ends the process (Go's runtime, the command line), and the text form of Distribution's log lines.
_FATAL = re.compile(r"panic: |fatal error: |configuration error: ")
_FIELD = re.compile(r'(?<![\w.])([\w.]+)=(?:"((?:[^"\\]|\\.)*)"|(\S*))')
# The decoder of driver parameters names the parameter on a separate line.
_DETAIL = re.compile(r"^panic: \d+ error\(s\) decoding:$")


def find_cause(log: str) -> Cause | None:
    """The first line that says why the registry stopped; else the latest error about its storage; else None.

    Other errors of a running registry (a client without credentials, an unknown image) are not related to its health.
    """
    latest: Cause | None = None
    for level, message in _entries(log):
        if level == "fatal":
            return explain_line(message)
        if level == "error":
            cause = explain_line(message)
            latest = cause if cause.cause or "health check" in message else latest
    return latest


def explain_line(message: str) -> Cause:
    """The cause behind one message."""
    message = message[:_LONGEST_INPUT]
    line = _redacted_line(message)
    for code, pattern, cause, remedy in _KNOWN:
        if pattern.search(message):
            return Cause(line, cause, remedy, code)
    return Cause(line)


def _redacted_line(message: str) -> str:
    """The message on one line, without credentials, bounded."""
    line = " ".join(redacted(message).split())
    return line if len(line) <= LONGEST_LINE else line[: LONGEST_LINE - 3] + "..."


def _entries(log: str) -> Iterator[tuple[str, str]]:
    """(`fatal`, `error` or '', message) for each line."""
    lines = iter(log.splitlines())
    for raw in lines:
        line = raw.strip()
        if _DETAIL.match(line):
            details = (text.strip() for text in lines)
            line = f"{line} {next((text for text in details if text.startswith('* ')), '')}"
        yield _json_entry(line) or _text_entry(line)


def _json_entry(line: str) -> tuple[str, str] | None:
    if not line.startswith("{"):
        return None
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(entry, dict):
        return None
    return _describe(entry)


def _text_entry(line: str) -> tuple[str, str]:
    if _FATAL.match(line):
        return "fatal", line
    fields: dict[str, Any] = {}
    for name, quoted, bare in _FIELD.findall(line):
        fields.setdefault(name, bare or quoted.replace('\\"', '"'))
    return _describe(fields) if "level" in fields else ("", line)


def _describe(fields: dict[str, Any]) -> tuple[str, str]:
    """Level and message of a log line, with the error that its other fields carry."""
    level = str(fields["level"]) if fields.get("level") else ""
    parts = [fields.get("msg"), fields.get("error") or fields.get("err.detail") or fields.get("err.message")]
    return "fatal" if level in ("fatal", "panic") else level, ": ".join(str(part) for part in parts if part)
