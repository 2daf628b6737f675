#!/usr/bin/python
# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Copies the images of a running registry to another storage."""

from __future__ import annotations

DOCUMENTATION = r"""
module: registry_migration
short_description: Copy the images of a registry to another storage
version_added: 0.1.0
author:
  - Kyma Docker Registry collection contributors (@kyma-docker-registry)
description:
  - Copies all images of the running registry to another storage while the registry serves, makes it read-only, copies what was pushed since, and compares
    both storages. It does not switch the registry. The playbook C(kyma.docker_registry.migrate) does, with the role.
  - The copy takes place in one Pod, C(dockerregistry-migration), with a registry over each of the two storages. Other Pods cannot reach them.
  - The module records each phase in the ConfigMap C(dockerregistry-day2) before the phase begins. Until the switch, the record blocks the writes of other runs.
    A run that was interrupted is continued or aborted by the next one.
extends_documentation_fragment:
  - kyma.docker_registry.attributes
  - kyma.docker_registry.connection
  - kyma.docker_registry.lease
  - kyma.docker_registry.rights
  - kyma.docker_registry.secret_source
attributes:
  check_mode:
    support: full
    details: Reports the phases, and what would be copied, which it reads through the registry that serves. It starts no Pod.
  diff_mode:
    support: full
options:
  state:
    description:
      - V(copied) copies and compares. Afterwards the registry is read-only, and the data guard accepts the switch to the new storage.
      - V(confirmed) compares the tags through the registry after the switch, and records that the migration is complete.
      - V(writable) makes the registry writable again if the switch has failed before it changed the storage. The next run with V(copied) copies what was
        pushed since.
      - V(aborted) makes the registry writable again if the migration has made it read-only, and deletes the Pod and what it mounts. The new storage keeps
        what was copied to it. After the switch a migration cannot be aborted. If Kyma's operator has deleted the claim of the default volume with the
        switch, V(aborted) binds the volume that was kept to a new claim of the same name. The registry stays on the new storage.
    type: str
    choices: [copied, confirmed, writable, aborted]
    default: copied
  namespace:
    description: Namespace of the DockerRegistry and of the registry's objects.
    type: str
    default: kyma-system
  storage:
    description: The new storage, as C(spec.storage) of the DockerRegistry. The default is the default volume. It has to be empty, or only hold what an
      interrupted migration has copied.
    type: raw
  driver_parameters:
    description: Options of Distribution's storage driver for the new storage.
    type: dict
    default: {}
  ca_bundle:
    description: Source of additional CA certificates that the registry trusts on the new storage.
    type: dict
    suboptions:
      config_map:
        description: Name of a ConfigMap in the namespace. Either this or O(ca_bundle.secret).
        type: str
      secret:
        description: Name of a Secret in the namespace. Either this or O(ca_bundle.config_map).
        type: str
      key:
        description: Key that contains the PEM certificates.
        type: str
        default: ca.crt
  volume_size:
    description: Size of the default volume if it is the new storage and does not exist. With Kyma's operator, it is at least V(20Gi).
    type: str
    default: 20Gi
  volume_storage_class:
    description: StorageClass of the default volume if it is the new storage and does not exist. The default is the cluster's default class.
    type: str
  volume_access_modes:
    description: Access modes of the default volume if it is the new storage and does not exist. With Kyma's operator, it is always V(ReadWriteOnce).
    type: list
    elements: str
    default: [ReadWriteOnce]
  copy_mode:
    description:
      - V(pod) lets regsync, in the Pod, copy most of the images. The module copies what regsync does not copy exactly.
      - V(controller) copies everything by this machine, through the API server's port-forward. It needs no other image, and is slower.
    type: str
    choices: [pod, controller]
    default: pod
  copy_image:
    description: Image of regsync. Used with O(copy_mode=pod) if more than 64 MiB or 50 manifests have to be copied.
    type: str
    default: ghcr.io/regclient/regsync:v0.11.7
  verify:
    description:
      - Tags, manifests and the sizes of all blobs are always compared. This option is about the content of the blobs.
      - V(full) reads all blobs of the new storage, and V(sample) one of 20, and at least 20 of them.
      - A run that continues an interrupted one reads all blobs.
    type: str
    choices: [full, sample]
    default: sample
  drop:
    description: Names of what cannot be copied, from the finding C(migration-not-copyable). It is left behind.
    type: list
    elements: str
    default: []
  accept_source_deletion:
    description:
      - Kyma's operator deletes the claim of the default volume with the switch. The module sets the reclaim policy of its PersistentVolume to Retain
        before the switch, so that the volume keeps the images.
      - With V(true) the volume is deleted, and the right to patch the volume is not needed.
    type: bool
    default: false
  finding_names:
    description:
      - The names that findings use for the input. V(options) uses the options of the module, V(role) the variables of the role
        C(kyma.docker_registry.registry).
    type: str
    choices: [options, role]
    default: options
  wait_timeout:
    description: Seconds to wait for the Pod, and for each rollout of the maintenance window.
    type: int
    default: 300
notes:
  - The copy itself has no time limit.
  - "Rights, all in C(docs/rbac/migrate.yml), in the registry's namespace
    C(get secrets, configmaps, deployments, persistentvolumeclaims); C(create, patch, delete configmaps);
    C(create, delete secrets); C(get, create, delete networkpolicies); C(get, list, watch, create, delete pods); C(get pods/log); C(get, create pods/exec);
    C(get, create pods/portforward); C(patch, watch deployments); C(list replicasets); C(list events); C(get, create, patch, delete leases);
    C(create, patch persistentvolumeclaims) for the default volume as the new storage, and to bring it back after the switch.
    In all namespaces, optional, C(list pods), to compare the images of Pods with the lists of the registry; C(list storageclasses) for the default volume
    as the new storage; C(get, patch persistentvolumes) for the default volume as the source with an operator."
seealso:
  - module: kyma.docker_registry.registry_info
  - name: Migration
    description: The phases, what users see in each of them, and what is not copied.
    link: docs/migrate.md
"""

