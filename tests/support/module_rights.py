# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rights in the cluster as `verb resource`: those that the manifests of docs/rbac grant, and those that a module's notes name."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterable

import yaml
from ansible_collections.kyma.docker_registry.tests.support import rights
from ansible_collections.kyma.docker_registry.tests.support.audit import Audit

VERBS = ("get", "list", "watch", "create", "patch", "delete")


def granted(manifest: str) -> set[str]:
    """All rights of a manifest, by its name without the ending."""
    return {f"{right.verb} {right.resource}" for right in rights.rights(manifest)}


def notes(module: str) -> dict[tuple[str, ...], set[str]]:
    """The notes of a module about rights: the manifests that grant them, by the note, to the rights that it names.

    A note names them as C(get, create secrets, services): each of the verbs on each of the resources.
    """
    documentation = importlib.import_module(
        f"ansible_collections.kyma.docker_registry.plugins.modules.{module}"
    ).DOCUMENTATION
    found = {}
    for note in yaml.safe_load(documentation)["notes"]:
        if note.startswith("Rights"):
            manifests = tuple(re.findall(r"C\(docs/rbac/([a-z-]+)\.yml\)", note))
            found[manifests] = set().union(*map(_pairs, re.findall(r"C\(([^)]*)\)", note)))
    return found


def _pairs(words: str) -> set[str]:
    listed = re.findall(r"[a-z/]+", words)
    verbs = [word for word in listed if word in VERBS]
    return {f"{verb} {resource}" for verb in verbs for resource in listed if resource not in VERBS}


def named(module: str) -> set[str]:
    """All rights that a module's notes name."""
    return set().union(*notes(module).values())


def unnamed(modules: Iterable[str], audit: Audit) -> set[str]:
    """Rights in the test's namespace that were used and that no note of these modules names.

    What is asked in all namespaces is left out: others may do that at the same time.
    """
    used = {f"{request.verb} {request.resource}" for request in audit.requests() if request.namespace}
    assert used, "nothing was asked"
    return used - set().union(*map(named, modules))
