# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with a place in S3 and with the way to it, for the CR's s3 and for a binding that leads to AWS. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, error, warning
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import bucket_storage_id
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.texts import (
    has_control,
    nearest,
    root_directory_problem,
)

from . import bucket_names
from .endpoints import Endpoint, parse_endpoint
from .s3_regions import REGIONS

# Settings by their driver names; the place of each in the user's input, for findings.
Settings = Mapping[str, Any]
PathOf = Callable[[str], str]

_AWS_HOST = re.compile(r"(.+\.)?amazonaws\.com(\.cn)?")
_AWS_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-[0-9]+")
_LEAKING_LEVELS = frozenset({"debugwithsigning", "debugwithhttpbody"})
# Of the name of a store in public, for example minio.example.com without its first one.
_LEAST_LABELS = 2
_PUBLIC_ACLS = frozenset({"public-read", "public-read-write", "authenticated-read"})


def endpoint_of(settings: Settings) -> Endpoint | None:
    """The endpoint if one is given and can be read."""
    text = settings.get("regionendpoint")
    return parse_endpoint(text)[0] if text else None


def own_endpoint(settings: Settings) -> Endpoint | None:
    """The endpoint if it is not AWS' own."""
    endpoint = endpoint_of(settings)
    return None if endpoint is None or _AWS_HOST.fullmatch(endpoint.host) else endpoint


def is_aws(settings: Settings) -> bool:
    """True if the requests go to AWS itself, as far as the endpoint can be read."""
    return own_endpoint(settings) is None


def storage_id(settings: Settings) -> str:
    """Name of the place: AWS' endpoints count as their region. A server is its host and port, however written."""
    own = own_endpoint(settings)
    if own is None:
        # Without a region only the bucket is in a variable, and the configuration that names the region is not known here.
        place: tuple[str, ...] = (_region_of_endpoint(settings) or settings.get("region") or "unknown-region",)
    else:
        secure = str(settings.get("secure", True)).lower() != "false"
        place = (own.server("https" if secure else "http"), own.path)
    return bucket_storage_id("s3", *place, settings["bucket"], settings.get("rootdirectory"))


def _region_of_endpoint(settings: Settings) -> str | None:
    """The region that an endpoint of AWS names."""
    endpoint = endpoint_of(settings)
    host = endpoint.host if endpoint is not None and is_aws(settings) else ""
    labels = host.replace("s3-", "s3.").split(".")
    return next((label for label in labels if label in REGIONS), None)


def check_place(settings: Settings, path_of: PathOf) -> list[Finding]:
    """Findings about bucket, region, endpoint and transport."""
    found = [*_endpoint(settings, path_of), *_transport(settings, path_of)]
    return [*_bucket(settings, path_of), *_region(settings, path_of), *found]


def _bucket(settings: Settings, path_of: PathOf) -> list[Finding]:
    name, path = settings["bucket"], path_of("bucket")
    if name in bucket_names.PLACEHOLDERS:
        message = "is the placeholder of Kyma's documentation."
        return [warning("storage-placeholder", path, message, "Specify the name of your bucket.")]
    problem = bucket_names.general_problem(name)
    if problem:
        return [error("bucket-name", path, problem, "Specify only the bucket name.")]
    problem = bucket_names.s3_problem(name)
    if not problem:
        return []
    if not is_aws(settings):
        return [
            warning("bucket-name-vendor", path, problem, "Your store may allow it. If it does not, rename the bucket.")
        ]
    if settings.get("region") == "us-east-1" and bucket_names.s3_legacy(name):
        return [
            warning(
                "bucket-name-vendor",
                path,
                problem,
                "Only buckets that were created in us-east-1 before 2018 can have such a name.",
            )
        ]
    return [error("bucket-name", path, problem, "Specify the bucket name as AWS shows it.")]


