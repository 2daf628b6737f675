# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is reported about a source that cannot be copied as a whole."""

from __future__ import annotations

import json
import re

from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.migration.copying import check_problems
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.images.graph import Inventory, Uncopyable


def test_all_names_can_be_copied_from_the_message() -> None:
    """With more problems than have their reasons in the message, as a list that the variable takes."""
    problems = tuple(Uncopyable("team/app", f"v{number}", "no manifest") for number in range(12))
    (found,) = check_problems(Inventory({}, problems))
    assert found.code == "migration-not-copyable" and "12 tags and manifests" in found.message
    assert found.message.count("(no manifest)") == 10 and "and 2 more" in found.message
    (named,) = re.findall(r"\[.*\]", found.remedy)
    assert json.loads(named) == sorted(item.name for item in problems)


def test_very_many_names() -> None:
    """The first of them, and how many there are."""
    problems = tuple(Uncopyable("team/app", f"v{number}", "no manifest") for number in range(300))
    (found,) = check_problems(Inventory({}, problems))
    assert "the first 200 of 300 names" in found.remedy and len(found.remedy) < 10_000


def test_a_source_without_problems() -> None:
    """Nothing is reported."""
    assert check_problems(Inventory({})) == []
