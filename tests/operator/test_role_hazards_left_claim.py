# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Images on the operator's volume while somebody has deleted the Deployment: nobody can be asked, so they count as there."""

from __future__ import annotations

from ansible_collections.kyma.docker_registry.tests.operator.bench import DEFAULT_HOLDER, Bench
from ansible_collections.kyma.docker_registry.tests.support.waiting import until


def _delete_deployment(bench: Bench) -> None:
    bench.cluster.delete("Deployment", "dockerregistry", bench.namespace, uid=bench.whole()["metadata"]["uid"])
    until("the Pod to be gone", lambda: not bench.cluster.list("Pod", bench.namespace))


def test_what_would_take_the_claim_is_refused(bench: Bench) -> None:
    """Removal, and the claim named as the user's own: no write. A registry that the operator makes anew serves the image."""
    bench.deployed()
    bench.push()
    _delete_deployment(bench)
    assert "operator-deletion-takes-volume" in bench.warned()
    audit = bench.audit()
    removal = bench.deploy(registry_state="absent")
    assert removal.failure.codes() == ["images-at-risk"], removal.output
    assert DEFAULT_HOLDER in removal.failure.result["msg"]
    named = bench.deploy(registry_storage={"pvc": {"name": "dockerregistry"}})
    assert named.failure.codes() == ["operator-own-claim"], named.output
    assert audit.writes() == []
    assert "deletionTimestamp" not in bench.cr()["metadata"]
    assert "dockerregistry" in bench.names("PersistentVolumeClaim")
    bench.by_hand({"spec": {"logging": {"level": "debug"}}})
    until("a Pod that serves", bench.pods)
    bench.assert_kept()
