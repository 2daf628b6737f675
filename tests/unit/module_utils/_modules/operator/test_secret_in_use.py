# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A storage Secret that the operator reads for the present storage."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator.secret_in_use import (
    check_shared_secret,
)
from ansible_collections.kyma.docker_registry.tests.support.contexts import make_context

CR = {"spec": {"storage": {"s3": {"bucket": "images", "secretName": "store"}}}}


class _Cluster:
    def get(self, *place: str) -> Any:
        assert place == ("Secret", "store", "ns")
        return {"data": {"accessKey": "YQ==", "secretKey": "Yg=="}}


@pytest.mark.parametrize(
    ("name", "values", "switched", "rejected"),
    [
        ("store", {"secretKey": b"new"}, True, True),
        ("store", {"secretKey": b"b"}, True, False),
        ("store", {"secretKey": b"new"}, False, False),
        ("other", {"secretKey": b"new"}, True, False),
        ("store", {}, True, False),
        (None, {}, True, False),
    ],
    ids=["other values", "same values", "rotation", "another Secret", "no values", "no Secret"],
)
def test_a_switch_with_the_same_secret(
    name: str | None, values: dict[str, bytes], switched: bool, rejected: bool
) -> None:
    """Other values for another storage are rejected: the operator would use them for the present one."""
    context = make_context({"namespace": "ns"}, check_mode=False, cluster=_Cluster())
    found = check_shared_secret(context, CR, name, values, switched)
    assert [(item.code, item.path) for item in found] == (
        [("storage-secret-in-use", "Secret/store")] if rejected else []
    )
    for other in (None, {"spec": {}}, {"spec": {"storage": {"pvc": {"name": "images"}, "deleteEnabled": True}}}):
        assert check_shared_secret(context, other, name, values, switched) == []
