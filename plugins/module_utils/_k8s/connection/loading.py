# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From a Target to the `kubernetes` package's Configuration, which reads kubeconfigs, runs their plugins and knows the Pod's account."""

from __future__ import annotations

import base64
import contextlib
import io
import logging
import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import unquote, urlsplit

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.log_redaction import redacted
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.masking import may_show_path
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.errors import ClusterError

from .key_files import KeyFiles
from .targets import Target

try:
    import kubernetes
    import urllib3
    import yaml
    from kubernetes.client import Configuration
    from kubernetes.config.config_exception import ConfigException
    from kubernetes.config.incluster_config import SERVICE_CERT_FILENAME, SERVICE_TOKEN_FILENAME, InClusterConfigLoader
    from kubernetes.config.kube_config import ConfigNode, KubeConfigLoader, KubeConfigMerger
except ImportError:
    kubernetes = None

OLDEST = 29


class _Notes(logging.Handler):
    """Keeps what the library logs, which would otherwise go to stderr."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(record.getMessage())


@contextlib.contextmanager
def quiet() -> Iterator[list[str]]:
    """Nothing inside reaches stdout, stderr or a log; yields the error texts that were logged."""
    notes = _Notes()
    root = logging.getLogger()
    others = root.handlers[:]
    root.handlers[:] = [notes]
    try:
        # A plugin of the kubeconfig inherits the terminal only if stdout is one: here it is not.
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            yield notes.texts
    finally:
        root.handlers[:] = others


def require_library() -> None:
    """Raises ClusterError (cluster-library) if the `kubernetes` package is missing or too old."""
    if kubernetes is None:
        raise ClusterError(
            "cluster-library",
            "kubernetes",
            "the Python package `kubernetes` is missing.",
            f"Install kubernetes>={OLDEST}.",
        )
    major = str(kubernetes.__version__).split(".", 1)[0]
    if major.isdigit() and int(major) < OLDEST:
        raise ClusterError(
            "cluster-library",
            "kubernetes",
            f"the Python package `kubernetes` {kubernetes.__version__} is too old.",
            f"Install kubernetes>={OLDEST}.",
        )


def load_configuration(target: Target, environ: Mapping[str, str]) -> tuple[Target, Any, KeyFiles]:
    """The target with its address and TLS setting filled in, its Configuration, and the files of certificates and keys that a kubeconfig holds.

    Raises ClusterError: cluster-options (unreadable kubeconfig, unknown context, missing files, failing plugin), cluster-library.
    """
    require_library()
    files = KeyFiles()
    try:
        return (*_load(target, environ, files), files)
    except BaseException:
        files.close()
        raise


def _load(target: Target, environ: Mapping[str, str], files: KeyFiles) -> tuple[Target, Any]:
    with quiet():
        configuration = Configuration()
    configuration.refresh_api_key_hook = None
    if target.kind == "in-cluster":
        _in_cluster(configuration, environ)
    elif target.kind == "kubeconfig":
        _kubeconfig(configuration, target, files)
    else:
        if not target.credentials.given and _same_server(target):
            _kubeconfig(configuration, target, files)
        configuration.host = target.host
    _override(configuration, target)
    loaded_hook = configuration.refresh_api_key_hook
    if loaded_hook is not None:
        # The library's hook renews an expired token, and resets all the rest to the kubeconfig's values, itself included.
        def renew(it: Any) -> None:
            with quiet(), files.taken_over(it):
                loaded_hook(it)
            it.refresh_api_key_hook = renew
            _override(it, target)

        configuration.refresh_api_key_hook = renew
    _check_files(configuration)
    try:
        parts = urlsplit(configuration.host)
    except ValueError:
        # Only a kubeconfig can contain it: the option `host` was checked before.
        raise ClusterError(
            "cluster-options",
            "kubeconfig",
            "the server in the kubeconfig is not a valid URL.",
            "Correct clusters[].cluster.server.",
        ) from None
    shown = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    return replace(target, host=shown, verify_ssl=bool(configuration.verify_ssl)), configuration


def _in_cluster(configuration: Any, environ: Mapping[str, str]) -> None:
    try:
        InClusterConfigLoader(
            token_filename=SERVICE_TOKEN_FILENAME, cert_filename=SERVICE_CERT_FILENAME, environ=environ
        ).load_and_set(configuration)
    except ConfigException as problem:
        raise ClusterError(
            "cluster-options",
            "in-cluster",
            f"the Pod's service account cannot be used: {problem}",
            "Set kubeconfig or host.",
        ) from None


def _document(target: Target) -> Any:
    """The kubeconfig as the library's node; several files are merged."""
    try:
        if isinstance(target.kubeconfig, dict):
            return ConfigNode("kube-config", target.kubeconfig)
        merged = KubeConfigMerger(target.kubeconfig).config
    except (ConfigException, yaml.YAMLError, OSError, TypeError, AttributeError, ValueError) as problem:
        # A YAML error quotes the file, which holds credentials: its kind says enough.
        text = (
            str(problem)
            if isinstance(problem, (ConfigException, OSError))
            else f"the file is not a kubeconfig ({type(problem).__name__})"
        )
        raise ClusterError(
            "cluster-options", "kubeconfig", f"the kubeconfig cannot be read: {text}", "Correct it."
        ) from None
    if merged is None:
        raise ClusterError(
            "cluster-options",
            "kubeconfig",
            f"the kubeconfig file {target.kubeconfig} ({target.source}) does not exist.",
            "Correct the path.",
        )
    return merged


