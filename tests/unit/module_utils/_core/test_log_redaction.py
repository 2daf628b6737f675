# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No credential survives in a log line, wherever Distribution, Go or a cloud's library puts one; ordinary words do."""

from __future__ import annotations

import contextlib
import itertools
import re
import signal
import time
from collections.abc import Iterator

import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.log_redaction import redacted
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.log_causes import _LONGEST_INPUT as LONGEST
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry.log_causes import explain_line
from ansible_collections.kyma.docker_registry.tests.support.each import check_each
from hypothesis import given
from hypothesis import strategies as st

CANARY = "c4n4ryS3cr3t/Value+x="

SECRET_NAMES = [
    "password", "passwd", "passphrase", "pass", "secret", "token", "signature", "authorization", "accesskey", "access_key",
    "access-key", "AccessKeyId", "aws_access_key_id", "accountkey", "AccountKey", "apikey", "api_key", "privatekey",
    "private_key", "private_key_id", "secretkey", "secret_access_key", "SecretAccessKey", "saskey", "sas_key", "sessionkey",
    "session_token", "sessiontoken", "sharedkey", "client_secret", "clientsecret", "htpasswd", "REGISTRY_HTTP_SECRET",
    "REGISTRY_STORAGE_S3_SECRETKEY", "REGISTRY_STORAGE_S3_ACCESSKEY", "REGISTRY_STORAGE_AZURE_ACCOUNTKEY",
    "REGISTRY_STORAGE_AZURE_CREDENTIALS_SECRET", "secretkey.extra",
]  # fmt: skip
FORMS = [
    "{name}: {value}",
    "{name}:{value}",
    "{name}={value}",
    "{name} = {value}",
    "{name} := {value}",
    "{name} => {value}",
    '"{name}":"{value}"',
    '"{name}": "{value}, and more"',
    "'{name}': '{value}'",
    "`{name}`: `{value}`",
    '{name}="{value} \\" {value}"',
    '{name}="{value}',
    "map[{name}:{value} region:x]",
    "{{{name}: {value}}}",
    "https://host/path?x=1&{name}={value}&y=2",
]


def test_values_of_secret_names() -> None:
    """Every name of a secret, in every form of a pair, in any case."""

    def check(line: str) -> None:
        masked = redacted(f"before {line}")
        assert CANARY not in masked and "***" in masked, masked
        assert masked.startswith("before ")

    spelled = [form for name in SECRET_NAMES for form in (name, name.upper(), name.lower())]
    check_each((form.format(name=name, value=CANARY) for form in FORMS for name in spelled), check)


PLACES = [
    f"Authorization: Basic {CANARY}",
    f"authorization: bearer {CANARY}",
    f"header Bearer {CANARY}, next",
    f"SharedKey account:{CANARY}",
    f"AWS4-HMAC-SHA256 Credential={CANARY}",
    f"Negotiate {CANARY}",
    f"GET https://host/b?X-Amz-Signature={CANARY}&X-Amz-Date=1",
    f"GET https://host/b?X-Amz-Credential={CANARY}",
    f"GET https://host/b?X-Amz-Security-Token={CANARY}",
    f"GET https://host/b?sv=1&sig={CANARY}",
    f"GET https://host/b?se={CANARY}",
    f"GET https://host/b?GoogleAccessId={CANARY}",
    f"GET https://host/b?X-Goog-Signature={CANARY}",
    f"GET https://host/b?AWSAccessKeyId={CANARY}",
    f"dial http://user:{CANARY.replace('/', '-')}@host:80/x",
    f"dial https://{CANARY.replace('/', '-')}@host",
    f"* 'accountname' expected type 'string', got unconvertible type 'int', value: '{CANARY}'",
    f"value: {CANARY}",
    f"yaml: cannot unmarshal !!str `{CANARY}` into int",
    f"yaml: cannot unmarshal !!map {CANARY} into string",
    f"yaml: unknown anchor '{CANARY}' referenced",
    f"panic: StorageDriver not registered: {CANARY} more of {CANARY}",
    f"illegal base64 data at input byte 5 of {CANARY}",
    f"-----BEGIN PRIVATE KEY-----\n{CANARY}\n-----END PRIVATE KEY-----",
    f"-----BEGIN RSA PRIVATE KEY-----\\n{CANARY}",
    f"-----BEGIN PRIVATE KEY-----\n{CANARY}\n" + "A" * 64,
]


@pytest.mark.parametrize("line", PLACES, ids=range(len(PLACES)))
def test_places(line: str) -> None:
    """Every place that is promised, alone and in the middle of a line, through the explanation as well."""
    for text in (line, f"time=x msg={line}", line + " and more"):
        assert CANARY not in redacted(text) and CANARY.replace("/", "-") not in redacted(text)
        assert CANARY not in explain_line(text).text()