def _region(settings: Settings, path_of: PathOf) -> list[Finding]:
    region, path = settings["region"], path_of("region")
    if has_control(region) or any(char.isspace() for char in region):
        message = "contains white space or a control character."
        return [error("s3-region-form", path, message, "Write for example eu-central-1.")]
    if settings.get("regionendpoint"):
        return _endpoint_region(settings, path_of)
    if region in REGIONS:
        return []
    suggestion = nearest(region, REGIONS)
    newer = "For a newer AWS region, also set the endpoint https://s3.<region>.amazonaws.com."
    if not _AWS_REGION.fullmatch(region):
        newer = "For a store other than AWS, set its endpoint."
    remedy = f"Did you mean {suggestion}? {newer}" if suggestion else newer
    return [
        error(
            "s3-region-unknown", path, "is not a region that the driver supports. The registry would not start.", remedy
        )
    ]


def _endpoint_region(settings: Settings, path_of: PathOf) -> list[Finding]:
    """AWS rejects requests that are signed for another region."""
    named = _region_of_endpoint(settings)
    if named is None or named == settings["region"]:
        return []
    message = f"is not the region {named} of the endpoint. AWS would reject the signature."
    return [error("s3-region-contradiction", path_of("region"), message, "Specify the bucket's region in both.")]


def _endpoint(settings: Settings, path_of: PathOf) -> list[Finding]:
    text, path = settings.get("regionendpoint"), path_of("regionendpoint")
    if not text:
        return []
    endpoint, problem = parse_endpoint(text)
    if endpoint is None:
        return [error("endpoint-bad", path, problem, "Write for example https://minio.example.com:9000.")]
    bucket = str(settings["bucket"])
    labels = _labels_behind(endpoint.host, f"{bucket.lower()}.")
    if labels > _LEAST_LABELS or bucket in endpoint.path.split("/"):
        message = "already contains the bucket name. The driver adds it again."
        return [error("s3-endpoint-bucket", path, message, "Specify only the address of the store.")]
    if labels == _LEAST_LABELS:
        message = "begins with the bucket name. If this part is the bucket, the driver adds it again."
        remedy = "Specify only the address of the store. Ignore this warning if it already is."
        return [warning("s3-endpoint-bucket-possible", path, message, remedy)]
    if endpoint.path:
        message = "has a path after the host. Few stores use a path."
        return [
            warning(
                "endpoint-path",
                path,
                message,
                "Specify only scheme, host and port, unless the store's documentation requires a path.",
            )
        ]
    return []


def _labels_behind(host: str, bucket: str) -> int:
    """Number of labels behind the bucket: of a store's name 2 or more. 0: the bucket is not in front, or it is a Service in the cluster."""
    name, service, _domain = f"{host}.".partition(".svc.")
    if not name.startswith(bucket):
        return 0
    labels = len(name.removeprefix(bucket).strip(".").split("."))
    return labels + 1 if service and labels > 1 else labels if labels > 1 else 0


def _transport(settings: Settings, path_of: PathOf) -> list[Finding]:
    """The scheme wins over `secure` (AddScheme in s3.go); without either the driver takes https."""
    endpoint = endpoint_of(settings)
    secure = settings.get("secure")
    scheme = endpoint.scheme if endpoint is not None else ""
    found = []
    if scheme and secure is not None and secure is not (scheme == "https"):
        message = f"is {str(secure).lower()}, but the endpoint begins with {scheme}://, which takes precedence."
        found.append(
            warning("s3-secure-contradiction", path_of("secure"), message, "Leave secure out, or change the scheme.")
        )
    if scheme == "http":
        found.append(_clear_text(path_of("regionendpoint")))
    elif not scheme and secure is False:
        found.append(_clear_text(path_of("secure")))
    return found


def _clear_text(path: str) -> Finding:
    message = "disables TLS between the registry and the store: images and signed requests are sent unencrypted."
    return warning("endpoint-http", path, message, "Use https if the store supports it.")


def check_access(settings: Settings, path_of: PathOf) -> list[Finding]:
    """Findings about driver parameters that do not go together."""
    return [
        *_style(settings, path_of),
        *_encryption(settings, path_of),
        *_signature(settings, path_of),
        *_redirect(settings, path_of),
        *_objects(settings, path_of),
    ]


