# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kubernetes quantities ("512Mi", "0.5", "1e3"), as far as comparing and halving need them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

Format = Literal["decimal", "binary", "exponent"]

_QUANTITY = re.compile(r"^([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+))([eE][+-]?[0-9]+|[numkMGTPE]|[KMGTPE]i)?$")
_FACTORS = {
    "": Decimal(1),
    "n": Decimal("1e-9"),
    "u": Decimal("1e-6"),
    "m": Decimal("1e-3"),
    "k": Decimal(10) ** 3,
    "M": Decimal(10) ** 6,
    "G": Decimal(10) ** 9,
    "T": Decimal(10) ** 12,
    "P": Decimal(10) ** 15,
    "E": Decimal(10) ** 18,
    "Ki": Decimal(2) ** 10,
    "Mi": Decimal(2) ** 20,
    "Gi": Decimal(2) ** 30,
    "Ti": Decimal(2) ** 40,
    "Pi": Decimal(2) ** 50,
    "Ei": Decimal(2) ** 60,
}
# Fields that the API defines as quantities: by the field above, or by their own name.
_PARENTS = frozenset({"requests", "limits", "hard", "capacity", "min", "max", "default", "defaultRequest"})
_NAMES = frozenset({"sizeLimit", "divisor"})
# Bytes come in thousands and more, CPUs in fewer.
_LARGE = 1000


def parse_quantity(value: Any) -> tuple[Decimal, Format] | None:
    """The amount and its format, None for what is not a quantity.

    The format counts: the API server writes an amount in the format in which it came, so 1024Mi and 1Gi are stored alike,
    1073741824 is not.
    """
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    match = _QUANTITY.match(str(value).strip())
    if not match:
        return None
    number, suffix = match.group(1), match.group(2) or ""
    try:
        if len(suffix) > 1 and suffix[0] in "eE" and not suffix.endswith("i"):
            return Decimal(f"{number}{suffix}"), "exponent"
        return Decimal(number) * _FACTORS[suffix], "binary" if suffix.endswith("i") else "decimal"
    except InvalidOperation:
        return None


def half_quantity(value: Any) -> Any:
    """Half of a quantity, rounded down to whole units, or to thousandths if it has fractions of a unit. What is not a quantity is returned unchanged."""
    parsed = parse_quantity(value)
    if parsed is None:
        return value
    amount = parsed[0]
    if amount >= _LARGE:
        return str(int(amount / 2))
    return f"{int(amount * 1000 / 2)}m"


def same_quantity(one: Any, other: Any) -> bool:
    """True when the API server stores both alike."""
    first, second = parse_quantity(one), parse_quantity(other)
    return first is not None and first == second


def is_quantity_field(path: Sequence[str]) -> bool:
    """Whether the API defines the field as a quantity, so that the API server writes it in its own form."""
    return not (_NAMES.isdisjoint(path[-1:]) and _PARENTS.isdisjoint(path[-2:-1]))
