# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The overlay: what is applied onto the operator's Deployment, under our own field manager, to complete it. Pure.

Only what the operator leaves out: a field that it sets itself would change its owner at each reconcile of the operator.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants, objects
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.encoding import env_value
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, error
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.chart.prediction import Expected
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.chart.rendering import reads_as
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import catalog
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import PARAMETERS_PATH, Store
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.driver import VARIABLE_PREFIX, Driver
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.spec import Resolved

from . import storage_lock

Item = dict[str, Any]

CA_VOLUME, CA_FOLDER, CA_FILE = "ca", "/etc/registry-ca", "ca.crt"
CA_CHECKSUM = f"{constants.PREFIX}/ca-checksum"
TRUSTED = f"/etc/ssl/certs:{CA_FOLDER}"

# What the operator sets for every storage type.
_FIXED = frozenset(
    {"REGISTRY_AUTH", "REGISTRY_AUTH_HTPASSWD_REALM", "REGISTRY_AUTH_HTPASSWD_PATH", "REGISTRY_HTTP_SECRET"}
)


@dataclass(frozen=True)
class Extras:
    """What the user asks for besides the storage.

    ca_bundle: as read_ca_bundle() returns it. environment: further variables, name to value in the form that the registry reads;
    they do not replace what the operator or the overlay sets. A drain timeout among them needs a grace period of the Pod that covers it.
    """

    storage_lock: bool = True
    ca_bundle: Mapping[str, str] = field(default_factory=dict)
    service_account: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)


def cr_storage(resolved: Resolved) -> dict[str, Any] | None:
    """The spec.storage that the operator processes correctly; None: leave it out. What is missing in it the overlay adds.

    Deletion alone would put the images on an emptyDir, a number would stop the operator.
    """
    if resolved.spec is None or resolved.backend not in resolved.spec:
        return None
    numbers = {item.name for item in resolved.kind.fields if item.type == "integer"}
    values = {name: value for name, value in resolved.values.items() if name not in numbers}
    return {**resolved.spec, resolved.backend: values}


def build_overlay(
    store: Store, expected: Expected, *, namespace: str, delete_enabled: bool = False, extras: Extras | None = None
) -> tuple[dict[str, Any], tuple[Finding, ...]]:
    """The object to apply, and findings. expected: what the operator renders from the spec.storage that is sent (cr_storage)."""
    desired = extras or Extras()
    found: list[Finding] = []
    env = _parameters(store, expected, found)
    if delete_enabled and not expected.deletes_images:
        env.append(_value(f"{VARIABLE_PREFIX}DELETE_ENABLED", "true"))
    annotations = {constants.STORAGE_ID: store.storage_id}
    volumes: list[Item] = []
    mounts: list[Item] = []
    if desired.ca_bundle:
        env.append(_value("SSL_CERT_DIR", TRUSTED))
        volumes.append(ca_volume(desired.ca_bundle))
        mounts.append({"name": CA_VOLUME, "mountPath": CA_FOLDER, "readOnly": True})
    if desired.storage_lock:
        env += storage_lock.lock_variables(store)
        volumes += storage_lock.lock_volumes(store)
        annotations[storage_lock.ANNOTATION] = storage_lock.explanation(store, namespace)
    taken = _FIXED | expected.env.keys() | {item["name"] for item in env}
    env += [_value(name, value) for name, value in sorted(desired.environment.items()) if name not in taken]
    # Else a Service named registry-auth would give the registry REGISTRY_AUTH_PORT, which it cannot read.
    pod: Item = {"enableServiceLinks": False}
    container = {key: items for key, items in (("env", env), ("volumeMounts", mounts)) if items}
    if container:
        pod["containers"] = [{"name": constants.CONTAINER, **container}]
    if volumes:
        pod["volumes"] = volumes
    if desired.service_account:
        pod["serviceAccountName"] = desired.service_account
    if constants.DRAIN_VARIABLE in desired.environment:
        pod["terminationGracePeriodSeconds"] = constants.GRACE_SECONDS
    template: Item = {"spec": pod}
    if desired.ca_bundle.get("checksum"):
        template["metadata"] = {"annotations": {CA_CHECKSUM: desired.ca_bundle["checksum"]}}
    document = empty_overlay(namespace)
    document["metadata"]["annotations"] = annotations
    document["spec"] = {"template": template}
    return document, tuple(found)


