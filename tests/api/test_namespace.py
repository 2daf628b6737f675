# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A namespace that several first runs create at the same time."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.namespace import create_namespace
from ansible_collections.kyma.docker_registry.tests.support.contexts import make_context

pytestmark = pytest.mark.beside


def test_created_once(cluster: Cluster) -> None:
    """Each run continues; one of them reports the change."""
    name = f"test-{uuid.uuid4().hex[:10]}"
    contexts = [make_context({}, check_mode=False, cluster=cluster) for _number in range(5)]
    try:
        with ThreadPoolExecutor(len(contexts)) as pool:
            list(pool.map(create_namespace, contexts, [name] * len(contexts)))
        assert sum(len(context.changes) for context in contexts) == 1
    finally:
        found = cluster.get("Namespace", name)
        assert found is not None
        cluster.delete("Namespace", name, None, uid=found["metadata"]["uid"])
