# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lists of objects, read page by page."""

from __future__ import annotations

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import ObjectDict
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s import resources
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import ClusterError, NotFound

from .calls import describe_call
from .http_transport import JSON, Query, Transport

_PAGE = "500"
# Objects without anything but their metadata.
METADATA = f"{JSON};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"


def read_list(
    transport: Transport, kind: str, namespace: str | None, selectors: Query = (), accept: str = JSON
) -> list[ObjectDict] | None:
    """All objects of a namespace, or of all. None if the cluster does not know the kind. accept: the form of a page."""
    entry = resources.resource(kind)
    call = describe_call("list", kind, namespace)
    base = [("limit", _PAGE), *selectors]
    items: list[ObjectDict] = []
    token = ""
    while True:
        query = [*base, ("continue", token)] if token else base
        try:
            page = transport.json(call, "GET", resources.path(kind, namespace), query=query, accept=accept)
        except NotFound:
            return None
        except ClusterError as problem:
            if problem.status == 410 and token:  # The pages expired while they were read: from the start.
                items, token = [], ""
                continue
            raise
        items += [{"apiVersion": entry.api_version, "kind": kind, **item} for item in page.get("items") or []]
        token = str(page.get("metadata", {}).get("continue") or "")
        if not token:
            return items
