# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Time of runs that change nothing, beside kubectl and kubernetes.core; writes docs/benchmarks.md. It asserts no duration.

KYMA_BENCH_ROUNDS: how many (9). With fewer than 7 the table is only printed.
"""

from __future__ import annotations

import os
from pathlib import Path

from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster
from ansible_collections.kyma.docker_registry.tests.bench import machine, measure, report
from ansible_collections.kyma.docker_registry.tests.bench.cases import KINDS, Place, all_cases, applied_objects
from ansible_collections.kyma.docker_registry.tests.e2e.conftest import SITE
from ansible_collections.kyma.docker_registry.tests.support import playbook

ROUNDS = int(os.environ.get("KYMA_BENCH_ROUNDS", "9"))
FEWEST = 7
PAGE = playbook.REPOSITORY / "docs/benchmarks.md"
PLOT = playbook.REPOSITORY / "docs/images/benchmarks.svg"
PROGRAMS = playbook.REPOSITORY / ".venv/bench/bin"


def _versions(cluster: Cluster, namespace: str) -> dict[tuple[str, str], str]:
    """What shows a write: each object's resourceVersion."""
    live = [item for kind in KINDS for item in cluster.list(kind, namespace)]
    return {(item["kind"], item["metadata"]["name"]): item["metadata"]["resourceVersion"] for item in live}


def test_runs_without_changes(
    cluster: Cluster, kubeconfig: str, namespace: str, lab: dict[str, str], tmp_path: Path
) -> None:
    """On one registry on the default volume, in direct mode."""
    deployed = playbook.run(SITE, kubeconfig=kubeconfig, variables={"registry_namespace": namespace})
    assert deployed.returncode == 0, deployed.output
    objects = applied_objects(cluster, namespace)
    place = Place(PROGRAMS, lab["kubectl"], kubeconfig, namespace, tmp_path)
    cases = all_cases(place, objects)
    # Also the first run of each: that of kubectl becomes an owner of the fields beside the role.
    counts = {case.title: measure.count(case, tmp_path, Path(lab["audit_log"])) for case in cases}
    before = _versions(cluster, namespace)
    rows = measure.summarize(measure.run_rounds(cases, ROUNDS))
    assert _versions(cluster, namespace) == before

    known = machine.facts(PROGRAMS, lab["kubectl"], cluster.version()["gitVersion"])
    text = report.section(
        report.machine_text(known),
        ROUNDS,
        len(objects),
        report.table(rows, counts),
        PLOT.relative_to(PAGE.parent).as_posix(),
    )
    print(text)
    for title, counted in counts.items():
        print(f"imports, {title}: {dict(sorted(counted.imports.items(), key=lambda item: -item[1])[:12])}")
    if ROUNDS >= FEWEST:
        PLOT.write_text(report.plot(rows), encoding="utf-8")
        PAGE.write_text(report.insert(PAGE.read_text(encoding="utf-8"), text), encoding="utf-8")
