# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Says whether the demo may use KUBECONFIG's cluster: not if there is a DockerRegistry that it did not make, or the cluster cannot be asked.

Usage: demo_guard.py [NAMESPACE] (with a namespace only that one is looked at). Exit code 0: it may.
"""

from __future__ import annotations

import sys

from kubernetes import client, config

LABEL = "kyma-docker-registry.ansible/demo"
REGISTRIES = ("operator.kyma-project.io", "v1alpha1", "dockerregistries")
NO_SUCH_KIND = 404
SECONDS = 20


def foreign(namespace: str | None) -> list[str]:
    """Names of the DockerRegistries that do not carry the demo's label."""
    config.load_kube_config()
    try:
        answer = client.CustomObjectsApi().list_cluster_custom_object(*REGISTRIES, _request_timeout=SECONDS)
    except client.ApiException as problem:
        if problem.status == NO_SUCH_KIND:
            return []
        raise
    return foreign_registries(answer["items"], namespace)


def foreign_registries(items: list[dict[str, dict[str, object]]], namespace: str | None) -> list[str]:
    """Of these objects, those without the label, in the namespace or anywhere."""
    found = []
    for item in items:
        metadata = item["metadata"]
        labels = metadata.get("labels") or {}
        mine = isinstance(labels, dict) and labels.get(LABEL) == "true"
        if not mine and namespace in (None, metadata["namespace"]):
            found.append(f"{metadata['namespace']}/{metadata['name']}")
    return found


def main() -> int:
    """Print why not, if not."""
    namespace = sys.argv[1] if len(sys.argv) > 1 else None
    try:
        found = foreign(namespace)
    except Exception as problem:  # whatever stops the look, the demo must not go on
        text = " ".join(str(problem).split())[:300]
        print(
            f"The demo does not use this cluster, because it cannot determine whether the cluster has a DockerRegistry: {text}"
        )
        return 1
    if found:
        print(f"This cluster has a DockerRegistry that the demo did not make: {', '.join(found)}. It is left alone.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
