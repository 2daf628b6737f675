# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which storage a DockerRegistry names whose Deployment was deleted."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import secret_object
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.left_storage import (
    left_storage_id,
)
from ansible_collections.kyma.docker_registry.tests.support.contexts import make_context

NEW = "s3/eu-central-1/other"
S3 = {"s3": {"bucket": "images", "region": "eu-central-1", "secretName": "keys"}}
PVC = {"pvc": {"name": "own"}}
KEYS = {"accessKey": "AKIAIOSFODNN7EXAMPLE", "secretKey": "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY00"}

ACCOUNT = {"accountName": "account", "accountKey": base64.b64encode(b"k" * 64).decode(), "container": "images"}


class _Cluster:
    def __init__(self, canary: str, *, keys: bool, bound: bool) -> None:
        credentials = {"metadata": {"annotations": {constants.CANARY: canary}}} if canary else None
        self.objects = {
            constants.CREDENTIALS_SECRET: credentials,
            "account": secret_object("account", "ns", ACCOUNT),
            "keys": secret_object("keys", "ns", KEYS) if keys else None,
            "own": {"status": {"phase": "Bound" if bound else "Pending"}},
        }

    def get(self, kind: str, name: str, namespace: str) -> Any:
        assert kind in ("Secret", "PersistentVolumeClaim") and namespace == "ns"
        return self.objects.get(name)


def _left(storage: Any, *, new: str = NEW, canary: str = "", annotation: str = "", **more: Any) -> str | None:
    status = more.get("status", {"storage": "some"})
    annotations = {constants.STORAGE_ID: annotation} if annotation else {}
    cr = {"metadata": {"annotations": annotations}, "spec": {"storage": storage}, "status": status}
    cluster: Any = _Cluster(canary, keys=more.get("keys", True), bound=more.get("bound", True))
    parameters = {"driver_parameters": more.get("parameters")}
    return left_storage_id(make_context(parameters, False, cluster=cluster), "ns", cr, new)


def test_what_it_names() -> None:
    """What a run has recorded, else spec.storage."""
    assert _left(S3) == "s3/eu-central-1/images"
    assert _left(S3, annotation="s3/eu-central-1/images/root") == "s3/eu-central-1/images/root"
    assert _left(PVC) == "persistentvolumeclaim/own"


@pytest.mark.parametrize(
    ("new", "canary", "left"),
    [
        ("s3/eu-central-1/images/root", "s3/eu-central-1/images/root", "s3/eu-central-1/images/root"),
        ("s3/eu-central-1/images/new", "s3/eu-central-1/images/root", "s3/eu-central-1/images/root"),
        ("s3/eu-central-1/images/root", "s3/eu-central-1/images", "s3/eu-central-1/images"),
        ("s3/eu-central-1/images", "s3/eu-central-1/images/root", "s3/eu-central-1/images/root"),
        ("s3/eu-central-1/images/root", "", None),
        ("s3/eu-central-1/images/root", "s3/eu-central-1/images-b/root", "s3/eu-central-1/images-b/root"),
        ("s3/eu-central-1/images-b", "", "s3/eu-central-1/images"),
    ],
)
def test_a_root_directory(new: str, canary: str, left: str | None) -> None:
    """spec.storage does not have it. The record of the canary counts if it is in the named storage."""
    assert _left(S3, new=new, canary=canary) == left


def test_a_storage_that_cannot_be_resolved() -> None:
    """Its Secret does not exist any more."""
    assert _left(S3, keys=False, canary="s3/eu-central-1/images/root") == "s3/eu-central-1/images/root"
    assert _left(S3, keys=False) == "unknown/dockerregistry"
    assert _left({"s3": "text"}) == "unknown/dockerregistry"


def test_driver_parameters() -> None:
    """spec.storage does not have them, and some are in the storage ID."""
    azure = {"azure": {"secretName": "account"}}
    china = "azure/account@core.chinacloudapi.cn/images"
    parameters = {"realm": "core.chinacloudapi.cn"}
    assert _left(azure, new=china, canary=china, parameters=parameters) == china
    assert _left(azure, new=china, parameters=parameters) is None
    assert _left(azure, new=china, canary="azure/account/images", parameters=parameters) == "azure/account/images"
    assert _left(azure, new="azure/account/other", parameters=parameters) == "azure/account/images"


def test_a_switch_that_did_not_take_place() -> None:
    """The DockerRegistry names the storage of the killed run, the canary that which was verified last."""
    same = "s3/eu-central-1/images"
    assert _left(S3, new=same, canary="persistentvolumeclaim/own") == "persistentvolumeclaim/own"
    assert _left(S3, new=same, canary="persistentvolumeclaim/own", bound=False) is None
    assert _left(S3, new=same, canary=same) == same


def test_nothing_is_left() -> None:
    """No deployment has ended, the claim has no volume, or the storage stays."""
    assert _left(S3, status={}) is None and _left(S3, status=None) is None
    assert _left(PVC, bound=False) is None and _left(None) is None
    assert _left(S3, new="s3/eu-central-1/images") is None and _left(S3, annotation=NEW) is None
    assert left_storage_id(make_context({}, False), "ns", None, NEW) is None