def _style(settings: Settings, path_of: PathOf) -> list[Finding]:
    """Since 3.0 an own endpoint no longer means path style (distribution issue 4528)."""
    bucket, chosen = str(settings["bucket"]), settings.get("forcepathstyle")
    path = path_of("forcepathstyle")
    if settings.get("accelerate"):
        if chosen or "." in bucket or not is_aws(settings):
            message = (
                "cannot be combined with path-style addresses, a bucket name with dots, or a store other than AWS."
            )
            return [error("s3-accelerate", path_of("accelerate"), message, "Leave it out.")]
        return []
    if chosen is not None:
        return []
    if not is_aws(settings):
        message = (
            "is not set: the registry uses the host name <bucket>.<endpoint>, which few stores other than AWS support."
        )
        return [
            warning(
                "s3-path-style",
                path,
                message,
                "Set forcepathstyle: true (or false, if the store expects the bucket in the host name).",
            )
        ]
    if "." in bucket:
        message = "is not set, and the bucket name has dots. No TLS certificate of AWS is valid for such a host name."
        return [warning("s3-bucket-dots", path, message, "Set forcepathstyle: true.")]
    return []


def _encryption(settings: Settings, path_of: PathOf) -> list[Finding]:
    if settings.get("keyid") and not settings.get("encrypt"):
        message = "is set without encrypt. The driver sends it, and AWS may reject writes."
        return [warning("s3-key-without-encrypt", path_of("keyid"), message, "Set encrypt: true, or leave keyid out.")]
    if settings.get("encrypt") and not is_aws(settings):
        message = (
            "requires a key management service (KMS) in the store. MinIO and Ceph without a KMS reject every write."
        )
        remedy = "Leave encrypt out, unless the store has a KMS."
        return [warning("s3-encryption-needs-kms", path_of("encrypt"), message, remedy)]
    return []


def _signature(settings: Settings, path_of: PathOf) -> list[Finding]:
    found = []
    if settings.get("v4auth") is False and is_aws(settings):
        message = "is false, but AWS accepts only signature version 4. The registry would not start."
        found.append(error("s3-signature", path_of("v4auth"), message, "Leave it out."))
    if settings.get("skipverify"):
        message = "is true: an attacker on the network path can read credentials and images."
        found.append(
            warning(
                "tls-unverified", path_of("skipverify"), message, "Trust the store's CA instead (registry_ca_bundle)."
            )
        )
    if settings.get("loglevel") in _LEAKING_LEVELS:
        message = "writes signatures or contents to the log."
        found.append(warning("s3-log-leak", path_of("loglevel"), message, "Use it only temporarily."))
    return found


def _redirect(settings: Settings, path_of: PathOf) -> list[Finding]:
    """The driver ends at its start for anything but a scheme and a host."""
    text = str(settings.get("redirectendpoint") or "")
    if not text:
        return []
    endpoint, problem = parse_endpoint(text)
    if endpoint is not None and not endpoint.scheme:
        problem = "has no scheme."
    elif endpoint is not None and endpoint.path:
        problem = "has a path, which the driver does not support."
    if not problem:
        return []
    remedy = "Specify scheme and host, for example https://images.example.com."
    return [error("s3-redirect-endpoint", path_of("redirectendpoint"), problem, remedy)]


def _objects(settings: Settings, path_of: PathOf) -> list[Finding]:
    found = []
    if settings.get("objectacl") in _PUBLIC_ACLS:
        message = "gives other accounts or the public read access to the images, without the registry."
        found.append(
            warning("s3-acl-public", path_of("objectacl"), message, "Use private or bucket-owner-full-control.")
        )
    folder = settings.get("rootdirectory", "")
    problem = root_directory_problem(folder) or _copy_problem(folder, settings)
    if problem:
        found.append(
            error("root-directory", path_of("rootdirectory"), problem, "Specify a folder, for example registry.")
        )
    return found


def _copy_problem(folder: str, settings: Settings) -> str:
    """The driver names what it copies without encoding it (CopySource in s3.go), and stores decode it."""
    wrong = sorted(set("%+?" if is_aws(settings) else "%").intersection(folder))
    return f"contains {' and '.join(wrong)}: the registry could not complete an upload." if wrong else ""
