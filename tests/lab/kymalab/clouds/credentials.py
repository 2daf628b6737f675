"""Keys of the clouds' users, and the file with the addresses and keys of the stores for tests."""

from __future__ import annotations

import base64
import json
import os
import secrets
import string
from pathlib import Path
from typing import Any

from kymalab.clouds import certificates, names
from kymalab.settings import Paths


def write_private(path: Path, content: str) -> None:
    """Write a file that only root can read, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".new")
    temporary.unlink(missing_ok=True)
    with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as handle:
        handle.write(content)
    os.replace(temporary, path)


def known(paths: Paths) -> dict[str, Any]:
    """Return the keys; they are made once per state folder, in the form that the vendors give them."""
    path = paths.cloud_keys / "keys.json"
    if not path.exists():
        keys = {
            "s3_root": _s3_key(),
            "s3": _s3_key(),
            "s3_forbidden": _s3_key(),
            "azure": {name: base64.b64encode(secrets.token_bytes(64)).decode() for name in names.AZURE_ACCOUNTS},
            "google_token": secrets.token_hex(32),
            "google_key_id": {account: secrets.token_hex(20) for account in certificates.SERVICE_ACCOUNTS},
        }
        write_private(path, json.dumps(keys, indent=1))
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def service_account(paths: Paths, account: str) -> dict[str, str]:
    """Return a service account's key file."""
    return {
        "type": "service_account",
        "project_id": names.GCS_PROJECT,
        "private_key_id": known(paths)["google_key_id"][account],
        "private_key": certificates.service_account_key(paths, account).read_text(encoding="utf-8"),
        "client_email": account,
        "client_id": "100000000000000000001",
        "auth_uri": "https://accounts.google.com/o/oauth2/auth",
        "token_uri": f"https://{names.GCS_TOKEN_HOST}/token",
        "universe_domain": "googleapis.com",
    }


def access_file(paths: Paths) -> Path:
    """Return the path of the file with addresses and keys."""
    return paths.clouds / "access.json"


def public_facts(paths: Paths) -> dict[str, Any]:
    """Return what is not a secret: names, addresses, CAs."""
    return {
        "access": str(access_file(paths)),
        "address": names.ADDRESS,
        "hosts": {
            "s3": names.S3_HOST,
            "s3_dashed": names.S3_DASHED_HOST,
            "s3_private": names.PRIVATE_HOST,
            "s3_untrusted": names.UNTRUSTED_HOST,
            "azure": {name: names.azure_host(name) for name in names.AZURE_ACCOUNTS},
            "gcs": [*names.GCS_HOSTS, names.GCS_TOKEN_HOST],
        },
        "endpoints": {
            "s3": f"https://{names.S3_HOST}",
            "s3_dashed": f"https://{names.S3_DASHED_HOST}",
            "s3_private": f"https://{names.PRIVATE_HOST}",
            "s3_untrusted": f"https://{names.UNTRUSTED_HOST}",
            "s3_http": f"http://{names.ADDRESS}:{names.HTTP_PORT}",
        },
        "region": names.S3_REGION,
        "buckets": {
            "s3": list(names.S3_BUCKETS),
            "azure": list(names.AZURE_CONTAINERS),
            "gcs": list(names.GCS_BUCKETS),
        },
        "ca": {name: str(certificates.authority(paths, name)) for name in certificates.AUTHORITIES},
        "ca_bundle": str(certificates.bundle(paths)),
    }


def write_access_file(paths: Paths) -> None:
    """Write down everything that a test needs."""
    keys = known(paths)
    good = service_account(paths, names.GCS_ACCOUNT)
    forbidden = service_account(paths, names.GCS_FORBIDDEN_ACCOUNT)
    for name, key in (("gcs-key.json", good), ("gcs-forbidden-key.json", forbidden)):
        write_private(paths.clouds / name, json.dumps(key, indent=1))
    content: dict[str, Any] = {
        **public_facts(paths),
        "s3": {
            "region": names.S3_REGION,
            "buckets": list(names.S3_BUCKETS),
            **keys["s3"],
            "forbidden": keys["s3_forbidden"],
        },
        "azure": {
            "account": names.AZURE_ACCOUNT,
            "key": keys["azure"][names.AZURE_ACCOUNT],
            "containers": list(names.AZURE_CONTAINERS),
            "digits": {"account": names.AZURE_DIGITS_ACCOUNT, "key": keys["azure"][names.AZURE_DIGITS_ACCOUNT]},
        },
        "gcs": {
            "project": names.GCS_PROJECT,
            "buckets": list(names.GCS_BUCKETS),
            "key_file": str(paths.clouds / "gcs-key.json"),
            "key": good,
            "forbidden": {"key_file": str(paths.clouds / "gcs-forbidden-key.json"), "key": forbidden},
        },
        "btp": {"aws": _btp_aws(keys["s3"]), "gcp": _btp_gcp(good)},
    }
    write_private(access_file(paths), json.dumps(content, indent=1))


def _btp_aws(key: dict[str, str]) -> dict[str, str]:
    """Return the credentials of a BTP Object Store binding on AWS."""
    bucket = names.S3_BUCKETS[-1]
    return {
        "access_key_id": key["access_key"],
        "bucket": bucket,
        "host": names.S3_DASHED_HOST,
        "region": names.S3_REGION,
        "secret_access_key": key["secret_key"],
        "uri": f"s3://{key['access_key']}:{key['secret_key']}@{names.S3_DASHED_HOST}/{bucket}",
        "username": f"{bucket}-user",
    }


def _btp_gcp(key: dict[str, str]) -> dict[str, str]:
    """Return the credentials of a BTP Object Store binding on Google Cloud."""
    return {
        "base64EncodedPrivateKeyData": base64.b64encode(json.dumps(key).encode()).decode(),
        "bucket": names.GCS_BUCKETS[-1],
        "keyAlgo": "KEY_ALG_RSA_2048",
        "projectId": names.GCS_PROJECT,
        "region": "europe-west3",
    }


def _s3_key() -> dict[str, str]:
    alphabet = string.ascii_letters + string.digits + "+/"
    return {
        "access_key": "AKIA" + "".join(secrets.choice(string.ascii_uppercase + "234567") for _ in range(16)),
        "secret_key": "".join(secrets.choice(alphabet) for _ in range(40)),
    }
