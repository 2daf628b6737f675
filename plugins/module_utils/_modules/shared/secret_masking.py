# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What of a storage Secret is masked, and what is a name that may be shown."""

from __future__ import annotations

from collections.abc import Mapping, Set

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, error, shown_key
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.masking import (
    SHORTEST_SECRET,
    mask,
    secret_forms,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.options import Options
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.base import Backend
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.texts import nearest


def mask_storage_secret(context: Context[Options], backend: Backend, data: Mapping[str, bytes], path: str = "") -> None:
    """Masks what is a credential, or has a key that looks like a misspelt one; shows what is declared a name.

    Masked names (accounts, buckets, projects) would change every text with the same letters. So would the
    documentation's placeholders, which are called like their keys. The value of any other key is masked if an option brought
    it that is masked.

    path: of the Secret, to reject credentials that are too short to be masked; '' to leave them. Raises Refusal.
    """
    texts = {key: value.decode("utf-8", "replace") for key, value in data.items()}
    secret = [name for key in backend.secret_keys if key.secret for name in (key.name, *key.aliases)]
    placeholders = {text for key in backend.secret_keys for text in key.placeholders}
    public = {key for key, text in texts.items() if key in backend.shown_keys or text.strip() in placeholders}
    credentials = {key for key in texts.keys() - public if key in secret or nearest(key, secret)}
    context.secrets.hide(*(form for key in credentials for form in (texts[key], texts[key].strip())))
    if path:
        context.require(
            item for key in sorted(credentials) for item in check_length(f"{path}.data.{shown_key(key)}", texts[key])
        )
    known = secret_forms(texts[key].strip() for key in credentials)
    # An address may carry a credential.
    context.secrets.show(
        *(
            form
            for key in public
            if not _contains_secret(texts[key], known)
            for form in (texts[key], texts[key].strip())
        )
    )


def check_length(path: str, text: str) -> list[Finding]:
    """An error if a credential is so short that its text is part of ordinary words: masked, it would make the output useless."""
    if not 0 < len(text.strip()) < SHORTEST_SECRET:
        return []
    message = (
        f"has fewer than {SHORTEST_SECRET} characters, too few for a credential. It cannot be masked in the output."
    )
    return [error("secret-too-short", path, message, "Set the real value, or leave the key out.")]


def _contains_secret(text: str, known: Set[str]) -> bool:
    return bool(mask(text, known) != text)