def _loader(target: Target) -> Any:
    document = _document(target)
    try:
        base = "" if isinstance(target.kubeconfig, dict) else None
        return document, KubeConfigLoader(config_dict=document, active_context=target.context, config_base_path=base)
    except (ConfigException, TypeError, AttributeError, KeyError) as problem:
        text = (
            str(problem)
            if isinstance(problem, ConfigException)
            else "a part of the document does not have the structure of a kubeconfig"
        )
        raise ClusterError(
            "cluster-options",
            "context" if target.context else "kubeconfig",
            text,
            "Correct the kubeconfig or the context.",
        ) from None


def _cluster_section(document: Any, loader: Any) -> Any:
    """The `cluster` of the context in use. Raises ConfigException, KeyError or TypeError if the document has none."""
    return document["clusters"].get_with_name(loader.current_context["context"]["cluster"])["cluster"]


def _same_server(target: Target) -> bool:
    """True if the kubeconfig names exactly the given host. A kubeconfig that cannot be read is ignored."""
    if target.kubeconfig is None:
        return False
    try:
        return str(_cluster_section(*_loader(target))["server"]).rstrip("/") == target.host
    except (ClusterError, ConfigException, KeyError, TypeError):
        return False


def _take_proxy(document: Any, loader: Any) -> str | None:
    """The cluster's proxy-url. One that is null is removed: the library would miss a value."""
    try:
        section = getattr(_cluster_section(document, loader), "value", None)
    except (ConfigException, KeyError, TypeError):
        return None
    # The library would connect to this machine.
    if not isinstance(section, dict):
        raise ClusterError("cluster-options", "kubeconfig", "its cluster is not a mapping.", "Correct the kubeconfig.")
    proxy = section.get("proxy-url")
    if proxy is None:
        section.pop("proxy-url", None)
    elif not isinstance(proxy, str):
        raise ClusterError("cluster-options", "kubeconfig", "its proxy-url is not text.", "Correct the kubeconfig.")
    return proxy


def _kubeconfig(configuration: Any, target: Target, files: KeyFiles) -> None:
    document, loader = _loader(target)
    proxy = _take_proxy(document, loader)
    with quiet() as notes, files.taken_over(configuration):
        try:
            loader.load_and_set(configuration)
            # kubernetes 29 ignores it, and would connect without the proxy.
            configuration.proxy = proxy or configuration.proxy
        except ConfigException as problem:
            raise ClusterError(
                "cluster-options", "kubeconfig", redacted(str(problem)), "Correct the kubeconfig."
            ) from None
        except Exception as problem:  # pylint: disable=broad-except
            # Login plugins and odd documents fail in many ways, and the texts may hold what they were given.
            raise ClusterError(
                "cluster-options",
                "kubeconfig",
                f"the kubeconfig cannot be used ({type(problem).__name__}).",
                "Test it with kubectl.",
            ) from None
    if notes and not target.credentials.given:
        raise ClusterError(
            "cluster-options",
            "kubeconfig",
            f"the login command of the kubeconfig fails: {redacted(notes[0])[:300]}",
            "Run the command by hand, or log in again.",
        )


def _override(configuration: Any, target: Target) -> None:
    """Options and variables over what the kubeconfig says. Credentials replace the kubeconfig's as a whole."""
    credentials = target.credentials
    if target.kind == "host":
        configuration.host = target.host
    if credentials.given:
        configuration.api_key = {}
        configuration.cert_file = credentials.client_cert
        configuration.key_file = credentials.client_key
        if credentials.api_key:
            configuration.api_key = {"authorization": f"Bearer {credentials.api_key}"}
        elif credentials.username:
            pair = base64.b64encode(f"{credentials.username}:{credentials.password}".encode()).decode("ascii")
            configuration.api_key = {"authorization": f"Basic {pair}"}
    if target.verify_ssl is not None:
        configuration.verify_ssl = target.verify_ssl
    if target.ca_cert:
        configuration.ssl_ca_cert = target.ca_cert
    _override_proxy(configuration, target)


def _override_proxy(configuration: Any, target: Target) -> None:
    if target.proxy:
        configuration.proxy = target.proxy
    if target.no_proxy:
        configuration.no_proxy = target.no_proxy
    if target.proxy_headers:
        configuration.proxy_headers = dict(urllib3.util.make_headers(**target.proxy_headers))
    elif login := _proxy_login(str(configuration.proxy or "")):
        configuration.proxy_headers = {"proxy-authorization": f"Basic {login}"}


def _proxy_login(address: str) -> str:
    """User and password in the address of an HTTP proxy as its header has them, '' without. The libraries ignore them, kubectl and curl do not."""
    try:
        parts = urlsplit(address)
    except ValueError:
        # Reported when the connection is made.
        return ""
    if parts.scheme not in ("http", "https") or not parts.username:
        return ""
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return base64.b64encode(pair.encode()).decode("ascii")


def _check_files(configuration: Any) -> None:
    """Checks that the files of certificates can be read, so that the error names the option."""
    for attribute, option in (("ssl_ca_cert", "ca_cert"), ("cert_file", "client_cert"), ("key_file", "client_key")):
        path = getattr(configuration, attribute)
        if path and not (os.path.isfile(path) and os.access(path, os.R_OK)):
            shown = f"the file {path}" if may_show_path(path) else "the file (its text is not a path, and is not shown)"
            raise ClusterError(
                "cluster-options", option, f"{shown} cannot be read.", "Specify the path of a readable file."
            )
