# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The releases of Distribution that the collection supports: the tables of driver parameters and of known faults are theirs."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.client import RegistryApi
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.smoke_test import (
    push_image,
    verify_registry,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.verification_image import build_image
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import catalog
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.checks import releases as known
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.driver import Driver, Parameter
from ansible_collections.kyma.docker_registry.tests.distribution import releases
from ansible_collections.kyma.docker_registry.tests.distribution.running import LISTENING, started
from ansible_collections.kyma.docker_registry.tests.support import keys
from ansible_collections.kyma.docker_registry.tests.support.each import check_each

pytestmark = pytest.mark.beside

DRIVERS = catalog.drivers()
OF_LAB = releases.products.REGISTRY.version.removeprefix("v")
every_release = pytest.mark.parametrize(
    "release",
    [OF_LAB, *(pytest.param(release, marks=pytest.mark.long) for release in releases.OTHERS)],
)
# Values of parameters whose type does not say enough.
SAMPLES = {
    "regionendpoint": "http://127.0.0.1:9",
    "serviceurl": "http://127.0.0.1:9",
    "redirectendpoint": "https://images.example.com",
    "rootdirectory": "registry",
    "region": "us-east-1",
    "credentials": {"type": "shared_key"},
}
OF_TYPE = {"string": "text", "boolean": True, "integer": 100, "duration": "100ms"}
# They exclude others, or AWS' own store.
APART = {"v4auth": True, "accelerate": False}


def _version(release: str) -> tuple[int, int, int]:
    found = known.version_of(f"registry:{release}")
    assert found is not None
    return found


def _sample(item: Parameter, release: str) -> Any:
    if item.name in APART:
        return APART[item.name]
    choices = [choice for choice in item.choices if item.newer_choices.get(choice, (0, 0, 0)) <= _version(release)]
    if choices:
        return choices[-1]
    if item.name in SAMPLES:
        return SAMPLES[item.name]
    return item.minimum or item.default if item.type == "integer" else OF_TYPE[item.type]


def _base(driver: str, folder: Path) -> dict[str, Any]:
    """What a registry with this driver needs to start."""
    key_file = folder / "keyfile.json"
    key_file.write_text(keys.service_account(), encoding="utf-8")
    return {
        "filesystem": {"rootdirectory": str(folder / "images")},
        "s3": {**releases.Bucket("images", "127.0.0.1:9").parameters()},
        "azure": {
            "accountname": "account",
            "container": "images",
            "accountkey": base64.b64encode(b"0" * 64).decode(),
            "credentials": {"type": "shared_key"},
        },
        "gcs": {"bucket": "images", "keyfile": str(key_file)},
    }[driver]


def _log(release: str, folder: Path, driver: str, parameters: dict[str, Any]) -> str:
    with started(releases.build_registry(release), folder, driver={driver: parameters}) as registry:
        return registry.log


@every_release
@pytest.mark.parametrize("driver", sorted(DRIVERS))
def test_every_parameter(release: str, driver: str, tmp_path: Path) -> None:
    """Each alone, and all together, with the last of the choices that the release has."""
    base = _base(driver, tmp_path)
    known_here = [item for item in DRIVERS[driver].parameters if item.since <= _version(release)]
    samples = {item.name: _sample(item, release) for item in known_here}
    # The folder of the images has to be one that this test may write.
    samples.pop("rootdirectory", None) if driver == "filesystem" else None

    def check(names: tuple[str, ...]) -> None:
        log = _log(release, tmp_path, driver, {**base, **{name: samples[name] for name in names}})
        assert LISTENING in log, log

    check_each([*((name,) for name in samples), tuple(samples)], check, str)
    assert known.check_newer_parameters(DRIVERS[driver], samples, f"registry:{release}", "parameters") == []


def _newer(release: str) -> Iterator[tuple[Driver, Parameter]]:
    for driver in DRIVERS.values():
        yield from ((driver, item) for item in driver.parameters if item.since > _version(release))


@every_release
def test_newer_parameters(release: str, tmp_path: Path) -> None:
    """A release that does not know the parameter ignores it, whatever its value is; one that does ends at a wrong value."""
    wrong = {"usefipsendpoint": "perhaps", "redirectendpoint": "no scheme"}
    newer = {item.name for _driver, item in _newer(release)}
    assert newer <= wrong.keys()
    for name, value in wrong.items():
        log = _log(release, tmp_path, "s3", {**_base("s3", tmp_path), name: value})
        assert (LISTENING in log) == (name in newer), log


@every_release
def test_newer_choices(release: str, tmp_path: Path) -> None:
    """The registry ends at a choice that it does not have; the checks know which."""
    parameters = {"storageclass": "EXPRESS_ONEZONE"}
    log = _log(release, tmp_path, "s3", {**_base("s3", tmp_path), **parameters})
    rejected = known.check_newer_parameters(DRIVERS["s3"], parameters, f"registry:{release}", "parameters")
    assert (LISTENING in log) == (not rejected), log


@every_release
def test_verification_on_a_volume(release: str, tmp_path: Path) -> None:
    """A push and a pull, with deletion and without."""
    for number, delete in enumerate((False, True)):
        folder = tmp_path / str(number)
        folder.mkdir()
        with (
            started(releases.build_registry(release), folder, delete={"enabled": delete}) as registry,
            registry.api() as api,
        ):
            assert verify_registry(api, "image", identity="one").removed is delete


def _push(api: RegistryApi, *tags: str) -> None:
    for tag in tags:
        push_image(api, "team/app", tag, build_image(tag))


@every_release
def test_an_object_store(release: str, tmp_path: Path) -> None:
    """A push and a pull on S3. The list of tags is complete if the table of known faults does not have that fault."""
    with (
        releases.bucket(tmp_path / "store") as bucket,
        started(
            releases.build_registry(release), tmp_path, driver={"s3": bucket.parameters()}, redirect={"disable": True}
        ) as registry,
        registry.api() as api,
    ):
        verify_registry(api, "image", identity="one")
        _push(api, "v1", "v10", "v1.1")
        listed = set(api.tags("team/app"))
    faulty = any("distribution#4898" in item.message for item in known.check_release(f"registry:{release}", "s3"))
    assert listed == ({"v1", "v1.1"} if faulty else {"v1", "v10", "v1.1"})


@every_release
def test_tags_are_not_deleted(release: str, tmp_path: Path) -> None:
    """With deletion off: the table of known faults lists the releases that still delete a tag."""
    with started(releases.build_registry(release), tmp_path) as registry, registry.api() as api:
        _push(api, "v1")
        answer = api.call("DELETE", "/v2/team/app/manifests/v1", expect=(202, 405))
    found = known.check_release(f"registry:{release}", "filesystem")
    assert (answer.status == 202) == any("CVE-2026-41888" in item.message for item in found)
