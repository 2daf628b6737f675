# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prometheus Operator's own definitions of its resources, from its Go module."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.kyma.docker_registry.tests.monitoring import promtool  # makes kymalab importable
from kymalab.settings import LabError

_MODULE = "github.com/prometheus-operator/prometheus-operator"
# What the proxy of modules, or the way to it, says.
_UNREACHED = re.compile(r"\b(40[34]|410|5\d\d) [A-Z]|dial tcp|timeout|no such host")
_PINNED = Path(__file__).resolve().parent / "go/prometheus-operator"


def definitions(*plurals: str) -> list[dict[str, Any]]:
    """CustomResourceDefinitions; the first time the module is fetched. LookupError where this machine gets none.

    LabError for anything else, such as content that go.sum does not know.
    """
    go = promtool.toolchain()
    try:
        go.run("mod", "download", _MODULE, folder=_PINNED)
    except LabError as problem:
        if not _UNREACHED.search(str(problem)):
            raise
        raise LookupError(f"this machine gets no {_MODULE}: {problem}") from problem
    folder = Path(go.run("list", "-m", "-f", "{{.Dir}}", _MODULE, folder=_PINNED), "example/prometheus-operator-crd")
    files = (folder / f"monitoring.coreos.com_{plural}.yaml" for plural in plurals)
    return [dict(yaml.safe_load(file.read_text(encoding="utf-8"))) for file in files]
