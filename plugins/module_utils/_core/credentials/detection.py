# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which values of a structure may be credentials, by their names and by their form. Pure.

A structure is nested mappings and lists, an environment ({name: X, value: Y} for each variable), or the text of one in JSON or YAML.
The time for a text grows with its length only: a pattern that may fail begins at the start of a word, or does not read a part twice.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.argspec import texts_of
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.log_redaction import redacted

try:
    import yaml

    HAS_YAML = True
except ImportError:
    HAS_YAML = False

HIDDEN = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"

# Names of keys with a credential, in parameters of a driver, variables, headers and a pasted storage: accesskey, AWS_SECRET_ACCESS_KEY, clientSecret.
_CREDENTIAL = re.compile(
    r"(?i)((^|[_.-]|(?-i:(?<=[a-z])(?=P)))pass|([_.-]|(?-i:(?<=[a-z])(?=P)))pwd|"
    r"(^|[_.-]|[a-z])(passwords?|passwd|passphrase|token|authorization|(client|http)[_-]?secret|[_-]secret|cookie|"
    r"(access|account|api|private|secret|session|shared|sas)[_-]?key([_-]?id)?|secret[_-]?access[_-]?key|keyfile))(_?\d{1,2})?$"
)
# Of variables only: in a structure these are also names of objects.
_CREDENTIAL_VARIABLE = re.compile(r"[A-Z0-9_]*(SECRET|CREDENTIALS?)(_?\d{1,2})?")
# The private key of a certificate or of an account may be in a file; its own text does not begin as a path.
_FILE = re.compile(r"(?i)(private[_-]?key|keyfile|credentials?)(_?\d{1,2})?$")
_PATH = re.compile(r"/[^\n]{1,254}")
# Values that are not a credential, whatever their name is. Masked, they would make each result unreadable.
_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "none", "null"})
# User and password of an address, of a proxy for instance; the user alone may be a token. In some addresses it is a name, and an image has a digest there.
_ADDRESS = re.compile(r"(?<![a-z0-9+.-])[0-9+.-]*([a-z][a-z0-9+.-]*)://([^/?#\s]*)@(?!sha\d+:)", re.IGNORECASE)
_LOGIN = re.compile(r"([^:@]*):?(.*)", re.DOTALL)
_SCHEMES_WITH_NAMES = ("mailto", "sftp", "ssh", "git+ssh")
# A shorter user, a word, or a name as those of our objects is not masked in other texts.
_TOKEN = re.compile(r"(?![a-z]+$|(?=[a-z._-]*$)[a-z._-]*(?:kyma|registry)).{12,}", re.DOTALL)
# The value of a header: a scheme and the credential.
_SCHEME = re.compile(r"(?i)(?:basic|bearer|negotiate|token)\s+(\S.*)", re.DOTALL)
# Such a value without its header: what follows is not a word. And a key in PEM.
_HEADER_VALUE = re.compile(r"\s*(?i:basic|bearer)\s+(?![A-Za-z]?[a-z]+([._-][a-z]+)*\s*$)[\w.~+/-]{8,}=*\s*")
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")
# `accountkey=x` in a connection string, an argument of a command or an address.
_PAIR = re.compile(r"(?<![\w.-])([\w.-]+)=([^\s;,&\"']+)")
_SIGNATURES = frozenset({"sig", "signature"})
# `secretKey:x`: a key of YAML if the space after the colon is missing.
_JOINED = re.compile(r"(?<![^\s{,\"'])([\w.-]+)[ \t]*:(?!//)(\"[^\"]*|'[^']*|[^\s,{}\"']+)")
# Go reads an address of a proxy without a scheme too, and a password with any character.
_PROXY = re.compile(r"(?i)(https?_|all_)?proxy$")
_PROXY_SCHEME = re.compile(r"(?i)[a-z][a-z0-9+.-]*:/{1,2}|//")
# The beginning of a password that can have characters that end the host: what is before them is not a port.
_ODD_PASSWORD = re.compile(r"://(?!\[)[^/?#\s:@]*:(?!\d{1,5}(?:[/?#\s]|$))(?=[^\s@/?#])")
_DIGEST = re.compile(r"@sha\d+:")
# An address without a scheme, of Redis for instance. An image has a digest there.
_BARE_ADDRESS = re.compile(
    r"(?<![^\s,])[^\s:/@,]*:([^\s/@,]+)@(?!sha\d+:)(?:\[[\da-fA-F:.]+\]|[\w.-]+):\d{1,5}(?![^\s,])"
)
# In these a credential has a short name.
_INSIDE = {"credentials": frozenset({"secret", "clientid", "tenantid"})}
# Headers that are not a credential, of requests and of responses. Receivers have names of their own for those that are.
_HEADERS = "headers"
_PUBLIC_HEADERS = re.compile(
    r"(?i)accept(-(charset|encoding|language))?|cache-control|connection|content-type|date|host|origin|referer|user-agent|vary|access-control-[a-z-]+|"
    r"content-security-policy|permissions-policy|referrer-policy|strict-transport-security|x-content-type-options|x-frame-options"
)
_HEADERS_IN_TEXT = re.compile(r"(?i)\bheaders[\"']?\s*:")
# Texts that may be a structure: JSON, YAML in brackets or in lines.
_STRUCTURE = re.compile(r"^[^\S\n]*([\[{]|(- +)*[\"']?[\w.-]+[\"']?[ \t]*:(\s|$))", re.MULTILINE)