@pytest.mark.parametrize(
    "value",
    [
        "AKIAIOSFODNN7EXAMPLE",
        "ASIAIOSFODNN7EXAMPLE",
        "$2b$10$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234",
        "$2y$05$abcdefghijklmnopqrstuu",
        "$2$10$abcdefghijklmnopqrstuu",
    ],
)
def test_values_known_by_their_form(value: str) -> None:
    """Wherever they stand."""
    for text in (value, f"the key {value}.", f"user:{value}"):
        assert value not in redacted(text)


ORDINARY = [
    "panic: invalid region provided: mars-1",
    "filesystem: mkdir /var/lib/registry/docker: permission denied",
    "listening on [::]:5000",
    'panic: invalid credentials type: ""',
    "dial tcp 10.0.0.1:443: connect: connection refused",
    "Get https://bucket.s3.amazonaws.com/?list-type=2: dial tcp: lookup bucket: no such host",
    "panic: StorageDriver not registered: swift",
    "panic: no bucket parameter provided",
    "panic: the chunksize 10 parameter should be a number that is larger than or equal to 5242880",
    "no storage configuration provided",
    "panic: google: could not find default credentials",
    "configuration error: open /etc/distribution/config.yml: no such file or directory",
    "error parsing config.yml: parsing environment variable REGISTRY_HTTP_SECRET: yaml: found character that cannot start",
    "unable to configure authorization (htpasswd): open /etc/registry-auth/htpasswd: no such file or directory",
]


@pytest.mark.parametrize("line", ORDINARY)
def test_ordinary_lines_stay(line: str) -> None:
    """What explains a failure is not masked."""
    assert redacted(line) == line


def test_what_follows_a_value_stays() -> None:
    """Only the value goes."""
    assert redacted("secretkey: x, region: eu") == "secretkey: ***, region: eu"
    assert redacted('{"password":"a b","region":"eu"}') == '{"password":***,"region":"eu"}'
    assert redacted("https://user:word@host/path") == "https://***@host/path"


@given(st.text(), st.sampled_from(SECRET_NAMES), st.text("abcXYZ0189/+=._-~!$%^*", min_size=12, max_size=60), st.text())
def test_any_surroundings(before: str, name: str, value: str, after: str) -> None:
    """A value of a secret's name goes, whatever stands around."""
    value = "Q7q" + value
    assert value not in redacted(f"{before} {name}={value} {after}".replace("-----BEGIN", ""))


# Where a rule has begun, and what it may stumble over again and again.
BEGINS = ["", 'secret="', "secret='", "value: `", "https://", "?x-", "-----BEGIN "]
UNITS = [
    "a",
    '"',
    "-----BEGIN A-----",
    "secret",
    "://",
    "secret=",
    "'",
    "value: ",
    "&sig=",
    "A ",
    "\\",
    "\\a",
    " ",
    ".",
]
# Of this process, not of the clock. The slowest line takes 0.1 s; with a rule that is cubic, or worse, it takes minutes.
_PROCESSOR_SECONDS = 5.0


@contextlib.contextmanager
def _bounded(seconds: float = _PROCESSOR_SECONDS) -> Iterator[None]:
    """Ends what takes the processor for longer. `re` looks for signals while it searches."""

    def stop(_number: int, _frame: object) -> None:
        raise TimeoutError(f"more than {seconds:g} s of the processor")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def test_bounded_time() -> None:
    """No rule runs wild on the longest line that is looked at: each takes the square of the line's length at most."""

    def check(parts: tuple[str, str]) -> None:
        with _bounded():
            redacted((parts[0] + parts[1] * LONGEST)[:LONGEST])

    check_each(itertools.product(BEGINS, UNITS), check)


def test_a_rule_that_runs_wild_is_noticed() -> None:
    """An expression with endless ways to fail is stopped."""
    with pytest.raises(TimeoutError), _bounded(0.2):
        re.search("(a+)+$", "a" * 200 + "b")


@pytest.mark.parametrize("word", ["password", "secret=", "token:", "a", " ", "token\t"])
def test_the_time_for_a_long_line(word: str) -> None:
    """It grows with the length. With the square of it, four times the length would take 16 times as long."""

    def measure(length: int) -> float:
        seconds = []
        for _attempt in range(3):
            started = time.process_time()
            redacted((word * length)[:length])
            seconds.append(time.process_time() - started)
        return min(seconds)

    assert measure(40_000) < 8 * measure(10_000) + 0.02
