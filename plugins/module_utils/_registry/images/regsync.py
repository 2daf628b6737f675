# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The file from which regsync copies the bulk of the images. Pure.

One entry for each manifest that no index names, by digest. regsync does not copy everything exactly: for manifests with `subject` it adds a tag, and it
rejects indexes with entries that the registry does not have. The collection's own client copies these.
"""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import json_yaml

from .graph import Inventory, Repository

# Entries that run at the same time. An upload to S3 takes memory of the target's container.
PARALLEL = 2


def bulk_roots(repository: Repository) -> list[str]:
    """Digests of the manifests that regsync copies exactly, with everything below them."""
    return [digest for digest in repository.parentless() if repository.is_complete(digest)]


def build_sync_file(source: Inventory, present: Mapping[str, set[str]], source_host: str, target_host: str) -> str:
    """The text of the file, '' if nothing is left to copy. present: repository to digests that the target has already."""
    entries = [
        {"source": f"{source_host}/{name}@{digest}", "target": f"{target_host}/{name}@{digest}", "type": "image"}
        for name, repository in sorted(source.repositories.items())
        for digest in bulk_roots(repository)
        if digest not in present.get(name, set())
    ]
    if not entries:
        return ""
    hosts = [{"registry": host, "tls": "disabled"} for host in (source_host, target_host)]
    return json_yaml.dumps(
        {
            "version": 1,
            "creds": hosts,
            "defaults": {"parallel": PARALLEL, "digestTags": False, "referrers": False, "skipDockerConfig": True},
            "sync": entries,
        }
    )
