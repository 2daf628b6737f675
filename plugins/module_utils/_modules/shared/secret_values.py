# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads one value of a storage Secret from the play, a file or an environment variable."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, error
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.masking import may_show_path, may_show_variable
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import key_documents

# Kubernetes' limit for a whole Secret: a larger file cannot be stored there.
_LARGEST_FILE = 1024 * 1024


def _show(value: Any, is_name: Callable[[str], bool]) -> str:
    """The name that was given, for a message. What may be the value itself is not repeated."""
    text = str(value)
    return repr(text) if is_name(text) else "(the name is not shown, because it may be a credential)"


def _read_text(value: Any, path: str, problems: list[Finding]) -> bytes | None:
    if isinstance(value, str):
        try:
            return value.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError:
            problems.append(
                error(
                    "secret-value-not-text",
                    path,
                    "contains half of a surrogate pair, for example because of an incomplete escape such as \\ud83d.",
                    "Correct it, or read it from a file.",
                )
            )
            return None
    if isinstance(value, Mapping):
        # Ansible turns JSON text, such as a key file, into a dictionary on its way through templates.
        return key_documents.as_text(value).encode("utf-8")
    if value is not None:
        problems.append(
            error(
                "secret-value-not-text",
                path,
                "is not text: Ansible read it as a number or a boolean, and leading zeros can be lost.",
                "Put it in quotes, or read it from a file or an environment variable.",
            )
        )
    return None


def _read_file(value: Any, path: str, problems: list[Finding]) -> bytes | None:
    reason = ""
    try:
        with open(os.path.expanduser(str(value)), "rb") as file:
            content = file.read(_LARGEST_FILE + 1)
        if len(content) <= _LARGEST_FILE:
            return content
        reason = "the file is larger than the limit for a Secret (1 MiB)"
    except OSError as problem:
        reason = problem.strerror or type(problem).__name__
    except ValueError:
        reason = "the text is not a valid file name"
    problems.append(
        error(
            "secret-file-unreadable",
            path,
            f"the file {_show(value, may_show_path)} cannot be used: {reason}.",
            "Specify the path of a readable file. To set the value itself, use registry_storage_secret.",
        )
    )
    return None


def _read_variable(value: Any, path: str, problems: list[Finding]) -> bytes | None:
    with contextlib.suppress(UnicodeEncodeError):  # A name with half of a character, which no variable has.
        if content := os.environ.get(str(value)):
            return os.fsencode(content)
    problems.append(
        error(
            "secret-variable-empty",
            path,
            f"the environment variable {_show(value, may_show_variable)} is not set, or is empty.",
            "Specify the name of a variable that is set where Ansible runs. "
            "A value itself belongs to registry_storage_secret.",
        )
    )
    return None


# The variables of the role with these sources.
VARIABLES = {
    "values": "registry_storage_secret",
    "files": "registry_storage_secret_files",
    "environment": "registry_storage_secret_environment",
}
READERS = {"values": _read_text, "files": _read_file, "environment": _read_variable}
