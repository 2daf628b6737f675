# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Specifications of module arguments."""

from __future__ import annotations

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.argspec import Spec

LEFT = Spec({"a": {"type": "str"}, "b": {}}, mutually_exclusive=[("a", "b")])
RIGHT = Spec({"c": {}, "d": {}}, mutually_exclusive=[("c", "d")])


def test_specs_merge() -> None:
    """Options and constraints of both; neither is changed; the shapes are the ones that AnsibleModule takes."""
    both = LEFT.merged(RIGHT)
    assert list(both.options) == ["a", "b", "c", "d"] and list(LEFT.options) == ["a", "b"]
    assert both.constraints() == {"mutually_exclusive": [["a", "b"], ["c", "d"]]}
    assert Spec({}).constraints() == {"mutually_exclusive": []}


def test_an_option_stands_once() -> None:
    """A second one of that name would replace the first silently."""
    with pytest.raises(ValueError, match=r"\['a', 'b'\]"):
        LEFT.merged(Spec({"b": {}, "a": {}}))