EXAMPLES = r"""
- name: Copy the images to a bucket
  kyma.docker_registry.registry_migration:
    storage:
      s3:
        bucket: company-images
        region: eu-central-1
        secretName: s3-storage
  register: migration

- name: Copy the images to a volume by this machine, and read all of them again
  kyma.docker_registry.registry_migration:
    storage:
      pvc:
        name: existing-pvc
    copy_mode: controller
    verify: full

- name: Abort a migration
  kyma.docker_registry.registry_migration:
    state: aborted
"""

RETURN = r"""
migration:
  description: The record of the migration. Null if there is none.
  returned: always
  type: dict
  contains:
    phase: {description: "V(plan), V(copy), V(window), V(delta), V(verify), V(switch), V(verified) or V(aborted).", type: str}
    source: {description: Storage ID of the former storage., type: str}
    target: {description: Storage ID of the new storage., type: str}
    began_at: {description: When the migration began., type: str}
    changed_at: {description: When the phase began., type: str}
    window_opened_at: {description: Since when the registry is read-only for the migration. Empty before., type: str}
    kept_volume: {description: "With Kyma's operator, name and former reclaim policy of the PersistentVolume that is kept.", type: dict}
    target_is_ours: {description: Whether the new storage was empty when the copy began., type: bool}
    counts: {description: "Numbers of repositories, tags, manifests, blobs and bytes, of what was copied, and seconds.", type: dict}
  sample: {"phase": "copy", "source": "persistentvolumeclaim/dockerregistry", "target": "s3/eu-central-1/company-images"}
steps:
  description: The phases and what happens in each of them. Empty if the registry uses the new storage already.
  returned: with O(state=copied)
  type: list
  elements: dict
  contains:
    phase: {description: The phase., type: str}
    text: {description: What happens in it., type: str}
  sample: [{"phase": "window", "text": "the registry becomes read-only: pulls work, pushes are rejected"}]
switch_ready:
  description: Whether the role can switch the registry to the new storage, or has to complete the switch.
  returned: with O(state=copied)
  type: bool
  sample: true
compared_tags:
  description: How many tags were compared through the registry after the switch.
  returned: with O(state=confirmed), when the tags were compared
  type: int
  sample: 120
changes:
  description: What was changed or would be changed.
  returned: when something changed
  type: list
  elements: str
  sample: ["ConfigMap/dockerregistry-day2 (phase copy)"]
lease_taken: {description: Whether the task has written under the Lease., returned: when it has written, type: bool, sample: true}
findings:
  description: Findings of the severities error, warning and info. They never contain a secret value.
  returned: always
  type: list
  elements: dict
  contains:
    code: {description: Stable name of the finding., type: str}
    severity: {description: "V(error), V(warning) or V(info).", type: str}
    path: {description: "Place in the input, or the object.", type: str}
    message: {description: What is wrong., type: str}
    remedy: {description: How to correct it., type: str}
  sample: []
cluster:
  description: The API server that the module used, and the source of its address.
  returned: when a cluster was connected
  type: dict
  contains:
    host: {description: Address of the API server., type: str}
    source: {description: "The option, variable, file or in-cluster account that contains the address.", type: str}
  sample: {"host": "https://127.0.0.1:6443", "source": "variable KUBECONFIG"}
"""

from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.ansible_module import run_module
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.migration.options import MigrationOptions
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.migration.registry_migration import (
    SPEC,
    migrate_registry,
)


def main() -> None:
    """Runs the module's body as a module."""
    run_module(SPEC, MigrationOptions, migrate_registry)


if __name__ == "__main__":
    main()
