# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values that Distribution reads from its environment. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from . import json_yaml

# Half of a surrogate pair, which is not Unicode. Python reads bytes that are not in the encoding as such halves.
SURROGATE = re.compile("[\ud800-\udfff]")


def env_value(value: Any) -> str:
    """The value as JSON that is YAML too: Distribution parses every REGISTRY_* variable as YAML (configuration/parser.go).

    value: text, number, boolean, None, or lists and string-keyed mappings of these. The result contains no `$`, so it is safe
    in a Pod's env as well as in a Secret. Raises ValueError for NaN, infinities and text that is not Unicode, TypeError for
    other types.
    """
    text = _json(value)
    if SURROGATE.search(text):
        raise ValueError("text contains half of a surrogate pair, which is not valid Unicode")
    # Kubernetes expands $(NAME) in a container's env.
    return json_yaml.escaped(text).replace("$", "\\u0024")


def _json(value: Any) -> str:
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise TypeError("a key of a mapping is not text")
        return "{" + ", ".join(f"{_json(key)}: {_json(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_json(item) for item in value) + "]"
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    # YAML takes `1e+16` for text where `1.0e+16` is a number.
    return text.replace("e", ".0e") if isinstance(value, float) and "." not in text else text
