#!/usr/bin/python
# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Validates storage, guards images, applies the DockerRegistry."""

from __future__ import annotations

DOCUMENTATION = r"""
module: docker_registry_storage
short_description: Validate and apply the storage configuration of a DockerRegistry
version_added: 0.1.0
author:
  - Kyma Docker Registry collection contributors (@kyma-docker-registry)
description:
  - Validates C(spec.storage) of a DockerRegistry, and the Secret or the PersistentVolumeClaim that it specifies.
  - Checks what the running registry stores, and rejects a change that would leave images behind.
  - Applies the DockerRegistry with server-side apply, owns its storage exclusively, and installs the
    CustomResourceDefinition (CRD) of the DockerRegistry if it is absent.
  - Writes no Secret and starts no Pod. M(kyma.docker_registry.registry_secret) and M(kyma.docker_registry.registry_deployment) do this.
extends_documentation_fragment:
  - kyma.docker_registry.attributes
  - kyma.docker_registry.connection
  - kyma.docker_registry.secret_source
  - kyma.docker_registry.lease
  - kyma.docker_registry.plan
  - kyma.docker_registry.rights
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
options:
  state:
    description:
      - Whether the DockerRegistry exists. V(absent) does not delete volumes. An operator deletes the registry and its default
        volume, which the data guard checks. Of O(manifest) only the name and the namespace are used.
      - V(validated) checks everything, including the data guard, and writes nothing. In direct mode, objects of others
        under the registry's names are reported too, which M(kyma.docker_registry.registry_deployment) would reject.
      - If V(present) switches the storage with an operator, the registry is made read-only first, and the data guard checks again.
    type: str
    choices: [present, validated, absent]
    default: present
  name:
    description: Name of the DockerRegistry. The run is rejected if the namespace has another DockerRegistry.
    type: str
    default: default
  namespace:
    description: Namespace of the DockerRegistry and of the registry's objects.
    type: str
    default: kyma-system
  mode:
    description:
      - Who reconciles the DockerRegistry. V(auto) selects Kyma's operator if there is evidence that it runs, and otherwise this collection.
      - With V(direct) the presence of an operator is an error. With V(operator) its absence is an error.
    type: str
    choices: [auto, operator, direct]
    default: auto
  storage:
    description:
      - Exactly C(spec.storage) of the DockerRegistry, a dictionary or its YAML as text. If it is omitted or empty, the default volume is used.
      - The pages of the backends list the fields.
    type: raw
  logging:
    description:
      - C(spec.logging) of the DockerRegistry, C(level), C(format) and C(accessLogEnabled).
      - If it is omitted, the registry logs at C(info) as C(json), without an access log. Mutually exclusive with O(manifest).
    type: dict
  driver_parameters:
    description: Options of Distribution's storage driver beyond the DockerRegistry's fields (C(forcepathstyle)). Name, type and bounds are validated.
    type: dict
    default: {}
  environment:
    description:
      - Additional variables that the registry's container will have. They are only checked. Credentials are rejected.
      - A variable that would change the storage is an error, that is C(REGISTRY_STORAGE), and a name that contains a storage driver
        (C(REGISTRY_STORAGE_S3_BUCKET)), because it takes precedence over O(storage) and O(driver_parameters), and the data guard cannot detect it.
    type: dict
    default: {}
  image:
    description: The image of the registry in direct mode. Its tag shows which driver parameters the registry supports.
    type: str
  memory_limit:
    description: Memory limit of the registry's container in direct mode, a quantity. The driver's C(chunksize) is compared with it.
    type: str
  redirect:
    description:
      - Whether clients are redirected to the store for layers.
      - The default is yes, unless only the cluster can reach the store.
    type: bool
  ca_bundle:
    description: Source of additional CA certificates that the registry trusts. If it is omitted, the registry trusts those of its image.
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
    description: Size of the default volume, a Kubernetes quantity. It can be increased if its StorageClass allows it, but not decreased.
    type: str
    default: 20Gi
  volume_storage_class:
    description: StorageClass of the default volume. The default is the cluster's default class.
    type: str
  volume_access_modes:
    description: Access modes of the default volume. V(ReadWriteMany) among them lets several Pods share it.
    type: list
    elements: str
    default: [ReadWriteOnce]
  replicas:
    description: Number of Pods that share the storage. The default is the number of the Deployment. A volume that one node can mount allows one Pod.
    type: int
  labels:
    description: Additional labels for the DockerRegistry. Labels of other owners are kept.
    type: dict
    default: {}
  install_crd:
    description:
      - Whether to install the CustomResourceDefinition if it is absent. An existing one is never changed.
      - If the right to install it is missing, nothing is changed, and the finding contains the manifest for the cluster's administrator.
      - With V(false) its absence is an error.
    type: bool
    default: true
  create_namespace:
    description: Whether to create the namespace if it is absent. With V(false) its absence is an error.
    type: bool
    default: true
  accept_data_loss:
    description:
      - The consent to a loss of images, C(<storage ID>#<8 hexadecimal digits>), copied from the finding. Empty accepts no loss.
      - It is valid for one registry in its current state. The data guard accepts no other value.
    type: str
    default: ""
  credentials:
    description:
      - The requested user of the registry. With O(state=validated), the task compares the Secrets with the credentials with it, and records in the plan
        whether they have to be written.
    type: dict
    suboptions:
      username: {description: "Name of the user. If it is omitted, the current name is kept.", type: str}
      password: {description: "Password of the user. If it is omitted, the current password is kept.", type: str}
      pull_secret_namespaces: {description: Namespaces that keep a copy of the credentials., type: list, elements: str, default: []}
  wait_timeout:
    description:
      - Seconds to wait for a storage Secret that another controller creates, and with O(state=absent) for an operator to remove its registry.
        Also the limit for a switch to wait until the registry rejects pushes. An operator has at most 60 s to take over. No wait in check mode.
    type: int
    default: 300
notes:
  - "Rights without an operator, all in C(docs/rbac/direct.yml):
    C(list deployments) in all namespaces; C(get, list, create, patch, delete dockerregistries); C(get, list, watch secrets);
    C(get, create, patch, delete leases); C(get namespaces); C(get persistentvolumeclaims); C(get, list storageclasses) with a volume;
    C(get configmaps); with O(state=validated), before a first deployment,
    C(get networkpolicies, poddisruptionbudgets, serviceaccounts, services); C(get deployments) and, if the storage changes under a running registry,
    C(list replicasets), C(list pods), C(get, create pods/portforward) and C(get, create pods/exec)."
  - "Rights with an operator, all in C(docs/rbac/operator.yml):
    the same; C(list dockerregistries) in all namespaces; C(watch dockerregistries); C(list configmaps, persistentvolumeclaims);
    C(patch, watch deployments), C(list events) and C(get pods/log) before an intended switch; C(create, patch, delete secrets) for the operator's copy."
  - "Rights for objects that the module creates, in C(docs/rbac/install.yml):
    C(create namespaces) with O(create_namespace); C(create customresourcedefinitions) with O(install_crd)."
seealso:
  - module: kyma.docker_registry.registry_secret
  - module: kyma.docker_registry.registry_deployment
  - module: kyma.docker_registry.registry_info
  - name: The data guard
    description: How the collection prevents the loss of images, and the storage ID of each type.
    link: docs/guard.md
  - name: Secrets
    description: Ways to set the values of the storage Secret.
    link: docs/secrets.md
"""

