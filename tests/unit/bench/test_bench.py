# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What `make bench` makes of its measurements: statistics, table, plot, page."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from ansible_collections.kyma.docker_registry.tests.bench import machine, measure, report
from ansible_collections.kyma.docker_registry.tests.bench.cases import APPLY, FLOOR, Case, Place, all_cases, shared
from ansible_collections.kyma.docker_registry.tests.bench.measure import Counts, Row, Sample
from ansible_collections.kyma.docker_registry.tests.support.playbook import REPOSITORY

PAGE = (REPOSITORY / "docs/benchmarks.md").read_text(encoding="utf-8")
OBJECTS = [{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}} for name in ("a", "b")]
NONE = Counts({}, 0, 0)


def _samples(*walls: float) -> list[Sample]:
    return [Sample(wall, wall / 2) for wall in walls]


def test_ratio_within_a_round() -> None:
    """Each run is compared with the floor and the apply of its round: one slow round does not change the ratio."""
    rows = measure.summarize({FLOOR: _samples(1, 3, 1), APPLY: _samples(1, 1, 1), "x": _samples(4, 8, 5)})
    assert rows[2] == Row("x", 4, 5, 8, 2.5, 2)
    assert [row.ratio for row in rows[:2]] == [0.5, 0.5]


def test_rounds_are_interleaved() -> None:
    """Each command once a round, and not always after the same one of the last round."""
    cases = [Case(name, [], {}) for name in "abc"]
    ran: list[str] = []

    def run(case: Case) -> Sample:
        ran.append(case.title)
        return Sample(len(ran), 0)

    samples = measure.run_rounds(cases, 3, run)
    assert "".join(ran) == "abcbcacab"
    assert [sample.wall for sample in samples["c"]] == [3, 5, 7]


@pytest.mark.parametrize("command", ["exit 3", "echo 'localhost : ok=1 changed=1 unreachable=0 failed=0 skipped=0'"])
def test_a_run_that_fails_or_changes_something(command: str, tmp_path: Path) -> None:
    """It is not measured."""
    program = tmp_path / "ansible-playbook"
    program.write_text(f"#!/bin/sh\n{command}\n", encoding="utf-8")
    program.chmod(0o755)
    with pytest.raises(AssertionError, match="x:"):
        measure.run_once(Case("x", [str(program)], {}))


def test_a_run_without_changes(tmp_path: Path) -> None:
    """CPU time is that of its children too."""
    program = tmp_path / "ansible-playbook"
    loop = "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done"
    program.write_text(
        f"#!/bin/sh\nsh -c '{loop}'\necho 'localhost : ok=1 changed=0 unreachable=0 failed=0 skipped=0'\n"
    )
    program.chmod(0o755)
    sample = measure.run_once(Case("x", [str(program)], {"PATH": os.environ["PATH"]}))
    assert sample.wall > 0 and sample.cpu > 0


def test_imports_of_all_processes(tmp_path: Path) -> None:
    """Those of a forked process and of another Python count; what is there already does not."""
    log = tmp_path / "log"
    program = "import colorsys, os, subprocess, sys\nimport os\nif os.fork() == 0:\n    import wave\n    os._exit(0)\nos.wait()\n"
    program += "subprocess.run([sys.executable, '-c', 'import colorsys'], check=True)\n"
    environment = {"PYTHONPATH": str(measure.IMPORT_LOG), "KYMA_IMPORT_LOG": str(log)}
    subprocess.run([sys.executable, "-c", program], env=environment, check=True)
    imports, processes = measure.count_imports(log.read_text(encoding="utf-8"))
    assert (imports["colorsys"], imports["wave"], imports["os"], processes) == (2, 1, 0, 3)


def test_imports_by_package() -> None:
    """A collection is a package too."""
    imports, processes = measure.count_imports("1 os.path\n2 os\n1 ansible_collections.kyma.docker_registry.plugins\n")
    assert imports == {"os": 2, "kyma.docker_registry": 1} and processes == 2


def test_requests_of_one_program() -> None:
    """Each answered request once; others use the cluster too."""
    entries = [
        {"stage": "ResponseComplete", "userAgent": "kubectl/v1"},
        {"stage": "ResponseStarted", "userAgent": "kubectl/v1"},
        {"stage": "ResponseComplete", "userAgent": "kubelet/v1"},
        {"stage": "ResponseComplete"},
    ]
    lines = [json.dumps(entry).encode() for entry in entries]
    assert measure.count_requests(lines, "kubectl") == 1 and measure.count_requests(lines, "") == 0


