# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Storage drivers and their parameters."""

from __future__ import annotations

import re

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import base, catalog, parameters
from ansible_collections.kyma.docker_registry.tests.support import corpus


@pytest.mark.parametrize("name", catalog.drivers())
def test_tables_of_a_driver(name: str) -> None:
    """Names are the driver's (lower case), unique, described; defaults fit their own rules."""
    driver = catalog.drivers()[name]
    every = [item.name for item in (*driver.parameters, *driver.rejected)]
    assert len(set(every)) == len(every)
    assert all(re.fullmatch(r"[a-z0-9_]+", item) for item in every)
    assert all(item.description.endswith(".") for item in driver.parameters)
    for item in driver.parameters:
        if item.default is not None:
            values, found = parameters.check_parameters(driver, {item.name: item.default}, "parameters")
            assert found == () and values == {item.name: item.default}


@pytest.mark.parametrize("backend", [catalog.DEFAULT, *catalog.NAMED.values()], ids=lambda backend: backend.name)
def test_every_refused_parameter_is_in_the_corpus(backend: base.Backend) -> None:
    """Also those that are set elsewhere."""
    said = {line for case in corpus.cases() for line in case.expected}
    for item in (item for driver in backend.drivers for item in driver.rejected):
        assert f"error {item.code} parameters.{item.name}" in said
    for parameter in backend.taken_parameters:
        assert f"error parameter-taken parameters.{parameter}" in said


def test_a_driver_knows_its_parameters() -> None:
    """By name; another one is a mistake of ours."""
    assert catalog.drivers()["gcs"].parameter("chunksize").multiple_of == 262144
    with pytest.raises(StopIteration):
        catalog.drivers()["gcs"].parameter("chunkSize")
