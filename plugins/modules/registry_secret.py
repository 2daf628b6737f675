#!/usr/bin/python
# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes the registry's credentials and their copies."""

from __future__ import annotations

DOCUMENTATION = r"""
module: registry_secret
short_description: Manage the registry's credentials and its storage Secret
version_added: 0.1.0
author:
  - Kyma Docker Registry collection contributors (@kyma-docker-registry)
description:
  - With O(purpose=credentials) creates the Secret C(dockerregistry-config) with the registry's user, its password, its addresses and a C(.dockerconfigjson).
    Existing values are kept. Missing values are created once.
  - Creates the Secret C(dockerregistry-private) with the user, the bcrypt hash and the random values from which the registry is deployed.
  - If a registry runs, a new user or password is written to C(dockerregistry-config) and its copies only after the registry accepts it. Call the
    module again after M(kyma.docker_registry.registry_deployment) if RV(published) is false.
  - Maintains copies of the pull Secret in other namespaces, and removes copies that are no longer wanted.
  - Chooses the registry's NodePort, V(32137) or a free one, and keeps it. With O(mode=direct) creates the Service that reserves it if it does not exist,
    so that concurrent runs get different ports.
  - With any other purpose validates the Secret of that storage backend, and writes it if O(secret_source) contains values.
    Keys, labels and annotations of other owners are kept. Former values are kept in a separate Secret until the new ones are confirmed.
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
      - Whether the Secrets exist. V(absent) removes those that this collection created, never those of another owner. With
        O(purpose=credentials) it removes all of them, including storage Secrets and copies.
      - V(confirmed) deletes the former values of a storage Secret. V(restored) restores them if this module replaced them. With
        O(purpose=credentials) it restores the user that the deployed registry accepts.
    type: str
    choices: [present, confirmed, restored, absent]
    default: present
  purpose:
    description: Purpose of the Secret, the registry's own user (V(credentials)) or the storage backend with this name.
    type: str
    choices: [credentials, azure, s3, gcs, btpObjectStore]
    default: credentials
  name:
    description:
      - Name of the DockerRegistry. Used with O(state=absent), which is rejected if the namespace has another DockerRegistry.
    type: str
    default: default
  namespace:
    description: Namespace of the DockerRegistry and of the registry's objects.
    type: str
    default: kyma-system
  create_namespace:
    description: With O(purpose=credentials), whether to create the namespace if it is absent. With V(false) its absence is an error.
    type: bool
    default: false
  mode:
    description:
      - With O(purpose=credentials), who reconciles the registry.
      - With V(operator) the Secret also belongs to Kyma's operator, which adds its own labels.
    type: str
    choices: [direct, operator]
    default: direct
  secret_name:
    description: Name of the storage Secret, as in the storage. Required with any purpose except V(credentials).
    type: str
  driver_parameters:
    description:
      - Options of Distribution's storage driver, as the storage has them. Not used with O(purpose=credentials).
      - For Azure, C(credentials) determines which keys the Secret needs. The default is the type C(shared_key), which needs C(accountKey).
    type: dict
    default: {}
  failed_with:
    description:
      - With O(state=restored), codes of the findings of the task that failed. The former values are restored only if one of them can be due to
        the new values, for example V(store-credentials) or V(rollout-crashloop).
      - If it is omitted, they are restored after any failure.
    type: list
    elements: str
  registry_username:
    description: With O(purpose=credentials), name of the registry's user. If it is omitted, the existing name is kept. The name of a new user is V(registry).
    type: str
  registry_password:
    description:
      - With O(purpose=credentials), the user's password, at most 72 bytes. If it is omitted, the existing one is kept, or a random one is created.
      - Use 32 or more random characters. With O(mode=direct) a shorter password gets a slower hash, which the registry computes for each request.
    type: str
  pull_secret_namespaces:
    description:
      - With O(purpose=credentials), namespaces that get a copy of the pull Secret. V(all) alone means every namespace except system namespaces.
      - Copies of these credentials that this collection created in other namespaces are removed. An empty list removes all of them.
      - A Secret with that name that is not a copy of these credentials, for example of another registry, is not changed. Such a namespace is
        rejected if it is listed, and skipped with a warning if V(all) is set.
    type: list
    elements: str
    default: []
requirements:
  - bcrypt, for O(purpose=credentials)
notes:
  - "Rights in either mode, all in C(docs/rbac/direct.yml) and C(docs/rbac/operator.yml):
    C(get, list, create, patch, delete secrets); C(get, create, patch, delete leases); C(get configmaps);
    for O(purpose=credentials) C(get namespaces), C(get services), and
    C(list services) in all namespaces, for a NodePort that is free; C(list dockerregistries) for O(state=absent)."
  - "Rights with O(mode=direct), in C(docs/rbac/direct.yml): C(create, patch services), for the Service that holds the NodePort;
    C(get deployments), to see which password the registry accepts."
  - "Rights for O(pull_secret_namespaces), in C(docs/rbac/pull-secrets.yml):
    C(list namespaces) in all; C(get, list, create, patch, delete secrets) in each namespace that has a copy."
  - "Rights for O(create_namespace), in C(docs/rbac/install.yml): C(create namespaces)."
seealso:
  - module: kyma.docker_registry.docker_registry_storage
  - module: kyma.docker_registry.registry_deployment
  - name: Secrets
    description: Ways to set the values, and all Secrets that the collection uses.
    link: docs/secrets.md
  - name: Rotation
    description: How credentials change without an outage.
    link: docs/rotation.md
"""

