"""Start and stop of the clouds."""

from __future__ import annotations

import shutil
import socket
import time
from pathlib import Path
from typing import Any

from kymalab import preconditions, processes, record
from kymalab.build import build
from kymalab.clouds import azurite, certificates, credentials, names, services, stores
from kymalab.clouds.record import CloudRecord, load
from kymalab.components import Component
from kymalab.products import CLOUD_PRODUCTS
from kymalab.settings import LabError, Paths, definition, say

START_TIMEOUT = 60
GRACE = 5
NOT_RUNNING = "The clouds do not run. Start them with `tests/lab/lab clouds up`."


def up(paths: Paths) -> None:
    """Make sure that all clouds run; what still works, and what is stored, is kept."""
    preconditions.require_root()
    with record.machine_lock():
        wanted = definition()
        _require_lab(paths, wanted)
        current = load(paths)
        if current and current.definition == wanted and not problems_of(paths, current):
            say(f"The clouds run. ACCESS={credentials.access_file(paths)}")
            return
        if current and current.definition != wanted:
            remove(paths)
            current = None
        if not current:
            preconditions.install_packages(preconditions.CLOUD_PACKAGES)
            binaries = azurite.install(paths.cache) | build(CLOUD_PRODUCTS, paths.cache, preconditions.go_toolchain())
            current = CloudRecord(wanted, {name: str(path) for name, path in binaries.items()})
        begin = time.monotonic()
        _start(paths, current)
    say(f"The clouds are up after {time.monotonic() - begin:.1f} s. ACCESS={credentials.access_file(paths)}")


def down(paths: Paths) -> None:
    """Stop the clouds and forget what they stored."""
    preconditions.require_root()
    with record.machine_lock():
        remove(paths)
    say("The clouds are down.")


def remove(paths: Paths) -> None:
    """Stop all processes, politely, and remove all files but keys and logs."""
    current = load(paths)
    if current:
        processes.stop(reversed(current.processes.values()), GRACE)
    processes.stop(processes.of_clouds(paths), 0)
    shutil.rmtree(paths.clouds, ignore_errors=True)


def empty(paths: Paths) -> None:
    """Start over with empty stores, where the clouds run; for a caller that holds the machine's lock."""
    current = load(paths)
    if not current or not any(process.alive for process in current.processes.values()):
        return
    processes.stop(reversed(current.processes.values()), GRACE)
    stores.wipe(paths)
    _start(paths, current)


def recorded(paths: Paths) -> list[processes.Process]:
    """Return the processes that were started and may still run."""
    current = load(paths)
    return list(current.processes.values()) if current else []


def require_running(paths: Paths) -> None:
    """Refuse where the clouds do not run."""
    preconditions.require_root()
    current = load(paths)
    if not current:
        raise LabError(NOT_RUNNING)
    found = problems_of(paths, current)
    if found:
        raise LabError(f"The clouds are not healthy: {'; '.join(found)}. Repair them with `tests/lab/lab clouds up`.")


def status(paths: Paths) -> dict[str, Any]:
    """Return everything about the clouds that is not a secret."""
    preconditions.require_root()
    current = load(paths)
    problems = problems_of(paths, current) if current else ["the clouds do not run"]
    return {
        "running": not problems,
        "problems": problems,
        **credentials.public_facts(paths),
        "components": {
            name: {"pid": process.pid, "alive": process.alive, "log": str(paths.log_of(name))}
            for name, process in (current.processes if current else {}).items()
        },
    }


def problems_of(paths: Paths, current: CloudRecord) -> list[str]:
    """Return what is wrong with clouds that should run; empty when they are healthy."""
    table = _table(paths, current)
    found = [f"{name} does not run" for name in table if not _alive(current, name)]
    found = found or [f"{name} does not answer" for name, service in table.items() if not service.works()]
    if not found and not credentials.access_file(paths).exists():
        found = ["their start was interrupted"]
    return found


def _table(paths: Paths, current: CloudRecord) -> dict[str, Component]:
    return services.services(paths, {name: Path(path) for name, path in current.binaries.items()})


def _alive(current: CloudRecord, name: str) -> bool:
    return name in current.processes and current.processes[name].alive


def _require_lab(paths: Paths, wanted: str) -> None:
    """Refuse without a lab of this definition: it has the address, the names and the trust."""
    lab = record.load()
    if not lab or not lab.belongs_to(paths) or not lab.complete:
        raise LabError("The lab does not run. Start it with `tests/lab/lab up`, then the clouds.")
    if lab.definition != wanted:
        raise LabError("The lab that runs is of another definition. Renew it with `tests/lab/lab up`, then the clouds.")
    if lab.minimal:
        raise LabError("The lab that runs has no DNS. Complete it with `tests/lab/lab up`, then the clouds.")


def _start(paths: Paths, current: CloudRecord) -> None:
    """Start what does not work, and make everything that tests count on."""
    certificates.prepare(paths)
    stores.prepare(paths)
    services.write_front_config(paths)
    table = _table(paths, current)
    broken = [name for name, service in table.items() if not _alive(current, name) or not service.works()]
    processes.stop([current.processes[name] for name in broken if name in current.processes], GRACE)
    if set(broken) == set(table):
        processes.stop(processes.of_clouds(paths), 0)
        _require_free_ports()
    for name in broken:
        service = table[name]
        current.processes[name] = processes.start(service.command, paths.log_of(name), service.environment)
        current.save(paths)
    for name in broken:
        _await(paths, current, table[name])
    stores.make_containers(paths)
    credentials.write_access_file(paths)


def _await(paths: Paths, current: CloudRecord, service: Component) -> None:
    """Wait until a service works."""
    deadline = time.monotonic() + START_TIMEOUT
    while not service.works():
        if not _alive(current, service.name):
            raise LabError(f"{service.name} has ended.\n{processes.tail(paths.log_of(service.name))}")
        if time.monotonic() > deadline:
            raise LabError(f"{service.name} does not become ready.\n{processes.tail(paths.log_of(service.name))}")
        time.sleep(0.05)


def _require_free_ports() -> None:
    """Name the first address that another process uses; one that was killed may hold it for a moment."""
    addresses = [("127.0.0.1", port) for port in names.LOOPBACK_PORTS]
    addresses += [(names.ADDRESS, port) for port in (names.HTTPS_PORT, names.HTTP_PORT)]
    deadline = time.monotonic() + GRACE
    for host, port in addresses:
        while problem := _bind_problem(host, port):
            if time.monotonic() > deadline:
                raise LabError(f"{host}:{port} cannot be used by the clouds: {problem}.")
            time.sleep(0.05)


def _bind_problem(host: str, port: int) -> str:
    """Return why an address cannot be listened on; empty if it can."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            return error.strerror or str(error)
    return ""
