# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The registry's user, and the Secrets that hold its credentials. They are made once and then kept."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.encoding import env_value
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import (
    labels_of,
    secret_object,
    secret_text,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry import htpasswd

from .docker_config import DOCKER_CONFIG_KEY, build_docker_config, is_same_login

DEFAULT_USERNAME = "registry"
_SECRET_TYPE = "kubernetes.io/dockerconfigjson"


def is_credentials(secret: dict[str, Any] | None) -> bool:
    """True for a Secret whose labels say that it holds the registry's credentials, also if another client created it."""
    return constants.CREDENTIALS_LABEL.items() <= labels_of(secret).items()


@dataclass(frozen=True)
class RegistryUser:
    """The user and the plain data of its two Secrets. Only names and the fingerprint may leave the task."""

    namespace: str
    username: str
    public: dict[str, str]
    private: dict[str, str]

    @property
    def secrets(self) -> tuple[str, ...]:
        """Values to mask: the password, everything that is made from it, and the private half."""
        hashed = self.private[constants.HTPASSWD_KEY].partition(":")[2].strip()
        private = (hashed, self.private[constants.HTTP_SECRET_KEY], self.private[constants.FINGERPRINT_KEY])
        return (self.public["password"], f"{self.username}:{self.public['password']}", *private)

    def fingerprint(self) -> str:
        """Changes if one of the values changes. It is an HMAC with a key that stays in the cluster, so it reveals nothing else."""
        content = json.dumps(
            [self.public, {name: self.private[name] for name in (constants.HTPASSWD_KEY, constants.HTTP_SECRET_KEY)}],
            sort_keys=True,
        )
        return _fingerprint(self.private[constants.FINGERPRINT_KEY], content)

    def login_fingerprint(self) -> str:
        """Changes if the name or the password changes, and with nothing else."""
        return login_fingerprint(self.private[constants.FINGERPRINT_KEY], self.username, self.public["password"])

    def public_object(self) -> dict[str, Any]:
        """The credentials Secret that Kyma's clients read."""
        return secret_object(
            constants.CREDENTIALS_SECRET,
            self.namespace,
            self.public,
            of_type=_SECRET_TYPE,
            labels=constants.CREDENTIALS_LABEL,
        )

    def private_object(self) -> dict[str, Any]:
        """The Secret that only the registry's Pods read."""
        return secret_object(constants.PRIVATE_SECRET, self.namespace, self.private)

    def copy_object(self, namespace: str) -> dict[str, Any]:
        """A copy of the credentials Secret for another namespace."""
        labels = {**constants.CREDENTIALS_LABEL, constants.COPY_OF: self.namespace}
        return secret_object(
            constants.CREDENTIALS_SECRET,
            namespace,
            self.public,
            of_type=_SECRET_TYPE,
            labels=labels,
        )


def resolve_registry_user(
    namespace: str,
    node_port: int,
    public: dict[str, Any] | None,
    private: dict[str, Any] | None,
    given_username: str | None,
    given_password: str | None,
) -> RegistryUser:
    """The user and its Secrets: given values win, then those of the cluster, then new random values.

    public, private: the Secrets in the cluster.
    """
    username = given_username or secret_text(public, "username") or DEFAULT_USERNAME
    password = given_password or secret_text(public, "password") or secrets.token_urlsafe(30)
    push_address, pull_address = constants.push_address(namespace), constants.pull_address(node_port)
    return RegistryUser(
        namespace,
        username,
        public={
            "username": username,
            "password": password,
            "pushRegAddr": push_address,
            "pullRegAddr": pull_address,
            DOCKER_CONFIG_KEY: _resolve_docker_config(public, [push_address, pull_address], username, password),
        },
        private={
            constants.HTPASSWD_KEY: _resolve_htpasswd(private, username, password),
            # The registry reads it from the environment, where values are YAML text.
            constants.HTTP_SECRET_KEY: secret_text(private, constants.HTTP_SECRET_KEY)
            or env_value(secrets.token_urlsafe(32)),
            constants.FINGERPRINT_KEY: secret_text(private, constants.FINGERPRINT_KEY) or secrets.token_urlsafe(32),
            constants.USERNAME_KEY: username,
            constants.PASSWORD_KEY: password,
        },
    )


def login_fingerprint(key: str, username: str, password: str) -> str:
    """Fingerprint of a user and its password. key: of the private Secret."""
    return _fingerprint(key, json.dumps([username, password]))


def _fingerprint(key: str, content: str) -> str:
    return hmac.new(key.encode(), content.encode(), hashlib.sha256).hexdigest()[:16]


def _resolve_docker_config(public: dict[str, Any] | None, addresses: list[str], username: str, password: str) -> str:
    """The client configuration of the cluster if it means the same: the operator and former releases write it in another form."""
    config = build_docker_config(addresses, username, password)
    live = secret_text(public, DOCKER_CONFIG_KEY)
    return live if live is not None and is_same_login(live, config) else config


def _resolve_htpasswd(private: dict[str, Any] | None, username: str, password: str) -> str:
    """The line of the cluster if it is for this user, password and cost, else a new one."""
    live = secret_text(private, constants.HTPASSWD_KEY)
    return (
        live
        if live is not None and htpasswd.entry_matches(live, username, password)
        else htpasswd.create_entry(username, password)
    )
