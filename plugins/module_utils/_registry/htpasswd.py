# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""htpasswd entries as Distribution accepts them: bcrypt only (auth.htpasswd of its configuration)."""

from __future__ import annotations

import re

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.encoding import SURROGATE
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal, error

try:
    import bcrypt

    HAS_BCRYPT = True
except ImportError:
    HAS_BCRYPT = False

# bcrypt reads no more than this many bytes of a password; newer libraries reject longer ones.
LONGEST_PASSWORD = 72
# The registry checks the hash at each request and caches no result. A slow hash protects a password that can be guessed; one of this
# many characters or more needs none. Kyma's operator uses the fast cost for every password.
LONG_PASSWORD = 32
_FAST, SLOW = 5, 10
_HASH = re.compile(r"\$2[aby]\$([0-9]{2})\$[./A-Za-z0-9]{53}")
_NO_UNICODE = "contains bytes that are not valid UTF-8."


def _require() -> None:
    if not HAS_BCRYPT:
        raise Refusal(
            [
                error(
                    "library-missing",
                    "bcrypt",
                    "the Python library bcrypt is not installed.",
                    "Install it: pip install bcrypt",
                )
            ]
        )


def is_slow(password: str) -> bool:
    """True for a password that gets the slow hash, because it is short."""
    return len(password) < LONG_PASSWORD


def _cost(password: str) -> int:
    return SLOW if is_slow(password) else _FAST


def create_entry(username: str, password: str) -> str:
    """A new line `user:hash`, with a new salt at each call.

    Raises Refusal if bcrypt is not installed, and for a name or a password that no such line can carry.
    """
    _require()
    wrong = username_problem(username)
    if wrong:
        raise Refusal([error("credentials-username", "username", wrong, "Choose another name.")])
    if "\0" in password or len(password.encode("utf-8", "surrogatepass")) > LONGEST_PASSWORD:
        wrong = password_problem(password)
        raise Refusal([error("credentials-password", "password", wrong, "Choose another password.")])
    hashed: bytes = bcrypt.hashpw(password.encode("utf-8"), bcrypt.gensalt(rounds=_cost(password)))
    return f"{username}:{hashed.decode('ascii')}"


def entry_matches(line: str | None, username: str, password: str) -> bool:
    """True if the line is one that create_entry() can make for this user and password. Raises Refusal if bcrypt is not installed.

    A line with another cost is not: it is written again once.
    """
    _require()
    user, _separator, hashed = (line or "").strip().partition(":")
    # With another form bcrypt 4.0 crashes (with an exception that is not an Exception).
    form = _HASH.fullmatch(hashed)
    if user != username or form is None or int(form[1]) != _cost(password):
        return False
    try:
        return bool(bcrypt.checkpw(password.encode("utf-8"), hashed.encode("ascii")))
    except ValueError:
        return False


def username_problem(username: str) -> str:
    """What is wrong with a user name for htpasswd and Basic auth, '' if nothing is."""
    if not username:
        return "is empty."
    if ":" in username:
        return "contains a colon, which separates the name from the password in htpasswd and in Basic authentication."
    if username.startswith("#"):
        return "begins with #, which marks a comment in htpasswd."
    if SURROGATE.search(username):
        return _NO_UNICODE
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in username) or username != username.strip():
        return "contains a control character, or leading or trailing white space."
    return ""


def password_problem(password: str) -> str:
    """What is wrong with the form of a password, '' if nothing is; never quotes it."""
    if not password:
        return "is empty."
    if SURROGATE.search(password):
        return _NO_UNICODE
    if len(password.encode("utf-8")) > LONGEST_PASSWORD:
        return f"is longer than {LONGEST_PASSWORD} bytes, the limit of bcrypt."
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in password):
        return "contains a line break or another control character."
    return ""
