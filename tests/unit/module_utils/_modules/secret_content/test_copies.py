# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Copies of the pull Secret: without the right to list every Secret of the cluster, and beside other registries."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import secret_text
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import ClusterError
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.secret_content import registry_user
from ansible_collections.kyma.docker_registry.tests.unit.module_utils._modules.credentials.secret_parts import run


def _copy(namespace: str, labels: dict[str, str]) -> dict[str, Any]:
    """A Secret of the name that every registry's credentials have."""
    item = registry_user.resolve_registry_user(
        "other", 32137, None, None, "their-user", "their-password"
    ).public_object()
    metadata = {"name": constants.CREDENTIALS_SECRET, "namespace": namespace, "labels": labels, "uid": "old"}
    return {**item, "metadata": metadata}


OWN = {**constants.MANAGED_BY, **constants.CREDENTIALS_LABEL}
NOT_OURS = [
    {**OWN},
    {**OWN, constants.COPY_OF: "third"},
    {"app.kubernetes.io/managed-by": "dockerregistry-operator", **constants.CREDENTIALS_LABEL},
    {constants.COPY_OF: "ns"},
    {},
]


@pytest.mark.parametrize("labels", NOT_OURS)
def test_a_named_namespace_with_another_secret(labels: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Another registry's credentials, a copy of them, or a Secret of another owner: rejected before anything is written."""
    result, cluster = run(monkeypatch, None, [_copy("apps", labels)], pull_secret_namespaces=["other", "apps"])
    assert result["failed"] and (cluster.applied, cluster.deleted) == ([], [])
    (finding,) = result["findings"]
    assert (finding["code"], finding["path"]) == ("copy-not-ours", "registry_pull_secret_namespaces[1]")
    assert "their-password" not in str(result)


@pytest.mark.parametrize("labels", NOT_OURS)
def test_all_leaves_out_another_secret(labels: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """`all` means those that can have a copy; which ones cannot is reported."""
    result, cluster = run(monkeypatch, None, [_copy("apps", labels)], pull_secret_namespaces=["all"])
    assert not result.get("failed") and result["pull_secret_namespaces"] == ["other"]
    assert [place for place in cluster.applied if place[0] != "ns"] == [("other", constants.CREDENTIALS_SECRET)]
    (finding,) = result["findings"]
    assert (finding["code"], finding["severity"]) == ("copies-left-out", "warning") and finding["message"].endswith(
        ": apps."
    )


@pytest.mark.parametrize("options", [{}, {"state": "absent"}])
def test_what_is_no_copy_of_ours_stays(options: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a run that wants no copies nor a removal takes another registry's; ours goes."""
    mine = _copy("other", {**OWN, constants.COPY_OF: "ns"})
    for labels in NOT_OURS:
        _result, cluster = run(monkeypatch, None, [_copy("apps", labels), mine], **options)
        assert [place for place in cluster.deleted if place[0] != "ns"] == [("other", constants.CREDENTIALS_SECRET)]


def test_a_registry_where_anothers_copy_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes the name, and makes its own password: a client that can pull from the other registry cannot push here."""
    result, cluster = run(monkeypatch, None, [_copy("ns", {**OWN, constants.COPY_OF: "third"})])
    assert not result.get("failed") and result["username"] == "registry"
    made = cluster.secrets["ns", constants.CREDENTIALS_SECRET]
    assert (
        secret_text(made, "password") not in (None, "their-password")
        and constants.COPY_OF not in made["metadata"]["labels"]
    )


def test_removal_where_anothers_copy_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """A removal where no registry is leaves it."""
    result, cluster = run(monkeypatch, None, [_copy("ns", {**OWN, constants.COPY_OF: "third"})], state="absent")
    assert not result.get("failed") and cluster.deleted == []


@pytest.mark.parametrize("wanted", [[], ["apps"]])
def test_copies_are_made_without_it(wanted: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what is wanted no more cannot be seen, which is reported."""
    result, cluster = run(monkeypatch, pull_secret_namespaces=wanted)
    assert not result.get("failed"), result
    assert [(item["code"], item["severity"]) for item in result["findings"]] == [("copies-unseen", "info")]
    assert [place for place in cluster.applied if place[0] != "ns"] == [
        (name, "dockerregistry-config") for name in wanted
    ]


def test_removal_goes_on_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The registry's own Secrets go."""
    result, _cluster = run(monkeypatch, state="absent")
    assert not result.get("failed")
    assert [item["code"] for item in result["findings"]] == ["copies-unseen"]


def test_other_failures_are_failures(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cluster that does not answer is not one without copies."""
    result, _cluster = run(monkeypatch, failure=ClusterError("cluster-timeout", "Secret", "timed out", "Try again."))
    assert result["failed"] and [item["code"] for item in result["findings"]] == ["cluster-timeout"]
