# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Error answers of object stores, as their documentation or a report of a user has them, and how Distribution logs them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    """An error answer of a store. driver: of Distribution, which asked. cause: words of the cause that is reported, with the finding's code."""

    driver: str
    status: int
    code: str
    message: str
    finding: str
    cause: str

    def line(self) -> str:
        """As Distribution logs it; tests/distribution compares it with what the registry really logs."""
        if self.driver == "s3":
            return f"s3aws: {self.code}: {self.message}\n\tstatus code: {self.status}, request id: 0123456789ABCDEF, host id: x"
        return (
            f"azure: PUT https://account.blob.core.windows.net/images/x\n{'-' * 80}\nRESPONSE {self.status}: {self.status} x\n"
            f"ERROR CODE: {self.code}\n{'-' * 80}\n<Error><Code>{self.code}</Code><Message>{self.message}</Message></Error>"
        )


ANSWERS = (
    # MinIO without a KMS, cmd/api-errors.go; before 2021 with the second text (minio#6477).
    Answer("s3", 501, "NotImplemented", "Server side encryption specified but KMS is not configured",
           "store-encryption", "cannot encrypt as the driver parameters"),
    Answer("s3", 501, "NotImplemented", "A header you provided implies functionality that is not implemented",
           "store-unsupported", "a header that the driver parameters set"),
    # Ceph's gateway, rgw_crypt.cc and rgw_common.cc.
    Answer("s3", 400, "InvalidEncryptionAlgorithmError", "The requested encryption algorithm is not valid, must be AES256 or aws:kms.",
           "store-encryption", "cannot encrypt as the driver parameters"),
    Answer("s3", 400, "InvalidArgument", "Server Side Encryption with KMS managed key requires HTTP header x-amz-server-side-encryption-aws-kms-key-id",
           "store-encryption", "cannot encrypt as the driver parameters"),
    Answer("s3", 400, "InvalidArgument", "Invalid Argument", "store-unsupported", "a header that the driver parameters set"),
    # AWS: a KMS key that is disabled, missing, or not allowed.
    Answer("s3", 400, "KMS.DisabledException", "arn:aws:kms:eu-central-1:111122223333:key/0 is disabled.", "store-encryption", "the KMS key"),
    Answer("s3", 400, "KMS.NotFoundException", "Invalid keyId '0'", "store-encryption", "the KMS key"),
    Answer("s3", 403, "AccessDenied", "User: arn:aws:iam::111122223333:user/registry is not authorized to perform: kms:GenerateDataKey on resource: "
           "arn:aws:kms:eu-central-1:111122223333:key/0 because no identity-based policy allows the kms:GenerateDataKey action",
           "store-encryption", "the KMS key"),
    # AWS: rights for one prefix only, and a plain refusal.
    Answer("s3", 403, "AccessDenied", 'User: arn:aws:iam::111122223333:user/registry is not authorized to perform: s3:ListBucket on resource: '
           '"arn:aws:s3:::images" because no identity-based policy allows the s3:ListBucket action',
           "store-forbidden", "do not allow the operation"),
    Answer("s3", 403, "AccessDenied", "Access Denied", "store-forbidden", "do not have the permissions that a registry needs"),
    # AWS: Object Lock, and MinIO's and AWS' refusal to delete.
    Answer("s3", 400, "InvalidRequest", "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters",
           "store-immutable", "Object Lock"),
    Answer("s3", 400, "InvalidRequest", "Content-MD5 HTTP header is required for Put Part requests with Object Lock parameters",
           "store-immutable", "Object Lock"),
    Answer("s3", 403, "AccessDenied", "Access Denied because object protected by object lock.", "store-immutable", "overwriting and deleting"),
    Answer("s3", 400, "InvalidRequest", "Object is WORM protected and cannot be overwritten", "store-immutable", "overwriting and deleting"),
    Answer("s3", 400, "InvalidRequest", "Missing required header for this request: Content-MD5", "store-unsupported", "Content-MD5"),
    Answer("s3", 400, "AccessControlListNotSupported", "The bucket does not allow ACLs", "store-unsupported", "ACLs"),
    Answer("s3", 400, "InvalidStorageClass", "The storage class you specified is not valid", "store-unsupported", "storage class"),
    Answer("s3", 400, "InvalidPart", "One or more of the specified parts could not be found.", "store-unsupported", "parts of an upload"),
    Answer("s3", 400, "InvalidPart", "All non-trailing parts must have the same length.", "store-unsupported", "parts of an upload"),
    Answer("s3", 400, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size", "store-unsupported", "parts of an upload"),
    Answer("s3", 503, "SlowDown", "Please reduce your request rate.", "store-busy", "too many requests"),
    Answer("s3", 503, "SlowDownWrite", "Resource requested is unwritable, please reduce your request rate", "store-busy", "too many requests"),
    Answer("s3", 403, "RequestTimeTooSkewed", "The difference between the request time and the current time is too large.",
           "store-clock-skew", "clocks"),
    Answer("s3", 400, "ExpiredToken", "The provided token has expired.", "store-credentials", "temporary credentials have expired"),
    # Azure's tables of error codes.
    Answer("azure", 403, "KeyBasedAuthenticationNotPermitted", "Key based authentication is not permitted on this storage account.",
           "store-credentials", "does not accept account keys"),
    Answer("azure", 400, "InvalidAuthenticationInfo", "Authentication information is not given in the correct format. Check the value of Authorization header.",
           "store-credentials", "cannot read the credentials"),
    Answer("azure", 401, "InvalidAuthenticationInfo", "Server failed to authenticate the request..",
           "store-credentials", "cannot read the credentials"),
    Answer("azure", 403, "AccountIsDisabled", "The specified account is disabled.", "store-disabled", "account is disabled"),
    Answer("azure", 409, "BlobImmutableDueToPolicy", "This operation is not permitted as the blob is immutable due to a policy.",
           "store-immutable", "overwriting and deleting"),
    Answer("azure", 409, "BlobImmutableDueToLegalHold", "This operation is not permitted as the blob is immutable due to one or more legal holds.",
           "store-immutable", "overwriting and deleting"),
    Answer("azure", 409, "DirectoryIsNotEmpty", "This operation is not permitted on a non-empty directory.",
           "store-unsupported", "hierarchical namespace"),
    Answer("azure", 409, "InvalidBlobType", "The blob type is invalid for this operation.", "store-unsupported", "block blob"),
    Answer("azure", 403, "AuthorizationPermissionMismatch", "This request is not authorized to perform this operation using this permission.",
           "store-forbidden", "do not have the permissions that a registry needs"),
    Answer("azure", 503, "ServerBusy", "The server is busy.", "store-busy", "too many requests"),
)  # fmt: skip
