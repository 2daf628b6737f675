# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A storage Secret that does not exist: the suggestion of a similar name."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import ClusterError, Forbidden
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared import resolve_store
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import spec
from ansible_collections.kyma.docker_registry.tests.support.contexts import make_context


class _Cluster:
    """A namespace whose Secrets have these names. It gives no content of one that was not asked for by its name."""

    def __init__(self, names: list[str] | ClusterError) -> None:
        self._names = names

    def get(self, *_place: str) -> None:
        return None

    def list_names(self, kind: str, namespace: str) -> list[str]:
        assert (kind, namespace) == ("Secret", "ns")
        if isinstance(self._names, ClusterError):
            raise self._names
        return self._names


def _remedy(names: list[str] | ClusterError) -> str:
    storage, _found = spec.check_storage(
        {"s3": {"bucket": "images", "region": "eu-central-1", "secretName": "s3-storage"}}, "p"
    )
    assert storage is not None
    params: dict[str, Any] = {"driver_parameters": {}, "wait_timeout": 0}
    context = make_context(params, check_mode=True, cluster=_Cluster(names))
    with pytest.raises(Refusal) as refused:
        resolve_store.resolve_store(context, storage, {}, "ns")
    (found,) = refused.value.findings
    assert found.code == "secret-missing"
    return found.remedy


@pytest.mark.parametrize(
    ("names", "suggested"),
    [
        (["s3-storag", "other"], True),
        (["other", "dockerregistry-config"], False),
        ([], False),
        (Forbidden("Secret", "", ""), False),
        (ClusterError("cluster-refused", "Secret", "", "", status=406), False),
    ],
)
def test_a_similar_name(names: list[str] | ClusterError, suggested: bool) -> None:
    """Only names are read; nothing is suggested if they cannot be read."""
    assert ("Did you mean s3-storag?" in _remedy(names)) == suggested
