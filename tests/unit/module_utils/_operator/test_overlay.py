# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Overlay, storage lock and the Secret of ours: with them the registry reads what was meant, whatever the values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
import yaml
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.deployment import pod_template
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator import (
    credentials_secret,
    overlay,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.chart.prediction import (
    Expected,
    predict,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.chart.rendering import SecretRef
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.overlay import Extras
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import spec
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.backends import azure, gcs, s3
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.backends.btp_object_store import (
    AWS_STORAGE_TYPE,
    GCP_STORAGE_TYPE,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import Store
from ansible_collections.kyma.docker_registry.tests.support import operator_cases
from hypothesis import given
from hypothesis import strategies as st

NAMESPACE = "kyma-system"
VALUES = (
    st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=30)
    | st.text('ab,\\{}=0129 #:&"', min_size=1, max_size=12)
    | st.sampled_from(["123", "true", "null", "0", "no", "1e5", "AKIA", "abc,a=3", "{x}", "a\\b"])
)


def _resolved(storage: Any) -> spec.Resolved:
    found, problems = spec.check_storage(storage, "registry_storage")
    assert found is not None, problems
    return found


def _sent(resolved: spec.Resolved, choice: credentials_secret.Choice) -> dict[str, Any] | None:
    sent = overlay.cr_storage(resolved)
    return credentials_secret.with_secret_name(sent) if sent is not None and choice.derived is not None else sent


def _read(value: str) -> Any:
    """As Distribution reads a variable."""
    return yaml.safe_load(value)


def _registry(thing: Mapping[str, Any], expected: Expected, derived: Mapping[str, bytes]) -> dict[str, Any]:
    """What the registry reads, from the operator's variables and ours together; those of the storage lock are unset."""
    secret = expected.secret or {}
    found: dict[str, Any] = {}
    for name, value in expected.env.items():
        found[name] = _read(secret[value.key].decode() if isinstance(value, SecretRef) else value)
    for container in thing.get("spec", {}).get("template", {}).get("spec", {}).get("containers", []):
        for item in container.get("env", []):
            assert item["name"] not in found
            if "value" in item:
                found[item["name"]] = _read(item["value"])
            elif "secretKeyRef" in item["valueFrom"]:
                ref = item["valueFrom"]["secretKeyRef"]
                assert ref["name"] == constants.OPERATOR_SECRET
                found[item["name"]] = _read(derived[ref["key"]].decode())
    return found


def _check(storage: Any, store: Store, secret: Mapping[str, bytes] | None, version: str = "0.15.0") -> dict[str, Any]:
    """Sends it, applies the overlay, and returns what the registry reads."""
    resolved = _resolved(storage)
    choice = credentials_secret.choose_secret(store, overlay.cr_storage(resolved), secret, version)
    data = secret if choice.derived is None else choice.derived
    expected = predict(_sent(resolved, choice), data, version)
    assert expected.stage == "applied", expected
    assert dict(expected.secret or {}) == dict(choice.intended)
    thing, found = overlay.build_overlay(store, expected, namespace=NAMESPACE, delete_enabled=resolved.delete_enabled)
    assert found == ()
    return _registry(thing, expected, choice.derived or {})


AZURE = {"azure": {"secretName": "mine"}}
S3 = {"s3": {"bucket": "images", "region": "eu-central-1", "secretName": "mine"}}
GCS = {"gcs": {"bucket": "images", "secretName": "mine"}}
BTP = {"btpObjectStore": {"secretName": "mine"}}


@given(VALUES, VALUES, VALUES, st.sampled_from(["0.6.0", "0.7.0", "0.15.0", "main"]))
def test_azure(account: str, key: str, container: str, version: str) -> None:
    """Account names of digits, keys with anything."""
    texts = {"accountName": account, "accountKey": key, "container": container}
    store = azure._store("azure", "shared_key", {"credentials": {"type": "shared_key"}, "realm": "r"}, texts)
    read = _check(AZURE, store, {name: text.encode() for name, text in texts.items()}, version)
    assert read == {
        "REGISTRY_STORAGE_AZURE_ACCOUNTNAME": account,
        "REGISTRY_STORAGE_AZURE_ACCOUNTKEY": key,
        "REGISTRY_STORAGE_AZURE_CONTAINER": container,
        "REGISTRY_STORAGE_AZURE_CREDENTIALS_TYPE": "shared_key",
        "REGISTRY_STORAGE_AZURE_REALM": "r",
    }


@pytest.mark.parametrize("kind", ["client_secret", "default_credentials"])
def test_azure_without_key(kind: str) -> None:
    """Other ways to authenticate: the operator wants a key, which the driver does not look at."""
    texts = {"accountName": "a", "container": "c", "clientId": "i", "tenantId": "y", "clientSecret": "s,{"}
    store = azure._store("azure", kind, {"credentials": {"type": kind}}, texts)
    read = _check(AZURE, store, {name: text.encode() for name, text in texts.items()})
    assert read["REGISTRY_STORAGE_AZURE_ACCOUNTNAME"] == "a" and read["REGISTRY_STORAGE_AZURE_CONTAINER"] == "c"
    if kind == "client_secret":
        whole = {"type": kind, "clientid": "i", "tenantid": "y", "secret": "s,{"}
        assert read["REGISTRY_STORAGE_AZURE_CREDENTIALS"] == whole
    else:
        assert read["REGISTRY_STORAGE_AZURE_CREDENTIALS_TYPE"] == kind


def test_azure_with_an_idle_key() -> None:
    """A key that is there and not used does not make ours necessary."""
    texts = {"accountName": "a", "container": "c", "accountKey": "k"}
    store = azure._store("azure", "default_credentials", {"credentials": {"type": "default_credentials"}}, texts)
    choice = credentials_secret.choose_secret(
        store, AZURE, {name: text.encode() for name, text in texts.items()}, "0.15.0"
    )
    assert choice.derived is None and choice.intended["azureAccountKey"] == b"k"


@given(VALUES, VALUES, st.booleans(), st.booleans(), st.sampled_from(["0.6.0", "0.15.0"]))
def test_s3(access: str, secret: str, secure: bool, encrypt: bool, version: str) -> None:
    """Keys with anything, flags that the operator leaves out, parameters that it does not know."""
    storage = {"s3": {**S3["s3"], "secure": secure, "encrypt": encrypt, "regionEndpoint": "minio:9000"}}
    settings = {"bucket": "images", "region": "eu-central-1", "secure": secure, "encrypt": encrypt}
    settings |= {"regionendpoint": "minio:9000", "forcepathstyle": True, "chunksize": 5242880}
    store = s3.s3_store("s3", settings, (access, secret))
    read = _check(storage, store, {"accessKey": access.encode(), "secretKey": secret.encode()}, version)
    expected = {f"REGISTRY_STORAGE_S3_{name.upper()}": value for name, value in settings.items()}
    credentials = {"REGISTRY_STORAGE_S3_ACCESSKEY": access, "REGISTRY_STORAGE_S3_SECRETKEY": secret}
    assert read == {**expected, **credentials}


def test_cloud_identity() -> None:
    """Without a Secret the operator stores on an emptyDir; an empty one of ours makes it leave the keys out."""
    store = s3.s3_store("s3", {"bucket": "images", "region": "eu-central-1"}, None)
    storage = {"s3": {"bucket": "images", "region": "eu-central-1"}}
    assert set(_check(storage, store, None)) == {"REGISTRY_STORAGE_S3_BUCKET", "REGISTRY_STORAGE_S3_REGION"}
    choice = credentials_secret.choose_secret(store, storage, None)
    assert choice == credentials_secret.Choice({}, {}) and "Choice()" in repr(choice)
    google = gcs.gcs_store("gcs", {"bucket": "images"}, None)
    assert set(_check({"gcs": {"bucket": "images"}}, google, None)) == {"REGISTRY_STORAGE_GCS_BUCKET"}


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=10), max_size=5), st.sampled_from(["", "\n"]))
def test_gcs(content: dict[str, str], end: str) -> None:
    """The key file comes out byte for byte; the chunk size goes round the operator."""
    key_file = json.dumps({**content, "private_key": "x,\\{"}, indent=1) + end
    storage = {"gcs": {**GCS["gcs"], "chunksize": 5242880, "rootdirectory": "dir"}}
    store = gcs.gcs_store("gcs", {"bucket": "images", "chunksize": 5242880, "rootdirectory": "dir"}, key_file)
    read = _check(storage, store, {"accountkey": key_file.encode()})
    assert read == {
        "REGISTRY_STORAGE_GCS_BUCKET": "images",
        "REGISTRY_STORAGE_GCS_CHUNKSIZE": 5242880,
        "REGISTRY_STORAGE_GCS_ROOTDIRECTORY": "dir",
        "REGISTRY_STORAGE_GCS_KEYFILE": "/gcs_secret/keyfile.json",
    }
    assert credentials_secret.intended_secret(store) == {"keyfile.json": key_file.encode()}


