# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Objects as a diff shows them."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.objects import secret_object
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.apply import diff
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.deployment.preflight.service_account import (
    FORMER_ANNOTATIONS,
)

CANARY = "c4n4ry-of-the-diff-test"


def test_secret() -> None:
    """Of each key only whether its value is another than before."""
    before = secret_object("n", "ns", {"same": CANARY, "other": "old"}, labels={"a": "b"})
    after = secret_object("n", "ns", {"same": CANARY, "other": "new", "added": CANARY})
    seen = diff.visible_secret(after, before)
    assert seen["data"] == {"same": diff.HIDDEN, "other": "(new value)", "added": "(new value)"}
    assert seen["metadata"] == after["metadata"] and seen["type"] == "Opaque"
    assert set(diff.visible_secret(after, None)["data"].values()) == {diff.HIDDEN}
    assert diff.visible_secret(None, before) == {}


def test_object_with_fields_of_others() -> None:
    """Variables, commands and annotations are shown if our own object has them."""
    container = {"name": "c", "args": [CANARY], "env": [{"name": "A", "value": "ours"}, {"name": "B", "value": CANARY}]}
    metadata = {"name": "d", "annotations": {"theirs": CANARY, "ours": "x"}}
    live = {"kind": "Deployment", "metadata": metadata, "spec": {"template": {"spec": {"containers": [container]}}}}
    pod = {"containers": [{"name": "c", "env": [{"name": "A", "value": "ours"}]}]}
    ours = {"metadata": {"annotations": {"ours": "x"}}, "spec": {"template": {"spec": pod}}}
    seen = diff.visible_object(live, ours)
    assert CANARY not in json.dumps(seen) and seen["metadata"]["annotations"]["ours"] == "x"
    (shown,) = seen["spec"]["template"]["spec"]["containers"]
    assert shown["env"] == [{"name": "A", "value": "ours"}, {"name": "B", "value": diff.HIDDEN}]


def _seen(live: dict[str, Any], ours: dict[str, Any]) -> dict[str, Any]:
    """The container as it is shown."""
    objects = [{"spec": {"template": {"spec": {"containers": [{"name": "c", **item}]}}}} for item in (live, ours)]
    (container,) = diff.visible_object({"metadata": {"name": "d"}, **objects[0]}, objects[1])["spec"]["template"][
        "spec"
    ]["containers"]
    return {key: value for key, value in container.items() if key != "name"}


def test_another_value_under_a_name_of_ours() -> None:
    """Another client has written it, or an earlier run whose value may have been a credential."""
    live = {
        "env": [
            {"name": "A", "value": CANARY},
            {"name": "B", "value": "same"},
            {"name": "C", "value": CANARY},
            {"name": "D", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
        ],
        "command": ["/bin/registry", CANARY],
        "args": [CANARY],
        "readinessProbe": {
            "httpGet": {"path": "/debug", "scheme": "HTTP", "httpHeaders": [{"name": "Host", "value": CANARY}]},
            "periodSeconds": 1,
        },
    }
    ours = {
        "env": [{"name": "A", "value": "a"}, {"name": "B", "value": "same"}, {"name": "C", "valueFrom": {}}],
        "command": ["/bin/registry", "serve"],
        "readinessProbe": {"httpGet": {"path": "/debug", "httpHeaders": [{"name": "Host", "value": "h"}]}},
    }
    assert _seen(live, ours) == {
        "env": [
            {"name": "A", "value": diff.HIDDEN},
            {"name": "B", "value": "same"},
            {"name": "C", "value": diff.HIDDEN},
            {"name": "D", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
        ],
        "command": ["/bin/registry", diff.HIDDEN],
        "args": diff.HIDDEN,
        "readinessProbe": {
            "httpGet": {
                "path": "/debug",
                "scheme": diff.HIDDEN,
                "httpHeaders": [{"name": "Host", "value": diff.HIDDEN}],
            },
            "periodSeconds": 1,
        },
    }
    assert _seen(ours, ours) == ours


def test_another_annotation_under_a_name_of_ours() -> None:
    """Only what our object says as well."""
    found = diff.visible_metadata({"annotations": {"a": CANARY, "b": "same"}}, {"annotations": {"a": "x", "b": "same"}})
    assert found == {"annotations": {"a": diff.HIDDEN, "b": "same"}}


RECORDS = {
    constants.PREVIOUS_DEPLOYMENT: {"spec": {"template": {"spec": {"containers": [{"env": [{"value": CANARY}]}]}}}},
    constants.VERIFIED_STATE: {"overlay": {"spec": {"template": {"metadata": {"annotations": {"a": CANARY}}}}}},
    FORMER_ANNOTATIONS: {"annotations": {"theirs": CANARY}},
    f"{constants.PREFIX}/of-a-later-release": [CANARY],
}


def test_our_own_annotations() -> None:
    """A record of a former state holds what others wrote. The others are names, numbers and times, or spec.storage."""
    plain = {
        constants.STORAGE_ID: "s3/eu-central-1/images/root",
        constants.VERIFIED_REVISION: "3",
        constants.DEPLOYED_OBJECTS: "Deployment/dockerregistry,Service/dockerregistry",
        constants.REQUESTED_STORAGE: '{"s3": {"bucket": "images"}}',
        FORMER_ANNOTATIONS + "-none": "null",
    }
    found = {name: json.dumps(record) for name, record in RECORDS.items()}
    shown = diff.visible_metadata({"annotations": {**found, **plain}}, {})["annotations"]
    assert shown == {**dict.fromkeys(RECORDS, diff.HIDDEN), **plain}


def test_config_map_with_lines_of_others() -> None:
    """A key of others is hidden; of our own key, lines of others lose their credentials."""
    live = {
        "kind": "ConfigMap",
        "metadata": {"name": "c"},
        "data": {"theirs": CANARY, "ours": f"a: 1\npassword: {CANARY}"},
    }
    seen = diff.visible_object(live, {"data": {"ours": "a: 1"}})
    assert seen["data"] == {"theirs": diff.HIDDEN, "ours": "a: 1\npassword: ***"}


def test_config_map_with_bytes() -> None:
    """Their text is not known."""
    live = {"kind": "ConfigMap", "metadata": {"name": "c"}, "binaryData": {"theirs": CANARY}}
    assert diff.visible_object(live, {})["binaryData"] == {"theirs": diff.HIDDEN}
