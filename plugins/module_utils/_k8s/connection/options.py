# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which cluster, as whom: the connection options, their variables and who beats whom. Pure: no network, no library."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import ClusterError

from .kubeconfig import is_document
from .targets import Credentials, Limits, Target
from .values import Origin, Setting, parse_boolean, parse_seconds, read_variables, split_list

# Names and aliases of kubernetes.core. Variables are read in resolve_target(), so that a masked option stays one.
CONNECTION_SPEC: dict[str, dict[str, Any]] = {
    "kubeconfig": {"type": "raw", "no_log": True},
    "context": {"type": "str"},
    "host": {"type": "str"},
    "api_key": {"type": "str", "no_log": True},
    "username": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "validate_certs": {"type": "raw", "aliases": ["verify_ssl"]},
    "ca_cert": {"type": "path", "aliases": ["ssl_ca_cert"]},
    "client_cert": {"type": "path", "aliases": ["cert_file"]},
    "client_key": {"type": "path", "aliases": ["key_file"], "no_log": False},
    "proxy": {"type": "str"},
    "no_proxy": {"type": "str"},
    "proxy_headers": {
        "type": "dict",
        "no_log": True,
        "options": {
            "basic_auth": {"type": "str", "no_log": True},
            "proxy_basic_auth": {"type": "str", "no_log": True},
            "user_agent": {"type": "str"},
        },
    },
    "impersonate_user": {"type": "str"},
    "impersonate_groups": {"type": "list", "elements": "str"},
    "connect_timeout": {"type": "int"},
    "request_timeout": {"type": "int"},
    "retry_timeout": {"type": "int"},
}

_CREDENTIALS = (("api_key",), ("username", "password"), ("client_cert", "client_key"))
# What was set together with K8S_AUTH_HOST belongs to that host, and to no other.
_OF_THE_HOST = frozenset({"api_key", "username", "password", "client_cert", "client_key", "ca_cert", "validate_certs"})
_DEFAULT_FILE = "~/.kube/config"


def _read_options(params: Mapping[str, Any]) -> dict[str, Setting]:
    """The options that say something: None, empty texts and empty collections are absent."""
    found = {}
    for name in CONNECTION_SPEC:
        value = params.get(name)
        if isinstance(value, str):
            value = value.strip()
        if name == "proxy_headers" and isinstance(value, Mapping):
            value = {key: text for key, text in value.items() if text}
        if value not in (None, "", {}, []):
            found[name] = Setting(value, Origin("option", name))
    return found


def _pick_credentials(options: Mapping[str, Setting], environment: Mapping[str, Setting]) -> Credentials:
    """One level's credentials, never a mixture: only the partner of an option (the user's password) may be a variable."""
    chosen: dict[str, str] = {}
    if any(name in options for group in _CREDENTIALS for name in group):
        for group in _CREDENTIALS:
            if any(name in options for name in group):
                chosen.update(
                    {
                        name: str((options.get(name) or environment[name]).value)
                        for name in group
                        if name in options or name in environment
                    }
                )
    else:
        chosen = {name: str(environment[name].value) for group in _CREDENTIALS for name in group if name in environment}
    for needed, without in (("password", "username"), ("username", "password"), ("client_cert", "client_key")):
        if without in chosen and needed not in chosen:
            raise ClusterError(
                "cluster-options",
                without,
                f"{without} is set without {needed}.",
                f"Set {needed} too, or neither.",
            )
    if any(not 32 < ord(character) < 127 for character in chosen.get("api_key", "")):
        raise ClusterError(
            "cluster-options",
            "api_key",
            "api_key contains characters that are not allowed in a token.",
            "Specify only the token, without `Bearer`.",
        )
    for name in ("username", "password"):
        _check_text(name, chosen.get(name), "utf-8")
    return Credentials(**chosen)


