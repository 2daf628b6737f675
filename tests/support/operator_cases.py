# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Kyma's operator 0.15.0 made of 19 values of spec.storage on a real cluster, and the objects that were there.

The recordings were made one after the other in one namespace, so each holds traces of those before it: a status.storage that stays,
objects that a failed round left. ORDER says the order, and what was applied between two of them. tests/operator/record makes them.
"""

from __future__ import annotations

import base64
import copy
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.chart.strvals import escape
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.checks.facts import Measures
from ansible_collections.kyma.docker_registry.tests.support import keys

VERSION = "0.15.0"
RECORDINGS = Path(__file__).resolve().parents[1] / "operator" / "recordings"
FOLDER = RECORDINGS / VERSION
NAMESPACE = constants.CR_NAMESPACE
CLAIM = "existing-pvc"
# The operator alone, as it was when it was recorded.
NO_MEASURES = Measures(spec=False, overlay=False, secret=False, storage_lock=False, copies=False, wait=False)
# They differ between a released operator and one that was built from the same source.
VERSION_LABELS = ("version", "app.kubernetes.io/version", "helm.sh/chart")
DEFAULT_ROLLME = "configData.log.level=info,configData.log.formatter=json,configData.log.accesslog.disabled=true"

# Case and what was applied before it: "" the case above; "rendered" the default, not awaited; "ready" the default, awaited;
# "azure" Azure with the missing part added by another client, so that it became Ready.
ORDER = {
    "default": "azure",
    "delete-enabled-only": "",
    "storage-empty": "",
    "pvc": "",
    "pvc-missing": "",
    "azure": "",
    "azure-secret-missing": "",
    "s3": "",
    "s3-insecure": "",
    "s3-no-secret-name": "",
    "s3-secret-with-comma": "rendered",
    "s3-numeric-bucket": "ready",
    "gcs-plain-key": "ready",
    "gcs-escaped-key": "",
    "gcs-chunksize": "rendered",
    "btp-aws": "",
    "btp-gcp": "rendered",
    "btp-azure": "",
    "two-backends": "",
}


@dataclass(frozen=True)
class Case:
    """One recording, without what differs from run to run."""

    name: str
    storage: dict[str, Any] | None
    status: dict[str, Any]
    deployment: dict[str, Any]
    pvcs: list[str]
    secrets: list[str]
    policies: list[str]
    generated_keys: list[str] | None
    panic: list[str]

    def condition(self, kind: str) -> dict[str, Any]:
        """One condition of the recorded status."""
        return next(item for item in self.status["conditions"] if item["type"] == kind)

    @property
    def secret(self) -> dict[str, bytes] | None:
        """The Secret that the first backend names."""
        for values in (self.storage or {}).values():
            if isinstance(values, dict):
                name = values.get("secretName", "")
                return data(name) if name in SECRETS else None
        return None

    def cr(self) -> dict[str, Any]:
        """The DockerRegistry as it was."""
        spec = {} if self.storage is None else {"storage": self.storage}
        metadata = {"name": constants.CR_NAME, "namespace": NAMESPACE, "generation": 1}
        return copy.deepcopy({"metadata": metadata, "spec": spec, "status": self.status})

    def live_deployment(self) -> dict[str, Any]:
        """The Deployment as it was, with a status of a finished rollout (none was recorded)."""
        counts = dict.fromkeys(("updatedReplicas", "replicas", "readyReplicas", "availableReplicas"), 1)
        metadata = {"name": constants.REGISTRY, "generation": 3, "labels": self.deployment["labels"]}
        status = {"observedGeneration": 3, **counts}
        return copy.deepcopy({"metadata": metadata, "spec": self.deployment["spec"], "status": status})


def load(path: Path) -> Case:
    """A recording in its file."""
    found = json.loads(path.read_text(encoding="utf-8"))
    return Case(
        name=found["case"],
        storage=found["spec.storage"],
        status=_plain_status(found["status"]),
        deployment={
            "labels": plain_labels(found["deployment"]["labels"]),
            "spec": plain_deployment_spec(found["deployment"]["spec"]),
        },
        pvcs=found["pvcs"],
        secrets=found["secrets"],
        policies=found["networkpolicies"],
        generated_keys=found["generated secret keys"],
        panic=found["panic"],
    )


def recorded_status(status: dict[str, Any], namespace: str) -> dict[str, Any]:
    """What the recordings hold of a status."""
    found = {key: status.get(key) for key in ("state", "served", "storage", "pvc", "deleteEnabled")}
    conditions = [{**item, "message": neutral(item["message"], namespace)} for item in status.get("conditions", [])]
    return {**found, "conditions": conditions}


def _plain_status(recorded: dict[str, Any]) -> dict[str, Any]:
    """A recorded status without times."""
    conditions = sorted(recorded["conditions"], key=lambda item: str(item["type"]))
    kept = ("type", "status", "reason", "message")
    return {**recorded, "conditions": [{key: item[key] for key in kept} for item in conditions]}


def neutral(text: str, namespace: str) -> str:
    """A message of the operator as if the DockerRegistry were in NAMESPACE."""
    return text.replace(f"{namespace}/", f"{NAMESPACE}/").replace(f"from {namespace}:", f"from {NAMESPACE}:")


def plain_labels(labels: dict[str, str]) -> dict[str, str]:
    """Labels without those that name a version."""
    return {name: value for name, value in labels.items() if name not in VERSION_LABELS}


def without_http_secret(spec: dict[str, Any]) -> dict[str, Any]:
    """A Deployment's spec without the HTTP secret, which it contains in plain text."""
    found = copy.deepcopy(spec)
    for variable in found["template"]["spec"]["containers"][0]["env"]:
        if variable["name"] == "REGISTRY_HTTP_SECRET":
            variable["value"] = "(generated)"
    return found


