# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From spec.storage, the Secret that it names and driver parameters to the store that the registry will use."""

from __future__ import annotations

import difflib
import hashlib
import hmac
import json
import time
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal, error
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.masking import forms, mask
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import secret_data, secret_text
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.progress import TICK
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import Forbidden
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import PARAMETERS_PATH, Backend, Store
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.secret_data import OURS
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.spec import Resolved
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.texts import nearest

from . import secret_sources


@dataclass(frozen=True)
class ResolvedStore:
    """The store, and the data of the Secret that it was made from, None where none is named."""

    store: Store
    secret: Mapping[str, bytes] | None = field(default=None, repr=False)


def resolve(context: Context, resolved: Resolved, values: Mapping[str, bytes], namespace: str) -> ResolvedStore:
    """The store. values: what the user gives for the Secret; keys that the live one has besides count as well.

    Waits for a Secret that somebody else has yet to make. Raises Refusal where an error was found.
    """
    name = resolved.secret_name
    context.report(secret_sources.unused(values, name))
    data: dict[str, bytes] | None = None
    if name is not None:
        live = context.cluster.get("Secret", name, namespace)
        if live is None and not values:
            live = _awaited(context, name, namespace)
        data = secret_sources.merged(secret_data(live), values)
        hide(context, resolved.kind, data)
    store, found = resolved.store(
        data, context.params["driver_parameters"], secret_path=f"Secret/{name}", parameters_path=PARAMETERS_PATH
    )
    if store is not None:
        context.secrets.hide(*store.credentials)
    context.report(found)
    if store is None:
        raise AssertionError("a store that cannot be made has an error among its findings")
    return ResolvedStore(store, data)


def hide(context: Context, backend: Backend, data: Mapping[str, bytes]) -> None:
    """Masks what is a credential, or stands under a key that looks like a misspelt one; shows what is declared a name.

    Names (accounts, buckets, projects) would take parts out of everything that has the same letters in it. So would the
    documentation's placeholders, which are called like their keys. What stands under any other key stays as it came: masked,
    where an option that is masked brought it.
    """
    texts = {key: value.decode("utf-8", "replace") for key, value in data.items()}
    secret = [name for key in backend.secret_keys if key.secret for name in (key.name, *key.aliases)]
    placeholders = {text for key in backend.secret_keys for text in key.placeholders}
    public = {key for key, text in texts.items() if key in backend.shown_keys or text.strip() in placeholders}
    credentials = {key for key in texts.keys() - public if key in secret or nearest(key, secret)}
    context.secrets.hide(*(form for key in credentials for form in (texts[key], texts[key].strip())))
    known = forms(texts[key].strip() for key in credentials)
    # An address may carry a credential.
    context.secrets.show(
        *(form for key in public if not _holds(texts[key], known) for form in (texts[key], texts[key].strip()))
    )


def _holds(text: str, known: Set[str]) -> bool:
    return bool(mask(text, known) != text)


def _awaited(context: Context, name: str, namespace: str) -> dict[str, Any]:
    """The Secret as soon as its controller (external-secrets, the BTP service operator) has made it."""
    others = _secret_names(context, namespace)
    # Only a slip of the pen: a longer name may well stand beside one that is yet to be made.
    meant = next(iter(difflib.get_close_matches(name, others, n=1, cutoff=0.9)), None)
    if not meant and not context.check_mode:
        timeout = context.params["wait_timeout"]
        progress = context.awaiting(f"Secret/{name} in namespace {namespace}", timeout)
        for state in context.cluster.watch("Secret", name, namespace, time.monotonic() + timeout, tick=TICK):
            if state is not None:
                return state
            progress("it does not exist; create it, or wait for the controller that does")
    remedy = f"Did you mean {meant}?" if meant else "Create it, or give its values with registry_storage_secret."
    raise Refusal([error("secret-missing", f"Secret/{name}", f"does not exist in namespace {namespace}.", remedy)])


def _secret_names(context: Context, namespace: str) -> list[str]:
    """Names of the namespace's Secrets but ours, for a guess at what was meant; none where they may not be listed."""
    try:
        there = {str(item["metadata"]["name"]) for item in context.cluster.list("Secret", namespace)}
        return sorted(there.difference(OURS))
    except Forbidden:
        return []


def fingerprint(store: Store, private: Mapping[str, Any] | None) -> str | None:
    """Changes with anything that the store is reached by, credentials among them; None while its key is not made.

    private: the Secret that holds the key. An HMAC, so it tells nothing about the credentials.
    """
    key = secret_text(dict(private) if private else None, constants.FINGERPRINT_KEY)
    if key is None:
        return None
    content = json.dumps([store.driver, dict(store.parameters), dict(store.secret)], sort_keys=True)
    return hmac.new(key.encode(), content.encode(), hashlib.sha256).hexdigest()[:16]
