# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names that Kyma's clients rely on, and the labels and annotations that are our own."""

from __future__ import annotations

FIELD_MANAGER = "kyma.docker_registry"

CR_NAME = "default"
CR_NAMESPACE = "kyma-system"

# Objects of the registry, as the operator names them (Kyma's clients look for these names).
REGISTRY = "dockerregistry"
CONFIG_MAP = "dockerregistry-config"
CREDENTIALS_SECRET = "dockerregistry-config"
# Made by the operator for clients outside of the cluster, with a VirtualService.
EXTERNAL_SECRET = "dockerregistry-config-external"
# The registry's own half of its credentials, which no client reads; the operator has no such object.
PRIVATE_SECRET = "dockerregistry-private"
HTPASSWD_KEY = "htpasswd"
HTTP_SECRET_KEY = "httpSecret"
FINGERPRINT_KEY = "fingerprintKey"
# Keys of the user that the next revision of the registry accepts. Clients read CREDENTIALS_SECRET.
USERNAME_KEY = "username"
PASSWORD_KEY = "password"
# Direct mode: prefix of the immutable Secrets that hold everything secret of one revision (see _modules/shared/revision_objects.py).
RUNTIME_SECRET = "dockerregistry-runtime"
# The operator's copy of the storage credentials. In direct mode a placeholder in the Pod template for the runtime Secret.
STORAGE_SECRET = "dockerregistry-secret"
# The storage Secret that the DockerRegistry names if the operator cannot read the user's own.
OPERATOR_SECRET = "dockerregistry-storage-operator"
# The last verified values of the storage Secret, kept until new ones are verified.
PREVIOUS_SECRET = "dockerregistry-storage-previous"
# The last verified content of OPERATOR_SECRET, kept until a new one is verified.
PREVIOUS_OPERATOR_SECRET = "dockerregistry-storage-operator-previous"
# The preflight Pod that tests a new configuration, and what it mounts.
PREFLIGHT = "dockerregistry-preflight"
# The Pod that copies images from one storage to another, and what it mounts.
MIGRATION = "dockerregistry-migration"
# The record of a migration, which blocks other writers.
DAY2_RECORD = "dockerregistry-day2"
# Held by the run that writes to the namespace.
LEASE = "kyma-docker-registry-ansible"
METRICS_SERVICE = "docker-registry-metrics-service"
DEFAULT_CLAIM = "dockerregistry"
CONTAINER = "docker-registry"
DATA_VOLUME = "data"
SELECTOR = {"app": "docker-registry", "release": "dockerregistry"}
# Of object stores only.
EGRESS_POLICY = "kyma-project.io--dockerregistry-allow-to-all"
NETWORK_POLICIES = (
    "kyma-project.io--dockerregistry-allow-registry-api",
    "kyma-project.io--dockerregistry-allow-metrics-policy",
    "kyma-project.io--dockerregistry-allow-to-dns",
    EGRESS_POLICY,
)
CREDENTIALS_LABEL = {"dockerregistry.kyma-project.io/config": "credentials"}

API_PORT = 5000
DEBUG_PORT = 5001
NODE_PORT = 32137
NODE_PORT_RANGE = range(30000, 32768)

# How long a registry that is asked to end lets its requests finish. Without it the process ends at once and cuts every transfer. Less than
# the time that a run waits for a rollout, because on a volume the next Pod starts after that.
DRAIN_SECONDS = 120
DRAIN_VARIABLE = "REGISTRY_HTTP_DRAINTIMEOUT"
# How long the kubelet lets a Pod end: the preStop hook and the drain timeout, and some seconds to spare.
GRACE_SECONDS = 130

VERIFICATION_REPOSITORY = "kyma-docker-registry-verification"
# One image for each registry that shows that the registry lists what its storage holds. It is never deleted.
CANARY_REPOSITORY = f"{VERIFICATION_REPOSITORY}/canary"
UNCOUNTED_REPOSITORIES = frozenset({VERIFICATION_REPOSITORY, CANARY_REPOSITORY})

