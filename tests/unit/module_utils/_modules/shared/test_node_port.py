# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The registry's NodePort: kept if there is one, else a free one, whatever else holds ports."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.shared import node_port
from hypothesis import given
from hypothesis import strategies as st


class _Services:
    """A cluster that knows Services."""

    def __init__(self, own: dict[str, Any] | None = None, others: tuple[dict[str, Any], ...] = ()) -> None:
        self.own = own
        self.others = others

    def get(self, kind: str, name: str, namespace: str) -> dict[str, Any] | None:
        assert (kind, name, namespace) == ("Service", "dockerregistry", "ns")
        return self.own

    def list(self, kind: str) -> list[dict[str, Any]]:
        assert kind == "Service"
        return [{"spec": spec} for spec in self.others]


def _choose(cluster: _Services, recorded: str | None = None) -> int:
    return node_port.choose_node_port(cluster, "ns", recorded).port  # type: ignore[arg-type]


def _node_ports(*ports: int) -> dict[str, Any]:
    return {"ports": [{"port": 80, "nodePort": port} for port in ports]}


@pytest.mark.parametrize(
    ("spec", "port"),
    [
        ({"ports": [{"port": 5000, "nodePort": 30500}]}, 30500),
        ({"ports": [{"port": 5001, "nodePort": 30501}, {"port": 5000, "nodePort": 30500}]}, 30500),
        ({"ports": [{"port": 5001, "nodePort": 30501}]}, 32137),
        ({"ports": [{"port": 5000}]}, 32137),
        ({"ports": None}, 32137),
        ({}, 32137),
        (None, 32137),
    ],
)
def test_own_service(spec: dict[str, Any] | None, port: int) -> None:
    """Its API port's NodePort stays, whatever was recorded."""
    assert _choose(_Services({"spec": spec})) == port


def test_other_services_without_ports() -> None:
    """ExternalName, headless and ClusterIP Services hold none."""
    assert (
        _choose(_Services(None, ({}, {"ports": None}, {"ports": [{"port": 80}]}, {"healthCheckNodePort": 0}))) == 32137
    )


def test_health_checks_hold_ports() -> None:
    """A load balancer with externalTrafficPolicy Local takes a port of the range for its health checks."""
    assert _choose(_Services(None, ({**_node_ports(30000), "healthCheckNodePort": 32137},))) == 30001


@pytest.mark.parametrize("reserved", [(), (32137,), (32137, 30000, 30001), (30000,)])
def test_first_free_one(reserved: tuple[int, ...]) -> None:
    """Kyma's own port, else the first of the range."""
    expected = next(port for port in (32137, 30000, 30001, 30002) if port not in reserved)
    assert _choose(_Services(None, (_node_ports(*reserved),))) == expected


def test_none_is_free() -> None:
    """A finding where every port is reserved."""
    with pytest.raises(Refusal) as caught:
        _choose(_Services(None, (_node_ports(*constants.NODE_PORT_RANGE),)))
    assert [item.code for item in caught.value.findings] == ["node-port-none-free"]
    last = constants.NODE_PORT_RANGE[-1]
    assert _choose(_Services(None, (_node_ports(*constants.NODE_PORT_RANGE[:-1]),))) == last == 32767


@pytest.mark.parametrize(
    ("recorded", "port"),
    [
        ("localhost:31000", 31000),
        ("31000", 31000),
        ("localhost:30000", 30000),
        ("localhost:32767", 32767),
        ("localhost:29999", 32137),
        ("localhost:32768", 32137),
        ("localhost:031000", 32137),
        ("localhost:31000 ", 32137),
        ("localhost:²", 32137),
        ("localhost:٣١٠٠٠", 32137),
        ("localhost:" + "9" * 5000, 32137),
        ("localhost:-31000", 32137),
        ("localhost:", 32137),
        ("", 32137),
        (None, 32137),
    ],
)
def test_recorded_port(recorded: str | None, port: int) -> None:
    """As the credentials Secret says it, if that is a port of the range."""
    assert _choose(_Services(), recorded) == port


@given(st.text())
def test_no_record_breaks_it(recorded: str) -> None:
    """A client may have written anything there."""
    assert _choose(_Services(), recorded) in constants.NODE_PORT_RANGE


class _OwnService:
    """A cluster with Services only; node_port asks for nothing else."""

    def __init__(self, own: int | None, taken: tuple[int, ...]) -> None:
        self._own = own
        self._taken = taken

    def get(self, kind: str, name: str, namespace: str) -> dict[str, Any] | None:
        return {"spec": {"ports": [{"port": 5000, "nodePort": self._own}]}} if self._own else None

    def list(self, kind: str) -> list[dict[str, Any]]:
        return [{"spec": {"ports": [{"nodePort": port}]}} for port in self._taken]


@pytest.mark.parametrize(
    ("own", "taken", "recorded", "port"),
    [
        (None, (), None, 32137),
        (None, (32137,), None, 30000),
        (None, (32137, 30000), "localhost:31000", 31000),
        (None, (31000,), "localhost:31000", 32137),
        (30500, (32137, 30500), "localhost:31000", 30500),
        (None, (), "localhost:nonsense", 32137),
        (None, (), "localhost:80", 32137),
    ],
)
def test_node_port(own: int | None, taken: tuple[int, ...], recorded: str | None, port: int) -> None:
    """The Service's port, else the recorded one, else 32137, else a free one."""
    assert node_port.choose_node_port(_OwnService(own, taken), "ns", recorded).port == port  # type: ignore[arg-type]