def test_commands(tmp_path: Path) -> None:
    """Each verification level in both ways, all objects in each apply; nothing is recorded, and files with Secrets are private."""
    place = Place(Path("/programs"), "kubectl", "/kubeconfig", "ns", tmp_path)
    cases = {case.title: case for case in all_cases(place, OBJECTS)}
    assert len(cases) == 11
    assert [title for title in cases if title.startswith("site in process")] == [
        f"site in process, verification {level}" for level in ("none", "reachable", "image")
    ]
    image = cases["site as modules, verification image"]
    assert image.environment["KYMA_DOCKER_REGISTRY_EXECUTION"] == "module"
    assert json.loads(image.command[-1]) == {"registry_namespace": "ns", "registry_verify": "image"}
    assert not any("CALLBACK" in name for case in cases.values() for name in case.environment)
    assert json.loads((tmp_path / "objects.json").read_text())["items"] == OBJECTS
    (play,) = json.loads((tmp_path / "each.yml").read_text())
    files = [Path(task["kubernetes.core.k8s"]["src"]) for task in play["tasks"]]
    assert [json.loads(file.read_text()) for file in files] == OBJECTS
    assert {file.stat().st_mode & 0o777 for file in tmp_path.glob("*.json")} == {0o600}


def test_objects_that_a_second_owner_applies() -> None:
    """Neither the number of replicas nor empty fields that are not stored; other empty fields have a meaning."""
    spec = {"replicas": 1, "template": {"spec": {"tolerations": [], "volumes": [{"emptyDir": {}, "name": "a"}]}}}
    deployment = {"kind": "Deployment", "metadata": {"annotations": {}, "labels": {"a": ""}}, "spec": spec}
    assert shared(deployment) == {
        "kind": "Deployment",
        "metadata": {"labels": {"a": ""}},
        "spec": {"template": {"spec": {"volumes": [{"emptyDir": {}, "name": "a"}]}}},
    }
    assert "replicas" in spec


ROWS = [Row("kubectl <x>", 0.1, 0.2, 0.4, 0.1, 0.2), Row("site in process", 1.2, 1.5, 1.9, 1, 1.5)]


def test_table() -> None:
    """A program without Python has no imports."""
    text = report.table(ROWS, {ROWS[0].title: NONE, ROWS[1].title: Counts({"os": 2, "json": 3}, 4, 24)})
    assert text.splitlines()[2:] == [
        "| kubectl <x> | 0.10 | 0.20 | 0.40 | 0.10 | 0.20 |  |  | 0 |",
        "| site in process | 1.20 | 1.50 | 1.90 | 1.00 | 1.50 | 5 | 4 | 24 |",
    ]
    assert len({line.count("|") for line in text.splitlines()}) == 1


def test_plot() -> None:
    """It is XML, and each bar is as long as its median."""
    root = ElementTree.fromstring(report.plot(ROWS))
    space = {"svg": "http://www.w3.org/2000/svg"}
    _, first, second = (float(item.attrib["width"]) for item in root.findall("svg:rect", space))
    assert second / first == pytest.approx(1.5 / 0.2, rel=0.01)
    texts = [item.text for item in root.findall("svg:text", space)]
    assert {"kubectl <x>", "1.50 (1.5)", "0", "2"} <= set(texts)


@pytest.mark.parametrize(("longest", "last", "number"), [(1.9, 2, 11), (2.0, 2, 11), (12.3, 14, 8), (0.07, 0.07, 8)])
def test_axis(longest: float, last: float, number: int) -> None:
    """Round numbers, at most eleven, to the longest time."""
    found = report.ticks(longest)
    assert found[0] == 0 and found[-1] == pytest.approx(last) and len(found) == number


def test_page() -> None:
    """The measured part is replaced as a whole, and shows the plot."""
    text = report.section("Measured.", 7, 12, "the table", "images/benchmarks.svg")
    page = report.insert(PAGE, text)
    assert page.partition(report.BEGIN)[0] == PAGE.partition(report.BEGIN)[0]
    assert page.partition(report.END)[2] == PAGE.partition(report.END)[2]
    assert "7 rounds; 12 objects" in page and report.insert(page, text) == page
    with pytest.raises(AssertionError):
        report.insert("no markers", text)


def test_machine() -> None:
    """What a reader compares with."""
    assert (
        machine.processor("processor : 0\nmodel name\t: Some CPU @ 2 GHz\nmodel name\t: other\n") == "Some CPU @ 2 GHz"
    )
    assert machine.processor("Features : fp\n") == ""
    facts = {
        "date": "2026-01-02",
        "processor": "Some CPU",
        "cores": 2,
        "memory": 8,
        "versions": {"Python": "3.13", "kubectl": "1.34"},
    }
    assert (
        report.machine_text(facts)
        == "Measured on 2026-01-02: Some CPU, 2 cores, 8 GiB of memory; Python 3.13, kubectl 1.34."
    )
