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
      - Where the values of the storage Secret come from, each option a mapping from its keys. Several may be given, each key by one of them.
      - Left out, the Secret belongs to another owner and is read as it is.
      - Ansible re-types texts on their way through variables; files and environment variables reach the Secret byte by byte.
    type: dict
    default: {}
    suboptions:
      values:
        description:
          - Key to value. Text only; put digits in quotes.
          - Values are masked, but those of keys that are known to hold names (accounts, buckets, regions).
        type: dict
      files:
        description: Key to the path of a file, where the module runs.
        type: dict
      environment:
        description: Key to the name of an environment variable, where the module runs.
        type: dict
  manifest:
    description:
      - Text of YAML documents as in Kyma's documentation, one DockerRegistry and perhaps the Secret that it names.
      - It stands for O(secret_source) if it holds the Secret, and for the storage if the module takes one. Not together with them.
    type: str
"""
