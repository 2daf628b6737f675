#!/usr/bin/python
# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Applies the registry's objects and waits for the rollout."""

from __future__ import annotations

DOCUMENTATION = r"""
module: registry_deployment
short_description: Apply the registry's objects and wait for the rollout
version_added: 0.1.0
author:
  - Kyma Docker Registry collection contributors (@kyma-docker-registry)
description:
  - Applies the registry's objects in one call, in the right order, with server-side apply. Writes nothing if nothing differs.
  - The ConfigMap C(dockerregistry-config) and the Secrets that the Deployment names (C(dockerregistry-private), C(dockerregistry-secret)) become
    immutable objects whose names end with a hash of their content. The Pod template uses these names, so a switch is one write of the Deployment.
  - Removes objects that it manages and that are no longer needed. Removes a volume's claim only if its loss is accepted.
  - Waits for the rollout. Fails as soon as the cause is known, with the Pod's reason, the last events and the last line of the registry's log.
  - Writes the result to the status of the DockerRegistry.
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
      - Whether the objects exist. V(absent) removes them, and keeps the volume unless O(accept_data_loss) accepts its loss.
      - With V(preflight) a short-lived Pod tests the new configuration with the registry's own image, and nothing else is applied. The only exception is that
        while the Pod runs, the live ServiceAccount has the new annotations. The Pod reads and writes an object store. For a volume the
        Pod has an emptyDir. The test is skipped if the running registry already has this configuration, for a first deployment on a volume, and in check mode.
        With O(mode=operator) it tests object stores with the image of the operator's Deployment, and skips the first deployment.
      - With V(present) and O(mode=direct), a change of the storage of a running registry makes it read-only first. If the data guard then
        finds images, or the registry still accepts a push, it is made writable again.
      - V(confirmed) records that the revision O(revision) of the Deployment works, and deletes objects that only older ones used.
      - V(present) deletes objects that are no longer in O(objects) only if the revision is confirmed. Otherwise V(confirmed) deletes them.
      - V(restored) deploys the last confirmed Deployment again, if one of O(failed_with) can be due to the new one, and writes the
        corresponding C(spec.storage) to the DockerRegistry. With O(mode=operator) these are the last confirmed C(spec.storage), the
        Secret for the operator and the overlay.
      - V(released) deletes the Lease if its holder is O(lease.identity).
    type: str
    choices: [present, preflight, confirmed, restored, absent, released]
    default: present
  name:
    description: Name of the DockerRegistry. With O(state=absent) the run is rejected if the namespace has another DockerRegistry.
    type: str
    default: default
  namespace:
    description: Namespace of the DockerRegistry and of the registry's objects.
    type: str
    default: kyma-system
  objects:
    description:
      - The objects, a fixed set of kinds and names, as the role's templates create them. The Deployment is required.
      - A Deployment without C(spec.replicas) keeps its current number, for example from an autoscaler.
      - Each object is in O(namespace) and has the label C(app.kubernetes.io/managed-by) with the value C(kyma.docker_registry).
      - With O(mode=operator) only the ServiceAccount, if it needs annotations. Not used with O(state=absent).
    type: list
    elements: dict
    default: []
  storage:
    description:
      - C(spec.storage) of the DockerRegistry, as M(kyma.docker_registry.docker_registry_storage) returns it.
        If it is omitted or empty, the default volume is used.
    type: raw
  driver_parameters:
    description: Options of Distribution's storage driver, the same as for M(kyma.docker_registry.docker_registry_storage).
    type: dict
    default: {}
  accept_data_loss:
    description:
      - The consent to a loss of images, C(<storage ID>#<8 hexadecimal digits>), copied from the finding. Empty accepts no loss.
      - It is valid for one registry in its current state. The data guard accepts no other value.
    type: str
    default: ""
  mode:
    description:
      - Who reconciles the registry.
      - With V(operator) the module adds the overlay and the storage lock to the operator's Deployment, and waits until it matches the DockerRegistry.
    type: str
    choices: [direct, operator]
    default: direct
  operator_version:
    description:
      - With O(mode=operator), version of the operator, as M(kyma.docker_registry.docker_registry_storage) returns it.
        If it is omitted, the newest known version is assumed.
    type: str
  storage_lock:
    description:
      - With O(mode=operator), whether the Deployment gets the storage lock. With it, a change of the DockerRegistry that would make the operator
        use another, empty storage is rejected.
    type: bool
    default: true
  ca_bundle:
    description:
      - With O(mode=operator), additional CA certificates as M(kyma.docker_registry.docker_registry_storage) returns them.
    type: raw
  environment:
    description:
      - With O(mode=operator), additional variables of the registry's container. Credentials are rejected, because they are readable in the Pod.
      - A variable that would change the storage is an error.
    type: dict
    default: {}
  revision:
    description:
      - With O(state=confirmed), the revision that was verified, RV(revision) of the task that deployed it. If the Deployment has another revision
        by then, nothing is confirmed. If omitted, the current revision is confirmed.
    type: str
  login_fingerprint:
    description:
      - RV(kyma.docker_registry.registry_secret#module:login_fingerprint) of M(kyma.docker_registry.registry_secret). Only with O(mode=operator).
      - The Pods of an operator read user and password only when they start. If the user of the Secret C(dockerregistry-private) has this fingerprint,
        it is written to C(dockerregistry-config), and the Pods are replaced if they were started with another one.
      - If it is empty, neither of them is changed.
    type: str
    default: ''
  failed_with:
    description:
      - With O(state=restored), codes of the findings of the task that failed. The Deployment is restored only if one of them can be due to the
        new revision, for example V(rollout-crashloop) or V(store-credentials), or if the registry was left read-only. If omitted, it is restored after any
        failure.
    type: list
    elements: str
  values_restored:
    description:
      - With O(state=restored) and O(mode=operator), whether the former values of the storage Secret were restored. The operator then deploys them.
    type: bool
    default: false
  wait:
    description: Whether to wait for the rollout. A switch of the storage always waits until the registry rejects pushes.
    type: bool
    default: true
  wait_timeout:
    description: Seconds to wait.
    type: int
    default: 300
notes:
  - The role C(kyma.docker_registry.registry) creates the objects and calls this module. Call the module directly only for your own objects.
  - "Rights without an operator, all in C(docs/rbac/direct.yml):
    C(get, list, create, patch, delete configmaps); C(get, create, patch, delete leases);
    C(get, list, create, patch, delete services, networkpolicies);
    C(get, create, patch, delete serviceaccounts, poddisruptionbudgets, persistentvolumeclaims);
    C(get, list, watch, create, patch, delete deployments); C(get, list, watch, create, patch, delete secrets);
    C(get dockerregistries), for O(state=absent) C(list dockerregistries); C(patch dockerregistries/status); C(list replicasets);
    C(list events); C(list pods); C(get pods/log);
    C(get, create pods/portforward) and C(get, create pods/exec) for the data guard; for O(state=preflight)
    C(get, watch, create, delete pods)."
  - "Rights with an operator, all in C(docs/rbac/operator.yml):
    C(get dockerregistries), for O(state=absent) C(list dockerregistries); C(get, list, watch, patch deployments);
    C(get, list, watch secrets); C(get configmaps), C(list configmaps) for O(state=absent); C(get, list persistentvolumeclaims);
    C(get, create, patch, delete leases); C(list replicasets); C(list events); C(list pods); C(get pods/log); C(get, create pods/portforward);
    C(get, create, patch serviceaccounts) with O(objects); for O(state=preflight) C(get networkpolicies) and C(create, delete secrets)."
  - "Rights for O(state=preflight) with an operator, optional, all in C(docs/rbac/operator-preflight.yml):
    C(create, delete networkpolicies, configmaps); C(get, watch, create, delete pods); C(delete serviceaccounts) with O(objects)."
seealso:
  - module: kyma.docker_registry.docker_registry_storage
  - module: kyma.docker_registry.registry_secret
  - module: kyma.docker_registry.registry_verify
  - name: The data guard
    description: How the collection prevents the loss of images, and when it deletes data.
    link: docs/guard.md
"""