EXAMPLES = r"""
- name: The default volume
  kyma.docker_registry.docker_registry_storage:
    namespace: kyma-system

- name: Use the default volume with another size, and allow the deletion of images
  kyma.docker_registry.docker_registry_storage:
    storage:
      deleteEnabled: true
    volume_size: 50Gi

- name: A volume of your own
  kyma.docker_registry.docker_registry_storage:
    storage:
      pvc:
        name: existing-pvc

- name: Use a bucket, with driver options for which the DockerRegistry has no field
  kyma.docker_registry.docker_registry_storage:
    storage:
      s3:
        bucket: company-images
        region: eu-central-1
        secretName: s3-storage
    driver_parameters:
      rootdirectory: registry
    secret_source:
      values:
        accessKey: "{{ vault_s3_access_key }}"
        secretKey: "{{ vault_s3_secret_key }}"

- name: Only check a bucket and a Secret that another tool creates, and wait for it up to ten minutes
  kyma.docker_registry.docker_registry_storage:
    state: validated
    storage:
      btpObjectStore:
        secretName: object-store-binding
    wait_timeout: 600
  register: storage

- name: Show where images would be stored
  ansible.builtin.debug:
    msg: "{{ storage.storage_type }}: {{ storage.storage_id }}"

- name: Use a manifest of Kyma's documentation unchanged, with additional CA certificates
  kyma.docker_registry.docker_registry_storage:
    manifest: "{{ lookup('ansible.builtin.file', 'dockerregistry.yml') }}"
    secret_source:
      environment:
        accessKey: S3_ACCESS_KEY
        secretKey: S3_SECRET_KEY
    ca_bundle:
      config_map: company-ca

- name: Leave the images of the default volume behind, with the consent from the finding
  kyma.docker_registry.docker_registry_storage:
    storage:
      pvc:
        name: existing-pvc
    accept_data_loss: persistentvolumeclaim/dockerregistry#3f9a1c07

- name: Remove the DockerRegistry
  kyma.docker_registry.docker_registry_storage:
    state: absent
"""

