# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The cluster to connect to, and the credentials."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class Credentials:
    """Who connects, as options or variables say it; paths for the certificate. Never shown."""

    api_key: str | None = field(default=None, repr=False)
    username: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    client_cert: str | None = None
    client_key: str | None = None

    @property
    def given(self) -> bool:
        """True if options or variables name a user, so that the kubeconfig's user is ignored."""
        return bool(self.api_key or self.username or self.client_cert)


@dataclass(frozen=True)
class Limits:
    """Seconds. connect: to establish a connection. request: for a whole answer. retry: from the first failure of a request to its last repetition."""

    connect: float = 10.0
    request: float = 30.0
    retry: float = 30.0


@dataclass(frozen=True)
class Target:
    """The cluster to connect to, and the setting that names it.

    host: the address, empty until the kubeconfig or the Pod's environment was read. source: "option host",
    "variable K8S_AUTH_HOST", "option kubeconfig", "file ~/.kube/config", "in-cluster" ... verify_ssl: the setting in effect,
    None if the kubeconfig decides and was not read yet. kubeconfig: a path (several with the system's separator) or the document.
    """

    kind: Literal["host", "kubeconfig", "in-cluster"]
    host: str
    source: str
    verify_ssl: bool | None = None
    context: str | None = None
    kubeconfig: str | dict[str, Any] | None = field(default=None, repr=False)
    credentials: Credentials = field(default_factory=Credentials)
    ca_cert: str | None = None
    proxy: str | None = field(default=None, repr=False)
    no_proxy: str | None = None
    proxy_headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    impersonate_user: str | None = None
    impersonate_groups: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