@given(VALUES, VALUES, VALUES)
def test_btp_aws(access: str, secret: str, bucket: str) -> None:
    """Here even the bucket is in the Secret, so it may look like a number."""
    settings = {"bucket": bucket, "region": "eu-central-1", "regionendpoint": "https://s3.example.com"}
    store = s3.s3_store(AWS_STORAGE_TYPE, settings, (access, secret))
    data = {
        "access_key_id": access,
        "secret_access_key": secret,
        "bucket": bucket,
        "region": "eu-central-1",
        "host": "h",
    }
    read = _check(BTP, store, {name: text.encode() for name, text in data.items()})
    assert read["REGISTRY_STORAGE_S3_BUCKET"] == bucket and read["REGISTRY_STORAGE_S3_SECURE"] is True
    assert read["REGISTRY_STORAGE_S3_ACCESSKEY"] == access and read["REGISTRY_STORAGE_S3_SECRETKEY"] == secret
    assert read["REGISTRY_STORAGE_S3_REGIONENDPOINT"] == "https://s3.example.com"


def test_btp_aws_keeps_its_mark() -> None:
    """The host, as the binding would have it."""
    for settings, host in (
        ({"regionendpoint": "https://s3.example.com"}, b"s3.example.com"),
        ({}, b"s3.eu-central-1.amazonaws.com"),
    ):
        store = s3.s3_store(AWS_STORAGE_TYPE, {"bucket": "b", "region": "eu-central-1", **settings}, ("a", "s"))
        assert credentials_secret.derived_secret(store)["host"] == host


