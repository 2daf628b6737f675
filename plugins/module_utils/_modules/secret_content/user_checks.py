# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks of the registry's user name and password."""

from __future__ import annotations

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, error, warning
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.options import Options
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared.secret_masking import check_length
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry import htpasswd


def check_throughput(password: str, given: str | None) -> list[Finding]:
    """A warning about a password that costs throughput. With an operator it does not: the operator hashes in its own way."""
    if not htpasswd.is_slow(password):
        return []
    path = "registry_password" if given else f"Secret/{constants.CREDENTIALS_SECRET}"
    text = (
        f"the password has fewer than {htpasswd.LONG_PASSWORD} characters, so it is hashed with bcrypt cost {htpasswd.SLOW}. "
        "The registry checks the hash at each request, about 0.2 s of CPU time with the default limits: 20 parallel pulls took 50 s instead of 5 s."
    )
    remedy = f"Set registry_password to {htpasswd.LONG_PASSWORD} or more random characters (at most {htpasswd.LONGEST_PASSWORD} bytes)."
    return [warning("credentials-password-short", path, text, remedy)]


def check_user_options(context: Context[Options], username: str | None, password: str | None) -> None:
    """Reports a user name or a password that htpasswd or a client cannot use."""
    problems = []
    if username is not None and (problem := htpasswd.username_problem(username)):
        problems.append(error("credentials-username", "registry_username", problem, "Choose another name."))
    if password is not None and (problem := htpasswd.password_problem(password)):
        problems.append(error("credentials-password", "registry_password", problem, "Choose another password."))
    elif password is not None:
        problems += check_length("registry_password", password)
    context.require(problems)
