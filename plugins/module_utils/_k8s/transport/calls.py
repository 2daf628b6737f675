# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The data of every request: a description for its error, the object's identity, a query."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s import resources
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import Call, ClusterError

from .http_transport import Query


def describe_call(
    verb: str, kind: str, namespace: str | None, name: str | None = None, subresource: str | None = None
) -> Call:
    """What a request is about, for its error."""
    entry = resources.resource(kind)
    plural = f"{entry.full_name}/{subresource}" if subresource else entry.full_name
    return Call(verb, kind, plural, namespace if entry.namespaced else None, name)


def object_identity(obj: Mapping[str, Any]) -> tuple[str, str, str | None]:
    """Kind, name and namespace of an object, whose apiVersion has to be the one that we know."""
    kind = str(obj.get("kind") or "")
    entry = resources.resource(kind)
    metadata = obj.get("metadata") or {}
    name = str(metadata.get("name") or "")
    if obj.get("apiVersion") != entry.api_version:
        raise ClusterError(
            "cluster-invalid",
            f"{kind}/{name}",
            f"the apiVersion is {obj.get('apiVersion')!r}.",
            f"Write {entry.api_version}.",
        )
    return kind, name, metadata.get("namespace")


def build_write_query(dry_run: bool, **settings: str) -> Query:
    """The query of a request that changes something, or with `dry_run` only says what it would change."""
    return [*settings.items(), *([("dryRun", "All")] if dry_run else [])]