EXAMPLES = r"""
- name: Create the credentials of the registry's own user, or keep the existing ones
  kyma.docker_registry.registry_secret:
    purpose: credentials
    create_namespace: true
  register: credentials

- name: Show the addresses
  ansible.builtin.debug:
    msg: "push to {{ credentials.push_address }}, pull from {{ credentials.pull_address }}"

- name: Set your own user, and copy the pull Secret to the namespaces that use the registry
  kyma.docker_registry.registry_secret:
    registry_username: builder
    registry_password: "{{ vault_registry_password }}"
    pull_secret_namespaces:
      - team-a
      - team-b

- name: Create the Secret for Azure with values from the vault
  kyma.docker_registry.registry_secret:
    purpose: azure
    secret_name: azure-storage
    secret_source:
      values:
        accountName: "{{ vault_azure_account }}"
        accountKey: "{{ vault_azure_account_key }}"
        container: registry

- name: Create the Secret for S3 with values from environment variables
  kyma.docker_registry.registry_secret:
    purpose: s3
    secret_name: s3-storage
    secret_source:
      environment:
        accessKey: S3_ACCESS_KEY
        secretKey: S3_SECRET_KEY

- name: Create the Secret for Google Cloud Storage with the account's key from a file
  kyma.docker_registry.registry_secret:
    purpose: gcs
    secret_name: gcs-secret
    secret_source:
      files:
        accountkey: /run/secrets/docker-registry.json

- name: Create the Secret of a pasted manifest
  kyma.docker_registry.registry_secret:
    purpose: s3
    secret_name: s3-storage
    manifest: "{{ lookup('ansible.builtin.file', 'dockerregistry-with-secret.yml') }}"

- name: Only check the Secret that the BTP service operator created
  kyma.docker_registry.registry_secret:
    purpose: btpObjectStore
    secret_name: object-store-binding

- name: Replace the secret key, and keep the former one until the new one is confirmed
  kyma.docker_registry.registry_secret:
    purpose: s3
    secret_name: s3-storage
    secret_source:
      values:
        secretKey: "{{ vault_s3_new_secret_key }}"

- name: Restore the former key if the registry fails with the new one
  kyma.docker_registry.registry_secret:
    state: restored
    purpose: s3
    secret_name: s3-storage
    failed_with: [store-credentials]

- name: Delete the former key if the registry works with the new one
  kyma.docker_registry.registry_secret:
    state: confirmed
    purpose: s3
    secret_name: s3-storage

- name: Remove the Secret for S3 if this module created it
  kyma.docker_registry.registry_secret:
    state: absent
    purpose: s3
    secret_name: s3-storage

- name: Remove the credentials, their copies and the other Secrets that this module created
  kyma.docker_registry.registry_secret:
    state: absent
"""

RETURN = r"""
namespace:
  description: Namespace of the Secrets.
  returned: when O(state=present)
  type: str
  sample: kyma-system
secret:
  description: Name of the Secret. The Secret of the credentials can be used in C(imagePullSecrets).
  returned: when O(state=present)
  type: str
  sample: dockerregistry-config
username:
  description: Name of the registry's user.
  returned: when O(state=present) and O(purpose=credentials)
  type: str
  sample: registry
push_address:
  description: The registry's address inside the cluster.
  returned: when O(state=present) and O(purpose=credentials)
  type: str
  sample: dockerregistry.kyma-system.svc.cluster.local:5000
pull_address:
  description: The registry's address for the kubelets.
  returned: when O(state=present) and O(purpose=credentials)
  type: str
  sample: localhost:32137
node_port:
  description: The NodePort.
  returned: when O(state=present) and O(purpose=credentials)
  type: int
  sample: 32137
secret_keys:
  description: Names of the keys in the Secret.
  returned: when O(state=present)
  type: list
  elements: str
  sample: [".dockerconfigjson", "password", "pullRegAddr", "pushRegAddr", "username"]
created:
  description: Whether the Secret did not exist before.
  returned: when O(state=present) and another purpose than O(purpose=credentials)
  type: bool
  sample: true
fingerprint:
  description: An HMAC of the values. It changes if a value changes. Its key stays in the cluster.
  returned: when O(state=present) and O(purpose=credentials)
  type: str
  sample: 2f1c0a9b8d7e6f50
login_fingerprint:
  description: An HMAC of user and password. Empty if the task gives neither of them.
  returned: when O(state=present) and O(purpose=credentials)
  type: str
  sample: 9b8d7e6f502f1c0a
pull_secret_namespaces:
  description: The namespaces that have a copy.
  returned: when O(state=present) and O(purpose=credentials)
  type: list
  elements: str
  sample: ["default"]
published:
  description:
    - Whether C(dockerregistry-config) has this user. False while the running registry accepts only the former password.
    - With O(mode=operator) and a running registry, M(kyma.docker_registry.registry_deployment) writes it when it replaces the Pods.
  returned: when O(state=present) and O(purpose=credentials)
  type: bool
  sample: true
due_to_values:
  description: Whether the failure can be due to the values, according to O(failed_with).
  returned: when O(state=restored) and another purpose than O(purpose=credentials)
  type: bool
  sample: true
restored:
  description: Whether former values were restored.
  returned: when O(state=restored)
  type: bool
  sample: false
changes:
  description: The changes, or in check mode the planned changes, as text.
  returned: when something changed
  type: list
  elements: str
  sample:
    - Secret/dockerregistry-config created
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

from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.credentials.options import (
    CredentialsOptions,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.credentials.registry_secret import (
    SPEC,
    manage_secrets,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.ansible_module import run_module


def main() -> None:
    """Runs the module's body as a module."""
    run_module(SPEC, CredentialsOptions, manage_secrets)


if __name__ == "__main__":
    main()
