# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What `registry garbage-collect --dry-run` prints, read and checked. Pure.

It lists the manifests of all repositories, those without a tag too, and does not use the catalog. It ends with exit code 0 even if a store hides a
part of its content, so the number in its last line is compared with what was read, and its repositories with those of the catalog.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

COMMAND = ("/bin/registry", "garbage-collect", "--dry-run")
# An empty root: the drivers for volumes, Google Cloud Storage and Azure stop there, S3 lists nothing.
_EMPTY = re.compile(r"failed to mark: \w+: Path not found: \S*/docker/registry/v2/repositories\b")
_REPOSITORY = re.compile(r"[a-z0-9][a-z0-9._/-]*")
# registry/storage/garbagecollect.go of Distribution 3.1.1, which ends these lines with a space.
_MARKED = r"(?P<name>[a-z0-9][a-z0-9._/-]*): marking manifest (?P<digest>sha256:[0-9a-f]{64})"
_MANIFEST = re.compile(rf"{_MARKED} ?")
_BEGINS_WITH_MANIFEST = re.compile(rf"^{_MARKED}\b", re.MULTILINE)
_BLOB = re.compile(r"(?P<name>[a-z0-9][a-z0-9._/-]*): marking blob (?P<digest>sha256:[0-9a-f]{64})")
_SUMMARY = re.compile(
    r"(?P<marked>\d+) blobs marked, (?P<blobs>\d+) blobs and (?P<manifests>\d+) manifests eligible for deletion"
)


@dataclass(frozen=True)
class Listing:
    """manifests: repository to digests. marked: digests of manifests and blobs. problem: why the listing must not be used, '' if it may be.

    orphans: how many blobs the store has besides, which no manifest names.
    """

    manifests: dict[str, set[str]] = field(default_factory=dict)
    marked: frozenset[str] = frozenset()
    problem: str = ""
    orphans: int = 0


def read_listing(stdout: str, stderr: str, code: int | None) -> Listing:
    """The listing. code: exit code, None if the output was cut off."""
    if code is None:
        return Listing(problem="its output is incomplete")
    if code != 0 and "marking" not in stdout and _EMPTY.search(f"{stdout}\n{stderr}"):
        return Listing()
    manifests: dict[str, set[str]] = {}
    blobs: set[str] = set()
    for line in stdout.splitlines():
        if match := _MANIFEST.fullmatch(line):
            manifests.setdefault(match["name"], set()).add(match["digest"])
        elif match := _BLOB.fullmatch(line):
            blobs.add(match["digest"])
        elif _REPOSITORY.fullmatch(line):
            manifests.setdefault(line, set())
    marked = frozenset(blobs.union(*manifests.values()))
    summary = _SUMMARY.search(stdout)
    return Listing(
        manifests,
        marked,
        _find_problem(summary, code, len(marked)),
        int(summary["blobs"]) if summary is not None else 0,
    )


def repositories_with_manifests(stdout: str) -> set[str]:
    """Names of the repositories for which at least one manifest is listed, even if the output is not complete."""
    return {match["name"] for match in _BEGINS_WITH_MANIFEST.finditer(stdout)}


def _find_problem(summary: re.Match[str] | None, code: int, printed: int) -> str:
    if code != 0:
        return f"it ended with the exit code {code}"
    if summary is None:
        return "its last line is missing"
    if int(summary["marked"]) != printed:
        return f"it counted {summary['marked']} digests and printed {printed}"
    return ""
