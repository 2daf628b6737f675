"""What `spec.storage` makes of the flags. An error leaves the flags half set: that is how images get lost."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Any

from kymaoperator.errors import LookupFailure, StorageError
from kymaoperator.flags import Flags

Secret = Mapping[str, str]
ReadSecret = Callable[[str], Secret]
BACKENDS = ("azure", "s3", "gcs", "btpObjectStore", "pvc")


def configure(
    flags: Flags,
    storage: Mapping[str, Any] | None,
    namespace: str,
    read_secret: ReadSecret,
    has_claim: Callable[[str], bool],
) -> None:
    """Set the flags. StorageError: the flags that were set before it stay set, and the chart's defaults rule the rest."""
    if storage is None:
        flags.filesystem()
        return
    flags.delete_enabled(bool(storage.get("deleteEnabled")))
    named = [backend for backend in BACKENDS if storage.get(backend) is not None]
    if len(named) > 1:
        raise StorageError("only one storage option can be used")
    flags.no_claim()
    if not named:
        flags.filesystem()
        return
    spec = storage[named[0]]
    if named[0] == "pvc":
        _claim(flags, spec, has_claim)
        return
    label = {"btpObjectStore": "btp"}.get(named[0], named[0])
    try:
        secret = read_secret(spec.get("secretName") or "")
    except LookupFailure as error:
        raise StorageError(f"while fetching {label} storage secret from {namespace}: {error}") from error
    match named[0]:
        case "azure":
            flags.azure(secret.get("accountName", ""), secret.get("accountKey", ""), secret.get("container", ""))
        case "s3":
            flags.s3(spec, secret.get("accessKey", ""), secret.get("secretKey", ""))
        case "gcs":
            flags.gcs(spec, secret.get("accountkey", ""))
        case _:
            _object_store(flags, secret)


def storage_type(storage: Mapping[str, Any] | None, read_secret: ReadSecret, namespace: str) -> str:
    """Return what status.storage says: it follows the spec, not what really runs."""
    names = {"azure": "azure", "s3": "s3", "gcs": "gcs"}
    for backend in BACKENDS:
        if storage and storage.get(backend) is not None:
            if backend == "btpObjectStore":
                name = storage[backend].get("secretName") or ""
                try:
                    return f"btp-objectstore-{provider(read_secret(name))}"
                except LookupFailure as error:
                    raise StorageError(f"while fetching btp storage secret from {namespace}: {error}") from error
            return names.get(backend, "pvc")
    return "filesystem"


def provider(secret: Secret) -> str:
    """The cloud of a BTP binding."""
    for key, name in (("host", "aws"), ("sas_token", "azure"), ("base64EncodedPrivateKeyData", "gcp")):
        if secret.get(key):
            return name
    return "unknown"


def secret_name(storage: Mapping[str, Any] | None) -> str:
    """Return the name of the Secret whose changes matter."""
    for backend in BACKENDS:
        if storage and storage.get(backend) is not None:
            return storage[backend].get("secretName") or ""
    return ""


def _claim(flags: Flags, spec: Mapping[str, Any], has_claim: Callable[[str], bool]) -> None:
    """Use a claim, whether it is there or not."""
    name = spec.get("name", "")
    flags.filesystem()
    flags.claim(name)
    if not has_claim(name):
        raise StorageError(
            "pvc specified to store images can't be reached because of the error:"
            f' PersistentVolumeClaim "{name}" not found'
        )


def _object_store(flags: Flags, secret: Secret) -> None:
    """Use a binding of BTP's Object Store."""
    match provider(secret):
        case "aws":
            spec = {"bucket": secret.get("bucket", ""), "region": secret.get("region", ""), "secure": True}
            flags.s3(spec, secret.get("access_key_id", ""), secret.get("secret_access_key", ""))
        case "gcp":
            try:
                key = base64.b64decode(secret["base64EncodedPrivateKeyData"], validate=True).decode("utf-8", "replace")
            except binascii.Error as error:
                raise StorageError("while decoding GCP private key: illegal base64 data at input byte 0") from error
            flags.gcs({"bucket": secret.get("bucket", "")}, key)
        case "azure":
            raise StorageError("Azure storage is not supported for BTPObjectStore")
        case _:
            raise StorageError("unknown storage type")
