# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes the pictures of terminals in docs/images: real runs against a cluster without an operator, in a namespace that is removed again.

`make screenshots` runs it. Needs KUBECONFIG and skopeo; the namespace must not exist. What a reader learns nothing from is left out:
which files are included, and after an error's message its place in the code and the whole result.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils.cluster.client import Cluster, connect
from ansible_collections.kyma.docker_registry.tests.gates import terminal
from ansible_collections.kyma.docker_registry.tests.support import image, objects, registry_client

ROOT = Path(__file__).resolve().parents[2]
IMAGES = ROOT / "docs/images"
NAMESPACE = "team-registry"
PLAYBOOK = "kyma.docker_registry.site"
CLAIM = "existing-pvc"
_INCLUDED = re.compile(r"^TASK [^\n]*\n(?:\x1b\[[\d;]*m)?included: [^\n]*\n\n", re.MULTILINE)
_DETAILS = re.compile(r"^(?:\x1b\[[\d;]*m)?Origin: .*?(?=^PLAY RECAP)", re.MULTILINE | re.DOTALL)
# A picture that is larger is none for a page.
LARGEST = 300_000


def ansible(variables: Mapping[str, Any], *, expected: int = 0) -> str:
    """The playbook's own output, after the command as it is typed."""
    extra = [
        f"{name}={value}" if isinstance(value, str) else json.dumps({name: value}) for name, value in variables.items()
    ]
    command = ["ansible-playbook", PLAYBOOK, *(word for item in extra for word in ("-e", item))]
    environment = {
        **os.environ,
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".collections"),
        "ANSIBLE_FORCE_COLOR": "true",
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        "ANSIBLE_DISPLAY_SKIPPED_HOSTS": "false",
        "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml",
    }
    environment.pop("NO_COLOR", None)
    with tempfile.TemporaryDirectory() as elsewhere:
        done = subprocess.run(command, cwd=elsewhere, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != expected:
        raise SystemExit(f"{shlex.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return f"$ {shlex.join(command)}\n{shortened(done.stdout)}"


def shortened(output: str) -> str:
    """The output without what the pictures leave out. Raises ValueError where a path of this machine is left."""
    text = _DETAILS.sub("\x1b[0m…\n\n", _INCLUDED.sub("", output))
    if str(ROOT) in text:
        raise ValueError(f"the output names {ROOT}:\n{text}")
    return text


def write(name: str, title: str, text: str) -> None:
    """One picture."""
    picture = terminal.svg(title, text)
    if len(picture) > LARGEST:
        raise SystemExit(f"{name} has {len(picture)} bytes")
    (IMAGES / name).write_text(picture, encoding="utf-8")
    print(f"wrote docs/images/{name}")


def take(cluster: Cluster) -> None:
    """All of them."""
    wanted = {"registry_namespace": NAMESPACE}
    write("deploy.svg", "A first run deploys the registry and proves it", ansible(wanted))
    with tempfile.TemporaryDirectory() as folder:
        image.oci_layout(Path(folder))
        registry_client.from_cluster(cluster, NAMESPACE).push(Path(folder), "team/app:v1")
    cluster.create(objects.claim(CLAIM, NAMESPACE))
    refused = ansible({**wanted, "registry_storage": {"pvc": {"name": CLAIM}}}, expected=2)
    write("guard.svg", "A run that would leave an image behind is refused, and says how to go on", refused)


def main() -> int:
    """Takes the pictures and cleans up."""
    cluster = connect({}, os.environ, user_agent="screenshots")
    if cluster.get("Namespace", NAMESPACE, None) is not None:
        print(f"There is a namespace {NAMESPACE}; remove it, or use another cluster.", file=sys.stderr)
        return 1
    try:
        take(cluster)
    finally:
        left = cluster.get("Namespace", NAMESPACE, None)
        if left is not None:
            cluster.delete("Namespace", NAMESPACE, None, uid=left["metadata"]["uid"])
    return 0


if __name__ == "__main__":
    sys.exit(main())
