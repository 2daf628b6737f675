# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The `config.json` of a container client with the registry's addresses and user. Pure."""

from __future__ import annotations

import base64
import json

DOCKER_CONFIG_KEY = ".dockerconfigjson"


def build_docker_config(addresses: list[str], username: str, password: str) -> str:
    """A client's `config.json` for these addresses (the format of kubernetes.io/dockerconfigjson), as Kyma's operator writes it."""
    auth = base64.b64encode(f"{username}:{password}".encode()).decode("ascii")
    return json.dumps({"auths": {address: {"auth": auth} for address in addresses}})


def is_same_login(live: str, config: str) -> bool:
    """True if clients log in with `live` as with `config`: the same user and password at the same addresses, in any form."""
    try:
        return _logins(live) == _logins(config)
    except (ValueError, TypeError, KeyError, AttributeError):
        return False


def _logins(config: str) -> dict[str, set[str]]:
    """Address to user and password, read from `auth`, from `username` and `password`, or from both."""
    found: dict[str, set[str]] = {}
    for address, entry in json.loads(config)["auths"].items():
        both = {base64.b64decode(entry["auth"], validate=True).decode()} if "auth" in entry else set()
        if "password" in entry or not both:
            both.add(f"{entry['username']}:{entry['password']}")
        found[address] = both
    return found
