"""Whether the lab works, in one list of problems."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

from kymalab import cluster, images, record
from kymalab.api import Api, ApiError
from kymalab.components import components
from kymalab.pki import ADMIN, kubeconfig_of
from kymalab.preconditions import kubectl_on_path
from kymalab.record import Record
from kymalab.settings import NODE_IP, NODE_NAME, SERVER, Paths


def problems_of(paths: Paths, known: Record) -> list[str]:
    """Return what is wrong with a lab that should run; empty when it is healthy."""
    table = components(paths, {name: Path(path) for name, path in known.binaries.items()})
    found = [f"{name} does not run" for name in table if name not in known.processes or not known.processes[name].alive]
    if found:
        return found
    found = [f"{name} does not answer" for name, component in table.items() if not component.works()]
    if found:
        return found
    try:
        with closing(Api(paths)) as api:
            return cluster.problems(api)
    except ApiError as error:
        return [str(error)]


def status(paths: Paths) -> dict[str, Any]:
    """Return everything that a test wants to know about the lab."""
    known = record.load()
    if known and not known.belongs_to(paths):
        problems = [f"another lab is recorded, with its state in {known.state}"]
        known = None
    elif not known:
        problems = ["the lab does not run"]
    elif not known.complete:
        problems = ["the lab is starting, or its start was interrupted"]
    else:
        problems = problems_of(paths, known)
    running = known.processes if known else {}
    return {
        "running": not problems,
        "minimal": bool(known and known.minimal),
        "problems": problems,
        "kubeconfig": str(paths.kubeconfig),
        "kubeconfigs": {user: str(kubeconfig_of(paths, user)) for user in (ADMIN, "nobody")},
        "kubectl": kubectl_on_path() or (known.binaries.get("kubectl") if known else None),
        "audit_log": str(paths.audit_log),
        "server": SERVER,
        "node_name": NODE_NAME,
        "node_ip": NODE_IP,
        "state_dir": str(paths.state),
        "volumes_dir": str(paths.volumes),
        "containerd_socket": str(paths.containerd_socket),
        "images": {
            name: str(paths.archives / images.archive_name(name))
            for name in (images.BUSYBOX_IMAGE, images.PAUSE_IMAGE, images.REGISTRY_IMAGE)
        },
        "components": {
            name: {"pid": process.pid, "alive": process.alive, "log": str(paths.log_of(name))}
            for name, process in running.items()
        },
    }