def hide_credentials(name: str, value: Any, parent: str = "") -> Any:
    """The value with HIDDEN in the place of each text that may hold a credential. name, parent: its key, and the key above."""
    if isinstance(value, Mapping):
        return {
            HIDDEN if holds_credential("", str(key)) else key: hide_credentials(meant, item, name)
            for key, meant, item in _entries(value)
        }
    if isinstance(value, list):
        return [hide_credentials(name, item, parent) for item in value]
    return HIDDEN if holds_credential(name, value, parent) else value


def holds_credential(name: str, value: Any, parent: str = "") -> bool:
    """Whether credentials_in() finds anything."""
    return any(True for _text in credentials_in(name, value, parent))


def credentials_in(name: str, value: Any, parent: str = "") -> Iterator[str]:
    """Texts that may be credentials: a text that holds one as a whole, and each credential in it."""
    if isinstance(value, Mapping):
        for key, meant, item in _entries(value):
            yield from credentials_in("", str(key))
            yield from credentials_in(meant, item, name)
    elif isinstance(value, list):
        for item in value:
            yield from credentials_in(name, item, parent)
    elif value not in (None, "") and str(value).lower() not in _WORDS:
        inside = list(_in_text(value, name, parent)) if isinstance(value, str) else []
        if inside or (_names_credential(name, parent) and not _is_file(name, str(value))):
            yield from texts_of(value)
            yield from _SCHEME.findall(str(value))
            yield from inside


def credentials_in_proxy(text: str) -> Iterator[str]:
    """The same of an address of a proxy, which may lack the scheme."""
    scheme = _PROXY_SCHEME.match(text)
    login, at, _host = text[scheme.end() if scheme else 0 :].rpartition("@")
    if at:
        user, _colon, password = login.partition(":")
        yield from _login_in(text, user, password)


def credentials_in_address(text: str) -> Iterator[str]:
    """The password of each address in the text, or the user if there is none: a short one with the text as a whole."""
    for scheme, login in _ADDRESS.findall(text):
        user, password = _LOGIN.findall(login)[0]
        yield from _login_in(text, "" if scheme.lower() in _SCHEMES_WITH_NAMES else user, password)
    yield from _odd_passwords(text)
    yield from _BARE_ADDRESS.findall(text)


def _odd_passwords(text: str) -> Iterator[str]:
    """Passwords of addresses that reach beyond the end of the host, up to the next @ in the line."""
    for line in text.split("\n"):
        end, at = 0, -1
        for begin in _ODD_PASSWORD.finditer(line):
            if begin.start() < end:
                # A part of the password before.
                continue
            if at < begin.end():
                at = line.find("@", begin.end())
            if at < 0:
                break
            if not _DIGEST.match(line, at):
                yield line[begin.end() : at]
                end = at + 1


def _login_in(text: str, user: str, password: str) -> Iterator[str]:
    """The password, or the user of an address without one; the whole text for a user that can be a name."""
    if password:
        yield password
    elif user:
        yield user if _TOKEN.fullmatch(user) else text


def _joined(text: str) -> Iterator[str]:
    """The values of keys with a name of a credential that are not separated from it."""
    for key, quoted in _JOINED.findall(text):
        value = quoted.strip("\"'")
        if _names_credential(key, "") and value and value.lower() not in _WORDS and not _is_file(key, value):
            yield value


def _entries(value: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """Key, name and value of each entry. The name differs from the key in an object of Kubernetes for a variable or a header."""
    variable = str(value["name"]) if "name" in value and "value" in value else ""
    for key, item in value.items():
        yield key, variable if variable and key == "value" else str(key), item


def _names_credential(name: str, parent: str) -> bool:
    lower = name.lower()
    if parent.lower() == _HEADERS and not _PUBLIC_HEADERS.fullmatch(name):
        return True
    return bool(_CREDENTIAL.search(name) or _CREDENTIAL_VARIABLE.fullmatch(name)) or lower in _INSIDE.get(parent, ())


def _is_file(name: str, text: str) -> bool:
    return bool(_FILE.search(name) and _PATH.fullmatch(text))


def _in_text(text: str, name: str, parent: str) -> Iterator[str]:
    """Credentials in a text: of an address, of pairs, and of the structure that it is. The text as a whole if it is one, or cannot be parsed."""
    if _HEADER_VALUE.fullmatch(text) or _PRIVATE_KEY.search(text):
        yield text
    yield from credentials_in_proxy(text) if _PROXY.fullmatch(name) else credentials_in_address(text)
    yield from _joined(text)
    for key, value in _PAIR.findall(text):
        if (_names_credential(key, "") or key.lower() in _SIGNATURES) and value.lower() not in _WORDS:
            yield value
    if _STRUCTURE.search(text):
        try:
            yield from list(credentials_in(name, _parse(text), parent))
        except RecursionError:
            # Too deep to be looked through.
            yield text
        except ValueError:
            # Not complete, or another language.
            if redacted(text) != text or _HEADERS_IN_TEXT.search(text):
                yield text


def _parse(text: str) -> list[Any]:
    """The mappings and lists that the text in JSON or YAML says. Raises ValueError if it is neither or has references, RecursionError if it is too deep."""
    try:
        return _structures([json.loads(text)])
    except (ValueError, RecursionError):
        pass
    if not HAS_YAML:
        raise ValueError("PyYAML is not installed")

    class Loader(yaml.BaseLoader):
        """A loader that rejects references, which can repeat a part without end."""

        def compose_node(self, parent: Any, index: Any) -> Any:
            if self.check_event(yaml.AliasEvent):
                raise ValueError("a reference")
            return super().compose_node(parent, index)

    try:
        return _structures(yaml.load_all(text, Loader))
    except (yaml.YAMLError, TypeError, AttributeError):
        pass
    raise ValueError("not YAML")


def _structures(documents: Iterable[Any]) -> list[Any]:
    return [item for item in documents if isinstance(item, (Mapping, list))]
