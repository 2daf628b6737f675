# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The listing of the dry run."""

from __future__ import annotations

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.images.dry_run import (
    Listing,
    read_listing,
    repositories_with_manifests,
)

_A, _B = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"
_GOOD = f"""team/app
team/app: marking manifest {_A}\x20
team/app: marking blob {_B}
team/emptied

2 blobs marked, 5 blobs and 0 manifests eligible for deletion
blob eligible for deletion: {_B}
"""


def test_good_listing() -> None:
    """Manifests by repository, emptied ones too."""
    found = read_listing(_GOOD, "", 0)
    assert (found.manifests, found.marked, found.problem) == ({"team/app": {_A}, "team/emptied": set()}, {_A, _B}, "")


@pytest.mark.parametrize(
    ("stdout", "code", "problem"),
    [
        (_GOOD, 1, "exit code 1"),
        (_GOOD, None, "incomplete"),
        (_GOOD.replace("2 blobs", "3 blobs"), 0, "counted 3 digests and printed 2"),
        (_GOOD.partition("\n\n")[0], 0, "last line"),
        ("", 0, "last line"),
    ],
)
def test_bad_listing(stdout: str, code: int | None, problem: str) -> None:
    """It is not used."""
    found = read_listing(stdout, "", code)
    assert problem in found.problem


@pytest.mark.parametrize(
    ("stdout", "stderr", "code"),
    [
        ("\n0 blobs marked, 0 blobs and 0 manifests eligible for deletion\n", "", 0),
        (
            "",
            "failed to garbage collect: failed to mark: filesystem: Path not found: /docker/registry/v2/repositories",
            1,
        ),
        ("", "failed to mark: azure: Path not found: /images/docker/registry/v2/repositories", 1),
    ],
)
def test_empty_root(stdout: str, stderr: str, code: int) -> None:
    """Each driver says it in its own way."""
    assert read_listing(stdout, stderr, code) == Listing()


def test_no_store() -> None:
    """A container that does not exist is not an empty one."""
    assert read_listing("", "failed to mark: azure: ContainerNotFound", 1).problem


_LOOKALIKES = f"""\
app
app: marking manifest {_A}\x20
app: marking blob sha256:{"c" * 64}
app: marking manifest {_B}
team/sub.app_x-y
team/sub.app_x-y: marking manifest {_A}\x20
kyma-docker-registry-verification: marking manifest {_A}\x20
time="2026-01-01T00:00:00Z" level=info msg="x: marking manifest {_A}"
bad: marking manifest sha256:abc
UPPER: marking manifest {_A}
 indented: marking manifest {_A}

3 blobs marked, 0 blobs and 0 manifests eligible for deletion
"""


def test_repositories() -> None:
    """Those that have a manifest in a list that may be incomplete; nothing that only looks like such a line."""
    names = {"app", "team/sub.app_x-y", "kyma-docker-registry-verification"}
    assert repositories_with_manifests(_LOOKALIKES) == names
    assert repositories_with_manifests("") == set()
