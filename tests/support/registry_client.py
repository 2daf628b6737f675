# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Clients at the registry's NodePort: skopeo, which knows nothing of this collection, and the collection's own."""

from __future__ import annotations

import base64
import json
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.client import RegistryApi

# NodePort rules lag a Pod's readiness slightly.
_ATTEMPTS = 20


@dataclass(frozen=True)
class Client:
    """A client with the credentials of the registry's Secret."""

    address: str
    username: str
    password: str

    def _run(self, *arguments: str) -> str:
        last = ""
        for _attempt in range(_ATTEMPTS):
            done = subprocess.run(["skopeo", *arguments], capture_output=True, text=True, timeout=120, check=False)
            if done.returncode == 0:
                return done.stdout
            last = done.stderr
            if "connection refused" not in last and "EOF" not in last and "reset" not in last:
                break
            time.sleep(0.5)
        raise AssertionError(f"skopeo {arguments[0]}: {last}")

    @property
    def _credentials(self) -> str:
        return f"{self.username}:{self.password}"

    def push(self, layout: Path, name: str) -> None:
        """Pushes the layout's `v1` under the name, `repository:tag`."""
        target = f"docker://{self.address}/{name}"
        self._run("copy", "--dest-tls-verify=false", "--dest-creds", self._credentials, f"oci:{layout}:v1", target)

    def pull(self, name: str, folder: Path) -> None:
        """Pulls the image into an OCI layout."""
        source = f"docker://{self.address}/{name}"
        self._run("copy", "--src-tls-verify=false", "--src-creds", self._credentials, source, f"oci:{folder}:v1")

    def digest(self, name: str) -> str:
        """The digest of the tag, as the registry reports it."""
        found = self._run(
            "inspect", "--tls-verify=false", "--creds", self._credentials, f"docker://{self.address}/{name}"
        )
        return str(json.loads(found)["Digest"])

    def delete(self, name: str) -> None:
        """Deletes the image by its digest."""
        self._run("delete", "--tls-verify=false", "--creds", self._credentials, f"docker://{self.address}/{name}")


def from_cluster(cluster: Cluster, namespace: str) -> Client:
    """The client with the credentials that the collection made."""
    secret = cluster.get("Secret", "dockerregistry-config", namespace)
    assert secret is not None
    data = {key: base64.b64decode(value).decode() for key, value in secret["data"].items()}
    return Client(data["pullRegAddr"].replace("localhost", "127.0.0.1"), data["username"], data["password"])


def open_api(client: Client) -> RegistryApi:
    """The collection's client with the address and the credentials of a user."""
    host, _colon, port = client.address.rpartition(":")
    return RegistryApi(
        open_connection=lambda: socket.create_connection((host, int(port)), 10),
        username=client.username,
        password=client.password,
    )
