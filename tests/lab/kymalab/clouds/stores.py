"""What is in the stores: their folders, buckets and users, and what was put there."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from urllib.parse import quote

from kymalab.clouds import azure, certificates, credentials, names
from kymalab.settings import LabError, Paths

Contents = dict[str, dict[str, dict[str, int]]]


def s3_folder(paths: Paths) -> Path:
    """Return where versitygw keeps everything."""
    return paths.clouds / "s3"


def gcs_folder(paths: Paths) -> Path:
    """Return where fake-gcs-server keeps its buckets."""
    return paths.clouds / "gcs"


def azure_folder(paths: Paths) -> Path:
    """Return where Azurite keeps everything."""
    return paths.clouds / "azure"


def prepare(paths: Paths) -> None:
    """Make the folders, the buckets and the users that must be there before the stores start."""
    keys = credentials.known(paths)
    paths.clouds.mkdir(parents=True, exist_ok=True)
    paths.clouds.chmod(0o700)
    for name in ("nginx", "s3/iam", "s3/metadata", "s3/buckets", "azure", "gcs"):
        (paths.clouds / name).mkdir(parents=True, exist_ok=True)
    # A bucket of versitygw and of fake-gcs-server is a folder.
    for bucket in names.S3_BUCKETS:
        (s3_folder(paths) / "buckets" / bucket).mkdir(exist_ok=True)
    for bucket in names.GCS_BUCKETS:
        (gcs_folder(paths) / quote(bucket)).mkdir(exist_ok=True)
    add_s3_user(paths, **keys["s3"])
    add_s3_user(paths, **keys["s3_forbidden"], may_use_buckets=False)
    credentials.write_private(paths.clouds / "google.json", json.dumps(_google_config(paths)))


def make_containers(paths: Paths) -> None:
    """Make Azure's containers, which the running store has to be asked for."""
    for account in names.AZURE_ACCOUNTS:
        for container in names.AZURE_CONTAINERS:
            _azure(paths, account).make_container(container)


def wipe(paths: Paths) -> None:
    """Forget everything that was stored, with the users that were added."""
    for folder in (s3_folder(paths), gcs_folder(paths), azure_folder(paths)):
        shutil.rmtree(folder, ignore_errors=True)


def add_s3_user(paths: Paths, access_key: str, secret_key: str, may_use_buckets: bool = True) -> None:
    """Add a user, or give it another secret; versitygw reads the file at every request.

    An administrator may use every bucket, a user only its own buckets, of which there are none.
    """
    if not access_key or not secret_key:
        raise LabError("An S3 key needs an access key and a secret key.")
    if access_key == credentials.known(paths)["s3_root"]["access_key"]:
        raise LabError(f"{access_key} is the store's own administrator: choose another access key.")
    path = s3_folder(paths) / "iam" / "users.json"
    users = json.loads(path.read_text(encoding="utf-8"))["accessAccounts"] if path.exists() else {}
    users[access_key] = {
        "access": access_key,
        "secret": secret_key,
        "role": "admin" if may_use_buckets else "user",
        "userID": 0,
        "groupID": 0,
        "projectID": 0,
    }
    credentials.write_private(path, json.dumps({"accessAccounts": users}))


def contents(paths: Paths) -> Contents:
    """Return the sizes of all objects, by store, bucket and name."""
    return {
        "s3": {bucket: _files(s3_folder(paths) / "buckets" / bucket) for bucket in names.S3_BUCKETS},
        "azure": {
            _label(account, container): _azure(paths, account).blobs(container)
            for account in names.AZURE_ACCOUNTS
            for container in names.AZURE_CONTAINERS
        },
        "gcs": {bucket: _files(gcs_folder(paths) / quote(bucket)) for bucket in names.GCS_BUCKETS},
    }


def _label(account: str, container: str) -> str:
    """Name a container; only that of the second account needs to say whose it is."""
    return container if account == names.AZURE_ACCOUNT else f"{account}/{container}"


def _azure(paths: Paths, account: str) -> azure.Account:
    key = credentials.known(paths)["azure"][account]
    return azure.Account(account, key, certificates.authority(paths, "public"))


def _files(folder: Path) -> dict[str, int]:
    """Return the sizes of a bucket's objects; versitygw keeps unfinished uploads in its own folder."""
    return {
        str(path.relative_to(folder)): path.stat().st_size
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".sgwtmp" not in path.parts and not path.name.endswith((".metadata", ".bucketMetadata"))
    }


def _google_config(paths: Paths) -> dict[str, object]:
    """Return what the service beside fake-gcs-server has to know."""
    buckets = {names.GCS_ACCOUNT: list(names.GCS_BUCKETS), names.GCS_FORBIDDEN_ACCOUNT: []}
    return {
        "accounts": {
            account: {
                "modulus": certificates.modulus(certificates.service_account_key(paths, account)),
                "buckets": buckets[account],
            }
            for account in certificates.SERVICE_ACCOUNTS
        },
        "buckets": list(names.GCS_BUCKETS),
        "token_key": credentials.known(paths)["google_token"],
    }
