# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Failures of a connection as findings. Recognises the exceptions of old and new releases of urllib3 by their type."""

from __future__ import annotations

import errno
import re
import ssl
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import Call, ClusterError

try:
    from urllib3 import exceptions as failures
except ImportError:
    failures = None

_NAME_RESOLUTION_FAILED = (
    "getaddrinfo",
    "Name or service not known",
    "nodename nor servname",
    "Temporary failure in name resolution",
)
# A temporary failure of DNS is not in it: another attempt can succeed.
_NAME_DOES_NOT_EXIST = ("Name or service not known", "nodename nor servname", "Errno -2")
# Of urllib3 and of websocket-client. Repeated wrong passwords can lock an account.
_REJECTED_BY_PROXY = re.compile(r"(Tunnel connection failed|CONNECT via proxy status): (401|403|407)\b")
# Words of OpenSSL, the place in the user's input, what that means, what to do; the first that fits.
_TLS = (
    (
        ("wrong_version_number", "record_layer_failure", "unknown_protocol", "http_request", "unexpected_eof"),
        "host",
        "{host} does not speak TLS.",
        "Check the scheme and port in host.",
    ),
    (
        ("doesn't match", "does not match"),
        "ca_cert",
        "the certificate of {host} is not trusted: it is for another host name.",
        "Use a host name that is in the server's certificate.",
    ),
    (
        ("key_values_mismatch",),
        "client_key",
        "client_key does not belong to client_cert.",
        "Set client_key to the key of client_cert.",
    ),
    (
        ("alert_bad_certificate", "certificate_required", "alert_certificate", "alert_unknown_ca"),
        "client_cert",
        "{host} rejects the client certificate.",
        "Renew client_cert and client_key.",
    ),
    (
        ("pem", "no certificate or crl found", "no_certificate_or_crl_found", "asn1"),
        "ca_cert",
        "a certificate file is not a PEM file.",
        "Check ca_cert, client_cert and client_key.",
    ),
)
_UNREACHABLE = frozenset({errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ENETDOWN, errno.EHOSTDOWN, errno.EADDRNOTAVAIL})
_VERIFY = re.compile(r"certificate verify failed: ([^(\]]*)")


def _is_urllib3_failure(problem: BaseException, *names: str) -> bool:
    """True for one of urllib3's exceptions of these names, as far as this urllib3 has them."""
    kinds = tuple(getattr(failures, name) for name in names if hasattr(failures, name))
    return isinstance(problem, kinds)


def failed_before_sending(problem: BaseException) -> bool:
    """True if no connection was established, so that the server did nothing."""
    return _is_urllib3_failure(
        problem, "NewConnectionError", "ConnectTimeoutError", "NameResolutionError", "ProxyError"
    )


def is_transient(problem: BaseException) -> bool:
    """True if another attempt can succeed. False for a TLS error, an invalid URL, a file and a host name that do not exist, a proxy that rejects the user."""
    final = (ssl.SSLError, ValueError, FileNotFoundError, PermissionError)
    if _is_urllib3_failure(problem, "SSLError", "LocationValueError") or isinstance(problem, final):
        return False
    text = str(problem)
    return not (_REJECTED_BY_PROXY.search(text) or any(words in text for words in _NAME_DOES_NOT_EXIST))


def error_from_exception(call: Call, host: str, problem: BaseException) -> ClusterError | None:
    """The finding for an exception of the connection, None for any other exception."""
    inner: Any = getattr(problem, "original_error", None) or (problem.args[-1] if problem.args else None)
    if _is_urllib3_failure(problem, "SSLError") or isinstance(problem, ssl.SSLError) or isinstance(inner, ssl.SSLError):
        return _tls(call, host, f"{problem} {inner}")
    if failed_before_sending(problem):
        return _unreachable(host, problem)
    if _is_urllib3_failure(problem, "ReadTimeoutError"):
        advice = "Try again. The API server may be overloaded."
        return ClusterError("cluster-timeout", call.path, f"{host} did not answer in time.", advice)
    if _is_urllib3_failure(problem, "LocationValueError"):
        return ClusterError(
            "cluster-options", "host", f"{host} is not a valid URL.", "Specify it as https://NAME:PORT."
        )
    if _is_urllib3_failure(problem, "HTTPError") or isinstance(problem, (ConnectionError, TimeoutError)):
        what = f"the connection to {host} was interrupted ({type(problem).__name__})."
        return ClusterError(
            "cluster-unreachable", "host", what, "Try again. Check the proxies between this machine and the API server."
        )
    if isinstance(problem, OSError) and problem.errno in _UNREACHABLE:
        return _unreachable(host, problem)
    if isinstance(problem, OSError):
        what = f"a certificate file cannot be used: {problem.strerror or problem}"
        return ClusterError("cluster-tls", "client_cert", what, "Check the files.")
    return None


def _unreachable(host: str, problem: BaseException) -> ClusterError:
    """No connection at all, by its reason."""
    text = str(problem)
    if _is_urllib3_failure(problem, "ProxyError"):
        what, path, remedy = f"the proxy does not forward connections to {host}.", "proxy", "Check proxy and no_proxy."
    elif _is_urllib3_failure(problem, "NameResolutionError") or any(words in text for words in _NAME_RESOLUTION_FAILED):
        what, path, remedy = f"the host name in {host} cannot be resolved.", "host", "Check the host name and DNS."
    elif "refused" in text:
        what, path, remedy = f"the connection to {host} was refused.", "host", "Check that the API server runs there."
    else:
        what, path, remedy = f"{host} does not answer.", "host", "Check address, firewall, VPN and proxy."
    return ClusterError("cluster-unreachable", path, what, remedy)


def _tls(call: Call, host: str, text: str) -> ClusterError:
    """Handshakes that fail, by the reason that OpenSSL gives."""
    verify = _VERIFY.search(text)
    if verify:
        return _untrusted(host, verify.group(1).strip().rstrip(".,"))
    lower = text.lower()
    for words, path, what, remedy in _TLS:
        if any(word in lower for word in words):
            return ClusterError("cluster-tls", path, what.format(host=host), remedy)
    what = f"the TLS connection to {host} failed."
    return ClusterError("cluster-tls", call.path, what, "Check ca_cert, client_cert and the host.")


def _untrusted(host: str, reason: str) -> ClusterError:
    remedy = "Set ca_cert to the CA certificate of the cluster."
    if "mismatch" in reason.lower():
        remedy = "Use a host name that is in the server's certificate."
    elif "expired" in reason.lower():
        remedy = "Renew the server's certificate, or check the clocks."
    return ClusterError("cluster-tls", "ca_cert", f"the certificate of {host} is not trusted: {reason}.", remedy)
