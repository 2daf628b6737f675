# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the gate `site` finds in a built site, and that the start page lists every page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ansible_collections.kyma.docker_registry.tests.unit.gates.loading import load

ROOT = Path(__file__).resolve().parents[3]
check = load("check_site.py")
GOOD = '<link rel="stylesheet" href="_static/site.css?v=1"><a href="docs/a.html#one">a</a> <a href="https://example.com/">out</a>'


def _site(folder: Path, body: str) -> Path:
    (folder / "docs").mkdir()
    (folder / "_static").mkdir()
    (folder / "index.html").write_text(f"<!doctype html><html><body>{body}</body></html>")
    (folder / "docs/a.html").write_text('<h1 id="one">One</h1><a href="../index.html">start</a><a href="#one">here</a>')
    (folder / "_static/site.css").write_text("p { background: url('data:image/svg+xml;charset=utf-8,%3Csvg/%3E') }")
    return folder


def test_a_good_site(tmp_path: Path) -> None:
    """Links within it, links that a reader may follow, and data in a stylesheet."""
    assert check.problems(_site(tmp_path, GOOD), ["index", "docs/a"]) == []


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ('<script src="https://cdn.example.com/a.js"></script>', "loads https://cdn.example.com/a.js"),
        ('<img src="//cdn.example.com/a.png">', "loads //cdn.example.com/a.png"),
        ('<img srcset="_static/site.css 1x, https://x.example/2 2x">', "loads https://x.example/2"),
        ('<link rel="stylesheet" href="https://fonts.example.com/css">', "loads https://fonts.example.com/css"),
        ('<link rel="preconnect" href="https://fonts.example.com">', "loads https://fonts.example.com"),
        ("<style>@import 'https://x.example/a.css';</style>", "loads https://x.example/a.css"),
        ('<p style="background: url(https://x.example/a.png)">', "loads https://x.example/a.png"),
        ('<iframe src="http://x.example/"></iframe>', "loads http://x.example/"),
        ('<img src="images/none.svg">', "loads images/none.svg, which is not there"),
        ('<a href="docs/b.html">b</a>', "links to docs/b.html, which is not there"),
        ('<a href="docs/a.html#two">b</a>', "links to docs/a.html#two, an anchor that is not there"),
    ],
)
def test_a_bad_page(tmp_path: Path, body: str, says: str) -> None:
    """Whatever a browser would fetch from elsewhere, and whatever leads nowhere."""
    assert check.problems(_site(tmp_path, GOOD + body), []) == [f"index.html: {says}"]


def test_a_bad_stylesheet(tmp_path: Path) -> None:
    """Fonts come from stylesheets."""
    site = _site(tmp_path, GOOD)
    (site / "_static/fonts.css").write_text("@font-face { src: url(https://fonts.example.com/f.woff2) }")
    assert check.problems(site, []) == ["_static/fonts.css: loads https://fonts.example.com/f.woff2"]


def test_a_missing_page(tmp_path: Path) -> None:
    """A module without its page."""
    found = check.problems(_site(tmp_path, GOOD), ["index", "reference/registry_verify_module"])
    assert found == ["reference/registry_verify_module.html: is not there"]


def test_every_page_is_listed_on_the_start_page() -> None:
    """Each page of docs/, module, role and filter is in a table of contents, once. Except for the lab's page, nothing else is."""
    lists = re.findall(
        r"^:::\{toctree\}\n(.*?)^:::$", (ROOT / "docs/site/index.md").read_text(encoding="utf-8"), re.M | re.S
    )
    lines = [line for text in lists for line in text.splitlines() if line and not line.startswith(":")]
    listed = [re.sub(r"^.* <(.*)>$", r"\1", line) for line in lines]
    assert sorted([*listed, "index"]) == sorted([*check.expected_pages(), "tests/lab/README"])
