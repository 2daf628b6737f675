"""Start, stop and restart of the lab."""

from __future__ import annotations

import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

from kymalab import (
    cluster,
    configs,
    images,
    machine,
    pki,
    preconditions,
    processes,
    record,
    reset,
    volumes,
)
from kymalab.api import Api, ApiError
from kymalab.build import GoToolchain, build
from kymalab.clouds import certificates as cloud_certificates
from kymalab.clouds import lifecycle as clouds
from kymalab.components import Component, components
from kymalab.health import problems_of
from kymalab.operator import lifecycle as operator
from kymalab.products import ADDON_PRODUCTS, KUBECTL, NODE_PRODUCTS, PRODUCTS, Product
from kymalab.record import Record
from kymalab.settings import LabError, Paths, definition, say

_FIRST = ("etcd", "containerd", "kube-apiserver")
START_TIMEOUT = 120
RELAUNCHES = 5


def up(paths: Paths, *, minimal: bool = False) -> None:
    """Make sure that a usable lab of this definition runs: a whole one, or at least one without the add-ons."""
    preconditions.require_root()
    with record.machine_lock():
        known = record.load()
        if known and not known.belongs_to(paths):
            if known.any_alive:
                raise LabError(
                    f"Another lab runs on this machine, with its state in {known.state}. There can be one:"
                    f" use it, or end it with `KYMA_LAB_STATE={known.state} tests/lab/lab down`."
                )
            _clean(Paths(Path(known.state), paths.cache), known)
            known = None
        wanted = definition()
        if known and known.complete:
            found = problems_of(paths, known)
            if not found and known.definition == wanted:
                if known.minimal and minimal:
                    _offer_volumes(paths)
                elif known.minimal:
                    _add_addons(paths, known)
                say(f"The lab runs. KUBECONFIG={paths.kubeconfig}")
                return
            if known.any_alive:
                say(f"Restarting the lab: {found[0] if found else 'its definition has changed'}.")
        _start(paths, known, wanted, NODE_PRODUCTS if minimal else PRODUCTS)


def down(paths: Paths) -> None:
    """Take the lab down and leave nothing of it but logs, keys and built programs."""
    preconditions.require_root()
    with record.machine_lock():
        known = record.load()
        if known and not known.belongs_to(paths):
            if known.any_alive:
                raise LabError(f"The lab that runs has its state in {known.state}: set KYMA_LAB_STATE to that.")
            say(f"Cleaning up after the lab in {known.state} as well.")
            _clean(Paths(Path(known.state), paths.cache), known)
            known = None
        _clean(paths, known)
    say("The lab is down.")


def restart(paths: Paths, names: list[str]) -> None:
    """Stop the named components, start them again, and wait until the lab is healthy."""
    preconditions.require_root()
    with record.machine_lock():
        known = record.load()
        if not known or not known.belongs_to(paths) or not known.complete:
            raise LabError("The lab does not run. Start it with `tests/lab/lab up`.")
        table = _table(paths, known)
        unknown = sorted(set(names) - set(table))
        if unknown:
            raise LabError(f"No such component: {', '.join(unknown)}. There are: {', '.join(table)}.")
        processes.stop([known.processes[name] for name in reversed(table) if name in names], grace=20)
        for name in table:
            if name in names:
                _launch(paths, known, table[name])
        _await_health(paths, known)
    say(f"Restarted: {', '.join(names)}.")


def _table(paths: Paths, known: Record) -> dict[str, Component]:
    return components(paths, {name: Path(path) for name, path in known.binaries.items()})


def _clean(paths: Paths, known: Record | None) -> None:
    """Remove what a lab left or still has, and give the machine its settings back."""
    operator.remove(paths)
    cluster_processes = list(known.processes.values()) if known else []
    machine.clean(paths, [*cluster_processes, *clouds.recorded(paths)])
    if known:
        machine.write_sysctls(known.sysctls)
    record.forget()


def _offer_volumes(paths: Paths) -> None:
    """Replace the volumes of a minimal lab that were used and given up."""
    with closing(Api(paths)) as api:
        volumes.offer(api, paths)


def _add_addons(paths: Paths, current: Record) -> None:
    """Make a whole lab of a minimal one, without a restart: what runs in it stays."""
    built = build(ADDON_PRODUCTS, paths.cache, preconditions.go_toolchain())
    current.binaries |= {name: str(path) for name, path in built.items()}
    with closing(Api(paths)) as api:
        volumes.withdraw(api, paths)
    table = _table(paths, current)
    for name in built:
        _launch(paths, current, table[name])
    _await_health(paths, current)
    say(f"Added to the lab that runs: {', '.join(built)}.")


