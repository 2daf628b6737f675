# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Policies that reject Pods: of a cluster that assigns user IDs, as OpenShift does, and a quota without room."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ansible_collections.kyma.docker_registry.tests.support import rights
from ansible_collections.kyma.docker_registry.tests.support.waiting import until

_GROUP = "admissionregistration.k8s.io/v1"
_KINDS = ("validatingadmissionpolicybindings", "validatingadmissionpolicies")


@contextmanager
def rejecting_user(kubeconfig: str, namespace: str, user: int, words: str) -> Iterator[None]:
    """Pods of the namespace whose securityContext has this user ID are rejected with these words."""
    pods = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}
    expression = f"object.spec.?securityContext.?runAsUser.orValue(0) != {user}"
    policy = {
        "apiVersion": _GROUP,
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": namespace},
        "spec": {
            "matchConstraints": {"resourceRules": [pods]},
            "validations": [{"expression": expression, "message": words}],
        },
    }
    selector = {"matchLabels": {"kubernetes.io/metadata.name": namespace}}
    binding = {
        "apiVersion": _GROUP,
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": namespace},
        "spec": {
            "policyName": namespace,
            "validationActions": ["Deny"],
            "matchResources": {"namespaceSelector": selector},
        },
    }
    rights.make(kubeconfig, [policy, binding])
    try:
        until("the policy to count", lambda: not _is_accepted(kubeconfig, namespace, user))
        yield
    finally:
        for kind in _KINDS:
            rights.kubectl(kubeconfig, "delete", kind, namespace, "--ignore-not-found")


@contextmanager
def without_pods(kubeconfig: str, namespace: str) -> Iterator[None]:
    """A quota in the namespace that has no room for a new Pod."""
    quota = {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "full", "namespace": namespace},
        "spec": {"hard": {"pods": "0"}},
    }
    rights.make(kubeconfig, [quota])
    try:
        until("the quota to count", lambda: not _is_accepted(kubeconfig, namespace, 1000))
        yield
    finally:
        rights.kubectl(kubeconfig, "delete", "resourcequota", "full", "-n", namespace)


def _is_accepted(kubeconfig: str, namespace: str, user: int) -> bool:
    overrides = f'{{"spec": {{"securityContext": {{"runAsUser": {user}}}}}}}'
    try:
        rights.kubectl(
            kubeconfig, "run", "probe", "-n", namespace, "--image=none", "--dry-run=server", f"--overrides={overrides}"
        )
    except AssertionError:
        return False
    return True
