# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A fingerprint of the store that the registry uses, to detect a change of its settings."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import secret_text
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import Store


def compute_fingerprint(store: Store, private: Mapping[str, Any] | None) -> str | None:
    """Changes with anything that the store is reached by, credentials among them; None while its key is not made.

    private: the Secret that holds the key. An HMAC, so it reveals nothing about the credentials.
    """
    key = secret_text(dict(private) if private else None, constants.FINGERPRINT_KEY)
    if key is None:
        return None
    content = json.dumps([store.driver, dict(store.parameters), dict(store.secret)], sort_keys=True)
    return hmac.new(key.encode(), content.encode(), hashlib.sha256).hexdigest()[:16]
