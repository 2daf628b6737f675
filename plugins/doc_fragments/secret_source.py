# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of the options that say where the values of a storage Secret come from."""

from __future__ import annotations


class ModuleDocFragment:
    """The fragment kyma.docker_registry.secret_source."""

    DOCUMENTATION = r"""
options:
  secret_source:
    description:
      - Source of the values of the storage Secret. Each option is a mapping from its keys. Several options can be set, each key in one of them.
      - If it is omitted, the Secret belongs to another owner and is only read.
      - Ansible can change the type of a text in a variable. Values from files and environment variables are not changed.
    type: dict
    default: {}
    suboptions:
      values:
        description:
          - Key to value. The value must be text. Put digits in quotes.
          - Values are masked, except those of keys that contain names (accounts, buckets, regions).
        type: dict
      files:
        description: Key to the path of a file, where the module runs.
        type: dict
      environment:
        description: Key to the name of an environment variable, where the module runs.
        type: dict
  manifest:
    description:
      - Text of YAML documents as in Kyma's documentation, one DockerRegistry and optionally the Secret that it specifies.
      - It replaces O(secret_source) if it contains the Secret, and the storage if the module has such an option. Mutually exclusive with them.
    type: str
"""
