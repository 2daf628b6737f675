# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The names by which findings call the user's input: those of the role's variables, or those of the module's options.

Code writes findings with the names of the role's variables. In a task that a user calls, they become the names of its options. Pure.
"""

from __future__ import annotations

import re
from dataclasses import replace

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.argspec import Spec
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding

from .options import NamingOptions, Options

ROLE = "role"
NAMES_SPEC = Spec({"finding_names": {"type": "str", "choices": ["options", ROLE], "default": "options"}})
# Variables whose option has another name than the variable without its prefix. The first option that the module has counts.
_OPTIONS: dict[str, tuple[str, ...]] = {
    "registry_env": ("environment",),
    "registry_password": ("registry_password", "credentials.password"),
    "registry_pull_secret_namespaces": ("pull_secret_namespaces", "credentials.pull_secret_namespaces"),
    "registry_resources": ("memory_limit",),
    "registry_storage_secret": ("secret_source.values",),
    "registry_storage_secret_environment": ("secret_source.environment",),
    "registry_storage_secret_files": ("secret_source.files",),
    "registry_username": ("registry_username", "credentials.username"),
    "registry_verify": ("level",),
}
# Variables of the playbook `migrate`, for options of the module that has this one. Other modules have another `state`.
_MIGRATION, _MIGRATION_OPTION = "registry_migration_", "copy_mode"
_VARIABLE = re.compile(r"\bregistry_[a-z_]+\b")


def name_input(finding: Finding, options: Options) -> Finding:
    """The finding as the caller of the module is to read it."""
    if not isinstance(options, NamingOptions) or options.finding_names == ROLE:
        return finding

    def option(match: re.Match[str]) -> str:
        variable = match.group()
        names = _OPTIONS.get(variable, (variable.removeprefix("registry_"),))
        if variable.startswith(_MIGRATION):
            names = (variable.removeprefix(_MIGRATION),) if _MIGRATION_OPTION in options.names() else ()
        return next((name for name in names if name.partition(".")[0] in options.names()), variable)

    return replace(
        finding,
        path=_VARIABLE.sub(option, finding.path),
        message=_VARIABLE.sub(option, finding.message),
        remedy=_VARIABLE.sub(option, finding.remedy),
    )
