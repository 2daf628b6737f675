# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The DockerRegistry as a diff shows it."""

from __future__ import annotations

from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.storage import cr_document

CANARY = "c4n4ry-of-the-visible-test"

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"

OURS = "kyma-docker-registry.ansible/storage-id"


def test_annotations_of_the_cr() -> None:
    """What its definition takes out of the object stays in kubectl's annotation."""
    cr = {"metadata": {"name": "a", "annotations": {LAST_APPLIED: CANARY, OURS: "s3/a"}}, "spec": {}}
    assert cr_document.visible_cr(cr)["metadata"] == {
        "name": "a",
        "annotations": {LAST_APPLIED: "(hidden)", OURS: "s3/a"},
    }
    assert cr_document.visible_cr({"metadata": {"name": "a"}}) == {"metadata": {"name": "a"}, "spec": {}}