def login_of(deployment: Mapping[str, Any] | None) -> str:
    """The fingerprint of the user that the Deployment's Pods were started with, '' if none is recorded."""
    template = objects.spec_of(deployment).get("template")
    return objects.annotations_of(template).get(constants.LOGIN_FINGERPRINT) or ""


def with_login(document: Mapping[str, Any], fingerprint: str) -> dict[str, Any]:
    """The overlay with the fingerprint of the user: the operator's Pods read user and password only when they start. '' for none."""
    spec = objects.spec_of(document)
    template = dict(spec.get("template") or {})
    annotations = {
        name: value for name, value in objects.annotations_of(template).items() if name != constants.LOGIN_FINGERPRINT
    }
    if fingerprint:
        annotations[constants.LOGIN_FINGERPRINT] = fingerprint
    metadata = {name: value for name, value in (template.pop("metadata", None) or {}).items() if name != "annotations"}
    metadata.update({"annotations": annotations} if annotations else {})
    template.update({"metadata": metadata} if metadata else {})
    changed = {name: value for name, value in document.items() if name != "spec"}
    spec = {**spec, "template": template} if template else spec
    return {**changed, "spec": spec} if spec else changed


def empty_overlay(namespace: str) -> dict[str, Any]:
    """Applied under the same field manager it releases everything: to be done before an intended switch."""
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": constants.REGISTRY, "namespace": namespace},
    }


def _parameters(store: Store, expected: Expected, found: list[Finding]) -> list[Item]:
    """Variables of the driver that the operator leaves out; a finding about each that it sets otherwise or that has none."""
    driver = catalog.drivers()[store.driver]
    login = driver.operator.login_parameter
    apart = {login, *(item.file_parameter for item in driver.operator.credentials)}
    env: list[Item] = []
    for name, value in sorted(store.parameters.items()):
        variable = driver.variable(name)
        if name in apart:
            continue
        if "_" in name:
            message = "cannot be set on the operator's Deployment: Distribution has no variable for a name with '_'."
            remedy = "Leave it out, or use direct mode (registry_mode: direct)."
            found.append(error("operator-parameter-no-variable", f"{PARAMETERS_PATH}.{name}", message, remedy))
        elif variable not in expected.env:
            env.append(_value(variable, env_value(value)))
        elif not reads_as(expected.env[variable], value):
            message = f"the operator writes {variable} without quotes, so the registry reads a different value."
            remedy = "Use a name without special characters that YAML reads as text (not a number, yes or no), or use direct mode."
            found.append(error("operator-value-misread", f"spec.storage ({name})", message, remedy))
    return [*env, *_login(store, driver)] if login else env


def _login(store: Store, driver: Driver) -> list[Item]:
    """How to authenticate to the store, which the operator leaves out (and without which the registry ends)."""
    parameter = driver.operator.login_parameter
    variable = driver.variable(parameter)
    if variable in store.environment:
        ref = {"name": constants.OPERATOR_SECRET, "key": store.environment[variable]}
        return [{"name": variable, "valueFrom": {"secretKeyRef": ref}}]
    return [_value(f"{variable}_TYPE", env_value(store.parameters[parameter]["type"]))]


def _value(name: str, value: str) -> Item:
    return {"name": name, "value": value}


def ca_volume(bundle: Mapping[str, str]) -> Item:
    """The volume of the authorities, the same in both modes. bundle: as read_ca_bundle() returns it."""
    items = [{"key": bundle["key"], "path": CA_FILE}]
    if bundle.get("config_map"):
        return {"name": CA_VOLUME, "configMap": {"name": bundle["config_map"], "items": items}}
    return {"name": CA_VOLUME, "secret": {"secretName": bundle["secret"], "items": items}}