@given(VALUES)
def test_btp_gcp(bucket: str) -> None:
    """Escaped inside, base64 outside."""
    store = gcs.gcs_store(GCP_STORAGE_TYPE, {"bucket": bucket}, operator_cases.SECRETS["gcs-plain"]["accountkey"])
    read = _check(BTP, store, {**operator_cases.data("btp-gcp"), "bucket": bucket.encode()})
    assert read["REGISTRY_STORAGE_GCS_BUCKET"] == bucket


def test_plain_secret_is_left_alone() -> None:
    """No Secret of ours where the user's serves."""
    store = s3.s3_store("s3", {"bucket": "images", "region": "eu-central-1"}, ("AKIA", "wJalr/K7+x"))
    secret = {"accessKey": b"AKIA", "secretKey": b"wJalr/K7+x"}
    assert credentials_secret.choose_secret(store, S3, secret, "0.15.0").derived is None
    assert credentials_secret.choose_secret(store, S3, {**secret, "secretKey": b"wJalr/K7+x\n"}).derived is not None


@pytest.mark.parametrize("storage", [None, {"deleteEnabled": True}, {"pvc": {"name": "mine"}}])
def test_volumes(storage: Any) -> None:
    """No Secret; deletion alone goes round the operator."""
    resolved = _resolved(storage)
    store, _found = resolved.store(None)
    assert store is not None
    assert credentials_secret.choose_secret(store, storage, None) == credentials_secret.Choice(None, {})
    sent = overlay.cr_storage(resolved)
    assert sent == (storage if storage and "pvc" in storage else None)
    expected = predict(sent, claims={"mine"})
    assert expected.data is not None and expected.data.claim == store.claim
    thing, found = overlay.build_overlay(store, expected, namespace=NAMESPACE, delete_enabled=resolved.delete_enabled)
    pod = thing["spec"]["template"]["spec"]
    assert pod["volumes"] == [{"name": "data", "persistentVolumeClaim": {"claimName": store.claim}}]
    read = _registry(thing, expected, {})
    assert read.get("REGISTRY_STORAGE_DELETE_ENABLED", False) is resolved.delete_enabled
    assert found == ()


