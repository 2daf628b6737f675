# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Spellings of one place have one storage ID; places that differ have different ones."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import catalog
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.checks import azure_checks, s3_checks


def _s3(**settings: Any) -> str:
    return s3_checks.storage_id({"bucket": "images", "region": "eu-central-1", **settings})


def _azure(**settings: Any) -> str:
    return azure_checks.storage_id({"accountName": "company", "container": "images"}, settings)


def _gcs(**settings: Any) -> str:
    found = catalog.drivers()["gcs"].operator.storage_id({"bucket": "images", **settings})
    assert found is not None
    return found


ROOTS = [{"rootdirectory": text} for text in ("team/a", "/team/a", "team/a/", "/team/a/")]
NO_ROOTS: list[dict[str, Any]] = [{}, {"rootdirectory": ""}, {"rootdirectory": "/"}, {"rootdirectory": None}]
# For each driver: groups of spellings. Inside a group the places are the same, between groups they differ.
GROUPS: dict[Callable[..., str], list[list[dict[str, Any]]]] = {
    _s3: [
        ROOTS,
        [
            *NO_ROOTS,
            {"regionendpoint": "s3.eu-central-1.amazonaws.com"},
            {"regionendpoint": "https://S3.EU-Central-1.AmazonAWS.com/"},
            {"regionendpoint": "http://s3.eu-central-1.amazonaws.com"},
            {"regionendpoint": "s3.dualstack.eu-central-1.amazonaws.com"},
            {"regionendpoint": "s3-eu-central-1.amazonaws.com"},
            {"regionendpoint": "s3.eu-central-1.amazonaws.com", "region": None},
            {"regionendpoint": "s3.amazonaws.com"},
        ],
        [{"region": "eu-west-1"}],
        [{"region": "eu-central-2"}],
        [
            {"regionendpoint": "minio.example.com"},
            {"regionendpoint": "MinIO.Example.com"},
            {"regionendpoint": "minio.example.com."},
            {"regionendpoint": "minio.example.com:443"},
            {"regionendpoint": "https://minio.example.com"},
            {"regionendpoint": "HTTPS://minio.example.com:443/"},
            {"regionendpoint": "minio.example.com", "region": "us-east-1"},
            {"regionendpoint": "minio.example.com", "secure": True},
            {"regionendpoint": "minio.example.com", "secure": "true"},
            {"regionendpoint": "https://minio.example.com", "secure": False},
        ],
        [
            {"regionendpoint": "http://minio.example.com"},
            {"regionendpoint": "http://minio.example.com:80/"},
            {"regionendpoint": "minio.example.com:80"},
            {"regionendpoint": "minio.example.com", "secure": False},
            {"regionendpoint": "minio.example.com", "secure": "false"},
            {"regionendpoint": "http://minio.example.com", "secure": True},
        ],
        [{"regionendpoint": "minio.example.com:9000"}, {"regionendpoint": "http://minio.example.com:9000"}],
        [{"regionendpoint": "minio.example.com/tenant"}, {"regionendpoint": "https://minio.example.com/tenant/"}],
        [{"regionendpoint": "minio.example.com/Tenant"}],
        [{"regionendpoint": "https://[::1]:9000"}, {"regionendpoint": "[0:0:0:0:0:0:0:1]:9000"}],
        [{"rootdirectory": "Team/a"}],
        [{"bucket": "images2"}],
    ],
    _azure: [
        ROOTS,
        [
            *NO_ROOTS,
            {"realm": "core.windows.net"},
            {"realm": "Core.Windows.Net"},
            {"realm": "", "serviceurl": ""},
            {"serviceurl": "https://company.blob.core.windows.net"},
            {"serviceurl": "https://Company.Blob.Core.Windows.Net:443/"},
        ],
        [
            {"realm": "core.chinacloudapi.cn"},
            {"realm": "Core.ChinaCloudApi.cn"},
            {"serviceurl": "https://company.blob.core.chinacloudapi.cn/"},
        ],
        [
            {"serviceurl": "https://blobs.example.com"},
            {"serviceurl": "https://BLOBS.example.com:443/"},
            {"serviceurl": "https://blobs.example.com./company/"},
        ],
        [{"serviceurl": "http://blobs.example.com"}, {"serviceurl": "http://blobs.example.com:80/company"}],
        [{"serviceurl": "http://blobs.example.com:10000"}],
        [{"rootdirectory": "Team/a"}],
    ],
    _gcs: [ROOTS, NO_ROOTS, [{"rootdirectory": "Team/a"}], [{"bucket": "images2"}]],
}


@pytest.mark.parametrize("driver", GROUPS, ids=lambda driver: driver.__name__.strip("_"))
def test_spellings(driver: Callable[..., str]) -> None:
    """Host in any case, default port, slashes at the ends, a region that the endpoint fixes; http and https are different servers."""
    groups = [{driver(**settings) for settings in group} for group in GROUPS[driver]]
    assert [group for group in groups if len(group) != 1] == []
    assert [(one, other) for one, other in itertools.combinations(groups, 2) if one & other] == []
