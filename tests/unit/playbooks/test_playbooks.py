# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbooks by their names: they parse, README describes each, and none depends on options of the command line."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jinja2
import pytest
import yaml
from ansible.release import __version__
from ansible_collections.kyma.docker_registry.tests.support import playbook
from ansible_collections.kyma.docker_registry.tests.support.documented import ROLE_SPEC

ROOT = Path(__file__).resolve().parents[3]
PLAYBOOKS = sorted(path.stem for path in (ROOT / "playbooks").glob("*.yml"))
# info begins with another task than the others, which include the same role.
EACH_PLAYBOOK = [pytest.param(name, marks=[] if name in ("site", "info") else pytest.mark.long) for name in PLAYBOOKS]
SINCE_2_19 = tuple(map(int, __version__.split(".")[:2])) >= (2, 19)
NOWHERE = {"K8S_AUTH_HOST": "https://127.0.0.1:9", "K8S_AUTH_API_KEY": "nobody", "K8S_AUTH_RETRY_TIMEOUT": "0"}


def _play(name: str) -> dict[str, Any]:
    (play,) = yaml.safe_load((ROOT / f"playbooks/{name}.yml").read_text(encoding="utf-8"))
    found: dict[str, Any] = play
    return found


def test_the_playbooks() -> None:
    """Those that are promised, and README's table of them."""
    assert PLAYBOOKS == ["check", "info", "migrate", "remove", "site"]
    table = re.findall(r"^\| `kyma\.docker_registry\.(\w+)` \|", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert sorted(table) == PLAYBOOKS


@pytest.mark.slow
def test_syntax() -> None:
    """By their names, as users call them."""
    first, *others = (f"kyma.docker_registry.{name}" for name in PLAYBOOKS)
    done = playbook.run(first, kubeconfig=None, arguments=[*others, "--syntax-check"])
    assert done.returncode == 0, done.output
    assert [name for name in PLAYBOOKS if f"/playbooks/{name}.yml" not in done.output] == []


@pytest.mark.parametrize("name", PLAYBOOKS)
def test_hosts_and_interpreter(name: str) -> None:
    """The same in each: the controller, where the libraries are."""
    play, site = _play(name), _play("site")
    for key in ("hosts", "connection", "gather_facts", "vars"):
        assert play[key] == site[key]


def test_check_is_site_in_check_mode() -> None:
    """Nothing else differs, so that the plan is the run's."""
    check, site = _play("check"), _play("site")
    assert (check.pop("check_mode"), check.pop("diff")) == (True, True)
    check.pop("name"), site.pop("name")
    assert check == site


@pytest.mark.parametrize(
    ("given", "state"),
    [({}, "copied"), ("", "copied"), ("present", "copied"), ("aborted", "aborted"), ("abort", "abort")],
)
def test_state_of_a_migration(given: Any, state: str) -> None:
    """A value that is none is not taken for a migration: the module rejects it."""
    (task,) = (item for item in _play("migrate")["tasks"] if "abort" in item["name"])
    text = task["kyma.docker_registry.registry_migration"]["state"]
    variables = {} if given == {} else {"registry_migration_state": given}
    assert jinja2.Environment().from_string(text).render(variables) == state


def test_a_switch_that_fails_leaves_no_read_only_registry() -> None:
    """The registry is made writable again, and the run fails with the error of the switch."""
    (task,) = (item for item in _play("migrate")["tasks"] if "rescue" in item)
    assert task["block"][0]["ansible.builtin.include_role"] == {"name": "kyma.docker_registry.registry"}
    reopened, failed = task["rescue"]
    assert reopened["kyma.docker_registry.registry_migration"]["state"] == "writable"
    assert "ansible_failed_result.msg" in failed["ansible.builtin.fail"]["msg"]


@pytest.mark.slow
@pytest.mark.parametrize("name", EACH_PLAYBOOK)
def test_without_a_cluster(name: str) -> None:
    """One finding of the first task, which is a look."""
    done = playbook.run(f"kyma.docker_registry.{name}", kubeconfig=None, extra_environment=NOWHERE)
    assert done.failure.codes() == ["cluster-unreachable"], done.output
    assert [task.task for task in done.tasks if task.failed] == [done.failure.task]


@pytest.mark.slow
@pytest.mark.parametrize("name", EACH_PLAYBOOK)
def test_names_that_are_no_text(name: str) -> None:
    """Another registry is neither looked at nor touched."""
    spoilt = {"registry_namespace": 83, "registry_name": False}
    done = playbook.run(f"kyma.docker_registry.{name}", kubeconfig=None, variables=spoilt, extra_environment=NOWHERE)
    message = str(done.failure.result["msg"])
    assert message.startswith("registry_namespace, registry_name: is not text.") and "[variable-not-text]" in message


@pytest.mark.slow
@pytest.mark.parametrize("name", EACH_PLAYBOOK)
def test_variables_that_are_omitted(name: str) -> None:
    """One message names all of them. Before ansible-core 2.19 Ansible itself rejects most that are not text.

    info looks at the names alone: other variables may need what is only there for a deployment.
    """
    omitted = dict.fromkeys(
        (
            key
            for key, option in ROLE_SPEC["options"].items()
            if SINCE_2_19 or (option["type"] in ("str", "raw") and "choices" not in option)
        ),
        "{{ nothing | default(omit) }}",
    )
    done = playbook.run(f"kyma.docker_registry.{name}", kubeconfig=None, variables=omitted, extra_environment=NOWHERE)
    message = str(done.failure.result["msg"])
    named = message.partition(": is default(omit)")[0].split(", ")
    assert set(named) == ({"registry_name", "registry_namespace"} if name == "info" else omitted.keys())
    assert len(omitted) >= 9 and "[variable-omitted]" in message


@pytest.mark.slow
@pytest.mark.parametrize(
    ("given", "codes"),
    [
        ("rootdirectory: images", ["cluster-unreachable"]),
        ("images", ["variable-not-mapping"]),
        (["images"], ["variable-not-mapping"]),
    ],
)
def test_mappings_as_text(given: Any, codes: list[str]) -> None:
    """YAML is read, what is none is rejected before anything is asked."""
    variables = {"registry_driver_parameters": given, "registry_env": "HTTPS_PROXY: http://proxy:3128/?a=b"}
    done = playbook.run("kyma.docker_registry.site", kubeconfig=None, variables=variables, extra_environment=NOWHERE)
    message = str(done.failure.result["msg"])
    assert re.findall(r"\[([a-z-]+)\]", message) == codes, done.output


@pytest.mark.slow
def test_what_no_run_can_meet() -> None:
    """Rejected before anything is asked, and only for a deployment."""
    variables = {"registry_wait_timeout": 0, "registry_readonly": True}
    done = playbook.run("kyma.docker_registry.site", kubeconfig=None, variables=variables, extra_environment=NOWHERE)
    message = str(done.failure.result["msg"])
    assert re.findall(r"\[([a-z-]+)\]", message) == ["wait-timeout", "readonly-verification"], done.output
    sound = {"registry_wait_timeout": 1, "registry_readonly": True, "registry_verify": "reachable"}
    for given in (sound, {**variables, "registry_state": "absent"}):
        done = playbook.run("kyma.docker_registry.site", kubeconfig=None, variables=given, extra_environment=NOWHERE)
        assert "cluster-unreachable" in done.failure.codes(), done.output


@pytest.mark.slow
@pytest.mark.parametrize(
    ("tag", "codes"),
    [
        ("registry", ["cluster-unreachable"]),
        ("validate", ["cluster-unreachable"]),
        ("verify", ["cluster-unreachable"]),
        ("other", []),
    ],
)
def test_tags_of_a_play(tag: str, codes: list[str], tmp_path: Path) -> None:
    """A tag that a play sets on the role selects all tasks of the role, also those of included files. Each tag of the role includes the validation."""
    play = {
        "hosts": "localhost",
        "connection": "local",
        "gather_facts": False,
        "roles": [{"role": "kyma.docker_registry.registry", "tags": ["registry"]}],
    }
    file = tmp_path / "play.yml"
    file.write_text(yaml.safe_dump([play]), encoding="utf-8")
    done = playbook.run(file, kubeconfig=None, arguments=["--tags", tag], extra_environment=NOWHERE)
    assert [code for task in done.tasks if task.failed for code in task.codes()] == codes
    assert done.returncode == (2 if codes else 0), done.output


@pytest.mark.slow
def test_info_refuses_a_bad_query_at_once() -> None:
    """Before it looks for the cluster."""
    done = playbook.run(
        "kyma.docker_registry.info", kubeconfig=None, variables={"info_query": "a["}, extra_environment=NOWHERE
    )
    assert done.failure.codes() == ["query-invalid"]
