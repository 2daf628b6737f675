# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names of buckets, at the edges of their rules."""

from __future__ import annotations

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage.checks import bucket_names


@pytest.mark.parametrize("name", ["abc", "a" * 63, "a.b-c", "1ab", "192.168.5", "a-s3"])
def test_buckets_of_aws(name: str) -> None:
    """What AWS allows."""
    assert bucket_names.s3_problem(name) == "" == bucket_names.general_problem(name)


@pytest.mark.parametrize(
    "name",
    [
        "ab",
        "a" * 64,
        "Abc",
        "a_c",
        "-ab",
        "ab-",
        "a..b",
        "1.2.3.4",
        "xn--ab",
        "sthree-a",
        "amzn-s3-demo-a",
        "a-s3alias",
        "a--ol-s3",
        "a.mrap",
        "a--x-s3",
    ],
)
def test_buckets_that_aws_refuses(name: str) -> None:
    """Each has its sentence."""
    assert bucket_names.s3_problem(name).endswith(".")


@pytest.mark.parametrize("name", ["abc", "a_b", "a" * 63, f"{'a' * 63}.{'b' * 63}.{'c' * 63}.{'d' * 30}"])
def test_buckets_of_google(name: str) -> None:
    """What Google allows."""
    assert bucket_names.gcs_problem(name) == ""


@pytest.mark.parametrize(
    "name",
    [
        "ab",
        "a" * 64,
        f"{'a' * 63}.{'b' * 63}.{'c' * 63}.{'d' * 31}",
        "A-b",
        "_ab",
        "a..b",
        "1.2.3.4",
        "googs",
        "a-google",
    ],
)
def test_buckets_that_google_refuses(name: str) -> None:
    """Each has its sentence."""
    assert bucket_names.gcs_problem(name).endswith(".")
