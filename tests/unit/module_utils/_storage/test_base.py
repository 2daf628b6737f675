# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all backends share."""

from __future__ import annotations

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import catalog
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import bucket_storage_id


def test_storage_ids() -> None:
    """Slashes and what is absent leave no trace."""
    assert bucket_storage_id("gcs", "images", None) == bucket_storage_id("gcs", "images", "/") == "gcs/images"
    assert bucket_storage_id("s3", "eu-central-1", "images", "/a/b/") == "s3/eu-central-1/images/a/b"


@pytest.mark.parametrize("name", sorted(catalog.NAMED))
def test_keys_of_secrets(name: str) -> None:
    """Descriptions complete the sentence `Add <key>: ...`; names and aliases are unique."""
    keys = catalog.NAMED[name].secret_keys
    every = [spelling for key in keys for spelling in (key.name, *key.aliases)]
    assert len(set(every)) == len(every)
    assert all(key.description.endswith(".") for key in keys)


def test_secrets_tell_backends_apart() -> None:
    """The needed keys of one backend are not the keys of a Secret of another."""
    for one in catalog.NAMED.values():
        secret = {key.name: b"x" for key in one.secret_keys if key.required}
        assert [other.name for other in catalog.NAMED.values() if secret and other.has_required_keys(secret)] == (
            [one.name] if secret else []
        )