def test_deletion_with_a_backend_is_the_operators() -> None:
    """It is in what is sent."""
    resolved = _resolved({"pvc": {"name": "mine"}, "deleteEnabled": True})
    sent = overlay.cr_storage(resolved)
    assert sent == {"pvc": {"name": "mine"}, "deleteEnabled": True}
    store, _found = resolved.store(None)
    assert store is not None
    thing, _found = overlay.build_overlay(store, predict(sent), namespace=NAMESPACE, delete_enabled=True)
    assert "DELETE_ENABLED" not in str(thing)


def _azure_store(**parameters: Any) -> Store:
    texts = {"accountName": "a", "accountKey": "k", "container": "c"}
    return azure._store("azure", "shared_key", {"credentials": {"type": "shared_key"}, **parameters}, texts)


def test_parameter_without_variable() -> None:
    """Distribution splits variables at every underscore."""
    _thing, found = overlay.build_overlay(
        _azure_store(max_retries=3), predict(AZURE, operator_cases.data("azure-storage")), namespace=NAMESPACE
    )
    assert [(item.code, item.path) for item in found] == [
        ("operator-parameter-no-variable", "registry_driver_parameters.max_retries")
    ]


@pytest.mark.parametrize(("region", "codes"), [("no", ["operator-value-misread"]), ("eu-central-1", [])])
def test_misread_value(region: str, codes: list[str]) -> None:
    """A word that survives the operator and is a boolean for the registry."""
    storage = {"s3": {**S3["s3"], "region": region, "regionEndpoint": "http://minio"}}
    settings = {"bucket": "images", "region": region, "regionendpoint": "http://minio"}
    expected = predict(storage, operator_cases.data("s3s"), "0.15.0")
    _thing, found = overlay.build_overlay(s3.s3_store("s3", settings, ("a", "b")), expected, namespace=NAMESPACE)
    assert [item.code for item in found] == codes


def test_extras() -> None:
    """Certificates, service account and further variables; without the storage lock there is none."""
    extras = Extras(
        storage_lock=False,
        ca_bundle={"config_map": "mine", "key": "ca.crt", "checksum": "abc"},
        service_account="registry",
        environment={"REGISTRY_STORAGE_REDIRECT_DISABLE": "true"},
    )
    store = _azure_store()
    expected = predict(AZURE, operator_cases.data("azure-storage"))
    thing, found = overlay.build_overlay(store, expected, namespace=NAMESPACE, extras=extras)
    template = thing["spec"]["template"]
    (container,) = template["spec"]["containers"]
    assert found == () and container["name"] == constants.CONTAINER
    assert template["spec"]["serviceAccountName"] == "registry"
    assert container["env"] == [
        {"name": "REGISTRY_STORAGE_AZURE_CREDENTIALS_TYPE", "value": '"shared_key"'},
        {"name": "SSL_CERT_DIR", "value": "/etc/ssl/certs:/etc/registry-ca"},
        {"name": "REGISTRY_STORAGE_REDIRECT_DISABLE", "value": "true"},
    ]
    items = [{"key": "ca.crt", "path": "ca.crt"}]
    assert template["spec"]["volumes"] == [{"name": "ca", "configMap": {"name": "mine", "items": items}}]
    assert container["volumeMounts"] == [{"name": "ca", "mountPath": "/etc/registry-ca", "readOnly": True}]
    assert template["metadata"] == {"annotations": {overlay.CA_CHECKSUM: "abc"}}
    assert thing["metadata"]["annotations"] == {constants.STORAGE_ID: store.storage_id}
    other, _found = overlay.build_overlay(
        store, expected, namespace=NAMESPACE, extras=Extras(ca_bundle={"secret": "s", "key": "k"})
    )
    volume = next(item for item in other["spec"]["template"]["spec"]["volumes"] if item["name"] == "ca")
    assert volume["secret"] == {"secretName": "s", "items": [{"key": "k", "path": "ca.crt"}]}
    assert "metadata" not in other["spec"]["template"]


