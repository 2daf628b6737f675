# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Data of a storage Secret to clean text: the existing keys, and problems with the form of their values. Pure.

A finding names the key and the form, never the value: it may be part of a credential.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, error, warning
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.checks.kubernetes_names import (
    subdomain_problem,
)

from .base import SecretKey
from .texts import has_control, nearest

# Kubernetes' limit for the values of a Secret together, and the form of its keys.
LARGEST = 1024 * 1024
LONGEST_KEY = 253
KEY_FORM = re.compile(r"[-._a-zA-Z0-9]+")
_QUOTED = re.compile(r"(['\"]).+\1", re.DOTALL)
# Names that the collection and the operator write themselves.
OURS = (
    constants.PRIVATE_SECRET,
    constants.STORAGE_SECRET,
    constants.OPERATOR_SECRET,
    constants.PREVIOUS_SECRET,
    constants.PREVIOUS_OPERATOR_SECRET,
    constants.PREFLIGHT,
    constants.CREDENTIALS_SECRET,
    constants.EXTERNAL_SECRET,
)


def check_secret_name(name: str | None, path: str) -> tuple[Finding, ...]:
    """Findings about the name of a storage Secret; None (none is named) is fine."""
    if name is None:
        return ()
    problem = subdomain_problem(name)
    if problem:
        return (error("storage-bad-name", f"{path}.secretName", problem, "Copy the name from kubectl get secret."),)
    if name in OURS or name.startswith(f"{constants.RUNTIME_SECRET}-"):
        message = f"{name} is a Secret that the deployment of the registry writes."
        return (
            error(
                "storage-secret-taken",
                f"{path}.secretName",
                message,
                "Store the credentials in a Secret with another name.",
            ),
        )
    return ()


def read_values(
    secret: Mapping[str, bytes], keys: Sequence[SecretKey], path: str
) -> tuple[dict[str, str], list[Finding]]:
    """The values of the keys, all of which are needed, as text, and findings (an error leaves its key out)."""
    found = check_secret(secret, path)
    values: dict[str, str] = {}
    for key in keys:
        name, problems = _locate(secret, key, keys, path)
        found.extend(problems)
        if name is None:
            continue
        text, problems = _text(secret[name], key, f"{path}.{name}")
        found.extend(problems)
        if text is not None:
            values[key.name] = text
    return values, found


def check_secret(secret: Mapping[str, bytes], path: str) -> list[Finding]:
    """Findings about the Secret as a whole: what Kubernetes would reject."""
    found = []
    if sum(len(value) for value in secret.values()) > LARGEST:
        message = "is larger than 1 MiB, the limit of Kubernetes for a Secret."
        found.append(error("secret-too-large", path, message, "Keep only the keys that the backend reads."))
    for name in secret:
        if not KEY_FORM.fullmatch(name) or len(name) > LONGEST_KEY or name in (".", ".."):
            message = "has a key that Kubernetes does not allow: letters, digits, '-', '_' and '.', at most 253."
            found.append(error("secret-bad-key", path, message, "Rename the key."))
    return found


def _locate(
    secret: Mapping[str, bytes], key: SecretKey, keys: Sequence[SecretKey], path: str
) -> tuple[str | None, list[Finding]]:
    """The key as the Secret spells it, None if it does not exist."""
    if key.name in secret:
        return key.name, []
    for alias in key.aliases:
        if alias in secret:
            message = f"is interpreted as {key.name}. Only the text of the documentation uses the name {alias}."
            return alias, [warning("secret-alias", f"{path}.{alias}", message, f"Rename the key to {key.name}.")]
    known = {item.name for item in keys} | {alias for item in keys for alias in item.aliases}
    suggestion = _misspelt(secret, key, known)
    if suggestion is not None:
        message = f"is not a key that the backend reads. The expected key is {key.name}."
        return None, [error("secret-misspelt-key", f"{path}.{suggestion}", message, f"Rename the key to {key.name}.")]
    present = ", ".join(sorted(name for name in secret if KEY_FORM.fullmatch(name))[:10]) or "none"
    message = f"is missing in the Secret, which has the keys: {present}."
    return None, [error("secret-missing-key", f"{path}.{key.name}", message, f"Add {key.name}: {key.description}")]


def _misspelt(secret: Mapping[str, bytes], key: SecretKey, known: Iterable[str]) -> str | None:
    taken = set(known)
    return nearest(key.name, [name for name in secret if name not in taken and KEY_FORM.fullmatch(name)])


def _text(value: bytes, key: SecretKey, path: str) -> tuple[str | None, list[Finding]]:
    """The value as text without a line end behind it, None if an error forbids it."""
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        text = None
    if text is None:
        message = "is not UTF-8 text."
        return None, [error("secret-not-text", path, message, "Store the text itself, base64-encoded once under data.")]
    if not text.strip():
        return None, [error("secret-empty-value", path, "is empty.", "Set a value for the key.")]
    if text.strip() in key.placeholders:
        message = "is the placeholder of Kyma's documentation."
        return None, [error("secret-placeholder", path, message, f"Replace it: {key.description}")]
    if key.multiline:
        return text, []
    return _one_line(text, path)


def _one_line(text: str, path: str) -> tuple[str | None, list[Finding]]:
    found: list[Finding] = []
    clean = text.rstrip("\r\n")
    if clean != text:
        message = "ends with a line break, which is ignored."
        found.append(
            warning("secret-line-end", path, message, "Write it without the line break (echo -n, or stringData).")
        )
    if has_control(clean):
        message = "contains a line break, a control character or an invisible character."
        return None, [*found, error("secret-control-character", path, message, "Copy the value again, on one line.")]
    if clean != clean.strip():
        message = "has leading or trailing white space."
        return None, [
            *found,
            error("secret-white-space", path, message, "Copy the value again, without the white space."),
        ]
    if _QUOTED.fullmatch(clean):
        message = "is in quotes, which become part of the value."
        found.append(warning("secret-quoted", path, message, "Remove the quotes if they are not part of the value."))
    return clean, found
