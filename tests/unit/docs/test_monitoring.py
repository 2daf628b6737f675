# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""docs/monitoring: the dashboard is sound, alerts say what to do, manifests fit what the role makes, the page describes all of it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

import jinja2
import pytest
import yaml
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.pods import REVISION
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.data_guard.window_document import LONGEST
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution import migration_record as record
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.info.run_state import LONG_PHASE
from ansible_collections.kyma.docker_registry.tests.support import monitoring
from ansible_collections.kyma.docker_registry.tests.support.documented import ROLE, ROLE_SPEC
from ansible_collections.kyma.docker_registry.tests.support.playbook import REPOSITORY

PAGE = monitoring.FOLDER.with_suffix(".md").read_text(encoding="utf-8")
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
DASHBOARD = monitoring.dashboard()
PANELS = monitoring.panels()
ALERTS = monitoring.alerts()
every_panel = pytest.mark.parametrize("panel", [pytest.param(item, id=item["title"]) for item in PANELS])
every_alert = pytest.mark.parametrize("alert", [pytest.param(item, id=item["alert"]) for item in ALERTS])


def test_panels_have_numbers_and_places_of_their_own() -> None:
    """No id twice, no title twice, no two panels in one place, none beyond the 24 columns."""
    everything = DASHBOARD["panels"]
    assert DASHBOARD.get("id") is None and DASHBOARD["uid"]
    for key in ("id", "title"):
        assert len({panel[key] for panel in everything}) == len(everything), key
    taken: set[tuple[int, int]] = set()
    for panel in everything:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        taken |= cells


@every_panel
def test_panel(panel: dict[str, Any]) -> None:
    """Every query goes to the chosen data source, keeps to the chosen namespaces, and has a legend and a letter that no other query has.

    Single values are of now: over a time, deleted Pods would be shown.
    """
    assert panel["datasource"] == DATASOURCE
    assert panel["fieldConfig"]["defaults"]["unit"]
    letters = [target["refId"] for target in panel["targets"]]
    assert letters and len(set(letters)) == len(letters)
    for target in panel["targets"]:
        assert target["datasource"] == DATASOURCE and target["legendFormat"]
        assert all("namespace" in selector.labels for selector in monitoring.selectors(target["expr"]))
        now = {key: target.get(key) for key in ("instant", "range")}
        assert (now == {"instant": True, "range": False}) == (panel["type"] == "stat")


def test_variables() -> None:
    """The data source is a variable, the namespaces come from it, and no other data source is named."""
    source, namespace = DASHBOARD["templating"]["list"]
    assert (source["name"], source["type"], source["query"]) == ("datasource", "datasource", "prometheus")
    assert (namespace["name"], namespace["datasource"]) == ("namespace", DATASOURCE)
    assert f'job="{constants.METRICS_SERVICE}"' in namespace["query"]["query"]
    text = (monitoring.FOLDER / "dashboard.json").read_text(encoding="utf-8")
    assert set(re.findall(r'"uid": "([^"]+)"', text)) == {"${datasource}", DASHBOARD["uid"]}
    used = set(re.findall(r"\$\{?(\w+)", text))
    assert used == {"datasource", "namespace", "__rate_interval", "__all"}


@every_alert
def test_alert(alert: dict[str, Any]) -> None:
    """It waits a while, has a severity and says what to do; what it says of the role exists."""
    assert alert["for"] and alert["labels"] == {"severity": alert["labels"]["severity"]}
    assert alert["labels"]["severity"] in ("critical", "warning")
    assert set(alert["annotations"]) == {"summary", "description"}
    text = " ".join(alert["annotations"].values())
    assert set(re.findall(r"\bregistry_[a-z_]+", text)) <= ROLE_SPEC["options"].keys()
    for playbook in re.findall(r"kyma\.docker_registry\.(\w+)", text):
        assert (REPOSITORY / f"playbooks/{playbook}.yml").exists()
    for label in re.findall(r"\$labels\.(\w+)", text):
        assert label in {"namespace", "pod", "persistentvolumeclaim", *monitoring.grouped_by(alert["expr"])}


