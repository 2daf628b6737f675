# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prometheus Operator's own definitions of its resources, from its Go module."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.kyma.docker_registry.tests.monitoring import promtool  # makes kymalab importable

_MODULE = "github.com/prometheus-operator/prometheus-operator"
_PINNED = Path(__file__).resolve().parent / "go/prometheus-operator"


def definition(plural: str) -> dict[str, Any]:
    """A CustomResourceDefinition; the first time the module is fetched, which go.sum vouches for. LabError says why it could not be."""
    go = promtool.toolchain()
    told = json.loads(go.run("mod", "download", "-json", _MODULE, folder=_PINNED))
    text = Path(told["Dir"], f"example/prometheus-operator-crd/monitoring.coreos.com_{plural}.yaml").read_text(
        encoding="utf-8"
    )
    return dict(yaml.safe_load(text))