# Values of spec.logging of a DockerRegistry.
LOG_LEVELS = ("error", "warn", "info", "debug")
LOG_FORMATS = ("json", "text", "console")

# Our own labels and annotations carry our own prefix; the managed-by label marks what prune may delete.
PREFIX = "kyma-docker-registry.ansible"
MANAGED_BY_LABEL = "app.kubernetes.io/managed-by"
MANAGED_BY = {MANAGED_BY_LABEL: FIELD_MANAGER}
COPY_OF = f"{PREFIX}/copy-of"
STORAGE_ID = f"{PREFIX}/storage-id"
# On the Deployment: the revision that was verified.
VERIFIED_REVISION = f"{PREFIX}/verified-revision"
# On the Deployment of direct mode: the last verified Deployment, and its number of replicas.
PREVIOUS_DEPLOYMENT = f"{PREFIX}/previous-deployment"
PREVIOUS_REPLICAS = f"{PREFIX}/previous-replicas"
# On an operator's Deployment: the last verified spec.storage and overlay.
VERIFIED_STATE = f"{PREFIX}/verified-state"
# On the Deployment that a failed run has restored: the codes of the failure. The next run of state present removes it.
RESTORED_AFTER = f"{PREFIX}/restored-after"
# On the Deployment, while the maintenance window of a switch of the storage is open: since when the registry rejects pushes. The label is on
# its Pods, so that monitoring can see them.
READ_ONLY_SINCE = f"{PREFIX}/read-only-since"
# Beside it: the storage ID of the registry when the window was opened.
READ_ONLY_STORAGE_ID = f"{PREFIX}/read-only-storage-id"
WINDOW_RECORD = (READ_ONLY_SINCE, READ_ONLY_STORAGE_ID)
READ_ONLY_LABEL = {f"{PREFIX}/read-only": "true"}
# On the record of a migration: its phase, so that monitoring can see it.
MIGRATION_PHASE = f"{PREFIX}/migration-phase"
# On the Pod template of an operator's Deployment: of the user and password that the Pods were started with.
LOGIN_FINGERPRINT = f"{PREFIX}/login-fingerprint"
# On the immutable objects that a revision of the Deployment names.
REVISION_LABEL = {f"{PREFIX}/part-of": "revision"}
# On the Secret with the credentials: the storage ID to which the registry's canary was pushed.
CANARY = f"{PREFIX}/canary"
# On the DockerRegistry: the accepted loss of images, and the storage of the switch that it was accepted for.
ACCEPTED_LOSS = f"{PREFIX}/accepted-data-loss"
# On objects that stay when direct mode hands the registry over to an operator: direct mode may take them back.
HANDED_OVER = f"{PREFIX}/handed-over"
# spec.storage as the user requested it. On the DockerRegistry in operator mode: before it was adapted to the operator. On the Deployment
# of direct mode: what it was deployed for.
REQUESTED_STORAGE = f"{PREFIX}/storage"
# On the Deployment of direct mode: kind and name of each object that it was deployed with. The rest is deleted after the verification.
DEPLOYED_OBJECTS = f"{PREFIX}/objects"
# On the Deployment of direct mode: the storage type, as in `status.storage`.
STORAGE_TYPE = f"{PREFIX}/storage-type"
# On storage Secrets that this collection created.
STORAGE_LABEL = {f"{PREFIX}/secret-of": "storage"}

# Namespaces that `all` never means: Kubernetes' and Kyma's own (the operator leaves out the same Kyma ones).
SYSTEM_NAMESPACES = frozenset(
    {"kube-system", "kube-public", "kube-node-lease", "kyma-system", "istio-system", "docker-registry"}
)


def push_address(namespace: str) -> str:
    """Address inside the cluster, `host:port`."""
    return f"{REGISTRY}.{namespace}.svc.cluster.local:{API_PORT}"


def pull_address(node_port: int) -> str:
    """Address that the kubelet of every node uses, `host:port`."""
    return f"localhost:{node_port}"
