# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From what templates of the role render to Kubernetes objects, and what `omit` is in values that reach them. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

# A character beyond the first 65,536 as JSON writes it: two escapes behind an even number of backslashes.
_PAIR = re.compile(r"(?<!\\)((?:\\\\)*)\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})", re.IGNORECASE)
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_OMITTED = re.compile("__omit_place_holder__[0-9a-f]{40}")


def objects(text: str) -> list[dict[str, Any]]:
    """The objects of a rendered template: YAML documents whose values the filter `to_json` has written.

    JSON is not quite a part of YAML: it writes an emoji as two escapes, and the character DEL as it is. Omitted entries are left out.
    """
    plain = _PAIR.sub(_one_escape, text).replace("\x7f", "\\x7f")
    # As bytes, because the C library takes no text of a class of Ansible's.
    return [without_omitted(item) for item in yaml.load_all(bytes(plain, "utf-8"), _LOADER) if item]


def _one_escape(match: re.Match[str]) -> str:
    code = 0x10000 + ((int(match[2], 16) - 0xD800) << 10) + int(match[3], 16) - 0xDC00
    return f"{match[1]}\\U{code:08x}"


def is_omitted(value: Any) -> bool:
    """Whether the value is `omit` of ansible-core before 2.19, which is a text. Later ones leave such entries out themselves."""
    return isinstance(value, str) and _OMITTED.fullmatch(value) is not None


def without_omitted(value: Any) -> Any:
    """The value without omitted entries of mappings and lists, at any depth."""
    if isinstance(value, Mapping):
        return {key: without_omitted(item) for key, item in value.items() if not is_omitted(item)}
    if isinstance(value, list):
        return [without_omitted(item) for item in value if not is_omitted(item)]
    return value
