# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of the option that makes several tasks share the Lease under which they write."""

from __future__ import annotations


class ModuleDocFragment:
    """The fragment kyma.docker_registry.lease."""

    DOCUMENTATION = r"""
options:
  lease:
    description:
      - How the task takes the Lease C(kyma-docker-registry-ansible) in the registry's namespace, under which one run at a time writes.
        A task takes it with its first write, so not in check mode and not if nothing changes.
      - A Lease that its holder has not renewed for 60 seconds is taken over.
    type: dict
    suboptions:
      identity:
        description:
          - Name of the run, C(lease_identity) of RV(kyma.docker_registry.docker_registry_storage#module:plan), or of a removal
            RV(kyma.docker_registry.docker_registry_storage#module:lease_identity). Tasks with the same name share the Lease,
            and M(kyma.docker_registry.registry_deployment) with O(kyma.docker_registry.registry_deployment#module:state=released) releases it.
          - If it is omitted, the task takes its own Lease, and releases it when it ends.
        type: str
      timeout:
        description:
          - Seconds to wait for a Lease that another run holds. After this time the task fails with the finding C(lease-held), which names that run.
          - The task waits at least until a Lease that is not renewed has expired.
        type: int
        default: 300
"""
