# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates and private key of a connection, loaded once, so that their files are not needed any more."""

from __future__ import annotations

import ssl
from typing import Any

try:
    from urllib3.util.ssl_ import create_urllib3_context
except ImportError:
    create_urllib3_context = None

_FILES = ("ca_certs", "ca_cert_data", "cert_file", "key_file")


def load_files(pool: Any, configuration: Any) -> ssl.SSLContext:
    """Loads the files into the pool, which does not use them any more. Returns the context for websockets.

    pool: a PoolManager of urllib3 that has sent nothing yet. Raises OSError or ValueError for files that cannot be used.
    """
    settings: dict[str, Any] = pool.connection_pool_kw
    context = create_urllib3_context(cert_reqs=settings["cert_reqs"])
    _load_authorities(context, settings)
    _load_pair(context, settings)
    websocket = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    websocket.check_hostname = configuration.verify_ssl and configuration.assert_hostname is not False
    websocket.verify_mode = settings["cert_reqs"]
    _load_authorities(websocket, settings)
    _load_pair(websocket, settings)
    proxy = settings.get("_proxy_config")
    if proxy is not None and proxy.ssl_context is None and pool.proxy.scheme == "https":
        # A proxy with TLS is verified with the same authorities. It gets no client certificate.
        of_proxy = create_urllib3_context(cert_reqs=settings["cert_reqs"])
        of_proxy.check_hostname = settings["cert_reqs"] == ssl.CERT_REQUIRED
        _load_authorities(of_proxy, settings)
        pool.proxy_config = settings["_proxy_config"] = proxy._replace(ssl_context=of_proxy)
    for name in _FILES:
        settings.pop(name, None)
    settings["ssl_context"] = context
    return websocket


def _load_authorities(context: ssl.SSLContext, settings: dict[str, Any]) -> None:
    if settings["cert_reqs"] == ssl.CERT_NONE:
        return
    file, data = settings.get("ca_certs"), settings.get("ca_cert_data")
    if file or data:
        context.load_verify_locations(cafile=file or None, cadata=data or None)
    else:
        context.load_default_certs()


def _load_pair(context: ssl.SSLContext, settings: dict[str, Any]) -> None:
    if settings.get("cert_file"):
        context.load_cert_chain(settings["cert_file"], settings.get("key_file"), _refuse_password)


def _refuse_password() -> str:
    """Without it OpenSSL would ask at the terminal."""
    raise ssl.SSLError("the private key is encrypted")