def _kubeconfig(setting: Setting, environ: Mapping[str, str]) -> str | dict[str, Any]:
    value = setting.value
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, list):
        value = os.pathsep.join(str(entry) for entry in value)
    if not isinstance(value, str):
        raise ClusterError(
            "cluster-options",
            "kubeconfig",
            "kubeconfig is neither a path nor a mapping.",
            "Specify a path or the document.",
        )
    return _paths(value, str(setting.origin), environ)


def _paths(text: str, origin: str, environ: Mapping[str, str]) -> str:
    """The text as paths of files. A document is rejected, for it would be shown as the path of a file that does not exist."""
    parts = text.split(os.pathsep)
    if any(is_document(part) for part in (text, *parts)):
        raise ClusterError(
            "cluster-options",
            origin,
            "kubeconfig is the text of a document, not a path.",
            "Specify the path of a file, or the document as a mapping (`| from_yaml`).",
        )
    return os.pathsep.join(expand_home(part, environ) for part in parts if part.strip())


def expand_home(path: str, environ: Mapping[str, str]) -> str:
    """The path with `~` replaced by the environment's HOME."""
    home = environ.get("HOME")
    if home and (path == "~" or path.startswith("~/")):
        return home + path[1:]
    return os.path.expanduser(path)


def _host(setting: Setting) -> str:
    host = str(setting.value).rstrip("/")
    try:
        parts = urlsplit(host)
        known = parts.scheme in ("https", "http") and parts.hostname and parts.port != 0
    except ValueError:
        known = False
    if not known or not host.isprintable() or " " in host:
        raise ClusterError(
            "cluster-options",
            str(setting.origin),
            "host is not the address of an API server.",
            "Specify it as https://NAME:PORT.",
        )
    if "@" in parts.netloc:
        raise ClusterError(
            "cluster-options",
            str(setting.origin),
            "host contains a user name.",
            "Specify credentials with the options for them.",
        )
    return host


def _target(
    options: Mapping[str, Setting],
    environment: Mapping[str, Setting],
    environ: Mapping[str, str],
    exists: Callable[[str], bool],
) -> Target:
    """Kind, address and source: the first level that names a cluster."""
    context = options.get("context") or environment.get("context")
    named = options.get("kubeconfig") or environment.get("kubeconfig")
    default = _default_file(environ, exists)
    document = _kubeconfig(named, environ) if named else default[0] if default else None
    for level in (options, environment):
        if "host" in level:
            # The kubeconfig is used for a host only if it names the same server; see loading.py.
            return Target(
                "host",
                _host(level["host"]),
                str(level["host"].origin),
                context=str(context.value) if context else None,
                kubeconfig=document,
            )
        if "kubeconfig" in level or "context" in level:
            if document is None:
                raise ClusterError(
                    "cluster-options",
                    "context",
                    "context is set, but there is no kubeconfig.",
                    "Set kubeconfig.",
                )
            source = str(named.origin) if named else default[1] if default else ""
            if context is not None:
                source = f"{source}, {context.origin}"
            return Target(
                "kubeconfig", "", source, context=str(context.value) if context else None, kubeconfig=document
            )
    if default is not None:
        return Target("kubeconfig", "", default[1], kubeconfig=default[0])
    if environ.get("KUBERNETES_SERVICE_HOST"):
        return Target("in-cluster", "", "in-cluster")
    raise ClusterError(
        "cluster-options",
        "kubeconfig",
        "no cluster is specified: no option, no K8S_AUTH_* variable, no KUBECONFIG and no ~/.kube/config is set, and the process does not run in a Pod.",
        "Set kubeconfig, or host with api_key.",
    )


def _default_file(environ: Mapping[str, str], exists: Callable[[str], bool]) -> tuple[str, str] | None:
    """Path and source of the kubeconfig that kubectl would take."""
    paths = _paths(environ.get("KUBECONFIG", "").strip(), "variable KUBECONFIG", environ)
    if paths:
        return paths, "variable KUBECONFIG"
    path = expand_home(_DEFAULT_FILE, environ)
    return (path, f"file {_DEFAULT_FILE}") if exists(path) else None


