# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the operator's objects will hold for a spec.storage and its Secret. Pure.

Tested against what the real operator made of 19 specs (tests/operator/recordings).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.names import OperatorNames
from ansible_collections.kyma.docker_registry.plugins.module_utils._operator.versions import NEWEST, number, release
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.driver import Driver
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.spec import DELETE_ENABLED

from . import rendering
from .inputs import Data, prune_storage, read_chart_inputs
from .rendering import EnvValue

# How far it gets. rendered: the chart is rendered, and the API server rejects the Deployment.
Stage: TypeAlias = Literal["applied", "rendered", "stopped"]


@dataclass(frozen=True)
class PodVolume:
    """The Pod's volume `data`: a claim, or an emptyDir (claim None), which loses every image with its Pod."""

    claim: str | None


@dataclass(frozen=True)
class Expected:
    """The predicted Deployment.

    stage: unless it is `applied` the Deployment does not change, and env, data and key_file mean nothing. why: why it is not; holds no
    value. env: the REGISTRY_STORAGE_* variables. data: the volume, None for none. key_file: the generated Secret is mounted as files.
    rollme: parts of that annotation; a digest is left open (`secrets.s3=`). rollme_known: all of these parts have to be there (the
    release whose annotation was recorded). deletes_images: the registry accepts the deletion of images. default_claim: the claim
    `dockerregistry` is there (made or kept); False: it is deleted, with the images in it; None: as it was. secret: data of the
    generated Secret, None if there is none.
    """

    stage: Stage
    env: Mapping[str, EnvValue] = field(default_factory=dict)
    data: PodVolume | None = None
    key_file: bool = False
    rollme: tuple[str, ...] = ()
    rollme_known: bool = False
    deletes_images: bool = False
    default_claim: bool | None = None
    secret: Mapping[str, bytes] | None = field(default=None, repr=False)
    why: str = ""


def predict(
    storage: Mapping[str, Any] | None,
    secret: Data | None = None,
    version: str | None = None,
    *,
    claims: Collection[str] = (),
    logging: Mapping[str, Any] | None = None,
) -> Expected:
    """What that version of the operator renders from spec.storage (None: not in the CR).

    secret: decoded data of the Secret that it names, None if there is none. claims: names of the claims in the namespace.
    logging: the CR's spec.logging.
    """
    kept = prune_storage(storage)
    known = release(version)
    inputs = read_chart_inputs(kept, secret, claims, known.names)
    chart = rendering.render(inputs, known.names, strvals_grammar=known.strvals)
    if chart.stopped:
        return Expected("stopped", why=chart.stopped)
    if chart.refused:
        return Expected("rendered", secret=chart.secret, why=chart.refused)
    return Expected(
        stage="applied",
        env=chart.env,
        data=PodVolume(inputs.claim) if inputs.driver.operator.fixed else None,
        key_file=chart.key_file,
        rollme=_rollme(kept, inputs.driver, logging or {}, known.names),
        rollme_known=(number(version) or ())[:2] == NEWEST[:2],
        deletes_images=kept is not None and bool(kept.get(DELETE_ENABLED, False)),
        default_claim=inputs.claim == constants.DEFAULT_CLAIM and not inputs.claim_is_named,
        secret=chart.secret,
    )


_FORMATTERS = {"json": "json", "text": "text", "console": "text"}


def _rollme(
    storage: Mapping[str, Any] | None, driver: Driver, logging: Mapping[str, Any], names: OperatorNames
) -> tuple[str, ...]:
    parts = [
        f"{names.log_level}={logging.get('level', 'info')}",
        f"{names.log_formatter}={_FORMATTERS.get(str(logging.get('format', 'json')), 'json')}",
        f"{names.access_log_disabled}={_flag(not logging.get('accessLogEnabled', False))}",
    ]
    if storage is not None:
        parts.append(f"{names.delete_enabled}={_flag(bool(storage.get(DELETE_ENABLED, False)))}")
    if driver.operator.credentials:
        parts.append(f"{names.credentials_digest.format(driver=driver.name)}=")
    return tuple(parts)


def _flag(value: bool) -> str:
    return "true" if value else "false"
