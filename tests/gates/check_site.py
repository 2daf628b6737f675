# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looks at the built site: every page is there, every link within it leads somewhere, and nothing is loaded from another host.

Usage: check_site.py FOLDER
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

ROOT = Path(__file__).resolve().parents[2]
# Attributes with which a browser loads something by itself. A link that a reader follows is none.
_LOADING = {"src", "srcset", "data", "poster", "background"}
# Relations of <link> that only say something.
_SAYING = {"index", "search", "next", "prev", "canonical", "author", "copyright", "license"}
_IN_STYLE = re.compile(r"url\(\s*['\"]?([^'\")]+)|@import\s+['\"]([^'\"]+)")


def in_style(text: str) -> list[str]:
    """What a stylesheet loads."""
    return [first or second for first, second in _IN_STYLE.findall(text)]


class Page(HTMLParser):
    """What a page has: anchors, links for readers, and what it loads."""

    def __init__(self, text: str) -> None:
        """Read it."""
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.loads: list[str] = []
        self._style = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collects attributes."""
        found = {name: value or "" for name, value in attrs}
        self._style = tag == "style"
        self.anchors.update(found[name] for name in ("id", "name") if name in found)
        self.loads += in_style(found.get("style", ""))
        for name in _LOADING & found.keys():
            parts = found[name].split(",") if name == "srcset" else [found[name]]
            self.loads += [part.split()[0] for part in parts if part.strip()]
        if tag == "link" and not set(found.get("rel", "").split()) & _SAYING:
            self.loads.append(found.get("href", ""))
        elif tag == "a" and "href" in found:
            self.links.append(found["href"])

    def handle_endtag(self, tag: str) -> None:
        """Ends a <style>."""
        if tag == "style":
            self._style = False

    def handle_data(self, data: str) -> None:
        """Reads a <style>."""
        if self._style:
            self.loads += in_style(data)


def _foreign(link: str) -> bool:
    return bool(urlsplit(link).netloc)


def _file(base: Path, link: str) -> Path:
    """The file that a link names, of the file that it is in."""
    path = unquote(urlsplit(link).path)
    return (base.parent / path).resolve() if path else base.resolve()


def _loading(root: Path, pages: Mapping[Path, Page]) -> Iterator[tuple[Path, str]]:
    """What pages, stylesheets and pictures load."""
    for path, page in pages.items():
        yield from ((path, link) for link in page.loads)
    for path in sorted([*root.rglob("*.css"), *root.rglob("*.svg")]):
        yield from ((path, link) for link in in_style(path.read_text(encoding="utf-8")))


def _wrong_load(path: Path, link: str) -> str:
    if _foreign(link):
        return f"loads {link}"
    if not urlsplit(link).scheme and not _file(path, link).is_file():
        return f"loads {link}, which is not there"
    return ""


def _wrong_link(path: Path, link: str, pages: Mapping[Path, Page]) -> str:
    if _foreign(link) or urlsplit(link).scheme:
        return ""
    file, anchor = _file(path, link), unquote(urldefrag(link).fragment)
    if not file.is_file():
        return f"links to {link}, which is not there"
    if anchor and file in pages and anchor not in pages[file].anchors:
        return f"links to {link}, an anchor that is not there"
    return ""


def problems(site: Path, expected: Iterable[str]) -> list[str]:
    """What is wrong with the site. expected: its pages, without the ending."""
    root = site.resolve()
    pages = {path: Page(path.read_text(encoding="utf-8")) for path in sorted(root.rglob("*.html"))}
    found = [(path, _wrong_load(path, link)) for path, link in _loading(root, pages)]
    found += [(path, _wrong_link(path, link, pages)) for path, page in pages.items() for link in page.links]
    missing = [(root / f"{name}.html", "is not there") for name in expected if root / f"{name}.html" not in pages]
    return [f"{path.relative_to(root)}: {text}" for path, text in (*missing, *found) if text]


def expected_pages(root: Path = ROOT) -> list[str]:
    """A page for everything that is written and everything that can be called."""
    docs = [
        path.relative_to(root).with_suffix("")
        for folder in ("docs", "docs/backends")
        for path in (root / folder).glob("*.md")
    ]
    return sorted(
        [
            "index",
            "README",
            "CHANGELOG",
            *(path.as_posix() for path in docs),
            *(f"reference/{path.stem}_module" for path in (root / "plugins/modules").glob("*.py")),
            *(f"reference/{path.stem}_filter" for path in (root / "plugins/filter").glob("[!_]*.yml")),
            *(f"reference/{path.parent.parent.name}_role" for path in root.glob("roles/*/meta/argument_specs.yml")),
        ]
    )


def main() -> int:
    """Prints what is wrong."""
    found = problems(Path(sys.argv[1]), expected_pages())
    print("\n".join(found) or "The site is whole and loads nothing from elsewhere.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
