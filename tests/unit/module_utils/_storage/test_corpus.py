# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every entry of the corpus gives exactly its findings, and no finding gives away a secret."""

from __future__ import annotations

import base64
import collections
import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.masking import secret_forms
from ansible_collections.kyma.docker_registry.tests.support import codes, corpus
from ansible_collections.kyma.docker_registry.tests.support.each import check_each

# test_releases.py
OF_RELEASES = {"image-unsupported", "parameter-newer-version", "parameter-version-unknown", "registry-known-faults"}
# test_upload_memory.py
OF_MEMORY = {"chunksize-exceeds-memory", "chunksize-memory"}
BAD = [case for case in corpus.cases() if case.file != corpus.GOOD]
GOOD = [case for case in corpus.cases() if case.file == corpus.GOOD]
CANARY = "kq7WzX2vJ9hTfB4mNcR8LpYd"


def _name(case: corpus.Case) -> str:
    return f"{case.file}: {case.name}"


@pytest.mark.smoke
def test_bad_input() -> None:
    """Code, place and severity are as stated; an error gives no store."""

    def check(case: corpus.Case) -> None:
        result, found = corpus.run(case, corpus.domain())
        assert corpus.lines(found) == case.expected
        assert found
        assert all(item.message and item.path for item in found)
        if any(item.severity == "error" for item in found):
            assert not result

    check_each(BAD, check, _name)


@pytest.mark.smoke
def test_good_input() -> None:
    """There is no finding, and the result is as stated."""

    def check(case: corpus.Case) -> None:
        result, found, spec = corpus.run_all(case, corpus.domain())
        assert [item.text() for item in found] == []
        assert spec == case.entry.get("cr", spec)
        assert "findings" not in case.entry
        for name, value in case.entry.get("store", {}).items():
            assert getattr(result, name) == value, name

    check_each(GOOD, check, _name)


def test_size_of_the_corpus() -> None:
    """Names are unique; there is enough of both kinds."""
    names = collections.Counter(case.name for case in corpus.cases())
    assert [name for name, count in names.items() if count > 1] == []
    assert len(BAD) >= 150
    assert len(GOOD) >= 40


def test_every_code_occurs() -> None:
    """Every code of _storage/ occurs somewhere in the corpus, but those of operator mode, of releases, and of the controller."""
    said = {line.split()[1] for case in BAD for line in case.expected}
    made = {code for code in codes.of_folder("plugins/module_utils/_storage") if not code.startswith("operator-")}
    assert made - {"library-missing", *OF_RELEASES, *OF_MEMORY} == said


def test_every_error_says_what_to_do() -> None:
    """Each finding with severity error has a remedy, but where the message is one."""
    bare = {
        item.code
        for case in BAD
        for item in corpus.run(case, corpus.domain())[1]
        if item.severity == "error" and not item.remedy
    }
    assert bare <= {"volume-access-mode"}


def _with_canaries(secret: Mapping[str, bytes]) -> Iterator[tuple[str, dict[str, bytes]]]:
    """The Secret with a canary before, in and behind one value, for each of its values, also inside its documents."""
    for name, value in secret.items():
        middle = len(value) // 2
        for changed in (
            CANARY.encode(),
            CANARY.encode() + value,
            value + CANARY.encode(),
            value[:middle] + CANARY.encode() + value[middle:],
            value[:middle] + b"\n" + CANARY.encode() + b"\x00" + value[middle:],
        ):
            yield CANARY, {**secret, name: changed}
        for changed in _documents(value):
            yield CANARY, {**secret, name: changed}


def _documents(value: bytes) -> Iterator[bytes]:
    for decode, encode in ((bytes, bytes), (_unbase64, base64.b64encode)):
        try:
            document = json.loads(decode(value))
        except (ValueError, RecursionError):
            continue
        if isinstance(document, dict):
            for key in document:
                yield encode(json.dumps({**document, key: CANARY}).encode())


def _unbase64(value: bytes) -> bytes:
    return base64.b64decode(value, validate=True)


def test_no_finding_holds_a_secret() -> None:
    """Whatever is wrong with a Secret, no finding has a form of a value in it."""
    canaries = secret_forms([CANARY])
    modules = corpus.domain()
    run = 0
    for case in corpus.cases():
        secret = case.secret
        if secret is None or sum(map(len, secret.values())) > 100_000:
            continue
        for _canary, data in _with_canaries(secret):
            changed = corpus.Case(case.name, case.file, {**case.entry, "secret": data})
            _result, found = corpus.run(changed, modules)
            text = "\n".join(item.text() for item in found)
            assert not [form for form in canaries if form in text], case.name
            run += 1
    assert run > 1000


def test_no_finding_holds_a_value_of_the_corpus() -> None:
    """The same for the values of the entries themselves, but names that may be shown and words of the messages."""

    def check(case: corpus.Case) -> None:
        _result, found = corpus.run(case, corpus.domain())
        text = "\n".join(item.text() for item in found)
        for name, value in (case.secret or {}).items():
            if len(value) >= 12 and name not in ("container", "bucket", "host", "region", "accountName"):
                assert value.decode("utf-8", "replace") not in text

    check_each([case for case in corpus.cases() if case.secret], check, _name)


def test_a_store_shows_no_secret() -> None:
    """Its representation holds neither the derived Secret nor the credentials; its parameters and storage ID hold none."""
    for case in GOOD:
        store, _found = corpus.run(case, corpus.domain())
        for secret in getattr(store, "credentials", ()):
            shown: list[Any] = [
                repr(store),
                store.storage_id,
                json.dumps(dict(store.parameters)),
                str(store.environment),
            ]
            if len(secret) >= 8:
                assert not [text for text in shown if secret in text], case.name


def test_a_store_fits_together() -> None:
    """Variables point to keys of the derived Secret; every credential is in it; values for the environment are JSON."""
    for case in GOOD:
        store, _found = corpus.run(case, corpus.domain())
        if not hasattr(store, "environment"):
            continue
        assert set(store.environment.values()) | ({store.key_file} - {""}) == set(store.secret)
        for key in store.environment.values():
            json.loads(store.secret[key])
        assert not store.credentials or store.secret
