# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of what all modules can do."""

from __future__ import annotations


class ModuleDocFragment:
    """Attributes of every module of this collection."""

    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and report what it would change without changing it.
  diff_mode:
    description: Reports what was changed, or would be changed, when run with C(--diff). Secret values are never shown.
  idempotent:
    description: A second run with the same options changes nothing and sends no write request.
    support: full
  platform:
    description: Operating system on which the task runs. The module connects only to the API server.
    platforms: posix
    support: full
  action_group:
    description: Use C(group/kyma.docker_registry.docker_registry) in C(module_defaults) to set the connection options once.
    support: full
    membership:
      - kyma.docker_registry.docker_registry
"""