def test_names_of_alerts() -> None:
    """One name, one alert; all begin alike."""
    named = [alert["alert"] for alert in ALERTS]
    assert len(set(named)) == len(named) and all(name.startswith("DockerRegistry") for name in named)


@pytest.mark.parametrize("expression", sorted(set(monitoring.expressions())))
def test_series_are_the_registrys_own(expression: str) -> None:
    """Every metric of a process or of Distribution is asked of the registry's Service; the kubelet's are tied to one of those."""
    found = monitoring.selectors(expression)
    for selector in found:
        assert ("job" in selector.labels) != selector.metric.startswith(("kubelet_", "prober_", "kube_")), selector
    assert any("job" in selector.labels or _is_of_a_run(selector) for selector in found)


def _is_of_a_run(selector: monitoring.Selector) -> bool:
    """Of what a run of the role writes: its Lease, or an annotation of the Deployment."""
    annotated = any(label.startswith("annotation_kyma_docker_registry_ansible_") for label in selector.labels)
    return annotated or selector.metric.startswith("kube_lease_")


def test_annotations_are_exported() -> None:
    """What kube-state-metrics has to export is what the alerts read, and what runs write on the Deployment."""
    used = {label for alert in ALERTS for label in re.findall(r"\bannotation_\w+", alert["expr"])}
    exported, of_the_record = monitoring.exported_annotations(), monitoring.exported_annotations("configmaps")
    assert used == {*exported.values(), *of_the_record.values()}
    assert of_the_record.keys() == {constants.MIGRATION_PHASE}
    assert exported.keys() == {
        REVISION,
        constants.RESTORED_AFTER,
        constants.STORAGE_TYPE,
        constants.VERIFIED_REVISION,
    }


@pytest.mark.parametrize("expression", ["up", "rate(registry_http_requests_total[5m])", 'up{job="x"} > other', "1 > 0"])
def test_a_metric_without_braces_is_noticed(expression: str) -> None:
    """Else its existence would go unchecked."""
    with pytest.raises(ValueError, match="without braces"):
        monitoring.selectors(expression)


def _template(name: str) -> str:
    return (ROLE / f"templates/{name}.yml.j2").read_text(encoding="utf-8")


def _services() -> list[dict[str, Any]]:
    """As the role makes them."""
    variables = yaml.safe_load((ROLE / "vars/main.yml").read_text(encoding="utf-8"))
    jinja = jinja2.Environment(undefined=jinja2.StrictUndefined)
    jinja.filters["to_json"] = json.dumps
    text = jinja.from_string(_template("services")).render(
        __registry_cr={"namespace": constants.CR_NAMESPACE},
        __registry_user={"node_port": constants.NODE_PORT},
        **{name: variables[name] for name in ("__registry_labels", "__registry_selector")},
    )
    return list(yaml.safe_load_all(text))


def test_monitor_selects_the_roles_service() -> None:
    """The metrics' Service and no other, whose name is the job that alerts and dashboard ask for (test_operator_monitoring.py: the operator's)."""
    services = _services()
    (path,) = {item["metadata"].get("annotations", {}).get("prometheus.io/path") for item in services} - {None}
    assert monitoring.targets(services) == [(constants.METRICS_SERVICE, constants.DEBUG_PORT, path)]
    assert "jobLabel" not in monitoring.manifest("service-monitor")["spec"]


def test_read_only_registries_are_seen() -> None:
    """The ServiceMonitor takes the label of a maintenance window's Pods, and the alert asks for it, after the time of the finding."""
    (label,) = constants.READ_ONLY_LABEL
    assert monitoring.manifest("service-monitor")["spec"]["podTargetLabels"] == [label]
    (name,) = monitoring.pod_labels()
    (alert,) = (item for item in ALERTS if item["alert"] == "DockerRegistryReadOnly")
    assert f'{name}="{constants.READ_ONLY_LABEL[label]}"' in alert["expr"]
    assert alert["for"] == f"{LONGEST.total_seconds() / 60:.0f}m"


