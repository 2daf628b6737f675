# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each ordered pair of storage types in direct mode: the objects of the one, after a run, become those of the other, and nothing else stays."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import secret_object
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.deployment.object_apply import (
    apply_objects,
    prune_objects,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.deployment.revision import build_revision
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared import object_catalog
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import catalog
from ansible_collections.kyma.docker_registry.tests.support import operator_cases, rendered_objects
from ansible_collections.kyma.docker_registry.tests.support.apply_model import Server
from ansible_collections.kyma.docker_registry.tests.support.contexts import make_context
from ansible_collections.kyma.docker_registry.tests.support.rendered_objects import Case, Objects

pytestmark = pytest.mark.slow

_data = operator_cases.data
CASES = {
    "filesystem": Case({}),
    "pvc": Case({"pvc": {"name": "own"}}),
    "azure": Case({"azure": {"secretName": "keys"}}, _data("azure-storage")),
    "s3": Case({"s3": {"bucket": "images", "region": "eu-central-1", "secretName": "keys"}}, _data("s3s")),
    "gcs": Case({"gcs": {"bucket": "images", "secretName": "keys"}}, _data("gcs-plain")),
    "btp-objectstore-aws": Case({"btpObjectStore": {"secretName": "keys"}}, _data("btp-aws")),
    "btp-objectstore-gcp": Case({"btpObjectStore": {"secretName": "keys"}}, _data("btp-gcp")),
}
PAIRS = list(itertools.permutations(CASES, 2))

# What a registry has for each storage type: strategy, volumes and where they are mounted, variables.
_VARIABLES = ["OTEL_TRACES_EXPORTER", "REGISTRY_HTTP_SECRET"]
_CONFIGURATION = {"auth": "/etc/registry-auth", "config": "/etc/distribution"}
_VOLUME = {**_CONFIGURATION, "data": "/var/lib/registry"}
_KEY_FILE = {**_CONFIGURATION, "storage": "/etc/registry-storage"}
_KEYS_OF_AZURE = [f"REGISTRY_STORAGE_AZURE_{key}" for key in ("ACCOUNTKEY", "ACCOUNTNAME", "CONTAINER")]
_KEYS_OF_S3 = ["REGISTRY_STORAGE_S3_ACCESSKEY", "REGISTRY_STORAGE_S3_SECRETKEY"]
EXPECTED: dict[str, tuple[str, dict[str, str], list[str]]] = {
    "filesystem": ("Recreate", _VOLUME, _VARIABLES),
    "pvc": ("Recreate", _VOLUME, _VARIABLES),
    "azure": ("RollingUpdate", _CONFIGURATION, [*_VARIABLES, *_KEYS_OF_AZURE]),
    "s3": ("RollingUpdate", _CONFIGURATION, [*_VARIABLES, *_KEYS_OF_S3]),
    "gcs": ("RollingUpdate", _KEY_FILE, _VARIABLES),
    "btp-objectstore-aws": ("RollingUpdate", _CONFIGURATION, [*_VARIABLES, *_KEYS_OF_S3]),
    "btp-objectstore-gcp": ("RollingUpdate", _KEY_FILE, _VARIABLES),
}
CLAIMS = {"filesystem": constants.DEFAULT_CLAIM, "pvc": "own"}
_PRIVATE_KEYS = (
    constants.HTPASSWD_KEY,
    constants.HTTP_SECRET_KEY,
    constants.USERNAME_KEY,
    constants.PASSWORD_KEY,
    constants.FINGERPRINT_KEY,
)
PRIVATE = secret_object(constants.PRIVATE_SECRET, "ns", dict.fromkeys(_PRIVATE_KEYS, "value"))


@pytest.fixture(scope="module")
def rendered() -> dict[str, Objects]:
    """What the templates print for each storage type."""
    return rendered_objects.render(CASES)


def _run(cluster: Cluster, name: str, objects: Objects) -> Context:
    """Applies and prunes as registry_deployment does. Returns what the run reports."""
    wanted: dict[object_catalog.ObjectKey, Any] = dict(objects)
    deployment, config_map = wanted[object_catalog.DEPLOYMENT], wanted.pop(("ConfigMap", constants.CONFIG_MAP))
    revision = build_revision(deployment, config_map, PRIVATE, CASES[name].store().secret, "ns", planned=False)
    wanted[object_catalog.DEPLOYMENT] = revision.named_by(deployment)
    applied = [*revision.objects(), *object_catalog.sort_objects(list(wanted.values()))]
    keys = {*object_catalog.CATALOG, *map(object_catalog.object_key, revision.objects())}
    live = {key: cluster.get(*key, "ns") for key in keys}
    context = make_context({"namespace": "ns"}, False, cluster=cluster)
    apply_objects(context, applied, live)
    prune_objects(context, wanted, live)
    return context


def _deployment(server: Server) -> dict[str, Any]:
    return server.objects[object_catalog.DEPLOYMENT]


def _content(item: dict[str, Any]) -> dict[str, Any]:
    """The object without what the server writes about each write."""
    written = ("managedFields", "resourceVersion", "generation", "uid")
    metadata = {key: value for key, value in item["metadata"].items() if key not in written}
    return {**item, "metadata": metadata}


def test_each_storage_type_has_its_case() -> None:
    """42 ordered pairs of seven."""
    assert [case.store().storage_type for case in CASES.values()] == list(CASES)
    mappings = [mapping for backend in catalog.backends() for mapping in backend.operator]
    known = {mapping.storage_type for mapping in mappings if not mapping.rejected}
    assert CASES.keys() == EXPECTED.keys() == known
    assert len(PAIRS) == 42


@pytest.mark.parametrize("name", CASES)
def test_what_a_storage_type_has(rendered: dict[str, Objects], name: str) -> None:
    """Strategy, volumes, their mounts, and the names of the variables."""
    server = Server()
    _run(server.cluster(), name, rendered[name])
    strategy, mounts, variables = EXPECTED[name]
    spec = _deployment(server)["spec"]
    pod = spec["template"]["spec"]
    (container,) = pod["containers"]
    assert spec["strategy"]["type"] == strategy
    assert {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]} == mounts
    assert sorted(volume["name"] for volume in pod["volumes"]) == sorted(mounts)
    assert sorted(variable["name"] for variable in container["env"]) == sorted(variables)
    claims = [volume["persistentVolumeClaim"]["claimName"] for volume in pod["volumes"] if volume["name"] == "data"]
    assert claims == ([CLAIMS[name]] if name in CLAIMS else [])
    assert (("PodDisruptionBudget", constants.REGISTRY) in server.objects) is (name not in CLAIMS)


@pytest.mark.parametrize(("former", "name"), PAIRS, ids=[f"{former} to {name}" for former, name in PAIRS])
def test_each_ordered_pair(rendered: dict[str, Objects], former: str, name: str) -> None:
    """As a first deployment, except for what a switch keeps: the default claim and the immutable objects of the former revision."""
    first, server = Server(), Server()
    _run(first.cluster(), name, rendered[name])
    cluster = server.cluster()
    _run(cluster, former, rendered[former])
    before = dict(server.objects)
    context = _run(cluster, name, rendered[name])
    assert context.findings == []
    assert {key: _content(server.objects[key]) for key in first.objects} == {
        key: _content(item) for key, item in first.objects.items()
    }
    kept = server.objects.keys() - first.objects.keys()
    revision = {key for key, item in before.items() if item.get("immutable")}
    claim = {("PersistentVolumeClaim", constants.DEFAULT_CLAIM)} & before.keys()
    assert kept == (revision | claim) - first.objects.keys()
    assert all(server.objects[key] == before[key] for key in kept), "a former revision was changed"
    server.writes.clear()
    assert _run(cluster, name, rendered[name]).changes == [] and server.writes == []
