# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names of Kubernetes, at the edges of their rules."""

from __future__ import annotations

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.checks.kubernetes_names import (
    subdomain_problem,
)


@pytest.mark.parametrize("name", ["a", "0", "a-b", "a.b", "a--b", "a" * 253, "1.2.3"])
def test_names_of_kubernetes(name: str) -> None:
    """RFC 1123 subdomains."""
    assert subdomain_problem(name) == ""


@pytest.mark.parametrize("name", ["", "-a", "a-", "a..b", ".a", "a.", "A", "a_b", "a/b", "a b", "a\n", "ä", "a" * 254])
def test_names_that_kubernetes_refuses(name: str) -> None:
    """Each has its sentence."""
    assert subdomain_problem(name).endswith(".")
