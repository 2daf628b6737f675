# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What comes from a command line as text: the path of a manifest, numbers, mappings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.kyma.docker_registry.tests.support import playbook

pytestmark = pytest.mark.nodeless

SITE = "kyma.docker_registry.site"
MANIFEST = {
    "apiVersion": "operator.kyma-project.io/v1alpha1",
    "kind": "DockerRegistry",
    "metadata": {"name": "pasted"},
    "spec": {"storage": {"deleteEnabled": True}},
}


def _plan(kubeconfig: str, namespace: str, folder: Path, *variables: str) -> playbook.Run:
    """The site's plan, asked for in a folder with `-e` for each variable."""
    options = [word for variable in (f"registry_namespace={namespace}", *variables) for word in ("-e", variable)]
    inside = ("env", f"--chdir={folder}")
    return playbook.run(SITE, kubeconfig=kubeconfig, arguments=["--check", "--diff", *options], inside=inside)


def test_path_of_no_file(kubeconfig: str, namespace: str, tmp_path: Path) -> None:
    """A finding, not Ansible's complaint about a lookup."""
    run = _plan(kubeconfig, namespace, tmp_path, "registry_manifest=nowhere.yml")
    assert run.failure.codes() == ["manifest-no-such-file"], run.output


def test_document_in_one_line(kubeconfig: str, namespace: str, tmp_path: Path) -> None:
    """JSON in a line is a document, not a path. That it is read is seen by its mistake."""
    document = {**MANIFEST, "spec": {"storage": {"filesytem": {}}}}
    run = _plan(kubeconfig, namespace, tmp_path, json.dumps({"registry_manifest": json.dumps(document)}))
    assert [item["path"] for item in run.failure.result["findings"] if item["severity"] == "error"] == [
        "registry_manifest.spec.storage.filesytem"
    ]


def test_path_numbers_and_mappings(kubeconfig: str, namespace: str, tmp_path: Path) -> None:
    """The path is relative to where the command is given; the API server takes the objects: what was text is what it says."""
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/dockerregistry.yml").write_text(yaml.safe_dump(MANIFEST), encoding="utf-8")
    texts: dict[str, Any] = {
        "registry_node_selector": {"kubernetes.io/os": "linux"},
        "registry_pod_labels": {"team": "images"},
        "registry_resources": {"requests": {"cpu": "10m"}},
        "registry_service_account_annotations": {"example.com/role": "registry"},
        "registry_env": {"HTTPS_PROXY": "http://proxy:3128"},
    }
    given = [f"{name}={json.dumps(value, separators=(',', ':'))}" for name, value in texts.items()]
    path = "registry_manifest=./sub/dockerregistry.yml"
    run = _plan(kubeconfig, namespace, tmp_path, path, "registry_replicas=1", *given)
    assert run.returncode == 0, run.output
    assert run.of("Validate the storage").result["name"] == "pasted"
    objects = {item["after_header"]: item["after"] for item in run.of("Deploy and wait").result["diff"]}
    assert objects["ServiceAccount/dockerregistry"]["metadata"]["annotations"].items() >= {
        ("example.com/role", "registry")
    }
    spec = objects["Deployment/dockerregistry"]["spec"]
    pod = spec["template"]["spec"]
    (container,) = pod["containers"]
    assert (spec["replicas"], pod["nodeSelector"]) == (1, texts["registry_node_selector"])
    assert spec["template"]["metadata"]["labels"]["team"] == "images"
    assert container["resources"] == texts["registry_resources"]
    assert {"name": "HTTPS_PROXY", "value": "http://proxy:3128"} in container["env"]
