# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of the connection options that all modules share."""

from __future__ import annotations


class ModuleDocFragment:
    """Options of module_utils/_k8s/connection/options.py; names and aliases as in kubernetes.core."""

    DOCUMENTATION = r"""
options:
  kubeconfig:
    description:
      - Path of a kubeconfig file, or its content as a dictionary. Content as text is rejected. Convert it with C(from_yaml).
      - The credentials in a dictionary are masked in all output. Names and addresses are not.
      - Environment variable E(K8S_AUTH_KUBECONFIG). An option takes precedence over the variable, the variable over the default kubeconfig,
        and that over the Pod's own service account.
    type: raw
  context:
    description: Context of the kubeconfig. The default is its current context. Environment variable E(K8S_AUTH_CONTEXT).
    type: str
  host:
    description:
      - Address of the API server.
      - Credentials of a kubeconfig are never sent to a host that is set by this option.
      - Environment variable E(K8S_AUTH_HOST).
    type: str
  api_key:
    description: Bearer token. Environment variable E(K8S_AUTH_API_KEY).
    type: str
  username:
    description: User name for Basic authentication. Environment variable E(K8S_AUTH_USERNAME).
    type: str
  password:
    description: Password for Basic authentication. Environment variable E(K8S_AUTH_PASSWORD).
    type: str
  validate_certs:
    description:
      - Whether the API server's certificate is checked. The default is the value in the kubeconfig, else V(true).
      - Environment variable E(K8S_AUTH_VERIFY_SSL).
    type: raw
    aliases: [verify_ssl]
  ca_cert:
    description:
      - Path of the CA certificates for the API server. The default is those of the kubeconfig, else those of the system.
      - Environment variable E(K8S_AUTH_SSL_CA_CERT).
    type: path
    aliases: [ssl_ca_cert]
  client_cert:
    description: Path of the client certificate. Environment variable E(K8S_AUTH_CERT_FILE).
    type: path
    aliases: [cert_file]
  client_key:
    description: Path of the client certificate's key. Environment variable E(K8S_AUTH_KEY_FILE).
    type: path
    aliases: [key_file]
  proxy:
    description:
      - Address of a proxy. A SOCKS proxy (C(socks5://)) requires the Python packages C(PySocks) and, for streams to Pods, C(python-socks).
      - Environment variable E(K8S_AUTH_PROXY).
    type: str
  no_proxy:
    description: Hosts that are reached without the proxy, separated by commas. Environment variable E(K8S_AUTH_NO_PROXY).
    type: str
  proxy_headers:
    description: Headers for the proxy.
    type: dict
    suboptions:
      basic_auth:
        description: C(user:password) for Basic authentication. Environment variable E(K8S_AUTH_PROXY_HEADERS_BASIC_AUTH).
        type: str
      proxy_basic_auth:
        description: C(user:password) for the proxy. Environment variable E(K8S_AUTH_PROXY_HEADERS_PROXY_BASIC_AUTH).
        type: str
      user_agent:
        description: User agent. Environment variable E(K8S_AUTH_PROXY_HEADERS_USER_AGENT).
        type: str
  impersonate_user:
    description: User to act as, in printable ASCII characters. Environment variable E(K8S_AUTH_IMPERSONATE_USER).
    type: str
  impersonate_groups:
    description: Groups to act as. Environment variable E(K8S_AUTH_IMPERSONATE_GROUPS), separated by commas.
    type: list
    elements: str
  connect_timeout:
    description: Seconds to establish a connection to the API server, at least V(1). The default is V(10). Environment variable E(K8S_AUTH_CONNECT_TIMEOUT).
    type: int
  request_timeout:
    description: Seconds for the complete response to a request, at least V(1). The default is V(30). Environment variable E(K8S_AUTH_REQUEST_TIMEOUT).
    type: int
  retry_timeout:
    description:
      - Seconds during which a request is repeated if the API server is not reachable, is too busy or does not respond. V(0) means no repetition; default V(30).
      - Environment variable E(K8S_AUTH_RETRY_TIMEOUT).
    type: int
requirements:
  - python >= 3.10
  - kubernetes >= 29
"""
