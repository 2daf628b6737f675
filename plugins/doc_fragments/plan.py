# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of the option with which modules take over what docker_registry_storage has decided."""

from __future__ import annotations


class ModuleDocFragment:
    """The fragment kyma.docker_registry.plan."""

    DOCUMENTATION = r"""
options:
  plan:
    description:
      - What M(kyma.docker_registry.docker_registry_storage) with state C(validated) has decided, its result
        RV(kyma.docker_registry.docker_registry_storage#module:plan) as it is. It replaces the options that it holds (name, namespace, mode,
        storage, driver parameters and what was resolved from them), and this task does not validate them again.
      - The values of the storage Secret are not in it. Give C(secret_source) to this task, too.
      - Before the first write of a run, what the plan rests on is read again. If another client has changed it to something that is not wanted either,
        nothing is written, and the task fails with the finding C(plan-outdated).
      - The tasks with the same plan share the Lease. M(kyma.docker_registry.registry_deployment) with
        O(kyma.docker_registry.registry_deployment#module:state=released) releases it.
      - Without it, the module works with its options alone.
    type: dict
  finding_names:
    description:
      - By which names findings call the input, V(options) for the options of the module, V(role) for the variables of C(kyma.docker_registry.registry).
      - A plan holds it, too.
    type: str
    choices: [options, role]
    default: options
"""
