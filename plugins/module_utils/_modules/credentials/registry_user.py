# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Secrets around the registry's own user: what they hold, made once and kept."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.encoding import env_value
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import secret_object, secret_text
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry import htpasswd

from .docker_config import DOCKER_CONFIG_KEY, build_docker_config, is_same_login

DEFAULT_USERNAME = "registry"


def is_credentials(secret: dict[str, Any] | None) -> bool:
    """True for a Secret that says that it holds the registry's credentials, whoever made it."""
    labels = ((secret or {}).get("metadata") or {}).get("labels") or {}
    return all(labels.get(key) == value for key, value in constants.CREDENTIALS_LABEL.items())


@dataclass(frozen=True)
class RegistryUser:
    """Both Secrets in clear; nothing of it but names and the fingerprint may leave the task."""

    namespace: str
    username: str
    public: dict[str, str]
    private: dict[str, str]

    @property
    def secrets(self) -> tuple[str, ...]:
        """What has to be masked: the password and everything that is made from it, and the private half."""
        hashed = self.private[constants.HTPASSWD_KEY].partition(":")[2].strip()
        private = (hashed, *(value for key, value in self.private.items() if key != constants.HTPASSWD_KEY))
        return (self.public["password"], f"{self.username}:{self.public['password']}", *private)

    def fingerprint(self) -> str:
        """Changes when one of the values changes; an HMAC under a key that stays in the cluster, so it tells nothing else."""
        content = json.dumps(
            [self.public, {key: self.private[key] for key in (constants.HTPASSWD_KEY, constants.HTTP_SECRET_KEY)}],
            sort_keys=True,
        )
        return hmac.new(self.private[constants.FINGERPRINT_KEY].encode(), content.encode(), hashlib.sha256).hexdigest()[
            :16
        ]

    def public_object(self) -> dict[str, Any]:
        """The credentials Secret that Kyma's clients read."""
        return secret_object(
            constants.CREDENTIALS_SECRET,
            self.namespace,
            self.public,
            of_type="kubernetes.io/dockerconfigjson",
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
            of_type="kubernetes.io/dockerconfigjson",
            labels=labels,
        )


def resolve_registry_user(
    namespace: str,
    node_port: int,
    public: dict[str, Any] | None,
    private: dict[str, Any] | None,
    username: str | None,
    password: str | None,
) -> RegistryUser:
    """The Secrets as they shall be: given values win, then what is there, then new random values.

    username, password: the user's wish or None. public, private: the live Secrets or None.
    """
    user = username or secret_text(public, "username") or DEFAULT_USERNAME
    word = password or secret_text(public, "password") or secrets.token_urlsafe(30)
    push, pull = constants.push_address(namespace), constants.pull_address(node_port)
    config = build_docker_config([push, pull], user, word)
    # As it is in the cluster if it means the same: the operator and former releases write it in another form.
    there = secret_text(public, DOCKER_CONFIG_KEY)
    line = secret_text(private, constants.HTPASSWD_KEY)
    return RegistryUser(
        namespace,
        user,
        public={
            "username": user,
            "password": word,
            "pushRegAddr": push,
            "pullRegAddr": pull,
            DOCKER_CONFIG_KEY: there if there is not None and is_same_login(there, config) else config,
        },
        private={
            constants.HTPASSWD_KEY: line
            if line is not None and htpasswd.matches(line, user, word)
            else htpasswd.entry(user, word),
            # The registry reads it from the environment, where values are YAML text.
            constants.HTTP_SECRET_KEY: secret_text(private, constants.HTTP_SECRET_KEY)
            or env_value(secrets.token_urlsafe(32)),
            constants.FINGERPRINT_KEY: secret_text(private, constants.FINGERPRINT_KEY) or secrets.token_urlsafe(32),
        },
    )
