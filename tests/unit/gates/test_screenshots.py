# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the pictures of terminals leave out, and that those of the pages are there and small."""

from __future__ import annotations

import pytest
from ansible_collections.kyma.docker_registry.tests.gates import screenshots

RUN = """
PLAY [Deploy] ****

TASK [Deploy the registry] ***
\x1b[0;36mincluded: /anywhere/present.yml for localhost\x1b[0m

TASK [Write] ***
\x1b[0;33mchanged: [localhost]\x1b[0m

TASK [Validate] ***
\x1b[0;31m[ERROR]: Task failed: what is wrong\x1b[0m
\x1b[0;31mOrigin: /anywhere/present.yml:6:3\x1b[0m
\x1b[0;31mfatal: [localhost]: FAILED! => {}\x1b[0m

PLAY RECAP ****
"""


def test_shortened() -> None:
    """Tasks that include files, and all between an error's message and the recap."""
    assert screenshots.shortened(RUN) == (
        "\nPLAY [Deploy] ****\n\nTASK [Write] ***\n\x1b[0;33mchanged: [localhost]\x1b[0m\n\n"
        "TASK [Validate] ***\n\x1b[0;31m[ERROR]: Task failed: what is wrong\x1b[0m\n\x1b[0m…\n\nPLAY RECAP ****\n"
    )


def test_no_path_of_a_machine() -> None:
    """In another form than is known, it stops."""
    with pytest.raises(ValueError, match="the output names"):
        screenshots.shortened(f"ok: {screenshots.ROOT}/roles\n")


@pytest.mark.parametrize(("name", "page"), [("deploy.svg", "README.md"), ("guard.svg", "docs/guard.md")])
def test_pictures(name: str, page: str) -> None:
    """Shown where they belong, and of a size that a page can have."""
    picture = screenshots.IMAGES / name
    assert f"images/{name})" in (screenshots.ROOT / page).read_text(encoding="utf-8")
    assert "team-registry" in picture.read_text(encoding="utf-8")
    assert picture.stat().st_size < screenshots.LARGEST
