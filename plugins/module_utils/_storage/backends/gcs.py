# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Backend gcs: a bucket of Google Cloud Storage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, error, errors, warning
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.variables import (
    MOVES_IMAGES,
    RejectedVariable,
    Variables,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import parameters as driver_parameters
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import secret_data
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import (
    KEY_FILE,
    KEY_FILE_PATH,
    Backend,
    Field,
    SecretKey,
    Store,
    StoreAndFindings,
    StoreRequest,
    bucket_storage_id,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.checks import bucket_names, service_account
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.driver import (
    ChartCredential,
    Driver,
    DriverMapping,
    Parameter,
    RejectedParameter,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.operator_mapping import OperatorMapping
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.texts import (
    IS_CREDENTIAL,
    root_directory_problem,
)

_CHUNK = 256 * 1024
_IN_SECRET = "Put the key file into the storage Secret, key accountkey (base64EncodedPrivateKeyData in a binding)."


def _storage_id(parameters: Mapping[str, str]) -> str | None:
    place = [parameters.get(name) for name in ("bucket", "rootdirectory")]
    return bucket_storage_id("gcs", *place) if place[0] is not None else None


_OPERATOR = DriverMapping(
    mandatory="bucket",
    credentials=(ChartCredential("accountkey", KEY_FILE, file_parameter="keyfile"),),
    missing_credential="is missing or empty: the operator reports no error, and the registry uses the cloud identity of the node.",
    required=("bucket",),
    storage_id=_storage_id,
)

# Google's Cloud Storage client.
_LIBRARY = Variables(
    prefixes=("GOOGLE_", "GCE_", "STORAGE_"),
    known={"GOOGLE_CLOUD_PROJECT": "text"},
    credentials={"GOOGLE_APPLICATION_CREDENTIALS": "Set accountkey in registry_storage_secret."},
    rejected=(
        RejectedVariable(
            "STORAGE_EMULATOR_HOST",
            "env-moves-images",
            MOVES_IMAGES,
            "Use registry_storage or registry_driver_parameters.",
        ),
        RejectedVariable("GOOGLE_CLOUD_UNIVERSE_DOMAIN", "env-moves-images", MOVES_IMAGES, "Remove it."),
        RejectedVariable("GCE_METADATA_HOST", "env-moves-images", MOVES_IMAGES, "Remove it."),
    ),
)

GCS_DRIVER = Driver(
    "gcs",
    (
        Parameter("bucket", "string", "Name of the bucket."),
        Parameter("rootdirectory", "string", "Folder in the bucket. A change hides all images."),
        Parameter(
            "chunksize",
            "integer",
            "Size of one part of an upload, in bytes.",
            16 * 1024 * 1024,
            minimum=_CHUNK,
            multiple_of=_CHUNK,
        ),
        Parameter("maxconcurrency", "integer", "Maximum number of concurrent requests.", 50, floor=25),
        Parameter("useragent", "string", "User agent of the requests."),
    ),
    (
        RejectedParameter(
            "parameter-credential", "keyfile", "is set by the collection, which mounts the key file.", _IN_SECRET
        ),
        RejectedParameter("parameter-credential", "credentials", IS_CREDENTIAL, _IN_SECRET),
    ),
    operator=_OPERATOR,
    library=_LIBRARY,
    upload_parts=1,
    signs_with_key_file=True,
)


def check_place(settings: Mapping[str, Any], paths: Mapping[str, str]) -> list[Finding]:
    """Findings about bucket, root directory and chunk size; paths: where each was written."""
    found = _bucket(settings["bucket"], paths["bucket"])
    problem = root_directory_problem(settings.get("rootdirectory", ""))
    if problem:
        found.append(
            error("root-directory", paths["rootdirectory"], problem, "Specify a folder, for example registry.")
        )
    return found


def _bucket(name: str, path: str) -> list[Finding]:
    if name in bucket_names.PLACEHOLDERS:
        message = "is the placeholder of Kyma's documentation."
        return [warning("storage-placeholder", path, message, "Specify the name of your bucket.")]
    problem = bucket_names.general_problem(name) or bucket_names.gcs_problem(name)
    return [error("bucket-name", path, problem, "Specify only the bucket name, as Google shows it.")] if problem else []


def gcs_store(
    storage_type: str, settings: Mapping[str, Any], key_file: str | None, credentials: tuple[str, ...] = ()
) -> Store:
    """The store of driver gcs. key_file: text of the service account's key, None for cloud identity. credentials: more to be masked."""
    storage_id = bucket_storage_id("gcs", settings["bucket"], settings.get("rootdirectory"))
    if key_file is None:
        return Store(storage_type, GCS_DRIVER.name, dict(settings), storage_id)
    return Store(
        storage_type,
        GCS_DRIVER.name,
        {**settings, "keyfile": KEY_FILE_PATH},
        storage_id,
        secret={KEY_FILE: key_file},
        key_file=KEY_FILE,
        credentials=(*service_account.credentials(key_file), *credentials),
    )


@dataclass(frozen=True)
class Gcs(Backend):
    """A bucket of Google Cloud Storage, named in the CR."""

    name: str = "gcs"
    fields: tuple[Field, ...] = (
        Field("bucket", "string", "Name of the bucket.", required=True),
        Field("secretName", "string", "Secret with the service account's key file. Default: cloud identity."),
        Field("rootdirectory", "string", "Folder in the bucket."),
        Field(
            "chunksize",
            "integer",
            "Size of one part of an upload, in bytes. A multiple of 262144.",
            aliases=("chunkSize",),
        ),
    )
    drivers: tuple[Driver, ...] = (GCS_DRIVER,)
    operator: tuple[OperatorMapping, ...] = (OperatorMapping("gcs", GCS_DRIVER, keys={"accountkey": "accountkey"}),)
    cloud_identity: bool = True
    secret_keys: tuple[SecretKey, ...] = (
        SecretKey(
            "accountkey",
            "the service account's key file, JSON.",
            multiline=True,
            placeholders=("gcssecret", "gscsecret"),
        ),
    )
    taken_parameters: Mapping[str, str] = field(
        default_factory=lambda: {
            name: f"Set it in spec.storage.gcs.{name}." for name in ("bucket", "rootdirectory", "chunksize")
        }
    )

    def check(self, values: Mapping[str, Any], path: str) -> tuple[Finding, ...]:
        """Bucket, root directory, chunk size, and the Secret's name."""
        found = check_place(values, {name: f"{path}.{name}" for name in ("bucket", "rootdirectory")})
        if "chunksize" in values:
            parameter = GCS_DRIVER.parameter("chunksize")
            found.extend(driver_parameters.check_bounds(parameter, values["chunksize"], f"{path}.chunksize"))
        return (*found, *secret_data.check_secret_name(values.get("secretName"), path))

    def store(self, request: StoreRequest) -> StoreAndFindings:
        """Driver gcs with the key file of the Secret, or by cloud identity."""
        parameters, problems = driver_parameters.check_parameters(
            GCS_DRIVER, request.parameters, request.parameters_path, self.taken_parameters
        )
        found = list(problems)
        key_file = None
        if request.secret is not None:
            texts, more = secret_data.read_values(request.secret, self.secret_keys, request.secret_path)
            found.extend(more)
            key_file = texts.get("accountkey")
            if key_file is not None:
                found.extend(service_account.check_key_file(key_file, f"{request.secret_path}.accountkey"))
        if errors(found):
            return None, tuple(found)
        settings = {name: value for name, value in request.values.items() if name != "secretName"}
        return gcs_store(self.name, {**settings, **parameters}, key_file), tuple(found)


GCS = Gcs()
