# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names that Kyma's clients rely on, and our own."""

from __future__ import annotations

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants


def test_names() -> None:
    """Addresses, and names that Kyma's clients rely on: a change of one breaks them."""
    assert constants.push_address("a") == "dockerregistry.a.svc.cluster.local:5000"
    assert constants.pull_address(32137) == "localhost:32137"
    assert (constants.CREDENTIALS_SECRET, constants.DEFAULT_CLAIM, constants.CR_NAMESPACE) == (
        "dockerregistry-config",
        "dockerregistry",
        "kyma-system",
    )
    assert constants.NODE_PORT in constants.NODE_PORT_RANGE and 32768 not in constants.NODE_PORT_RANGE
    assert constants.CREDENTIALS_SECRET != constants.PRIVATE_SECRET
    assert all(key.startswith(constants.PREFIX + "/") for key in (constants.COPY_OF, constants.STORAGE_ID))
    assert {constants.CR_NAMESPACE, "kube-system"} <= constants.SYSTEM_NAMESPACES