RETURN = r"""
name: {description: Name of the DockerRegistry., returned: success, type: str, sample: default}
namespace: {description: Its namespace., returned: success, type: str, sample: kyma-system}
storage:
  description: C(spec.storage) as it is written to the DockerRegistry, with the field names of the CRD. Empty if it is left out.
  returned: when O(state=present) or O(state=validated)
  type: dict
  sample: {"s3": {"bucket": "company-images", "region": "eu-central-1", "secretName": "s3-storage"}}
mode:
  description: Who reconciles the DockerRegistry, V(direct) or V(operator).
  returned: when O(state) is not V(absent)
  type: str
  sample: direct
operator_version:
  description: Version of the operator, if it is known. Null without an operator.
  returned: when O(state) is not V(absent)
  type: str
  sample: 0.15.0
storage_type:
  description: What the storage resolves to, as in C(status.storage).
  returned: when O(state=present) or O(state=validated)
  type: str
  sample: s3
backend: {description: The storage kind of the DockerRegistry., returned: when O(state=present) or O(state=validated), type: str, sample: s3}
task_file:
  description: Name of the role's task file for this backend, without its extension.
  returned: when O(state=present) or O(state=validated)
  type: str
  sample: s3
storage_id:
  description: Identity of the place that holds the images, as the data guard compares it.
  returned: when O(state=present) or O(state=validated)
  type: str
  sample: s3/eu-central-1/company-images
storage_switch: {description: Whether the running registry has its images elsewhere., returned: when O(state) is not V(absent), type: bool, sample: false}
object_store:
  description: Whether the images are in an object store instead of a volume.
  returned: when O(state=present) or O(state=validated)
  type: bool
  sample: true
replicas: {description: O(replicas). Null if it is left out., returned: when O(state) is not V(absent), type: int, sample: 2}
claim:
  description: The PersistentVolumeClaim that the registry mounts. Null for object stores.
  returned: when O(state=present) or O(state=validated)
  type: str
  sample: dockerregistry
claim_spec:
  description: Spec of the default volume's claim. Empty if the registry does not use the default volume.
  returned: when O(state=present) or O(state=validated)
  type: dict
  sample: {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "20Gi"}}}
shared_volume: {description: Whether Pods on several nodes can write to the volume., returned: when O(state) is not V(absent), type: bool, sample: false}
delete_enabled: {description: Whether images can be deleted., returned: when O(state) is not V(absent), type: bool, sample: false}
lease_identity: {description: "A new name for the run, for O(lease.identity).", returned: when O(state=absent), type: str, sample: runner-1-5f3a9c07}
driver:
  description: The Distribution storage driver and its parameters, without credentials.
  returned: when O(state=present) or O(state=validated)
  type: dict
  sample: {"s3": {"bucket": "company-images", "region": "eu-central-1"}}
secret_name:
  description: The storage Secret that the DockerRegistry specifies. Null without one.
  returned: when O(state=present) or O(state=validated)
  type: str
  sample: s3-storage
secret_given:
  description: Whether O(secret_source) or O(manifest) contains values for the storage Secret.
  returned: when O(state=present) or O(state=validated)
  type: bool
  sample: true
secret_environment:
  description: Environment variables of the registry, each with the key of the Secret C(dockerregistry-secret) that contains its value.
  returned: when O(state=present) or O(state=validated)
  type: dict
  sample: {"REGISTRY_STORAGE_S3_ACCESSKEY": "s3AccessKey", "REGISTRY_STORAGE_S3_SECRETKEY": "s3SecretKey"}
key_file:
  description: Key of the Secret C(dockerregistry-secret) that is mounted as a file. Empty if no key is mounted.
  returned: when O(state=present) or O(state=validated)
  type: str
  sample: keyfile.json
ca_bundle:
  description: Source of additional CA certificates. Empty if none are configured.
  returned: when O(state=present) or O(state=validated)
  type: dict
  contains:
    config_map: {description: "Name of the ConfigMap, if it is one.", type: str}
    secret: {description: "Name of the Secret, if it is one.", type: str}
    key: {description: Key of the certificates., type: str}
    checksum: {description: "Checksum of the certificates, which are public.", type: str}
  sample: {"config_map": "company-ca", "key": "ca.crt", "checksum": "0a1b2c3d4e5f6071"}
redirect:
  description: Whether clients are redirected to the store for layers. Null for Distribution's default, which redirects them.
  returned: when O(state=present) or O(state=validated)
  type: bool
  sample: false
logging: {description: The logging configuration., returned: when O(state=present) or O(state=validated), type: dict, sample: {}}
plan:
  description:
    - What was decided, for the option C(plan) of the modules that follow. It holds no secret value. Only the release that made it accepts it.
    - C(differs) says what has to be written, C(credentials), C(storage_secret), C(docker_registry), C(status) or C(former_values);
      C(options) are the validated options, C(objects) what was judged, C(user) the addresses of the registry, empty if they are not known.
  returned: when O(state=validated)
  type: dict
  sample: {"version": 1, "differs": {"docker_registry": false}}
planned:
  description: Whether the task ran in check mode, in which nothing is written.
  returned: success
  type: bool
  sample: false
changes:
  description: The changes, or in check mode the planned changes, as text.
  returned: when something changed
  type: list
  elements: str
  sample: [DockerRegistry/default created]
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
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.storage.docker_registry_storage import (
    SPEC,
    manage_docker_registry,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.storage.options import StorageOptions


def main() -> None:
    """Runs the module's body as a module."""
    run_module(SPEC, StorageOptions, manage_docker_registry)


if __name__ == "__main__":
    main()
