# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures of the end-to-end tests: the role through ansible-playbook."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.tests.support import playbook

SITE = playbook.REPOSITORY / "playbooks" / "site.yml"

Deploy = Callable[..., playbook.Run]


@pytest.fixture
def deploy(kubeconfig: str, namespace: str) -> Deploy:
    """Runs site.yml in the test's namespace; variables of the role by keyword, `_` for options of playbook.run()."""

    def run(*arguments: str, _: Mapping[str, Any] | None = None, **variables: Any) -> playbook.Run:
        known = {"registry_namespace": namespace, "registry_wait_timeout": 120, **variables}
        return playbook.run(SITE, kubeconfig=kubeconfig, variables=known, arguments=arguments, **(_ or {}))

    return run
