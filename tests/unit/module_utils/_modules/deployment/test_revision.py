# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The immutable objects of a revision: their names follow their content, and the Pod template names them."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import secret_data, secret_object
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.deployment.references import (
    referenced_names,
    rename_references,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.deployment.revision import (
    Revision,
    build_revision,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.revision_objects import (
    runtime_secret_name,
)

Object = dict[str, Any]

PRIVATE = {
    constants.HTPASSWD_KEY: "registry:$2b$hash",
    constants.HTTP_SECRET_KEY: "random",
    constants.USERNAME_KEY: "registry",
    constants.PASSWORD_KEY: "password",
    constants.FINGERPRINT_KEY: "key of the HMAC",
}
STORE = {"accessKey": "AKIA", "secretKey": "s3 key"}
CONFIG = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": constants.CONFIG_MAP, "namespace": "ns", "labels": dict(constants.MANAGED_BY)},
    "data": {"config.yml": "version: 0.1\n"},
}
POD: Object = {
    "initContainers": [{"name": "first", "envFrom": [{"secretRef": {"name": constants.STORAGE_SECRET}}]}],
    "containers": [
        {
            "name": constants.CONTAINER,
            "env": [
                {"name": "PLAIN", "value": constants.PRIVATE_SECRET},
                {"name": "A", "valueFrom": {"secretKeyRef": {"name": constants.PRIVATE_SECRET, "key": "httpSecret"}}},
                {"name": "B", "valueFrom": {"secretKeyRef": {"name": "of-the-user", "key": "b"}}},
            ],
        }
    ],
    "volumes": [
        {"name": "config", "configMap": {"name": constants.CONFIG_MAP}},
        {"name": "auth", "secret": {"secretName": constants.PRIVATE_SECRET}},
        {
            "name": "both",
            "projected": {"sources": [{"secret": {"name": constants.STORAGE_SECRET}}, {"configMap": {"name": "ca"}}]},
        },
    ],
}

DEPLOYMENT: Object = {"metadata": {"name": constants.REGISTRY}, "spec": {"template": {"metadata": {}, "spec": POD}}}


def _revision(config: str = "version: 0.1\n", planned: bool = False, **changed: str) -> Revision:
    private = secret_object(
        constants.PRIVATE_SECRET, "ns", {**PRIVATE, **{k: v for k, v in changed.items() if k in PRIVATE}}
    )
    store = {**STORE, **{k: v for k, v in changed.items() if k in STORE}}
    return build_revision(DEPLOYMENT, {**CONFIG, "data": {"config.yml": config}}, private, store, "ns", planned=planned)


def _names(revision: Revision) -> tuple[str, str]:
    first, second = revision.objects()
    return first["metadata"]["name"], second["metadata"]["name"]


def test_names_follow_the_content() -> None:
    """The same content gives the same names. If a part changes, only the name of its object changes."""
    config, secret = _names(_revision())
    assert (config, secret) == _names(_revision())
    other = _names(_revision("version: 0.1\nhttp: {}\n"))
    assert other[0] != config and other[1] == secret
    for key in (*(name for name in PRIVATE), *STORE):
        changed = _names(_revision(**{key: "another"}))
        assert changed[0] == config and changed[1] != secret, key


def test_the_secret_is_complete_and_hidden() -> None:
    """Immutable, with everything secret of the revision; the key of the HMAC is not part of it, and the name is not a plain hash."""
    revision = _revision()
    data = {key: value.decode() for key, value in secret_data(revision.secret).items()}
    assert data == {**STORE, **{key: value for key, value in PRIVATE.items() if key != constants.FINGERPRINT_KEY}}
    assert all(item["immutable"] for item in revision.objects())
    for item in revision.objects():
        assert constants.REVISION_LABEL.items() <= item["metadata"]["labels"].items()
        assert constants.MANAGED_BY.items() <= item["metadata"]["labels"].items()


def test_the_pod_template_names_them() -> None:
    """In variables and volumes, projected ones too. Other objects keep their names, and the caller's Deployment is not changed."""
    before = copy.deepcopy(DEPLOYMENT)
    revision = _revision()
    config, secret = _names(revision)
    named = revision.named_by(DEPLOYMENT)
    assert before == DEPLOYMENT
    assert referenced_names(named["spec"]["template"]["spec"]) == {
        ("ConfigMap", config),
        ("ConfigMap", "ca"),
        ("Secret", secret),
        ("Secret", "of-the-user"),
    }
    assert named["spec"]["template"]["spec"]["containers"][0]["env"][0]["value"] == constants.PRIVATE_SECRET
    assert runtime_secret_name(named) == secret and runtime_secret_name(DEPLOYMENT) is None


def test_names_by_kind() -> None:
    """A ConfigMap and a Secret may have the same name."""
    renamed = rename_references(
        {
            "containers": [],
            "volumes": [{"name": "a", "configMap": {"name": "x"}}, {"name": "b", "secret": {"secretName": "x"}}],
        },
        {("Secret", "x"): "y"},
    )
    assert referenced_names(renamed) == {("ConfigMap", "x"), ("Secret", "y")}


@pytest.mark.parametrize("missing", sorted(PRIVATE))
def test_without_credentials(missing: str) -> None:
    """An error that names the key. Check mode continues, with a name that has no hash yet."""
    private = secret_object(
        constants.PRIVATE_SECRET, "ns", {key: value for key, value in PRIVATE.items() if key != missing}
    )
    with pytest.raises(Refusal) as refused:
        build_revision(DEPLOYMENT, CONFIG, private, STORE, "ns", planned=False)
    assert refused.value.findings[0].code == "credentials-missing" and missing in refused.value.findings[0].message
    assert (
        build_revision(DEPLOYMENT, CONFIG, private, STORE, "ns", planned=True).secret["metadata"]["name"]
        == constants.RUNTIME_SECRET
    )
    assert _names(build_revision(DEPLOYMENT, CONFIG, None, {}, "ns", planned=True))[1] == constants.RUNTIME_SECRET


def test_a_pod_without_secrets() -> None:
    """Objects of the caller's own may have no user and no credentials: there is no runtime Secret then, and no credentials are needed."""
    deployment = {
        **DEPLOYMENT,
        "spec": {"template": {"metadata": {}, "spec": {"containers": [], "volumes": POD["volumes"][:1]}}},
    }
    revision = build_revision(deployment, CONFIG, None, STORE, "ns", planned=False)
    assert revision.secret is None and len(revision.objects()) == 1
    assert {kind for kind, _name in referenced_names(revision.named_by(deployment)["spec"]["template"]["spec"])} == {
        "ConfigMap"
    }
