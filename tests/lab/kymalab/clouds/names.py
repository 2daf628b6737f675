"""Names and ports of the clouds: hosts, buckets, containers and accounts stand here once."""

from __future__ import annotations

from kymalab.settings import NODE_IP

ADDRESS = NODE_IP
HTTPS_PORT = 443
# Plain HTTP for S3, as a store inside a company's network may have it.
HTTP_PORT = 9000

S3_REGION = "eu-central-1"
S3_HOST = f"s3.{S3_REGION}.amazonaws.com"
# The spelling that Kyma's documentation and the service bindings use.
S3_DASHED_HOST = f"s3-{S3_REGION}.amazonaws.com"
# A store of one's own, path style, behind a CA that the registry's image does not know.
PRIVATE_HOST = "minio.lab.internal"
# The same store behind a CA that no client trusts.
UNTRUSTED_HOST = "untrusted.lab.internal"
S3_BUCKETS = ("kyma-lab-one", "kyma-lab-two", "kyma-lab-btp")

AZURE_ACCOUNT = "kymalabregistry"
# Legal, and a number to every YAML parser.
AZURE_DIGITS_ACCOUNT = "0042424242"
AZURE_CONTAINERS = ("kyma-lab-one", "kyma-lab-two")

GCS_HOST = "storage.googleapis.com"
# The driver sends resumable uploads to this one.
GCS_UPLOAD_HOST = "www.googleapis.com"
GCS_TOKEN_HOST = "oauth2.googleapis.com"
GCS_PROJECT = "kyma-lab"
GCS_BUCKETS = ("kyma-lab-one", "kyma-lab-two", "kyma-lab-btp")
GCS_ACCOUNT = f"registry@{GCS_PROJECT}.iam.gserviceaccount.com"
GCS_FORBIDDEN_ACCOUNT = f"forbidden@{GCS_PROJECT}.iam.gserviceaccount.com"

S3_PORT = 17070
S3_DASHED_PORT = 17071
AZURE_PORT = 17072
GCS_PORT = 17073
GOOGLE_PORT = 17074
LOOPBACK_PORTS = (S3_PORT, S3_DASHED_PORT, AZURE_PORT, GCS_PORT, GOOGLE_PORT)


def azure_host(account: str) -> str:
    """Return the host of an Azure storage account."""
    return f"{account}.blob.core.windows.net"


AZURE_ACCOUNTS = (AZURE_ACCOUNT, AZURE_DIGITS_ACCOUNT)
AZURE_HOSTS = tuple(azure_host(account) for account in AZURE_ACCOUNTS)
GCS_HOSTS = (GCS_HOST, GCS_UPLOAD_HOST)
# These answer with any bucket's name before them.
VIRTUAL_HOSTS = (S3_HOST, S3_DASHED_HOST)
# These answer as they are; a name before them does not exist, as in the real world.
EXACT_HOSTS = (*AZURE_HOSTS, *GCS_HOSTS, GCS_TOKEN_HOST, PRIVATE_HOST, UNTRUSTED_HOST)