def test_the_user_of_the_pods() -> None:
    """Its fingerprint is added, replaced and removed; nothing else changes."""
    store, expected = _azure_store(), predict(AZURE, operator_cases.data("azure-storage"))
    for extras in (Extras(), Extras(ca_bundle={"config_map": "mine", "key": "ca.crt", "checksum": "abc"})):
        plain, _found = overlay.build_overlay(store, expected, namespace=NAMESPACE, extras=extras)
        first = overlay.with_login(plain, "1")
        assert (overlay.login_of(plain), overlay.login_of(first)) == ("", "1")
        assert overlay.login_of(overlay.with_login(first, "2")) == "2"
        assert overlay.with_login(first, "") == overlay.with_login(plain, "") == plain
        kept = plain["spec"]["template"].get("metadata", {}).get("annotations", {})
        assert first["spec"]["template"]["metadata"]["annotations"] == {**kept, constants.LOGIN_FINGERPRINT: "1"}
    empty = overlay.empty_overlay(NAMESPACE)
    assert overlay.with_login(empty, "") == empty and overlay.login_of(overlay.with_login(empty, "1")) == "1"
    assert overlay.login_of(None) == ""


def test_a_drain_timeout_has_a_grace_period() -> None:
    """The kubelet would kill the registry while it drains. No hook: the operator's Deployment ends its Pod before the next one starts."""
    extras = Extras(environment=pod_template.operator_environment({"redirect": None}, {}))
    thing, _found = overlay.build_overlay(
        _azure_store(), predict(AZURE, operator_cases.data("azure-storage")), namespace=NAMESPACE, extras=extras
    )
    pod = thing["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert {"name": "REGISTRY_HTTP_DRAINTIMEOUT", "value": "120s"} in container["env"]
    assert "lifecycle" not in container
    assert pod["terminationGracePeriodSeconds"] > 120
    chosen = pod_template.operator_environment({"redirect": None}, {"REGISTRY_HTTP_DRAINTIMEOUT": "30s"})
    assert chosen == {"REGISTRY_HTTP_DRAINTIMEOUT": "30s"}


def test_variables_that_are_taken() -> None:
    """A list with one name twice would be rejected, and a field of the operator would change its owner at each write."""
    taken = {
        item["name"]
        for item in operator_cases.CASES["azure"].deployment["spec"]["template"]["spec"]["containers"][0]["env"]
    }
    ours = {"REGISTRY_STORAGE_AZURE_CREDENTIALS_TYPE", "REGISTRY_STORAGE_S3_BUCKET", "SSL_CERT_DIR"}
    extras = Extras(ca_bundle={"secret": "s", "key": "k"}, environment=dict.fromkeys({*taken, *ours, "PROXY"}, "mine"))
    expected = predict(AZURE, operator_cases.data("azure-storage"))
    thing, _found = overlay.build_overlay(_azure_store(), expected, namespace=NAMESPACE, extras=extras)
    env = thing["spec"]["template"]["spec"]["containers"][0]["env"]
    assert [item["name"] for item in env if item.get("value") == "mine"] == ["PROXY"]
    assert len({item["name"] for item in env}) == len(env) and ours < {item["name"] for item in env}


def test_certificates_as_in_direct_mode() -> None:
    """The same folder, file and variable as in the overlay above."""
    storage = {"ca_bundle": {"config_map": "m", "key": "k"}, "claim": None, "key_file": "", "secret_environment": {}}
    variables = {item["name"]: item.get("value") for item in pod_template.environment(storage, None)}
    assert variables["SSL_CERT_DIR"] == "/etc/ssl/certs:/etc/registry-ca"
    (mount,) = [item for item in pod_template.volume_mounts(storage) if item["name"] == "ca"]
    assert (mount["mountPath"], mount["readOnly"]) == ("/etc/registry-ca", True)
    (volume,) = [item for item in pod_template.volumes(storage) if item["name"] == "ca"]
    assert volume == {"name": "ca", "configMap": {"name": "m", "items": [{"key": "k", "path": "ca.crt"}]}}


def test_bare() -> None:
    """Nothing but what it is."""
    assert overlay.empty_overlay("ns") == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "dockerregistry", "namespace": "ns"},
    }


def test_overlay_without_anything() -> None:
    """The annotation that names the storage ID, and no variables of Services: registry-auth would give REGISTRY_AUTH_PORT."""
    store, _found = _resolved(None).store(None)
    assert store is not None
    thing, _found = overlay.build_overlay(store, predict(None), namespace=NAMESPACE, extras=Extras(storage_lock=False))
    assert thing["spec"] == {"template": {"spec": {"enableServiceLinks": False}}}
    assert thing["metadata"]["annotations"] == {constants.STORAGE_ID: store.storage_id}
