# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a user does with a registry: push with skopeo, pull with the kubelet, pull again after the registry's Pod was replaced.

As a program: roundtrip NAMESPACE STORE [BYTES] prints what it saw as JSON. STORE says where the blobs must lie: `volume`, or
`s3/<bucket>`, `azure/<container>`, `gcs/<bucket>` of the lab's clouds.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster, connect
from ansible_collections.kyma.docker_registry.tests.support import image, objects, registry_client
from ansible_collections.kyma.docker_registry.tests.support.waiting import until

LAB = Path(__file__).resolve().parents[1] / "lab" / "lab"
# Above the drivers' chunk sizes, so that uploads have several parts.
LARGE = 24 * 1024 * 1024
SELECTOR = "app=docker-registry,release=dockerregistry"


def ready_pods(cluster: Cluster, namespace: str) -> set[str]:
    """UIDs of the registry's Pods that serve."""
    return {pod["metadata"]["uid"] for pod in cluster.list("Pod", namespace, label_selector=SELECTOR) if _is_ready(pod)}


def _is_ready(pod: dict[str, Any]) -> bool:
    conditions = pod["status"].get("conditions", [])
    ready = any(item["type"] == "Ready" and item["status"] == "True" for item in conditions)
    return ready and not pod["metadata"].get("deletionTimestamp")


def replace_pods(cluster: Cluster, namespace: str) -> None:
    """Deletes the registry's Pods and waits for new ones."""
    before = ready_pods(cluster, namespace)
    for pod in cluster.list("Pod", namespace, label_selector=SELECTOR):
        cluster.delete("Pod", pod["metadata"]["name"], namespace, uid=pod["metadata"]["uid"])
    until("a new registry Pod", lambda: ready_pods(cluster, namespace) - before)


def kubelet_pull(cluster: Cluster, namespace: str, reference: str) -> None:
    """A Pod runs the image, pulled by the kubelet with the pull Secret."""
    name = f"puller-{uuid.uuid4().hex[:6]}"
    made = cluster.create(objects.pulling_pod(name, namespace, reference))

    def runs() -> bool:
        pod = cluster.get("Pod", name, namespace)
        return pod is not None and pod["status"].get("phase") == "Running"

    until("the kubelet to pull and start the image", runs)
    cluster.delete("Pod", name, namespace, uid=made["metadata"]["uid"])


def layer_digest(folder: Path) -> str:
    """Digest of the layer of an OCI layout's only image."""

    def blob(digest: str) -> Any:
        return json.loads((folder / "blobs" / digest.replace(":", "/")).read_bytes())

    index = json.loads((folder / "index.json").read_bytes())
    return str(blob(index["manifests"][0]["digest"])["layers"][0]["digest"])


def run(cluster: Cluster, namespace: str, size: int = LARGE) -> dict[str, str]:
    """Push, kubelet pull, new Pod, pull; returns the digests of image and layer. Fails with AssertionError."""
    client = registry_client.from_cluster(cluster, namespace)
    name = f"team/app-{uuid.uuid4().hex[:6]}:v1"
    with tempfile.TemporaryDirectory(prefix="kyma-image-") as folder:
        pushed, pulled = Path(folder, "pushed"), Path(folder, "pulled")
        digest = image.oci_layout(pushed, size)
        client.push(pushed, name)
        kubelet_pull(cluster, namespace, f"{client.address.replace('127.0.0.1', 'localhost')}/{name}")
        replace_pods(cluster, namespace)
        client.pull(name, pulled)
        assert client.digest(name) == digest, "skopeo inspect shows another digest"
        layer = layer_digest(pushed)
        assert layer_digest(pulled) == layer, "the pulled layer is another one"
        same = (pulled / "blobs" / layer.replace(":", "/")).read_bytes()
        assert same == (pushed / "blobs" / layer.replace(":", "/")).read_bytes(), "the layer's bytes differ"
    return {"name": name, "digest": digest, "layer": layer}


def stored(store: str) -> list[str]:
    """Names of what lies in a store of the lab."""
    kind, _slash, bucket = store.partition("/")
    if kind == "volume":
        status = json.loads(subprocess.run([LAB, "status", "--json"], stdout=subprocess.PIPE, check=False).stdout)
        return [str(path) for path in Path(status["state_dir"]).glob("run/volumes/**/data")]
    listing = json.loads(subprocess.run([LAB, "clouds", "ls", "--json"], stdout=subprocess.PIPE, check=True).stdout)
    return list(listing[kind].get(bucket, {}))


def main() -> int:
    """The program."""
    namespace, store, *rest = sys.argv[1:]
    cluster = connect({"kubeconfig": os.environ["KUBECONFIG"]}, {}, user_agent="tests")
    seen = run(cluster, namespace, int(rest[0]) if rest else LARGE)
    algorithm, _colon, hexadecimal = seen["layer"].partition(":")
    blob = f"blobs/{algorithm}/{hexadecimal[:2]}/{hexadecimal}/data"
    assert any(name.endswith(blob) for name in stored(store)), f"the layer is not in {store}"
    print(json.dumps(seen))
    return 0


if __name__ == "__main__":
    sys.exit(main())
