# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The route that runs, as docker_registry_info tells it beside the one that is asked for."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils.ensure.info import running_route
from ansible_collections.kyma.docker_registry.plugins.module_utils.storage import spec


def _store(storage: dict[str, Any], secret: dict[str, bytes] | None = None) -> Any:
    resolved, _found = spec.check(storage, "storage")
    assert resolved is not None
    store, found = resolved.store(secret)
    assert store is not None, found
    return store


VOLUME = _store({})
OWN = _store({"pvc": {"name": "own"}})
GCS = _store({"gcs": {"bucket": "images"}})


@pytest.mark.parametrize(
    ("store", "running", "route"),
    [
        (VOLUME, None, None),
        (None, None, None),
        (VOLUME, VOLUME.holder, "filesystem"),
        (OWN, OWN.holder, "pvc"),
        (GCS, GCS.holder, "gcs"),
        (GCS, f"{GCS.holder}/folder", "gcs"),
        (GCS, f"{GCS.holder}-other", "gcs"),
        (GCS, VOLUME.holder, "filesystem"),
        (VOLUME, OWN.holder, "pvc"),
        (VOLUME, "emptyDir", "emptyDir"),
        (None, "s3/eu-central-1/images", "s3"),
    ],
)
def test_running_route(store: Any, running: str | None, route: str | None) -> None:
    """As asked for where the images lie there; otherwise by their place alone."""
    assert running_route(store, running) == route
