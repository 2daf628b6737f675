# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Records what a live operator makes of the cases in tests/support/operator_cases.py, one file each.

The operator is the one that runs: `LAB_OPERATOR='COMMAND' tests/lab/lab operator up` starts a real one in the lab.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import connect
from ansible_collections.kyma.docker_registry.tests.operator import running
from ansible_collections.kyma.docker_registry.tests.operator.sandbox import Sandbox
from ansible_collections.kyma.docker_registry.tests.support import operator_cases
from ansible_collections.kyma.docker_registry.tests.support.waiting import until

# The operator looks again every 3 s while the Deployment is not ready: two equal looks that are further apart are not a coincidence.
INTERVAL = 4.0
PATIENCE = 180.0
_BACKENDS = ("azure", "s3", "gcs", "btpObjectStore", "pvc")
_STUCK = ("CrashLoopBackOff", "CreateContainerConfigError", "Unschedulable")


def play(sandbox: Sandbox, name: str) -> None:
    """Apply a case, after what was applied before it."""
    _precede(sandbox, operator_cases.ORDER[name])
    sandbox.apply(operator_cases.CASES[name].storage)


def _precede(sandbox: Sandbox, pause: str) -> None:
    """Bring the registry to where it was before a recording."""
    if pause == "azure":
        sandbox.apply({"azure": {"secretName": "azure-storage"}})
        until("the Deployment", lambda: "secrets.azure=" in sandbox.rollme())
        sandbox.set_azure_credentials_type()
        sandbox.await_state("Ready")
        sandbox.release()
    elif pause:
        sandbox.apply(None)
        until("the default", lambda: "dockerregistry" in sandbox.names("PersistentVolumeClaim"))
        until("its Deployment", lambda: sandbox.rollme() == operator_cases.DEFAULT_ROLLME)
    if pause == "ready":
        sandbox.await_state("Ready")


def record(sandbox: Sandbox, name: str) -> dict[str, Any]:
    """Return the recording of a case that was applied, as soon as its status is about its spec and nothing changes any more."""
    storage = operator_cases.CASES[name].storage
    deadline = time.monotonic() + PATIENCE
    before = sandbox.observed_state()
    while True:
        time.sleep(INTERVAL)
        after = sandbox.observed_state()
        if after == before and _is_about(after["status"], storage, sandbox):
            return {"case": name, "spec.storage": storage, **after, "panic": sandbox.panic()}
        if time.monotonic() > deadline:
            raise SystemExit(f"{name}: the status is not about the spec after {PATIENCE:.0f} s: {after['status']}")
        before = after


def _is_about(status: dict[str, Any], storage: dict[str, Any] | None, sandbox: Sandbox) -> bool:
    """Whether a status can be the last about that spec: no field of it says which generation it is about."""
    match status["state"]:
        case "Ready" | "Warning":
            return str(status["storage"]).startswith(_expected_storage_type(storage))
        case "Error":
            return True
        case _:
            return bool(sandbox.panic()) or bool(set(_STUCK) & sandbox.pod_reasons())


def _expected_storage_type(storage: dict[str, Any] | None) -> str:
    """The beginning of what status.storage says."""
    named = [name for name in _BACKENDS if name in (storage or {})]
    return named[0].replace("btpObjectStore", "btp-objectstore-") if named else "filesystem"


def write(folder: Path, recording: dict[str, Any]) -> Path:
    """Write a recording; return its file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{recording['case']}.json"
    path.write_text(json.dumps(recording, indent=1) + "\n", encoding="utf-8")
    return path


def main() -> None:
    """Record all cases."""
    parser = argparse.ArgumentParser(prog="record", description=__doc__)
    parser.add_argument("--kubeconfig", help="default: KUBECONFIG, or the lab's")
    parser.add_argument("--version", help="release of the operator; default: what its Deployment says")
    parser.add_argument("--into", type=Path, help=f"default: {operator_cases.RECORDINGS}/VERSION")
    arguments = parser.parse_args()
    operator = running.find()
    if operator.is_model and not arguments.into:
        parser.error(
            "the lab's own operator runs; recordings are of a real one. Name it in LAB_OPERATOR, or use --into."
        )
    cluster = connect({"kubeconfig": arguments.kubeconfig or running.kubeconfig()}, {}, user_agent="recorder")
    version = arguments.version or running.version(cluster)
    folder = arguments.into or operator_cases.RECORDINGS / version
    sandbox = Sandbox(cluster)
    sandbox.prepare()
    try:
        for name in operator_cases.ORDER:
            play(sandbox, name)
            print(write(folder, record(sandbox, name)), flush=True)
    finally:
        sandbox.remove()


if __name__ == "__main__":
    main()
