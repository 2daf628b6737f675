# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sphinx' settings for the documentation site; tests/gates/site builds it in a copy of the repository.

The pages keep their places, so links between them and to other files of the repository work here as on a code host.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from docutils import nodes

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
_GALAXY = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))
_ANSIBLE = "https://docs.ansible.com/projects/ansible/latest/"
# Labels of Ansible's own documentation that antsibull-docs refers to. The build asks no host for them.
_FOREIGN = {
    "action_plugins": "plugins/action.html",
    "common_return_values": "reference_appendices/common_return_values.html",
}

project = "Kyma Docker Registry for Ansible"
author = _GALAXY["authors"][0]
project_copyright = f"2026, {author}"
version = release = _GALAXY["version"]

extensions = ["myst_parser", "sphinx_antsibull_ext", "sphinx_copybutton"]
# A page that no table of contents names is an error.
include_patterns = [
    "index.md",
    "README.md",
    "CHANGELOG.rst",
    "docs/*.md",
    "docs/backends/*.md",
    "tests/lab/README.md",
    "reference/*.rst",
]
nitpicky = True
# Blocks that name no language are commands and texts.
highlight_language = "none"
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 4

html_theme = "furo"
html_title = f"Kyma Docker Registry {release}"
html_static_path = [str(HERE / "static")]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
html_use_index = False
antsibull_ext_color_scheme = "none"
copybutton_exclude = ".linenos, .gp, .go"


def _foreign(_app: Any, _env: Any, node: Any, text: nodes.Element) -> nodes.Element | None:
    """A link to Ansible's documentation, for a label of it."""
    page = _FOREIGN.get(node["reftarget"])
    if page is None:
        return None
    return nodes.reference("", "", text, refuri=_ANSIBLE + page, internal=False)


def _without_contents(_app: Any, doctree: nodes.document) -> None:
    """Takes lists of a page's own sections out: the theme has one beside each page, and shows an error for another."""
    for topic in list(doctree.findall(lambda node: isinstance(node, nodes.topic) and "contents" in node["classes"])):
        topic.parent.remove(topic)
    for title in doctree.findall(nodes.title):
        # Where headings link back to it.
        title.attributes.pop("refid", None)


def setup(app: Any) -> None:
    """What Sphinx calls."""
    app.connect("doctree-read", _without_contents)
    app.connect("missing-reference", _foreign)
