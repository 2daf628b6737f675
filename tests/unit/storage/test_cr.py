# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Manifests as users paste them, those of Kyma's documentation among them."""

from __future__ import annotations

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils.findings import Refusal
from ansible_collections.kyma.docker_registry.plugins.module_utils.storage import cr, spec

REGISTRY = """
apiVersion: operator.kyma-project.io/v1alpha1
kind: DockerRegistry
metadata:
  name: default
  namespace: kyma-system
spec:
  storage:
"""
SECRET = """
---
apiVersion: v1
kind: Secret
metadata:
  name: {name}
  namespace: kyma-system
data:
"""
# The documentation's samples: storage, Secret, and the findings with their places, `*` for the path of the manifest.
SAMPLES = {
    "filesystem": ("", "", "", []),
    "azure": (
        "    azure:\n      secretName: azure-storage\n",
        "azure-storage",
        '  accountKey: "YWNjb3VudEtleQ=="\n  accountName: "YWNjb3VudE5hbWU="\n  container: "Y29udGFpbmVy"\n',
        ["error secret-placeholder [1].accountName", "error secret-placeholder [1].accountKey"],
    ),
    "s3": (
        '    s3:\n      bucket: "bucketName"\n      region: "eu-central-1"\n'
        '      regionEndpoint: "s3-eu-central-1.amazonaws.com"\n      encrypt: false\n      secure: true\n'
        '      secretName: "s3-storage"\n',
        "s3-storage",
        '  accessKey: "YWNjZXNzS2V5"\n  secretKey: "c2VjcmV0S2V5"\n',
        [
            "warning storage-placeholder .spec.storage.s3.bucket",
            "error secret-placeholder [1].accessKey",
            "error secret-placeholder [1].secretKey",
        ],
    ),
    "gcs": (
        '    gcs:\n      bucket: "bucketName"\n      secretName: "gcs-secret"\n      rootdirectory: "dir"\n'
        "      chunkSize: 5242880\n",
        "gcs-secret",
        '  accountkey: "Z3Njc2VjcmV0"\n',
        [
            "warning storage-field-alias .spec.storage.gcs.chunkSize",
            "warning storage-placeholder .spec.storage.gcs.bucket",
            "error secret-placeholder [1].accountkey",
        ],
    ),
    "pvc": ('    pvc:\n      name: "existing-pvc"\n', "", "", []),
}


@pytest.mark.smoke
@pytest.mark.parametrize("name", SAMPLES)
def test_documentation(name: str) -> None:
    """The pasted CR passes, with warnings at most; its Secret's placeholders are called by that name."""
    storage, secret, data, expected = SAMPLES[name]
    text = f"{REGISTRY}{storage}{SECRET.format(name=secret) + data if secret else ''}"
    manifest, found = cr.from_manifest(text)
    assert manifest is not None and found == ()
    assert (manifest.name, manifest.namespace, manifest.secret_name) == ("default", "kyma-system", secret or None)
    resolved, found = spec.check(manifest.storage, "registry_manifest.spec.storage")
    assert resolved is not None, found
    store, more = resolved.store(manifest.secret, secret_path=manifest.secret_path)
    told = [f"{item.severity} {item.code} {item.path.removeprefix('registry_manifest')}" for item in (*found, *more)]
    assert told == expected
    assert (store is None) == any(line.startswith("error") for line in told)


def test_aliases_are_rewritten() -> None:
    """The CR gets the field's own name."""
    resolved, _found = spec.check({"gcs": {"bucket": "images", "chunkSize": 5242880}}, "storage")
    assert resolved is not None
    assert resolved.spec == {"gcs": {"bucket": "images", "chunksize": 5242880}}


def test_secret_as_kubernetes_reads_it() -> None:
    """StringData wins over data; base64 may have line ends; the representation shows no value."""
    text = f"""{REGISTRY}    azure: {{secretName: a}}
---
apiVersion: v1
kind: Secret
metadata: {{name: a}}
data: {{accountName: b2xk, accountKey: "c2Vj\\ncmV0"}}
stringData: {{accountName: "0123"}}
"""
    manifest, found = cr.from_manifest(text)
    assert [item.code for item in found] == ["manifest-secret-twice"]
    assert manifest is not None
    assert manifest.secret == {"accountName": b"0123", "accountKey": b"secret"}
    assert (manifest.secret_name, manifest.secret_path) == ("a", "registry_manifest[1]")
    assert "secret" not in repr(manifest).replace("secret_", "").replace("secretName", "")


def test_no_line_of_the_user_is_quoted() -> None:
    """A parser's own words would show what stands there."""
    with pytest.raises(Refusal) as caught:
        cr.documents("stringData:\n  secretKey: 'hush-hush\n  other: [")
    assert "hush" not in str(caught.value)


def test_without_pyyaml(monkeypatch: pytest.MonkeyPatch) -> None:
    """The controller lacks a library: that is what is said."""
    monkeypatch.setattr(cr, "HAS_YAML", False)
    with pytest.raises(Refusal) as caught:
        cr.from_manifest("kind: DockerRegistry")
    assert [item.code for item in caught.value.findings] == ["library-missing"]


def test_a_manifest_without_spec_is_default_storage() -> None:
    """The shortest manifest names nothing."""
    manifest, found = cr.from_manifest("{apiVersion: operator.kyma-project.io/v1alpha1, kind: DockerRegistry}")
    assert manifest == cr.Manifest("default", None) and found == ()


def test_logging_keeps_what_is_right() -> None:
    """An error leaves its field out, the others stay."""
    values, found = cr.check_logging({"level": "warn", "format": "xml", "accessLogEnabled": True}, "registry_logging")
    assert values == {"level": "warn", "accessLogEnabled": True}
    assert [item.path for item in found] == ["registry_logging.format"]
