# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The immutable objects of one revision of the registry's Deployment, named by their content.

config.yml is in a ConfigMap; storage credentials, htpasswd, http.secret and the user are in the runtime Secret. A switch is one write of the
Deployment, and a Pod of the former revision restarts with what it had. Pure.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal, error
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import (
    ObjectDict,
    labels_of,
    secret_data,
    secret_object,
)

from .references import referenced_names, rename_references

_HASH_LENGTH = 10
# What the runtime Secret takes from the private Secret.
_PRIVATE_KEYS = (
    constants.HTPASSWD_KEY,
    constants.HTTP_SECRET_KEY,
    constants.USERNAME_KEY,
    constants.PASSWORD_KEY,
)


# Secrets that the caller's Deployment names; the runtime Secret has the content of both.
_SECRET_PLACEHOLDERS = (("Secret", constants.PRIVATE_SECRET), ("Secret", constants.STORAGE_SECRET))


@dataclass(frozen=True)
class Revision:
    """config_map: None if the caller's objects have no ConfigMap of the registry. secret: None if the Pod template names no Secret of it."""

    config_map: ObjectDict | None
    secret: ObjectDict | None

    def objects(self) -> list[ObjectDict]:
        """The objects, in the order in which they are applied."""
        return [item for item in (self.config_map, self.secret) if item is not None]

    def named_by(self, deployment: Mapping[str, Any]) -> ObjectDict:
        """The Deployment with a Pod template that names these objects."""
        names = {}
        if self.secret is not None:
            names.update(dict.fromkeys(_SECRET_PLACEHOLDERS, self.secret["metadata"]["name"]))
        if self.config_map is not None:
            names["ConfigMap", constants.CONFIG_MAP] = self.config_map["metadata"]["name"]
        template = deployment["spec"]["template"]
        spec = {**deployment["spec"], "template": {**template, "spec": rename_references(template["spec"], names)}}
        return {**deployment, "spec": spec}


def build_revision(
    deployment: Mapping[str, Any],
    config_map: ObjectDict | None,
    private: Mapping[str, Any] | None,
    storage_secret: Mapping[str, str],
    namespace: str,
    *,
    planned: bool,
) -> Revision:
    """The objects of a revision.

    deployment: as the caller gave it. config_map: the registry's ConfigMap under its plain name. private: the private Secret, which
    registry_secret writes. storage_secret: the credentials of the store. planned: check mode, in which the private Secret may not exist yet;
    then the Secret's name has no hash.
    Raises Refusal (credentials-missing) if the private Secret lacks a key.
    """
    named = _named_config_map(config_map)
    if referenced_names(deployment["spec"]["template"]["spec"]).isdisjoint(_SECRET_PLACEHOLDERS):
        return Revision(named, None)
    values = secret_data(private)
    missing = [key for key in (*_PRIVATE_KEYS, constants.FINGERPRINT_KEY) if not values.get(key)]
    if missing and not planned:
        raise Refusal(
            [
                error(
                    "credentials-missing",
                    f"Secret/{constants.PRIVATE_SECRET}",
                    f"does not have {', '.join(missing)} in namespace {namespace}.",
                    "Run registry_secret first.",
                )
            ]
        )
    data: dict[str, str | bytes] = {**storage_secret, **{key: values[key] for key in _PRIVATE_KEYS if key in values}}
    secret = secret_object(constants.RUNTIME_SECRET, namespace, data, labels=constants.REVISION_LABEL)
    if not missing:
        secret["metadata"]["name"] += f"-{_keyed_hash(secret['data'], values[constants.FINGERPRINT_KEY])}"
    secret["immutable"] = True
    return Revision(named, secret)


def _named_config_map(config_map: ObjectDict | None) -> ObjectDict | None:
    if config_map is None:
        return None
    metadata = config_map["metadata"]
    content = json.dumps(config_map.get("data") or {}, sort_keys=True)
    name = f"{constants.CONFIG_MAP}-{hashlib.sha256(content.encode()).hexdigest()[:_HASH_LENGTH]}"
    labels = {**labels_of(config_map), **constants.REVISION_LABEL}
    return {**config_map, "metadata": {**metadata, "name": name, "labels": labels}, "immutable": True}


def _keyed_hash(data: Mapping[str, str], key: bytes) -> str:
    """An HMAC: a plain hash of a secret could be compared with the hashes of guesses."""
    content = json.dumps(data, sort_keys=True)
    return hmac.new(key, content.encode(), hashlib.sha256).hexdigest()[:_HASH_LENGTH]
