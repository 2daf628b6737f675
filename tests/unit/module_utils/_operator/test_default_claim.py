# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The claim that is made before the operator asks for it is the one that its chart renders."""

from __future__ import annotations

from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.operator.mode import OPERATOR
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator import default_claim
from ansible_collections.kyma.docker_registry.tests.support import lab_path  # noqa: F401
from kymaoperator import chart
from kymaoperator.flags import Flags

# They change with the chart.
_OF_THE_VERSION = {"version", "helm.sh/chart", "app.kubernetes.io/version"}


def test_as_the_chart_renders_it() -> None:
    """Name, labels and spec; the operator then changes nothing that a claim does not let it change."""
    flags = Flags()
    flags.access(None, "", 32137)
    flags.filesystem()
    (rendered,) = [item for item in chart.render(flags.build(), "ns") if item["kind"] == "PersistentVolumeClaim"]
    labels = {key: value for key, value in rendered["metadata"]["labels"].items() if key not in _OF_THE_VERSION}
    assert default_claim.build_claim("ns") == {**rendered, "metadata": {**rendered["metadata"], "labels": labels}}
    assert default_claim.MANAGER == OPERATOR


def test_bound_to_a_volume() -> None:
    """The class of the volume is given, and may be none."""
    spec = default_claim.build_claim("ns", size="32Gi", storage_class="", volume="pv-1")["spec"]
    assert (spec["storageClassName"], spec["volumeName"]) == ("", "pv-1")
    assert spec["resources"] == {"requests": {"storage": "32Gi"}}
