# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""docs/findings.md explains exactly the codes that the source can emit."""

from __future__ import annotations

import collections

from ansible_collections.kyma.docker_registry.tests.support import codes


def test_every_code_is_explained() -> None:
    """Every code has a row, and every row has a code."""
    assert codes.mentioned() - set(codes.documented()) == set()
    assert set(codes.documented()) - codes.mentioned() == set()


def test_severities_are_right() -> None:
    """Where the source gives a severity with the code, the document says the same; a code has one severity."""
    documented = codes.documented()
    assert {code: found for code, found in codes.severities().items() if found != {documented[code]}} == {}


def test_every_row_is_read() -> None:
    """A row with a slip in its form would pass for none; no code has two rows."""
    lines = codes.DOCUMENT.read_text(encoding="utf-8").splitlines()
    rows = [line for line in lines if line.startswith("| `")]
    assert len(rows) == len(codes.documented())
    counted = collections.Counter(line.split("`")[1] for line in rows)
    assert [code for code, count in counted.items() if count > 1] == []
