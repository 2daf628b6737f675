# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What runs are killed on the way: the operations on a registry, and how each begins."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import claim_storage_id
from ansible_collections.kyma.docker_registry.tests.api.cases import STORAGE_SECRETS

Variables = dict[str, Any]

OTHER_CLAIM = "other"
_DEFAULT = claim_storage_id(constants.DEFAULT_CLAIM)
_OTHER = claim_storage_id(OTHER_CLAIM)


def _s3(bucket: str) -> Variables:
    storage = {"s3": {"bucket": bucket, "region": "eu-central-1", "secretName": "store-secret"}}
    return {"registry_storage": storage, "registry_storage_secret": STORAGE_SECRETS["s3"]}


_PVC = {"registry_storage": {"pvc": {"name": OTHER_CLAIM}}}


@dataclass(frozen=True)
class Operation:
    """before, after: variables of the role; before is None if there is no registry yet. storage_ids: the former and the requested one.

    operator_before, operator_after: whether Kyma's operator runs. taken: the operator has written over the registry before the role runs.
    daily: its first write is part of make test.
    """

    before: Variables | None
    after: Variables = field(default_factory=dict)
    storage_ids: tuple[str, str] = (_DEFAULT, _DEFAULT)
    operator_before: bool = False
    operator_after: bool = False
    taken: bool = False
    daily: bool = True

    @property
    def hands_over(self) -> bool:
        """Whether the registry gets another owner, which creates the Deployment again."""
        return self.operator_before != self.operator_after

    @property
    def races(self) -> bool:
        """Whether an operator writes at the same time, so that the number of writes depends on who is first."""
        return self.operator_after and not self.taken

    @property
    def removes(self) -> bool:
        """Whether no registry is left in the end."""
        return self.after.get("registry_state") == "absent"

    @property
    def switches(self) -> bool:
        """Whether images are left behind, which needs the user's consent."""
        return self.storage_ids[0] != self.storage_ids[1]


OPERATIONS = {
    "first deployment": Operation(None),
    "image": Operation({}, {"registry_image": "registry.example/registry:3.1.1"}),
    "environment": Operation({}, {"registry_env": {"REGISTRY_LOG_LEVEL": "debug"}}, daily=False),
    "rotation": Operation(
        {"registry_password": "kyma-former-pass-word"}, {"registry_password": "kyma-other-pass-word"}
    ),
    "storage keys": Operation(
        _s3("images"),
        {
            **_s3("images"),
            "registry_storage_secret": {"accessKey": "KYMACANARYJ5ND81LEPW", "secretKey": "kyma/other+9Jc4Vb7Wq1Xs"},
        },
        ("s3/eu-central-1/images", "s3/eu-central-1/images"),
        daily=False,
    ),
    "removal": Operation({}, {"registry_state": "absent"}),
    # The four pairs of strategies: volumes are replaced (Recreate), stores are rolled (RollingUpdate).
    "switch from volume to volume": Operation({}, _PVC, (_DEFAULT, _OTHER), daily=False),
    "switch from volume to store": Operation({}, _s3("images"), (_DEFAULT, "s3/eu-central-1/images")),
    "switch from store to volume": Operation(_s3("images"), {}, ("s3/eu-central-1/images", _DEFAULT)),
    "switch from store to store": Operation(
        _s3("images"), _s3("other-images"), ("s3/eu-central-1/images", "s3/eu-central-1/other-images"), daily=False
    ),
    "hand-over to an operator": Operation({}, {"registry_mode": "operator"}, operator_after=True),
    "hand-over to an operator that has taken it": Operation(
        {}, {"registry_mode": "auto"}, operator_after=True, taken=True, daily=False
    ),
    "hand-over to direct mode": Operation({}, {"registry_mode": "direct"}, operator_before=True),
}
