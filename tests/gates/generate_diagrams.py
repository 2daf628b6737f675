# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes docs/images/layers.svg and docs/images/modes.svg, the diagrams of docs/architecture.md. `make generate` runs it.

Names of playbooks, modules and folders are read from the repository: a new folder of module_utils needs a line here.
"""

from __future__ import annotations

from pathlib import Path

from ansible_collections.kyma.docker_registry.plugins.module_utils import names
from ansible_collections.kyma.docker_registry.tests.gates.diagram import Arrow, Box, Diagram, Group, svg
from ansible_collections.kyma.docker_registry.tests.gates.generated import write

ROOT = Path(__file__).resolve().parents[2]
IMAGES = ROOT / "docs/images"
# What stands below the use cases: kind and words of each folder of module_utils.
FOLDERS = {
    "storage": ("pure", ("a file a backend; the", "CR and its volumes")),
    "distribution": ("pure", ("config.yml, log lines,", "causes, the proof image")),
    "kyma_operator": ("pure", ("what it makes of a spec,", "overlay, fuse")),
    "cluster": ("cluster", ("the only place that", "talks to Kubernetes")),
}
USE_CASES = "ensure"


def folders() -> list[str]:
    """The folders of module_utils."""
    return sorted(path.name for path in (ROOT / "plugins/module_utils").iterdir() if any(path.glob("*.py")))


def _stems(pattern: str) -> str:
    return " · ".join(sorted(path.stem for path in ROOT.glob(pattern)))


def layers() -> Diagram:
    """The code: who calls whom."""
    below = [name for name in folders() if name != USE_CASES]
    # In the order of the table; a folder that it does not know is a ValueError.
    below.sort(key=list(FOLDERS).index)
    span = 12 // len(below)
    pure = [name for name in below if FOLDERS[name][0] == "pure"]
    return Diagram(
        "Layers of the collection",
        "Playbooks and AWX call the role, the role its modules through one of two front doors, both the same use case,"
        " and that the pure folders and the one that talks to Kubernetes.",
        [
            [
                Box("playbooks", 0, 6, "start", "playbooks/", [_stems("playbooks/*.yml")]),
                Box("awx", 6, 6, "start", "AWX: awx/", ["job templates of them, surveys, credential types"]),
            ],
            [
                Box(
                    "role",
                    0,
                    12,
                    "code",
                    "roles/registry/",
                    [
                        "validate → credentials → preflight → Secret → DockerRegistry → objects → proof",
                        "its templates print what plugins/filter/ returns",
                    ],
                )
            ],
            [
                Box(
                    "action",
                    0,
                    6,
                    "code",
                    "plugins/action/",
                    ["in process on the controller, from ansible-core 2.19 on"],
                ),
                Box("modules", 6, 6, "code", "plugins/modules/", ["everywhere else: become, async, other hosts, 2.16"]),
            ],
            [
                Box(
                    "runner",
                    0,
                    12,
                    "code",
                    "module_utils/: runner, arguments, redaction",
                    ["check and diff mode, results, findings; masks every form of every secret"],
                )
            ],
            [
                Box(
                    USE_CASES,
                    0,
                    12,
                    "code",
                    f"{USE_CASES}/",
                    ["the use cases: what is, what is wished, the guard, what is written, what is awaited"],
                )
            ],
            [
                Box(name, span * at, span, FOLDERS[name][0], f"{name}/", FOLDERS[name][1])
                for at, name in enumerate(below)
            ],
            [Box("api", span * below.index("cluster"), span, "outside", "Kubernetes API")],
        ],
        [
            Arrow("playbooks", "role"),
            Arrow("awx", "playbooks"),
            Arrow("role", "action"),
            Arrow("role", "modules"),
            Arrow("action", "runner"),
            Arrow("modules", "runner"),
            Arrow("runner", USE_CASES),
            *(Arrow(USE_CASES, name) for name in below),
            Arrow("cluster", "api"),
        ],
        [
            Group(f"two front doors: {_stems('plugins/modules/*.py')}", ["action", "modules"]),
            Group("pure: no Ansible, no network, no clock", pure),
        ],
    )


def modes() -> Diagram:
    """What a run makes, with and without an operator."""
    return Diagram(
        "A run in direct mode and in operator mode",
        "In direct mode the run tries the store in a Pod, writes the DockerRegistry and applies all objects. In operator mode it writes"
        " the DockerRegistry, from which Kyma's operator makes a Deployment, and completes and holds that. Both end in a registry on a store.",
        [
            [
                Box(
                    "run",
                    0,
                    12,
                    "start",
                    "A run of the role",
                    [
                        "validates everything first, asks the guard, then writes by server-side apply, and only what differs"
                    ],
                )
            ],
            [
                Box("preflight", 0, 3, "cluster", "Preflight Pod", ["tries the new store", "before anything uses it"]),
                Box("record", 3, 3, "cluster", "DockerRegistry", ["the record; its status", "is as of the run"]),
                Box("wish", 6, 3, "cluster", "DockerRegistry", ["and a derived Secret", "where one is needed"]),
                Box(
                    "overlay",
                    9,
                    3,
                    "cluster",
                    "Overlay and fuse",
                    ["what it leaves out; no", "silent switch of stores"],
                ),
            ],
            [
                Box(
                    "objects",
                    0,
                    6,
                    "cluster",
                    "Objects of the role",
                    [f"Deployment {names.REGISTRY}, ConfigMap, Secrets,", "Services, network policies, volume"],
                ),
                Box("operator", 6, 3, "outside", "Kyma's operator", ["reconciles"]),
                Box("deployment", 9, 3, "cluster", "Deployment", [names.REGISTRY]),
            ],
            [
                Box("clients", 0, 3, "start", "Clients", [f"{names.CREDENTIALS_SECRET}:", "user and password"]),
                Box(
                    "registry",
                    3,
                    9,
                    "cluster",
                    "Registry: a Pod of CNCF Distribution",
                    [
                        f"keys of the store: a copy of its Secret, {names.STORAGE_SECRET}",
                        "proven by an image that is pushed and pulled through the API server's port-forward",
                    ],
                ),
            ],
            [
                Box(
                    "store",
                    3,
                    9,
                    "outside",
                    "Store",
                    ["a volume (filesystem, pvc), or a bucket or container (azure, s3, gcs, btpObjectStore)"],
                )
            ],
        ],
        [
            Arrow("run", "preflight"),
            Arrow("preflight", "record"),
            Arrow("record", "objects"),
            Arrow("run", "wish"),
            Arrow("run", "overlay"),
            Arrow("wish", "operator"),
            Arrow("overlay", "deployment"),
            Arrow("operator", "deployment"),
            Arrow("objects", "registry"),
            Arrow("deployment", "registry"),
            Arrow("clients", "registry"),
            Arrow("registry", "store"),
        ],
        [
            Group("direct mode", ["preflight", "record", "objects"]),
            Group("operator mode", ["wish", "overlay", "operator", "deployment"]),
        ],
    )


def pages() -> dict[Path, str]:
    """The files as they shall be."""
    return {IMAGES / "layers.svg": svg(layers()), IMAGES / "modes.svg": svg(modes())}


if __name__ == "__main__":
    write(pages())
