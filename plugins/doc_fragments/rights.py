# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of where rights in the cluster and findings are documented."""

from __future__ import annotations


class ModuleDocFragment:
    """The fragment kyma.docker_registry.rights. The rights that a module itself needs are in its notes."""

    DOCUMENTATION = r"""
options: {}
notes:
  - The manifests in C(docs/rbac) of the collection grant these rights and no others.
    If one is missing, the task fails with the finding C(cluster-forbidden), which names account, verb, resource and namespace.
seealso:
  - name: Rights in the cluster
    description: The purpose of each right, by mode, and the manifests that grant them.
    link: docs/rbac.md
  - name: Findings
    description: Every finding by its code, with its remedy.
    link: docs/findings.md
"""