def plain_deployment_spec(spec: dict[str, Any]) -> dict[str, Any]:
    """A Deployment's spec without what is generated (the HTTP secret and digests of credentials) and without labels of a version."""
    found = without_http_secret(spec)
    metadata = found["template"]["metadata"]
    metadata["labels"] = plain_labels(metadata["labels"])
    annotations = metadata["annotations"]
    annotations["rollme"] = re.sub(r"(secrets\.\w+)=[0-9a-f]{16}", r"\1=(digest)", annotations["rollme"])
    return found


def _secrets() -> dict[str, dict[str, str]]:
    account = {
        "type": "service_account",
        "project_id": "project",
        "private_key_id": "1",
        "private_key": keys.private_key(),
        "client_email": "registry@project.iam.gserviceaccount.com",
        "token_uri": "https://oauth2.googleapis.com/token",
    }
    key = json.dumps(account)
    azure = {"accountName": "account", "accountKey": base64.b64encode(b"0" * 64).decode(), "container": "images"}
    aws = {
        "access_key_id": "AKIAIOSFODNN7EXAMPLE",
        "secret_access_key": "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY",
        "bucket": "hcp-1",
        "host": "s3-eu-central-1.amazonaws.com",
        "region": "eu-central-1",
        "uri": "s3://AKIAIOSFODNN7EXAMPLE@s3-eu-central-1.amazonaws.com/hcp-1",
        "username": "hcp-1",
    }
    return {
        "azure-storage": azure,
        "btp-aws": aws,
        "btp-azure": {"account_name": "a", "container_name": "c", "container_uri": "u", "sas_token": "t"},
        "btp-gcp": {"base64EncodedPrivateKeyData": base64.b64encode(key.encode()).decode(), "bucket": "hcp-1"},
        "gcs-esc": {"accountkey": escape(key)},
        "gcs-plain": {"accountkey": key},
        "s3-inject": {"accessKey": "AKIAIOSFODNN7EXAMPLE", "secretKey": "abc,def"},
        "s3s": {"accessKey": aws["access_key_id"], "secretKey": aws["secret_access_key"]},
    }


# The storage Secrets that were there, in clear text: the recordings hold none, these have the same keys and form.
SECRETS = _secrets()
CASES = {name: load(FOLDER / f"{name}.json") for name in ORDER}


def data(name: str) -> dict[str, bytes]:
    """A Secret's values as the API server keeps them."""
    return {key: value.encode() for key, value in SECRETS[name].items()}
