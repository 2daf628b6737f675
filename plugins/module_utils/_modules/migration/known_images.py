# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Images that Pods of the cluster name: a third source beside the two listings of the registry, and one that lists nothing of the store."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, error, warning
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import Object, secret_text, spec_of
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import Forbidden
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.images.client import ImageRegistry
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.images.graph import Inventory

from .options import MigrationOptions

_ADDRESSES = ("pushRegAddr", "pullRegAddr")
_SHOWN = 5
_IMAGE = re.compile(
    r"(?P<name>[a-z0-9]+(?:(?:[._/]|__|-+)[a-z0-9]+)*)(?::(?P<tag>\w[\w.-]{0,127}))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?",
    re.ASCII,
)


def check_known_images(
    context: Context[MigrationOptions], source: ImageRegistry, inventory: Inventory
) -> list[Finding]:
    """An error if the registry has an image that a Pod names and that its listings do not have; a warning for images that it does not have.

    Without the right to list all Pods there is nothing to compare with.
    """
    try:
        pods = context.cluster.list("Pod")
    except Forbidden:
        return []
    secret = context.cluster.get("Secret", constants.CREDENTIALS_SECRET, context.options.namespace)
    addresses = [text for key in _ADDRESSES if (text := secret_text(secret, key))]
    named = sorted({item for pod in pods for item in registry_images(pod, addresses)})
    unlisted = [(name, reference) for name, reference in named if not _is_listed(inventory, name, reference)]
    hidden: list[str] = []
    absent: list[str] = []
    for name, reference in unlisted:
        found = source.tag_digest(name, reference)
        (absent if found is None else hidden).append(f"{name}{'@' if ':' in reference else ':'}{reference}")
    findings = []
    if hidden:
        text = f"the registry has images that it does not list, for example {', '.join(hidden[:_SHOWN])}."
        remedy = "Run again. If it occurs again, check the store: it returns lists that are not complete."
        findings.append(error("migration-inventory-incomplete", f"Pod/{constants.MIGRATION}", text, remedy))
    if absent:
        text = f"{len(absent)} images that Pods name are not in the registry, for example {', '.join(absent[:_SHOWN])}."
        findings.append(
            warning("migration-image-missing", "Pod", text, "Check these Pods. The migration does not need the images.")
        )
    return findings


def registry_images(pod: Object, addresses: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Repository and tag or digest of the images of a Pod that are in the registry with these addresses."""
    spec = spec_of(pod)
    containers = [*(spec.get("initContainers") or []), *(spec.get("containers") or [])]
    for image in {str(item.get("image") or "") for item in containers}:
        for address in addresses:
            # Any text can be the image of a Pod.
            match = _IMAGE.fullmatch(image.removeprefix(f"{address}/"))
            if match and image.startswith(f"{address}/"):
                yield match["name"], match["digest"] or match["tag"] or "latest"


def _is_listed(inventory: Inventory, name: str, reference: str) -> bool:
    repository = inventory.repositories.get(name)
    return repository is not None and (reference in repository.tags or reference in repository.manifests)
