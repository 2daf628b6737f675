# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A client has set variables in the form that excludes ours, as `kubectl set env` does."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s import resources
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import Call
from ansible_collections.kyma.docker_registry.tests.api.cluster import workload

pytestmark = [pytest.mark.smoke, pytest.mark.beside]

REFERENCE = {"name": "A", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}
VALUE = {"name": "A", "value": "ours"}
FORMS = {
    "value for a reference": (REFERENCE, {"name": "A", "value": "theirs", "valueFrom": None}),
    "reference for a value": (VALUE, {"name": "A", "value": None, "valueFrom": REFERENCE["valueFrom"]}),
}


def _deployment(namespace: str, *variables: dict[str, Any], image: str = "old", kind: str = "RollingUpdate") -> Any:
    return workload.without_pods(namespace, {"type": kind}, image=image, env=list(variables))


def _set(cluster: Cluster, namespace: str, *variables: dict[str, Any]) -> Any:
    """As `kubectl set env` writes variables."""
    patch = {"spec": {"template": {"spec": {"containers": [{"name": "c", "env": list(variables)}]}}}}
    return cluster._transport.json(
        Call("patch", "Deployment", "deployments", namespace, "sample"),
        "PATCH",
        resources.path("Deployment", namespace, "sample"),
        query=[("fieldManager", "kubectl-set")],
        body=patch,
        content_type="application/strategic-merge-patch+json",
    )


def _variables(found: Any) -> dict[str, Any]:
    (container,) = found["spec"]["template"]["spec"]["containers"]
    return {item["name"]: item for item in container.get("env") or []}


@pytest.mark.parametrize("form", FORMS)
def test_drift_is_corrected(form: str, cluster: Cluster, namespace: str) -> None:
    """A dry run stores nothing and reports it; an apply sets our form again, a second one changes nothing. What we drop later is removed."""
    ours, theirs = FORMS[form]
    other = {"name": "B", "value": "b"}
    desired = _deployment(namespace, other, ours)
    cluster.apply(desired)
    before = _set(cluster, namespace, theirs)
    planned = cluster.apply(desired, dry_run=True)
    assert planned.changed and _variables(planned.after) == {"A": ours, "B": other}
    now = cluster.get("Deployment", "sample", namespace)
    assert now is not None and now["spec"] == before["spec"]
    done = cluster.apply(desired)
    assert done.changed and _variables(done.after) == {"A": ours, "B": other}
    for applied in (planned, done):
        assert [(item.name, item.manager) for item in applied.foreign] == [("A", "kubectl-set")]
    assert not cluster.apply(desired).changed
    assert _variables(cluster.apply(_deployment(namespace, other)).after) == {"B": other}


def test_a_kill_before_the_apply(cluster: Cluster, namespace: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first request replaces no Pod, and leaves the variable as the other client has set it."""
    desired = _deployment(namespace, REFERENCE)
    cluster.apply(desired)
    before = _set(cluster, namespace, FORMS["value for a reference"][1])
    with monkeypatch.context() as killed, pytest.raises(KeyboardInterrupt):
        patched = cluster.patch

        def patch(*arguments: Any) -> Any:
            patched(*arguments)
            raise KeyboardInterrupt

        killed.setattr(cluster, "patch", patch)
        cluster.apply(desired)
    now = cluster.get("Deployment", "sample", namespace)
    assert now is not None and now["spec"] == before["spec"]
    assert now["metadata"]["generation"] == before["metadata"]["generation"]
    assert _variables(cluster.apply(desired).after) == {"A": REFERENCE}
    assert not cluster.apply(desired).changed


def test_with_a_change_to_recreate(cluster: Cluster, namespace: str) -> None:
    """Both are changed before the apply."""
    cluster.apply(_deployment(namespace, REFERENCE))
    _set(cluster, namespace, FORMS["value for a reference"][1])
    desired = _deployment(namespace, REFERENCE, image="new", kind="Recreate")
    for applied in (cluster.apply(desired, dry_run=True), cluster.apply(desired)):
        assert _variables(applied.after) == {"A": REFERENCE}
        assert applied.after["spec"]["strategy"]["type"] == "Recreate" and len(applied.foreign) == 1
    assert not cluster.apply(desired).changed


def test_another_value_in_the_same_form(cluster: Cluster, namespace: str) -> None:
    """That is a conflict, and needs no patch."""
    cluster.apply(_deployment(namespace, VALUE))
    _set(cluster, namespace, {"name": "A", "value": "theirs"})
    with pytest.raises(Exception, match="cluster-conflict"):
        cluster.apply(_deployment(namespace, VALUE))
    done = cluster.apply(_deployment(namespace, VALUE), force=True)
    assert _variables(done.after) == {"A": VALUE} and done.foreign == ()
