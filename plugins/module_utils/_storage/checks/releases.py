# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Releases of Distribution, by the tag of the image: their known faults, and the driver parameters that they lack. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core import constants
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, error, warning
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import catalog
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.driver import (
    OLDEST,
    Driver,
    Fault,
    Parameter,
    Version,
)

_TAG = re.compile(r"v?(\d{1,4})\.(\d{1,4})\.(\d{1,4})(?![0-9.])")
# Of all drivers. What needs a pull-through cache or Redis is not listed, because the collection configures neither.
_FAULTS = (Fault((3, 1, 1), "any user who can pull can delete tags, although deletion is off (CVE-2026-41888)"),)


def version_of(image: str) -> Version | None:
    """The release in the tag of an image, None without one (`latest`, `3`, a digest alone)."""
    tag = image.partition("@")[0].rpartition("/")[2].partition(":")[2]
    match = _TAG.match(tag)
    return (int(match[1]), int(match[2]), int(match[3])) if match else None


def check_supported(image: str) -> list[Finding]:
    """An error about an image of Distribution 2: it keeps Azure's images under another name, and has other drivers."""
    version = version_of(image)
    if version is None or version >= OLDEST:
        return []
    text = f"is Distribution {_text(version)}. On Azure, {_text(OLDEST)} and later do not find its images, and it does not find theirs."
    remedy = f"Set registry_image to an image of Distribution {_text(OLDEST)} or later."
    return [error("image-unsupported", "registry_image", text, remedy)]


def check_release(image: str, driver: str | None) -> list[Finding]:
    """A warning about the known faults of the release that runs. driver: the one in use, None if it is not known."""
    version = version_of(image)
    if version is None or version < OLDEST:
        return []
    used = catalog.drivers().get(driver or "")
    faults = [
        item for item in (*(used.faults if used is not None else ()), *_FAULTS) if item.since <= version < item.fixed
    ]
    if not faults:
        return []
    fixed = _text(max(item.fixed for item in faults))
    text = f"runs Distribution {_text(version)}, whose known faults {fixed} does not have: {'; '.join(item.text for item in faults)}."
    remedy = f"Set registry_image to an image of {fixed} or later. With Kyma's operator, look for a newer release of the operator."
    return [warning("registry-known-faults", f"Deployment/{constants.REGISTRY}", text, remedy)]


def check_newer_parameters(driver: Driver, parameters: Mapping[str, Any], image: str, path: str) -> list[Finding]:
    """Findings about parameters and values that the release does not know. path: of the parameters."""
    version, known = version_of(image), {item.name: item for item in driver.parameters}
    found = []
    for name, value in parameters.items():
        for since, what in _newer(known[name], value) if name in known else ():
            if version is not None and version >= since:
                continue
            place, text = f"{path}.{name}", f"{what} is supported only by Distribution {_text(since)} and later"
            if version is None:
                text += ", and the version that runs is unknown, because no image tag shows it."
                found.append(
                    warning(
                        "parameter-version-unknown",
                        place,
                        text,
                        "Make sure that the registry runs one of these versions.",
                    )
                )
            else:
                text += f", but the image has version {_text(version)}."
                remedy = f"Leave it out, or set registry_image to an image of {_text(since)} or later. An operator uses its own image."
                found.append(error("parameter-newer-version", place, text, remedy))
    return found


def _newer(item: Parameter, value: Any) -> Iterator[tuple[Version, str]]:
    """Since when the parameter and its value are known, if not in every release."""
    if item.since > OLDEST:
        yield item.since, "this parameter"
    choice = value.get("type") if isinstance(value, Mapping) else value
    for name, since in item.newer_choices.items():
        if str(choice).upper() == name.upper():
            yield since, name


def _text(version: Version) -> str:
    return ".".join(map(str, version))
