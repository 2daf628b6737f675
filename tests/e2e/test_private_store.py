# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A store whose certificate a private CA has issued, or without TLS, that only the cluster can reach."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.tests.e2e.conftest import Deploy
from ansible_collections.kyma.docker_registry.tests.support import clouds as lab_clouds
from ansible_collections.kyma.docker_registry.tests.support import objects, playbook

# What is wrong with a bundle, the code and the path of the finding.
Wrong = tuple[dict[str, str], str, str]
WRONG_BUNDLES: list[Wrong] = [
    ({"config_map": "no-such-map"}, "ca-bundle-missing", "registry_ca_bundle.config_map"),
    ({"config_map": "company-ca", "key": "note"}, "ca-bundle-no-certificate", "registry_ca_bundle.key"),
]
FURTHER_WRONG_BUNDLES: list[Wrong] = [
    ({"secret": "no-such-secret"}, "ca-bundle-missing", "registry_ca_bundle.secret"),
    ({"config_map": "company-ca", "key": "tls.crt"}, "ca-bundle-key-missing", "registry_ca_bundle.key"),
    ({"config_map": "company-ca", "secret": "company-ca"}, "ca-bundle-source", "registry_ca_bundle"),
]


def _at(variables: dict[str, Any], endpoint: str) -> dict[str, Any]:
    """The variables for another endpoint as on the backend's page. The role decides about redirects."""
    spec = {key: value for key, value in variables["registry_storage"]["s3"].items() if key != "secure"}
    variables = {key: value for key, value in variables.items() if key != "registry_redirect"}
    parameters = {**variables["registry_driver_parameters"], "forcepathstyle": True}
    return {
        **variables,
        "registry_storage": {"s3": {**spec, "regionEndpoint": endpoint}},
        "registry_driver_parameters": parameters,
    }


def _verified(run: playbook.Run) -> list[tuple[str, str]]:
    """Severity and code of what the validation of a good run found."""
    assert run.returncode == 0, run.output
    assert run.of("Verify").result["verified"]
    assert not [
        item for item in run.of("Verify").result["findings"] if item["code"].startswith("verification-redirect")
    ]
    return [(item["severity"], item["code"]) for item in run.of("Validate").result["findings"]]


def _bundles(cluster: Cluster, namespace: str, clouds: dict[str, Any]) -> None:
    """The authority as a ConfigMap and as a Secret."""
    certificate = Path(clouds["ca"]["private"]).read_text(encoding="utf-8")
    cluster.create(objects.config_map("company-ca", namespace, {"ca.crt": certificate, "note": "no certificate"}))
    cluster.create(objects.secret("company-ca", namespace, {"ca.crt": certificate}))


def _assert_refused(bundles: list[Wrong], deploy: Deploy, variables: dict[str, Any]) -> None:
    for bundle, code, path in bundles:
        refused = deploy(**variables, registry_ca_bundle=bundle)
        assert refused.failure.codes() == [code], bundle
        assert refused.failure.result["findings"][-1]["path"] == path
        assert "Validate" in refused.failure.task


@pytest.mark.long
def test_further_wrong_bundles(deploy: Deploy, cluster: Cluster, namespace: str, clouds: dict[str, Any]) -> None:
    """Before any registry is there."""
    _bundles(cluster, namespace, clouds)
    variables = _at(lab_clouds.own_s3(clouds, namespace), "https://minio.lab.internal")
    _assert_refused(FURTHER_WRONG_BUNDLES, deploy, variables)


def test_private_store(deploy: Deploy, cluster: Cluster, namespace: str, clouds: dict[str, Any]) -> None:
    """Untrusted it is reported as such, trusted by ConfigMap or Secret it works, redirects are off; so does a store without TLS."""
    _bundles(cluster, namespace, clouds)
    variables = _at(lab_clouds.own_s3(clouds, namespace), "https://minio.lab.internal")

    untrusted = deploy(**variables)
    assert untrusted.failure.codes() == ["store-tls"], untrusted.output
    assert "registry_ca_bundle" in untrusted.failure.result["msg"]
    _assert_refused(WRONG_BUNDLES, deploy, variables)

    by_map = deploy(**variables, registry_ca_bundle={"config_map": "company-ca"})
    assert _verified(by_map) == [("info", "mode-decided"), ("info", "redirect-off")]
    by_secret = deploy(**variables, registry_ca_bundle={"secret": "company-ca"})
    assert _verified(by_secret) == [("info", "mode-decided"), ("info", "redirect-off")]
    assert by_secret.of("Deploy and wait").changed

    clear = deploy(**_at(variables, clouds["endpoints"]["s3_http"]))
    assert sorted(_verified(clear)) == [
        ("info", "mode-decided"),
        ("info", "redirect-off"),
        ("warning", "endpoint-http"),
    ]
    volumes = cluster.get("Deployment", "dockerregistry", namespace)["spec"]["template"]["spec"]["volumes"]
    assert "ca" not in [volume["name"] for volume in volumes]
