# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the operator's objects will hold for a spec.storage and its Secret. Pure.

Tested against what the real operator made of 19 specs (tests/unit/module_utils/_operator/chart/fixtures).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.versions import NEWEST, number, quirks

from . import rendering
from .inputs import ChartInputs, Data, plan, pruned
from .rendering import EnvValue

# How far it gets. rendered: the chart is rendered, and the API server refuses the Deployment.
Stage: TypeAlias = Literal["applied", "rendered", "stopped"]
State: TypeAlias = Literal["Ready", "Processing", "Warning", "Error"]


@dataclass(frozen=True)
class Volume:
    """The Pod's volume `data`: a claim, or an emptyDir (claim None), which loses every image with its Pod."""

    claim: str | None


@dataclass(frozen=True)
class Expected:
    """What is there afterwards.

    stage: of anything but `applied` the Deployment stays as it was, and env, data, key_file say nothing.
    state: the CR's in the end, without help of ours. installed: None where the condition stays as it was.
    status_storage: None where the status keeps what it said. env: the REGISTRY_STORAGE_* variables. data: the volume, None for none.
    key_file: the generated Secret is mounted at /gcs_secret. rollme: parts of that annotation; a digest is left open (`secrets.s3=`).
    rollme_known: all of these parts have to be there (the release whose annotation was recorded).
    default_claim: the claim `dockerregistry` is there (made or kept); False: it is deleted, with the images in it; None: as it was.
    egress: the NetworkPolicy that lets the registry out to its store. secret: data of the generated Secret, None where there is none.
    failed: what Configured=False says, '' for none. why: why the stage is not `applied`; holds no value.
    """

    stage: Stage
    state: State
    configured: bool
    installed: bool | None
    status_storage: str | None
    driver: str
    env: Mapping[str, EnvValue] = field(default_factory=dict)
    data: Volume | None = None
    key_file: bool = False
    rollme: tuple[str, ...] = ()
    rollme_known: bool = False
    default_claim: bool | None = None
    egress: bool = False
    secret: Mapping[str, bytes] | None = field(default=None, repr=False)
    failed: str = ""
    why: str = ""


def expected_fields(
    storage: Mapping[str, Any] | None,
    secret: Data | None = None,
    version: str | None = None,
    *,
    claims: Collection[str] = (),
    logging: Mapping[str, Any] | None = None,
) -> Expected:
    """What the operator of that version makes of spec.storage (None: not in the CR).

    secret: decoded data of the Secret that it names, None where there is none. claims: names of the claims in the namespace.
    logging: the CR's spec.logging.
    """
    kept = pruned(storage)
    wanted = plan(kept, secret, claims)
    faults = quirks(version)
    chart = rendering.render(wanted, strvals_grammar=faults.strvals)
    driver = wanted.driver or "filesystem"
    common = Expected("stopped", "Error", not wanted.failed, False, None, driver, failed=wanted.failed)
    if chart.stopped:
        return replace(common, why=chart.stopped)
    common = replace(common, egress=driver != "filesystem", secret=chart.secret)
    if chart.refused:
        return replace(common, stage="rendered", why=chart.refused)
    state = _state(wanted, chart, claims, azure_stops=faults.azure_without_type)
    resolved_store = state in ("Ready", "Warning")
    return replace(
        common,
        stage="applied",
        state=state,
        installed=True if resolved_store else None,
        status_storage=wanted.storage_type if resolved_store else None,
        env=chart.env,
        data=Volume(wanted.claim) if driver == "filesystem" else None,
        key_file=chart.key_file,
        rollme=_rollme(kept, driver, logging or {}),
        rollme_known=(number(version) or ())[:2] == NEWEST[:2],
        default_claim=wanted.claim == constants.DEFAULT_CLAIM and wanted.storage_type != "pvc",
    )


def _state(wanted: ChartInputs, chart: rendering.Chart, claims: Collection[str], *, azure_stops: bool) -> State:
    """Where the CR ends. Whatever keeps the Pod from running is `Processing` for ever."""
    if wanted.driver == "azure" and (azure_stops or not chart.secret):
        return "Processing"
    if wanted.storage_type == "pvc" and wanted.claim not in claims:
        return "Processing"
    if wanted.failed and wanted.storage_type is None:
        # The status of a binding whose Secret is not there cannot be written.
        return "Processing"
    return "Warning" if wanted.failed else "Ready"


_FORMATTERS = {"json": "json", "text": "text", "console": "text"}


def _rollme(storage: Mapping[str, Any] | None, driver: str, logging: Mapping[str, Any]) -> tuple[str, ...]:
    parts = [
        f"configData.log.level={logging.get('level', 'info')}",
        f"configData.log.formatter={_FORMATTERS.get(str(logging.get('format', 'json')), 'json')}",
        f"configData.log.accesslog.disabled={_flag(not logging.get('accessLogEnabled', False))}",
    ]
    if storage is not None:
        parts.append(f"configData.storage.delete.enabled={_flag(bool(storage.get('deleteEnabled', False)))}")
    if driver != "filesystem":
        parts.append(f"secrets.{driver}=")
    return tuple(parts)


def _flag(value: bool) -> str:
    return "true" if value else "false"