EXAMPLES = r"""
- name: The default volume
  kyma.docker_registry.docker_registry_storage:
  register: storage

- name: The registry's credentials
  kyma.docker_registry.registry_secret:
  register: credentials

- name: Apply objects of your own and wait for the rollout
  kyma.docker_registry.registry_deployment:
    storage: "{{ storage.storage }}"
    objects: &objects
      - apiVersion: v1
        kind: ConfigMap
        metadata:
          name: dockerregistry-config
          namespace: "{{ storage.namespace }}"
          labels: &labels
            app.kubernetes.io/managed-by: kyma.docker_registry
        data:
          config.yml: "{{ storage | kyma.docker_registry.registry_config | to_nice_yaml }}"
      - apiVersion: v1
        kind: PersistentVolumeClaim
        metadata: &metadata
          name: dockerregistry
          namespace: "{{ storage.namespace }}"
          labels: *labels
        spec: "{{ storage.claim_spec }}"
      - apiVersion: v1
        kind: Service
        metadata: *metadata
        spec:
          type: NodePort
          selector: &selector
            app: docker-registry
            release: dockerregistry
          ports: "{{ [{'name': 'http-registry', 'port': 5000, 'nodePort': credentials.node_port}] }}"
      - apiVersion: apps/v1
        kind: Deployment
        metadata: *metadata
        spec:
          strategy:
            type: Recreate
          selector:
            matchLabels: *selector
          template:
            metadata:
              labels: *selector
            spec:
              securityContext:
                runAsNonRoot: true
                runAsUser: 1000
                fsGroup: 1000
              containers:
                - name: docker-registry
                  image: europe-docker.pkg.dev/kyma-project/prod/external/library/registry:3.1.1
                  command: [/bin/registry, serve, /etc/distribution/config.yml]
                  env: "{{ storage | kyma.docker_registry.registry_environment({}) }}"
                  readinessProbe:
                    httpGet:
                      path: /debug/health
                      port: 5001
                  volumeMounts: "{{ storage | kyma.docker_registry.registry_volume_mounts }}"
              volumes: "{{ storage | kyma.docker_registry.registry_volumes }}"

- name: With Kyma's operator, complete the operator's Deployment
  kyma.docker_registry.registry_deployment:
    mode: operator
    storage: "{{ storage.storage }}"
    operator_version: "{{ storage.operator_version }}"
    environment: "{{ storage | kyma.docker_registry.registry_operator_environment({'HTTPS_PROXY': 'http://proxy:3128'}) }}"

- name: Validate a bucket in which new images are to be stored
  kyma.docker_registry.docker_registry_storage:
    state: validated
    storage:
      s3:
        bucket: company-images
        region: eu-central-1
        secretName: s3-storage
    secret_source: &keys
      values:
        accessKey: "{{ vault_s3_access_key }}"
        secretKey: "{{ vault_s3_secret_key }}"
  register: storage

- name: Test the bucket in a preflight Pod before the Deployment uses it
  kyma.docker_registry.registry_deployment:
    state: preflight
    plan: "{{ storage.plan }}"
    secret_source: *keys
    objects: *objects

- name: Remove the registry and keep its volume
  kyma.docker_registry.registry_deployment:
    state: absent

- name: Remove the registry and the default volume with all images
  kyma.docker_registry.registry_deployment:
    state: absent
    accept_data_loss: persistentvolumeclaim/dockerregistry#3f9a1c07
"""