def _programs(paths: Paths, products: tuple[Product, ...], go: GoToolchain) -> dict[str, Path]:
    """Install Debian's programs and build the others, both at the same time: one waits for the network and the disk."""
    kubectl = () if preconditions.kubectl_on_path() else (KUBECTL,)
    with ThreadPoolExecutor(max_workers=1) as pool:
        installing = pool.submit(preconditions.install_packages)
        if not preconditions.can_download():
            installing.result()
        binaries = build((*products, *kubectl), paths.cache, go, installing)
        installing.result()
    return binaries


def _start(paths: Paths, known: Record | None, wanted: str, products: tuple[Product, ...]) -> None:
    """Build what is missing and start an empty cluster."""
    machine.refuse_foreign_node(paths)
    go = preconditions.go_toolchain()
    binaries = _programs(paths, products, go)
    begin = time.monotonic()
    _clean(paths, known)
    current = Record(
        state=str(paths.state),
        definition=wanted,
        sysctls=machine.read_sysctls(),
        binaries={name: str(path) for name, path in binaries.items()},
    )
    current.save()
    pki.prepare(paths)
    cloud_certificates.prepare(paths)
    _keep_previous_logs(paths)
    configs.write_all(paths)
    machine.prepare(paths)
    table = _table(paths, current)
    for name in _FIRST:
        _launch(paths, current, table[name])
    with ThreadPoolExecutor(max_workers=1) as pool:
        importing = pool.submit(_import_images, paths, images.write_archives(paths, binaries, go), table)
        _await(paths, current, [table["kube-apiserver"]])
        with closing(Api(paths)) as api:
            _bootstrap(api, paths)
            if current.minimal:
                volumes.offer(api, paths)
        for name, component in table.items():
            if name not in (*_FIRST, "kubelet"):
                _launch(paths, current, component)
        importing.result()
        _launch(paths, current, table["kubelet"])
        _await_health(paths, current)
    reset.save_baseline(paths)
    current.complete = True
    current.save()
    say(f"The lab is up after {time.monotonic() - begin:.1f} s. KUBECONFIG={paths.kubeconfig}")


def _keep_previous_logs(paths: Paths) -> None:
    """Begin with empty logs; keep one older set, for questions after a crash."""
    paths.logs.mkdir(parents=True, exist_ok=True)
    previous = paths.logs / "previous"
    previous.mkdir(exist_ok=True)
    for log in paths.logs.glob("*.log"):
        log.rename(previous / log.name)


def _launch(paths: Paths, current: Record, component: Component) -> None:
    """Start a component and write down its process before anything else happens."""
    current.processes[component.name] = processes.start(
        component.command, paths.log_of(component.name), component.environment
    )
    current.save()


def _bootstrap(api: Api, paths: Paths) -> None:
    """Create the lab's objects; the first requests may still meet a server that gathers itself."""
    for attempt in range(50):
        try:
            cluster.bootstrap(api, paths)
            return
        except ApiError as error:
            if attempt == 49 or error.status not in (0, 403, 429, 500, 503):
                raise
            time.sleep(0.1)


def _import_images(paths: Paths, archives: dict[str, Path], table: dict[str, Component]) -> None:
    """Give the node its images as soon as containerd takes them."""
    deadline = time.monotonic() + START_TIMEOUT
    while not table["containerd"].works():
        if time.monotonic() > deadline:
            raise LabError(f"containerd does not answer.\n{processes.tail(paths.log_of('containerd'))}")
        time.sleep(0.05)
    for name, archive in archives.items():
        images.import_archive(paths, name, archive)


def _await_health(paths: Paths, current: Record) -> None:
    """Wait until everything works and the cluster can be used."""
    _await(paths, current, _table(paths, current).values())
    deadline = time.monotonic() + START_TIMEOUT
    while found := problems_of(paths, current):
        if time.monotonic() > deadline:
            raise LabError(f"The lab does not become usable: {'; '.join(found)}. See `tests/lab/lab logs NAME`.")
        time.sleep(0.1)


def _await(paths: Paths, current: Record, waited: Iterable[Component]) -> None:
    """Wait until components work.

    A component that ends during that time is started again, as a service manager would do (the kubelet ends when containerd
    still gathers itself); one that ends again and again is reported with its last words.
    """
    deadline = time.monotonic() + START_TIMEOUT
    table = _table(paths, current)
    relaunches = dict.fromkeys(table, 0)
    for component in waited:
        while not component.works():
            for name in [name for name, process in current.processes.items() if not process.alive]:
                relaunches[name] += 1
                if relaunches[name] > RELAUNCHES:
                    raise LabError(
                        f"{name} ends again and again while the lab starts.\n{processes.tail(paths.log_of(name))}"
                    )
                time.sleep(0.3)
                _launch(paths, current, table[name])
            if time.monotonic() > deadline:
                raise LabError(
                    f"{component.name} does not become ready.\n{processes.tail(paths.log_of(component.name))}"
                )
            time.sleep(0.05)
