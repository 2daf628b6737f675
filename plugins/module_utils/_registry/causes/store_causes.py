# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What stores answer, and what keeps a registry from reaching them: (code, pattern, cause, remedy), the more specific first. Pure."""

from __future__ import annotations

STORE_CAUSES: tuple[tuple[str, str, str, str], ...] = (
    (
        "store-clock-skew",
        r"RequestTimeTooSkewed|RequestExpired|token must be a short-lived token",
        "the clocks of the node and of the store differ too much",
        "Synchronize the node's clock (NTP).",
    ),
    (
        # MinIO, Ceph.
        "store-encryption",
        r"KMS is not configured|InvalidEncryptionAlgorithmError|x-amz-server-side-encryption",
        "the store cannot encrypt as the driver parameters encrypt and keyid ask for",
        "Leave out encrypt and keyid, or configure a key management service (KMS) for the store.",
    ),
    (
        "store-encryption",
        r"not authorized to perform: kms:|KMS\.\w*Exception",
        "the KMS key of the bucket or of keyid cannot be used",
        "Enable the key, allow kms:GenerateDataKey and kms:Decrypt on it, or correct keyid.",
    ),
    (
        "store-immutable",
        r"Object Lock parameters",
        "the bucket has a default retention of Object Lock, and the driver sends no checksum with its writes",
        "Use a bucket without Object Lock: a registry overwrites and deletes objects.",
    ),
    (
        "store-immutable",
        r"BlobImmutableDueTo|object protected by object lock|WORM protected|retentionPolicyNotMet",
        "a retention policy or a legal hold prevents the registry from overwriting and deleting objects",
        "Use a bucket or container without a retention policy.",
    ),
    (
        "store-unsupported",
        r"Content-MD5",
        "the store requires the header Content-MD5, which the driver does not send",
        "Use another store, or another release of this store.",
    ),
    (
        "store-unsupported",
        r"AccessControlListNotSupported|bucket does not allow ACLs",
        "the bucket has its ACLs disabled (BucketOwnerEnforced) and does not accept the driver parameter objectacl",
        "Leave objectacl out, or set it to bucket-owner-full-control.",
    ),
    (
        "store-unsupported",
        r"InvalidStorageClass",
        "the store does not support the storage class in the driver parameter storageclass",
        "Leave storageclass out, or set it to NONE.",
    ),
    (
        "store-unsupported",
        r"InvalidPart\b|EntityTooSmall|InvalidPartOrder",
        "the store does not accept the parts of an upload",
        "Push again. If the error persists, the store requires other or equal part sizes: set the driver parameters chunksize and multipartcopychunksize.",
    ),
    (
        "store-unsupported",
        r"InvalidBlobType",
        "another tool or Distribution 3.1.2 wrote a block blob, and Distribution before 3.1.2 writes append blobs only",
        "Use a registry image 3.1.2 or later in registry_image.",
    ),
    (
        "store-unsupported",
        r"DirectoryIsNotEmpty|ResourceTypeMismatch",
        "the storage account has a hierarchical namespace (Data Lake Storage Gen2), which the driver does not support",
        "Use a storage account without a hierarchical namespace.",
    ),
    (
        "store-unsupported",
        r"NotImplemented|InvalidArgument",
        "the store does not accept a header that the driver parameters set",
        "Leave out the driver parameters that the store does not support: encrypt, keyid, storageclass, objectacl.",
    ),
    (
        "store-busy",
        r"SlowDown|reduce your request rate|ServerBusy|rateLimitExceeded",
        "the store receives too many requests and rejects some of them",
        "Run again later, or raise the limits of the store.",
    ),
    (
        "store-disabled",
        r"AccountIsDisabled",
        "the storage account is disabled",
        "Enable the account or its subscription.",
    ),
    (
        "store-identity",
        r"sts:AssumeRole",
        "AWS does not allow the registry's ServiceAccount to assume the role",
        "Correct the role in registry_service_account_annotations, or in the role's trust policy the OIDC provider, the namespace and the ServiceAccount.",
    ),
    (
        "store-identity",
        r"InvalidIdentityToken",
        "AWS does not accept the token of the ServiceAccount, because the account has no identity provider for this cluster",
        "Create an IAM OIDC provider for the cluster's issuer with the audience sts.amazonaws.com.",
    ),
    (
        "store-identity",
        r"EC2RoleRequestError|EC2MetadataError",
        "the node has no role, or its metadata service does not respond to Pods",
        "Specify a Secret with credentials (secretName), give the ServiceAccount a role, or give the node a role and set its metadata hop limit to 2.",
    ),
    (
        "store-identity",
        r"AADSTS70021",
        "Entra ID has no federated credential for the registry's ServiceAccount",
        "Add one with the cluster's issuer, the subject system:serviceaccount:<namespace>:<ServiceAccount> and the audience api://AzureADTokenExchange.",
    ),
    (
        "store-credentials",
        r"AADSTS70002(15|22)\b",
        "the client secret is wrong or has expired",
        "Set clientSecret in the storage Secret to a valid client secret. Use the secret's value, not its ID.",
    ),
    (
        "store-credentials",
        r"AADSTS(700016|7000112|90002|900023)\b",
        "Entra ID does not find the application or the tenant, or the application is disabled",
        "Correct clientId and tenantId, or enable the application.",
    ),
    (
        "store-credentials",
        r"KeyBasedAuthenticationNotPermitted",
        "the storage account does not accept account keys",
        "Set the driver parameter credentials: {type: client_secret} or {type: default_credentials}, or allow access by key in the account.",
    ),
    (
        "store-credentials",
        r"InvalidAuthenticationInfo",
        "the storage account cannot read the credentials, or they belong to another tenant",
        "Correct the tenant and the application, or copy the account key again.",
    ),
    (
        "store-credentials",
        r"ExpiredToken",
        "the temporary credentials have expired",
        "Put permanent keys in the storage Secret, or give the ServiceAccount a role.",
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
        "the store does not accept the credentials, or its firewall blocks the registry",
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
        r"not authorized to perform: s3:",
        "the rights of the credentials do not allow the operation that the line names",
        "Allow the operation. The backend's page of the documentation has the policy, for a whole bucket and for a folder.",
    ),
    (
        "store-region",
        r"MissingRegion",
        "the S3 client has no region",
        "Set the region in the storage Secret or the driver parameter.",
    ),
    (
        "store-forbidden",
        r"AccessDenied|AuthorizationPermissionMismatch|Error 403",
        "the store accepts the credentials, but they do not have the permissions that a registry needs",
        "Allow them to list, read, write and delete objects. The backend's page of the documentation names the permissions.",
    ),
    (
        "store-tls",
        r"tls: (handshake failure|protocol version not supported|no cipher suite)",
        "the registry and its store have no TLS version or cipher in common",
        "Correct the endpoint's host name, or enable TLS 1.2 or 1.3 with current ciphers in the store or the proxy before it.",
    ),
    (
        "store-tls",
        r"x509:|server gave HTTP response to HTTPS client",
        "the registry does not trust the certificate of its store",
        "Set registry_ca_bundle to the CA certificate of the store, or correct the endpoint.",
    ),
    (
        "store-name-unknown",
        r"no such host|server misbehaving",
        "the host name of the store cannot be resolved",
        "Correct the endpoint or the cluster's DNS. A store other than AWS can require the driver parameter forcepathstyle.",
    ),
    (
        "store-unreachable",
        r"connection refused|i/o timeout|no route to host|network is unreachable|deadline exceeded|context canceled",
        "the store does not respond",
        "Check the endpoint, network policies and proxies.",
    ),
    (
        "store-protocol",
        r"SerializationError",
        "the server at the endpoint is not an object store of this type",
        "Correct the endpoint and its scheme (http or https).",
    ),
    (
        "store-no-credentials",
        r"could not find default credentials|NoCredentialProviders|DefaultAzureCredential",
        "the registry has no credentials for its store",
        "Specify a Secret with credentials (secretName), or give the Pod a cloud identity.",
    ),
)