def test_migrations_are_seen() -> None:
    """The alert asks for the phases in which a migration runs, of its record, after the time of the finding."""
    (alert,) = (item for item in ALERTS if item["alert"] == "DockerRegistryMigrationIncomplete")
    (phases,) = re.findall(r'_migration_phase=~"([a-z|]+)"', alert["expr"])
    running = record.begin("s3/a", "gcs/b", datetime(2026, 1, 1, tzinfo=timezone.utc))
    everything = (*record.PHASES, record.ABORTED)
    assert phases.split("|") == [item for item in everything if replace(running, phase=item).is_running]
    assert f'configmap="{constants.DAY2_RECORD}"' in alert["expr"]
    assert alert["for"] == f"{LONG_PHASE.total_seconds() / 3600:.0f}h"


def test_monitor_leaves_others_alone() -> None:
    """A Service of another product with one of the labels, and the registry's own at another port."""
    (*_rest, service) = _services()
    service["spec"]["ports"][0]["name"] = "http-registry"
    assert monitoring.targets([service]) == []
    (*_rest, service) = _services()
    service["metadata"]["labels"] = {"app": "docker-registry"}
    assert monitoring.targets([service]) == []


def test_rates_are_over_what_grafana_takes() -> None:
    """Four scrapes, as Grafana does for steps that are no longer than three of them."""
    assert monitoring.scrape_seconds() == 30
    assert "[120s]" in monitoring.queries("a")["CPU A"]


def test_network_policy_opens_the_metrics_port_only() -> None:
    """It selects the registry's Pods, and is not one that the role makes or prunes."""
    policy = monitoring.manifest("network-policy")
    assert policy["spec"]["podSelector"]["matchLabels"] == constants.SELECTOR
    (rule,) = policy["spec"]["ingress"]
    assert rule["ports"] == [{"port": constants.DEBUG_PORT, "protocol": "TCP"}] and rule["from"]
    assert policy["metadata"]["name"] not in constants.NETWORK_POLICIES
    assert "labels" not in policy["metadata"]


def test_page_states_the_roles_policy() -> None:
    """Who may scrape without a policy of one's own."""
    policy = next(
        item
        for item in yaml.safe_load_all(re.sub(r"{{.*?}}", "x", _template("network_policies")))
        if item["metadata"]["name"].endswith("allow-metrics-policy")
    )
    assert f"`{policy['metadata']['name']}`" in PAGE
    reported = PAGE.partition("The role's NetworkPolicy ")[2].partition("The operator's admits ")[0]
    for admitted in policy["spec"]["ingress"][0]["from"]:
        ((label, value),) = admitted["podSelector"]["matchLabels"].items()
        assert f"`{label}: {value}`" in reported
        for namespace in admitted.get("namespaceSelector", {}).get("matchLabels", {}).values():
            assert f"`{namespace}`" in reported


def test_table_of_alerts() -> None:
    """Name, severity and waiting time as in the rules, in their order."""
    rows = re.findall(r"^\| `(DockerRegistry\w+)` \| (\w+) \| (\w+) \|", PAGE, re.MULTILINE)
    assert rows == [(alert["alert"], alert["labels"]["severity"], alert["for"]) for alert in ALERTS]


def test_table_of_metrics() -> None:
    """Every metric that dashboard or alerts use, and no other."""
    table = PAGE.partition("## Metrics\n")[2].partition("\n## ")[0]
    rows = [row for row in table.splitlines() if row.startswith("| `")]
    named = {name for row in rows for name in re.findall(r"`([a-z_]+)`", row.split("|")[1])}
    assert named == monitoring.metrics(monitoring.expressions())
