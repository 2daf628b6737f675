# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The sleep action of a preStop hook, which the kubelet runs itself. API servers before Kubernetes 1.30 ignore it. Pure.

There the hook runs the program `sleep` of the image. If the image has none, the kubelet ends the container at once and emits an event.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

SINCE = (1, 30)

Item = Mapping[str, Any]


def parse_version(answer: Mapping[str, Any]) -> tuple[int, int] | None:
    """Major and minor number of the answer of /version, None if it has none. Vendors write `30+`."""
    numbers = [re.match(r"\d+", str(answer.get(name) or "")) for name in ("major", "minor")]
    return (int(numbers[0][0]), int(numbers[1][0])) if numbers[0] and numbers[1] else None


def has_sleep_action(obj: Item) -> bool:
    """Whether `obj` is a Deployment whose containers end with the sleep action."""
    return obj.get("kind") == "Deployment" and any(_seconds(item) is not None for item in _containers(obj))


def with_sleep_command(deployment: Item) -> dict[str, Any]:
    """A copy of the Deployment whose containers run `sleep` instead."""
    template = deployment["spec"]["template"]
    containers = [_with_command(item) for item in _containers(deployment)]
    pod = {**template["spec"], "containers": containers}
    return {**deployment, "spec": {**deployment["spec"], "template": {**template, "spec": pod}}}


def _containers(deployment: Item) -> list[dict[str, Any]]:
    return list(deployment["spec"]["template"]["spec"]["containers"])


def _seconds(container: Item) -> int | None:
    hook = (container.get("lifecycle") or {}).get("preStop") or {}
    seconds = (hook.get("sleep") or {}).get("seconds")
    return None if seconds is None else int(seconds)


def _with_command(container: dict[str, Any]) -> dict[str, Any]:
    seconds = _seconds(container)
    if seconds is None:
        return container
    hook = {"exec": {"command": ["sleep", str(seconds)]}}
    return {**container, "lifecycle": {**container["lifecycle"], "preStop": hook}}
