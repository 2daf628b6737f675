# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Manifests as users paste them, those of Kyma's documentation among them."""

from __future__ import annotations

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import pasted_manifest, spec
from ansible_collections.kyma.docker_registry.tests.support import pasted

# The findings of Kyma's documents, with their places behind the path of the manifest.
FOUND: dict[str, list[str]] = {
    "filesystem": [],
    "azure": ["error secret-placeholder [1].accountName", "error secret-placeholder [1].accountKey"],
    "s3": [
        "warning storage-placeholder .spec.storage.s3.bucket",
        "error secret-placeholder [1].accessKey",
        "error secret-placeholder [1].secretKey",
    ],
    "gcs": [
        "warning storage-field-alias .spec.storage.gcs.chunkSize",
        "warning storage-placeholder .spec.storage.gcs.bucket",
        "error secret-placeholder [1].accountkey",
    ],
    "btp": ["error secret-missing .spec.storage.btpObjectStore.secretName"],
    "pvc": [],
}
SECRETS = {"azure": "azure-storage", "s3": "s3-storage", "gcs": "gcs-secret"}


@pytest.mark.smoke
@pytest.mark.parametrize("name", pasted.DOCUMENTS)
def test_documentation(name: str) -> None:
    """The pasted CR passes, with warnings at most; its Secret's placeholders are called by that name."""
    manifest, found = pasted_manifest.read_manifest(pasted.DOCUMENTS[name])
    assert manifest is not None and found == ()
    assert (manifest.name, manifest.namespace, manifest.secret_name) == ("default", "kyma-system", SECRETS.get(name))
    resolved, found = spec.check_storage(manifest.storage, "registry_manifest.spec.storage")
    assert resolved is not None, found
    store, more = resolved.store(manifest.secret, secret_path=manifest.secret_path)
    reported = [
        f"{item.severity} {item.code} {item.path.removeprefix('registry_manifest')}" for item in (*found, *more)
    ]
    assert reported == FOUND[name]
    assert (store is None) == any(line.startswith("error") for line in reported)


def test_aliases_are_rewritten() -> None:
    """The CR gets the field's own name."""
    resolved, _found = spec.check_storage({"gcs": {"bucket": "images", "chunkSize": 5242880}}, "storage")
    assert resolved is not None
    assert resolved.spec == {"gcs": {"bucket": "images", "chunksize": 5242880}}


def test_secret_as_kubernetes_reads_it() -> None:
    """StringData wins over data; base64 may have line ends; the representation shows no value."""
    text = f"""{pasted.DOCUMENTS["filesystem"]}    azure: {{secretName: a}}
---
apiVersion: v1
kind: Secret
metadata: {{name: a}}
data: {{accountName: b2xk, accountKey: "c2Vj\\ncmV0"}}
stringData: {{accountName: "0123"}}
"""
    manifest, found = pasted_manifest.read_manifest(text)
    assert [item.code for item in found] == ["manifest-secret-twice"]
    assert manifest is not None
    assert manifest.secret == {"accountName": b"0123", "accountKey": b"secret"}
    assert (manifest.secret_name, manifest.secret_path) == ("a", "registry_manifest[1]")
    assert "secret" not in repr(manifest).replace("secret_", "").replace("secretName", "")


def test_no_line_of_the_user_is_quoted() -> None:
    """The parser's message would show the content."""
    with pytest.raises(Refusal) as caught:
        pasted_manifest.documents("stringData:\n  secretKey: 'hush-hush\n  other: [")
    assert "hush" not in str(caught.value)


def test_without_pyyaml(monkeypatch: pytest.MonkeyPatch) -> None:
    """The controller lacks a library: that is what is said."""
    monkeypatch.setattr(pasted_manifest, "HAS_YAML", False)
    with pytest.raises(Refusal) as caught:
        pasted_manifest.read_manifest("kind: DockerRegistry")
    assert [item.code for item in caught.value.findings] == ["library-missing"]


def test_a_manifest_without_spec_is_default_storage() -> None:
    """The shortest manifest names nothing."""
    manifest, found = pasted_manifest.read_manifest(
        "{apiVersion: operator.kyma-project.io/v1alpha1, kind: DockerRegistry}"
    )
    assert manifest == pasted_manifest.Manifest("default", None) and found == ()


def test_logging_keeps_what_is_right() -> None:
    """An error leaves its field out, the others stay."""
    values, found = pasted_manifest.check_logging(
        {"level": "warn", "format": "xml", "accessLogEnabled": True}, "registry_logging"
    )
    assert values == {"level": "warn", "accessLogEnabled": True}
    assert [item.path for item in found] == ["registry_logging.format"]
