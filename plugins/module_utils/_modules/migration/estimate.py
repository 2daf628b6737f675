# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a migration would copy, read through the registry that serves: check mode starts no Pod."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, Refusal, warning
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.registry_access import (
    connect_registry,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.errors import RegistryError
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.images.client import ImageRegistry
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.images.dry_run import (
    Listing,
    read_listing,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.images.manifests import (
    UnreadableManifest,
    parse_manifest,
)

from .options import MigrationOptions
from .pod_run import list_in_container

_PATH = f"Deployment/{constants.REGISTRY}"
_MIB = 1024 * 1024
# Bytes of the blobs from which the rate is measured.
_SAMPLE = 8 * _MIB


def report_estimate(context: Context[MigrationOptions]) -> None:
    """An info with what would be copied and how long that takes at the rate of a sample; a warning if it cannot be read.

    The time is that of a copy by this machine. What another repository has is mounted, so each blob counts once.
    """
    try:
        with _serving_registry(context) as (registry, listing):
            context.report([_estimate(context, registry, listing)])
    except Refusal as refusal:
        text = f"cannot be read for an estimate: {refusal.findings[0].message}"
        context.report([warning("migration-not-estimated", _PATH, text)])


@contextmanager
def _serving_registry(context: Context[MigrationOptions]) -> Iterator[tuple[ImageRegistry, Listing]]:
    namespace, cluster = context.options.namespace, context.cluster
    with connect_registry(context, namespace) as running:
        listing = read_listing(*list_in_container(context, (namespace, running.pod, constants.CONTAINER)))
        with cluster.port_forward(namespace, running.pod, constants.API_PORT) as opener:
            user = running.user
            registry = ImageRegistry("the registry", opener, username=user.username, password=user.password)
            try:
                yield registry, listing
            finally:
                registry.close()


def _estimate(context: Context[MigrationOptions], registry: ImageRegistry, listing: Listing) -> Finding:
    progress = context.awaiting("estimate of the migration")
    blobs: dict[str, tuple[int, str]] = {}
    manifests = unreadable = 0
    began = time.monotonic()
    for name, digests in sorted(listing.manifests.items()):
        for digest in sorted(digests):
            manifests += 1
            progress(f"{manifests} manifests")
            try:
                content = registry.read_manifest(name, digest)
                found = parse_manifest(content.content, content.media_type)
            except UnreadableManifest:
                unreadable += 1
                continue
            except RegistryError as problem:
                if problem.status is None:
                    raise
                unreadable += 1
                continue
            blobs.update({item.digest: (item.size, name) for item in found.blobs if not item.optional})
    seconds = time.monotonic() - began
    size = sum(item for item, _name in blobs.values())
    rate = _measure_rate(registry, blobs)
    # The source is read, the target is read and written, and both are read again in the window.
    total = f"{4 * seconds + 2 * size / rate:.0f} s at {rate / _MIB:.1f} MiB/s" if rate else "an unknown time"
    text = (
        f"has {manifests} manifests in {len(listing.manifests)} repositories, and {len(blobs)} blobs of {size / _MIB:.1f} MiB are copied. "
        f"A copy by this machine takes about {total}."
        f"{f' {unreadable} manifests cannot be read.' if unreadable else ''}{f' The list is not complete: {listing.problem}.' if listing.problem else ''}"
    )
    return Finding("migration-estimated", "info", _PATH, text)


def _measure_rate(registry: ImageRegistry, blobs: dict[str, tuple[int, str]]) -> float:
    """Bytes a second, measured by reading some of the largest blobs. 0 if there are none, or if the registry redirects clients to its store."""
    read, began = 0, time.monotonic()
    for digest, (size, name) in sorted(blobs.items(), key=lambda item: -item[1][0]):
        if read >= _SAMPLE or not size:
            break
        try:
            with registry.open_blob(name, digest) as blob:
                for part in blob.parts:
                    read += len(part)
                    if read >= _SAMPLE:
                        break
        except RegistryError:
            return 0.0
    return read / max(time.monotonic() - began, 0.001)
