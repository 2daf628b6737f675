# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of the options plan and finding_names."""

from __future__ import annotations


class ModuleDocFragment:
    """The fragment kyma.docker_registry.plan."""

    DOCUMENTATION = r"""
options:
  plan:
    description:
      - The result RV(kyma.docker_registry.docker_registry_storage#module:plan) of M(kyma.docker_registry.docker_registry_storage) with state
        C(validated), unchanged. The values in the plan (name, namespace, mode, storage, driver parameters and the values that were derived from them)
        replace the options of the same names, and the task does not validate them again.
      - The plan does not contain the values of the storage Secret. Set C(secret_source) as well.
      - Before the first write of a run, the task reads the objects that the validation has read again. If another client has changed one of them, and it is
        not as the plan requests it either, the task writes nothing and fails with the finding C(plan-outdated).
      - Tasks with the same plan share the Lease. M(kyma.docker_registry.registry_deployment) with
        O(kyma.docker_registry.registry_deployment#module:state=released) releases it.
      - Without a plan, the module uses only its options.
    type: dict
  finding_names:
    description:
      - The names that findings use for the input. V(options) uses the options of the module, V(role) the variables of the role
        C(kyma.docker_registry.registry).
      - With O(plan), the value in the plan is used.
    type: str
    choices: [options, role]
    default: options
"""