def resolve_target(
    params: Mapping[str, Any], environ: Mapping[str, str], exists: Callable[[str], bool] = os.path.isfile
) -> Target:
    """The cluster that options and variables name: option beats K8S_AUTH_* variable beats kubeconfig beats in-cluster.

    exists: whether a file exists (~/.kube/config). Raises ClusterError (cluster-options).
    """
    options = _read_options(params)
    environment = read_variables(environ)
    target = _target(options, environment, environ, exists)
    its_own = (
        "host" not in environment
        or target.source == str(environment["host"].origin)
        or (target.kind == "host" and target.host == str(environment["host"].value).rstrip("/"))
    )
    if not its_own:
        environment = {name: setting for name, setting in environment.items() if name not in _OF_THE_HOST}
    both = {**environment, **options}

    def text(name: str) -> str | None:
        return str(both[name].value) if name in both else None

    groups = split_list(both["impersonate_groups"].value) if "impersonate_groups" in both else ()
    if groups and "impersonate_user" not in both:
        raise ClusterError(
            "cluster-options",
            "impersonate_groups",
            "impersonate_groups is set without impersonate_user.",
            "Set impersonate_user.",
        )
    _check_text("impersonate_user", text("impersonate_user"), "ascii")
    _check_text("impersonate_groups", "".join(groups), "ascii")
    headers = {**_headers(environment), **_headers(options)}
    for name, value in headers.items():
        _check_text(f"proxy_headers.{name}", value, "ascii" if name == "user_agent" else "latin-1")
    ca_cert = text("ca_cert")
    credentials = _pick_credentials(options, environment)
    return Target(
        kind=target.kind,
        host=target.host,
        source=target.source,
        verify_ssl=parse_boolean(both["validate_certs"]) if "validate_certs" in both else None,
        context=target.context,
        kubeconfig=target.kubeconfig,
        credentials=Credentials(
            credentials.api_key,
            credentials.username,
            credentials.password,
            expand_home(credentials.client_cert, environ) if credentials.client_cert else None,
            expand_home(credentials.client_key, environ) if credentials.client_key else None,
        ),
        ca_cert=expand_home(ca_cert, environ) if ca_cert else None,
        proxy=text("proxy"),
        no_proxy=text("no_proxy"),
        proxy_headers=headers,
        impersonate_user=text("impersonate_user"),
        impersonate_groups=groups,
        limits=_limits(both),
    )


def _limits(settings: Mapping[str, Setting]) -> Limits:
    """How long a request may take; repeating may be switched off by 0."""
    least = {"connect": 1, "request": 1, "retry": 0}
    given = {
        name: parse_seconds(settings[f"{name}_timeout"], seconds)
        for name, seconds in least.items()
        if f"{name}_timeout" in settings
    }
    return Limits(**given)


def _check_text(path: str, text: str | None, encoding: str) -> None:
    """Rejects what cannot be sent in a header: "ascii" unchanged, the others in base64."""
    try:
        (text or "").encode(encoding)
        fits = encoding != "ascii" or (text or "").isprintable()
    except UnicodeEncodeError:
        fits = False
    if not fits:
        raise ClusterError(
            "cluster-options",
            path,
            f"{path} contains characters that are not allowed in an HTTP header.",
            "Remove line breaks and characters outside ASCII.",
        )


def _headers(level: Mapping[str, Setting]) -> dict[str, str]:
    setting = level.get("proxy_headers")
    if setting is None:
        return {}
    if not isinstance(setting.value, Mapping):
        raise ClusterError(
            "cluster-options",
            "proxy_headers",
            "proxy_headers is not a mapping.",
            "Set basic_auth, proxy_basic_auth or user_agent.",
        )
    return {str(name): str(value) for name, value in setting.value.items() if value not in (None, "")}
