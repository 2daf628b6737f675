# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was recorded of the real operator 0.15.0, and the Secrets that stood beside it."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils import names
from ansible_collections.kyma.docker_registry.plugins.module_utils.kyma_operator.strvals import escape

FOLDER = Path(__file__).parents[1] / "unit/kyma_operator/fixtures/operator-0.15"
CASES: dict[str, dict[str, Any]] = {path.stem: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))}
CLAIMS = frozenset({"existing-pvc"})

KEY_FILE = json.dumps({"type": "service_account", "project_id": "p", "private_key": "-----BEGIN\nx\n"})
# The records hold no Secret; these have the same keys and form.
SECRETS: dict[str, dict[str, bytes]] = {
    "azure-storage": {"accountName": b"account", "accountKey": b"a2V5", "container": b"images"},
    "s3s": {"accessKey": b"AKIAEXAMPLE", "secretKey": b"wJalr/K7MDENG+bPx"},
    "s3-inject": {"accessKey": b"AKIAEXAMPLE", "secretKey": b"abc,def"},
    "gcs-plain": {"accountkey": KEY_FILE.encode()},
    "gcs-esc": {"accountkey": escape(KEY_FILE).encode()},
    "btp-aws": {
        "access_key_id": b"AKIAEXAMPLE",
        "bucket": b"hcp-1",
        "host": b"s3-eu-central-1.amazonaws.com",
        "region": b"eu-central-1",
        "secret_access_key": b"wJalrXUtnFEMI",
        "uri": b"s3://hcp-1",
        "username": b"user",
    },
    "btp-gcp": {"base64EncodedPrivateKeyData": base64.b64encode(KEY_FILE.encode()), "bucket": b"hcp-2"},
    "btp-azure": {"account_name": b"a", "container_name": b"c", "sas_token": b"t", "region": b"r"},
}


def storage(case: str) -> dict[str, Any] | None:
    """The spec.storage of the record."""
    found: dict[str, Any] | None = CASES[case]["spec.storage"]
    return found


def secret(case: str) -> dict[str, bytes] | None:
    """The Secret that the first backend names."""
    for values in (storage(case) or {}).values():
        if isinstance(values, dict):
            return SECRETS.get(values.get("secretName", ""))
    return None


def cr(case: str) -> dict[str, Any]:
    """The DockerRegistry as it was."""
    record = CASES[case]
    spec = {} if record["spec.storage"] is None else {"storage": record["spec.storage"]}
    metadata = {"name": names.CR_NAME, "namespace": names.CR_NAMESPACE, "generation": 1}
    return {"metadata": metadata, "spec": spec, "status": record["status"]}


def deployment(case: str) -> dict[str, Any]:
    """The Deployment as it was, with a status of a finished rollout (none was recorded)."""
    record = CASES[case]["deployment"]
    counts = dict.fromkeys(("updatedReplicas", "replicas", "readyReplicas", "availableReplicas"), 1)
    return {
        "metadata": {"name": names.REGISTRY, "generation": 3, "labels": record["labels"]},
        "spec": record["spec"],
        "status": {"observedGeneration": 3, **counts},
    }
