# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every check of the storage domain is needed: without it, or with it always true, some entry of the corpus changes."""

from __future__ import annotations

import collections
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.tests.support import corpus, mutants

# A controller without PyYAML (test_pasted_manifest.py), a schema without inputs (test_crd.py), a Secret without its storage
# (test_storage_secret.py), and what only operator mode uses
# (test_catalog.py, test_spec_checks.py).
TESTED_BY_OTHERS = (
    "crd.py:",
    "'library-missing'",
    "if not HAS_YAML",
    "catalog.py:",
    "operator_mapping.py:",
    "s3_driver.py:",
    "in s3_regions.REGIONS",
    "'operator-azure-no-type'",
)


def _outcome(case: corpus.Case, modules: corpus.Domain) -> Any:
    """What the entry gives, without empty findings; a crash is an outcome as well."""
    try:
        result, found, cr = corpus.run_all(case, modules)
        return result, cr, [(item.text(), item.severity) for item in found if item.severity != "info"]
    except Exception as problem:
        return type(problem)


@pytest.mark.long
def test_every_check_counts() -> None:
    """Each switch is thrown once; the entries that pass it are run until one of them changes."""
    modules, switches = mutants.switched()
    passing: dict[int, list[tuple[corpus.Case, Any]]] = collections.defaultdict(list)
    for case in corpus.cases():
        switches.passed.clear()
        outcome = _outcome(case, modules)
        for number in switches.passed:
            passing[number].append((case, outcome))
    survivors = []
    places = {
        number: place
        for number, place in switches.places.items()
        if not any(part in place for part in TESTED_BY_OTHERS)
    }
    for number, place in places.items():
        for state in ["mute"] if number in switches.findings else [False, True]:
            switches.thrown = (number, state)
            if not any(_outcome(case, modules) != before for case, before in passing[number]):
                survivors.append(f"{place} -> {state}")
    assert survivors == []
