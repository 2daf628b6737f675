# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""htpasswd lines as Distribution reads them: bcrypt only, lines that begin with # are comments."""

from __future__ import annotations

import bcrypt
import pytest
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal
from ansible_collections.kyma.docker_registry.plugins.module_utils._registry import htpasswd
from hypothesis import given
from hypothesis import strategies as st

# A constant, so that the names of the tests are the same in each process of pytest-xdist.
ENTRY = "user:$2b$10$BO6F0nnXqhelScLMbGoosOy7zG7kz8kZhsjd76zc0UYejTc55Ew06"


def test_entry() -> None:
    """Bcrypt with a new salt, one line."""
    entry = htpasswd.create_entry("user", "pässword: $x")
    user, _colon, hashed = entry.partition(":")
    assert user == "user" and hashed.startswith("$2b$") and len(hashed) == 60 and "\n" not in entry
    assert bcrypt.checkpw("pässword: $x".encode(), hashed.encode())
    assert htpasswd.create_entry("user", "pässword: $x") != entry


@pytest.mark.parametrize(
    ("password", "cost", "other"),
    [("x", 10, 5), ("x" * 31, 10, 5), ("x" * 32, 5, 10), ("x" * 72, 5, 10), ("ä" * 31, 10, 5), ("ä" * 32, 5, 10)],
)
def test_cost(password: str, cost: int, other: int) -> None:
    """A long password needs no slow hash, and the registry computes it for each request. A line of another cost is written again, once."""
    line = htpasswd.create_entry("user", password)
    assert line.split("$")[2] == f"{cost:02}"
    assert htpasswd.entry_matches(line, "user", password)
    slow = bcrypt.hashpw(password.encode(), bcrypt.gensalt(other)).decode()
    assert not htpasswd.entry_matches(f"user:{slow}", "user", password)
    assert htpasswd.is_slow(password) == (cost == 10)


@pytest.mark.parametrize(
    ("line", "user", "password", "lets_in"),
    [
        (ENTRY, "user", "pässword: $x", True),
        (ENTRY + "\n", "user", "pässword: $x", True),
        (ENTRY, "user", "pässword", False),
        (ENTRY, "user", "", False),
        (ENTRY, "other", "pässword: $x", False),
        (ENTRY, "", "pässword: $x", False),
        (None, "user", "x", False),
        ("", "", "", False),
        ("user", "user", "x", False),
        ("user:", "user", "x", False),
        ("user:x", "user", "x", False),
        ("user:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=", "user", "password", False),
        ("user:$apr1$x$y", "user", "x", False),
        ("user:käse", "user", "x", False),
        ("user:$2b$10$" + "!" * 53, "user", "x", False),
        ("user:$2b$99$" + "a" * 53, "user", "x", False),
    ],
)
def test_matches(line: str | None, user: str, password: str, lets_in: bool) -> None:
    """True only for this user with this password, a hash that Distribution knows, and the cost that is wanted."""
    assert htpasswd.entry_matches(line, user, password) is lets_in


@given(st.text(st.sampled_from("$2aby0451/.A\x00\u00e9: "), max_size=62) | st.text())
def test_no_hash_breaks_it(hashed: str) -> None:
    """Whatever a client wrote there."""
    password = "x" * htpasswd.LONG_PASSWORD
    assert htpasswd.entry_matches(f"user:$2b$05${hashed}", "user", password) in (True, False)
    assert htpasswd.entry_matches(f"user:{hashed}", "user", password) in (True, False)


GOOD_NAMES = ["registry", "team-a", "a b", "käse", "user@example.com", "a#b", "x" * 300, "-", "0", "null"]
BAD_NAMES = ["", "a:b", ":", " a", "a ", "a\nb", "a\x00b", "\x7f", "a\tb", "\u00a0a", "#a", "#", "a\ud800", "\udcff"]


@pytest.mark.parametrize("name", GOOD_NAMES)
def test_good_names(name: str) -> None:
    """A good name has no problem."""
    assert htpasswd.username_problem(name) == ""


@pytest.mark.parametrize("name", BAD_NAMES)
def test_bad_names(name: str) -> None:
    """A name that htpasswd or Basic authentication cannot carry."""
    assert htpasswd.username_problem(name).endswith(".")


GOOD_PASSWORDS = ["x", "a b", " a ", "a:b", "#x", "x" * 72, "ä" * 36, "\U0001f600" * 18, "$(HOME)", "'\""]
BAD_PASSWORDS = [
    "",
    "x" * 73,
    "ä" * 36 + "x",
    "\U0001f600" * 19,
    "a\nb",
    "a\x00",
    "\x7f",
    "\r",
    "secret\ud800",
    "\udcff",
]


@pytest.mark.parametrize("password", GOOD_PASSWORDS)
def test_good_passwords_have_an_entry(password: str) -> None:
    """What is called good can be hashed with every bcrypt."""
    assert htpasswd.password_problem(password) == ""
    assert bcrypt.checkpw(password.encode(), bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)))


@pytest.mark.parametrize(
    ("name", "password", "code"),
    [
        *((name, "x", "credentials-username") for name in BAD_NAMES),
        *(("user", password, "credentials-password") for password in ("x" * 73, "ä" * 37, "a\x00b")),
    ],
)
def test_no_entry(name: str, password: str, code: str) -> None:
    """A Secret that a client made may hold anything: what would shut its own user out, or crash bcrypt, is a finding."""
    with pytest.raises(Refusal) as caught:
        htpasswd.create_entry(name, password)
    assert [item.code for item in caught.value.findings] == [code] and password not in str(caught.value).split()


@pytest.mark.parametrize("password", BAD_PASSWORDS)
def test_bad_passwords(password: str) -> None:
    """A sentence about its form that does not quote it."""
    problem = htpasswd.password_problem(password)
    assert problem.endswith(".") and (not password or password not in problem)


@given(st.text())
def test_good_names_survive_the_file(name: str) -> None:
    """Distribution trims the line, skips comments and cuts at the first colon (registry/auth/htpasswd)."""
    if htpasswd.username_problem(name) == "":
        line = f"{name}:hash".strip()
        assert "\n" not in line and not line.startswith("#")
        assert line.partition(":")[0] == name


def test_library_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A finding instead of a traceback."""
    monkeypatch.setattr(htpasswd, "HAS_BCRYPT", False)
    for act in (lambda: htpasswd.create_entry("u", "p"), lambda: htpasswd.entry_matches(ENTRY, "u", "p")):
        with pytest.raises(Refusal) as caught:
            act()
        assert [item.code for item in caught.value.findings] == ["library-missing"]
