# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The maintenance window on the registry program: pushes are rejected, also those that have upload; pulls and the count go on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.window_document import (
    open_document,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.canary import lists_canary, push_canary
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.client import RegistryApi
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.errors import RegistryError
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.repository_count import count_repositories
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.smoke_test import (
    accepts_uploads,
    push_image,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.verification_image import (
    INDEX_TYPE,
    VerificationImage,
    build_image,
)
from ansible_collections.kyma.docker_registry.tests.distribution.running import started

pytestmark = pytest.mark.beside

REPOSITORY = "team/app"
# All Pods of a registry have one, with which they sign the state of an upload.
SECRET = {"REGISTRY_HTTP_SECRET": "the same for all Pods"}
DEPLOYMENT: dict[str, Any] = {"metadata": {"name": constants.REGISTRY}}


def _window_environment() -> dict[str, str]:
    """The variables that an open window gives the registry's container."""
    opened = open_document(DEPLOYMENT, datetime(2026, 1, 1, tzinfo=timezone.utc), "s3/r/b")
    (container,) = opened["spec"]["template"]["spec"]["containers"]
    return {item["name"]: item["value"] for item in container["env"]}


def _rejects(call: Callable[[], object]) -> None:
    with pytest.raises(RegistryError) as caught:
        call()
    assert caught.value.code == "registry-readonly", str(caught.value)


def _pull(api: RegistryApi, image: VerificationImage) -> None:
    assert api.manifest(REPOSITORY, "v1") == image.index
    assert all(api.blob(REPOSITORY, digest) == content for digest, content in image.blobs.items())


def test_read_only(registry_program: Path, tmp_path: Path) -> None:
    """A push, the rest of a push that began before, a tag and a deletion are rejected; the image is pulled and counted. Then it is writable."""
    image, later = build_image("one"), build_image("other")
    storage = {"delete": {"enabled": True}}
    with started(registry_program, tmp_path, SECRET, **storage) as registry, registry.api() as api:
        assert accepts_uploads(api)
        push_image(api, REPOSITORY, "v1", image)
        push_canary(api, "one")
        upload = api.begin_upload(REPOSITORY)
    with (
        started(registry_program, tmp_path, {**SECRET, **_window_environment()}, **storage) as registry,
        registry.api() as api,
    ):
        assert not accepts_uploads(api)
        _rejects(lambda: push_image(api, REPOSITORY, "v2", later))
        _rejects(lambda: api.write_upload(upload, b"content"))
        _rejects(lambda: api.finish_upload(upload, "sha256:" + "0" * 64))
        _rejects(lambda: api.put_manifest(REPOSITORY, "v2", image.index, INDEX_TYPE))
        assert not api.delete_manifest(REPOSITORY, image.digest)
        _pull(api, image)
        assert lists_canary(api, "one")
        counted = count_repositories(api, 100, constants.UNCOUNTED_REPOSITORIES, canary="one")
        assert counted.repositories == 1 and counted.trusted
        # The guard lists manifests without tags with it, in the Pod.
        registry.garbage_collect("--dry-run")
    with started(registry_program, tmp_path, SECRET, **storage) as registry, registry.api() as api:
        assert accepts_uploads(api)
        push_image(api, REPOSITORY, "v2", later)
        _pull(api, image)


def test_the_check_makes_no_image(registry_program: Path, tmp_path: Path) -> None:
    """The upload that shows whether pushes are accepted is cancelled."""
    with started(registry_program, tmp_path) as registry, registry.api() as api:
        assert accepts_uploads(api)
        assert count_repositories(api, 100, frozenset(), canary="").repositories == 0
    assert not list((tmp_path / "images").rglob("blobs"))