RETURN = r"""
current:
  description: V(true) if the registry is already as requested, and verified. The task then writes nothing, and the other results describe that registry.
  returned: when O(plan) is given and nothing differs
  type: bool
  sample: true
push_address:
  description: The registry's address inside the cluster. Null before the credentials are created.
  returned: when O(state=present), in check mode only with O(mode=operator)
  type: str
  sample: dockerregistry.kyma-system.svc.cluster.local:5000
pull_address:
  description: The registry's address for the kubelets. Null before the credentials are created.
  returned: when O(state=present), in check mode only with O(mode=operator)
  type: str
  sample: localhost:32137
confirmed:
  description: Whether the current revision is confirmed. With O(state=present), whether an earlier run has confirmed it.
  returned: when O(state=confirmed), or O(state=present) except with O(wait=false); not in check mode
  type: bool
  sample: true
revision:
  description: Number of the Deployment's revision that was deployed, for O(revision) of the task that confirms it.
  returned: when O(state=present), except in check mode and with O(wait=false)
  type: str
  sample: "3"
storage_verified:
  description:
    - Whether the storage is a volume, or is used with the same credentials, image and environment as by a confirmed revision.
    - Always true with O(mode=operator), because the module makes the registry read its store.
  returned: when O(state=present), except in check mode and with O(wait=false)
  type: bool
  sample: true
restored:
  description: Whether the last confirmed Deployment was restored.
  returned: when O(state=restored)
  type: bool
  sample: false
storage_secret:
  description: Name of the storage Secret of the storage that is in use as before the failed run. Former values of this Secret belong to it. It is null
    for a storage without a Secret.
  returned: when O(state=restored), and the last confirmed storage is in use
  type: str
  sample: images-bucket
storage_restored:
  description: Whether the last confirmed storage was restored after the failed run had switched to another one.
  returned: when O(state=restored), and the last confirmed storage is in use
  type: bool
  sample: false
due_to_revision:
  description: Whether the failure can be due to the new revision, according to O(failed_with).
  returned: when O(state=restored)
  type: bool
  sample: true
preflight_run:
  description: Whether a preflight Pod has tested the new configuration.
  returned: when O(state=preflight)
  type: bool
  sample: true
changes:
  description: The changes, or in check mode the planned changes, as text.
  returned: when something changed
  type: list
  elements: str
  sample:
    - Deployment/dockerregistry created
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

from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.deployment.options import DeploymentOptions
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.deployment.registry_deployment import (
    SPEC,
    manage_deployment,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.ansible_module import run_module


def main() -> None:
    """Runs the module's body as a module."""
    run_module(SPEC, DeploymentOptions, manage_deployment)


if __name__ == "__main__":
    main()
