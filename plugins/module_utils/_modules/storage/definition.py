# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The definition of the DockerRegistry if the cluster has none: installed, or reported with what its administrator has to apply."""

from __future__ import annotations

import json
import time

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, Refusal, error
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import Conflict, Forbidden
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.crd import NAME, crd

from .options import StorageOptions

try:
    import yaml

    HAS_YAML = True
except ImportError:
    HAS_YAML = False

PATH = f"CustomResourceDefinition/{NAME}"
_SECONDS = 15.0
_PAUSE = 0.1


def check_definition(context: Context[StorageOptions]) -> list[Finding]:
    """What prevents installing it. The server says whether this user may; nothing is stored."""
    if not context.options.install_crd:
        return [error("crd-missing", PATH, "is not installed, and registry_install_crd is false.", _build_remedy())]
    try:
        context.cluster.create(crd(), dry_run=True)
    except Conflict:  # A concurrent run has created it.
        return []
    except Forbidden as problem:
        reported = problem.findings[0].message
        return [error(problem.code, PATH, f"is not installed: {reported}", _build_remedy())]
    return []


def install_definition(context: Context[StorageOptions], namespace: str) -> None:
    """Creates it and waits until the cluster serves it. In check mode it only reports that: check_definition() has checked the right."""
    try:
        if not context.check_mode:
            context.cluster.create(crd())
        context.change(PATH, {}, {"metadata": {"name": NAME}})
    except Conflict:
        pass
    if not context.check_mode:
        _await_served(context, namespace)


def _await_served(context: Context[StorageOptions], namespace: str) -> None:
    deadline = time.monotonic() + _SECONDS
    while time.monotonic() < deadline:
        if context.cluster.serves("DockerRegistry", namespace):
            return
        time.sleep(_PAUSE)
    raise Refusal(
        [error("crd-not-served", PATH, "is not served by the API server yet.", "Check its conditions and run again.")]
    )


def _build_remedy() -> str:
    """The end marker is on a separate line, so that a copied text ends there too."""
    # By way of JSON: the parts that occur twice in it are the same objects, for which YAML would write anchors.
    document = json.loads(json.dumps(crd()))
    text = yaml.safe_dump(document, sort_keys=False) if HAS_YAML else f"{json.dumps(document)}\n"
    return f"Ask an administrator of the cluster to apply it once, then run again:\nkubectl apply -f - <<'EOF'\n{text}EOF\n"
