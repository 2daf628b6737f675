# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs a body as an Ansible module, and collects the secrets among a task's options."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.argspec import Spec, texts_of
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.masking import is_path, is_variable
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.connection import kubeconfig
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import key_documents

from .outcome import Body, run_body

# Options of the connection that take the path of a file.
_FILE_OPTIONS = ("ca_cert", "client_cert", "client_key")


def collect_secrets(spec: Spec, params: Mapping[str, Any], no_log_values: Iterable[str]) -> set[str]:
    """The values to mask.

    no_log_values: all values of the options with `no_log`. Names in a kubeconfig and in key files are among them, and they are not secrets.
    """
    plain, hidden = kubeconfig.split_secrets(params.get("kubeconfig"))
    source = params.get("secret_source")
    values = source.get("values") if isinstance(source, Mapping) else None
    others, names, keys = params, frozenset[str](), frozenset[str]()
    if isinstance(source, Mapping) and isinstance(values, Mapping):
        given = key_documents.read_documents(values)
        others, names, keys = {**params, "secret_source": {**source, "values": given.values}}, given.shown, given.hidden
    marked = spec.secrets(others, without="kubeconfig") | _misplaced(params)
    return (set(no_log_values) - plain - names) | hidden | keys | marked


def _misplaced(params: Mapping[str, Any]) -> set[str]:
    """Texts that may be credentials, in options that take paths of files or names of variables."""
    source = params.get("secret_source")
    given = source if isinstance(source, Mapping) else {}
    found = {text for text in texts_of(given.get("files")) if not is_path(text)}
    found |= {text for text in texts_of(given.get("environment")) if not is_variable(text)}
    return found | {text for name in _FILE_OPTIONS for text in texts_of(params.get(name)) if not is_path(text)}


def run_module(spec: Spec, body: Body) -> None:
    """Runs the body as a module: parses the options, runs the body, returns the result."""
    module = AnsibleModule(argument_spec=spec.options, supports_check_mode=True, **spec.constraints())
    module.no_log_values = collect_secrets(spec, module.params, module.no_log_values)
    outcome = run_body(body, module.params, check_mode=module.check_mode, secrets=module.no_log_values)
    module.no_log_values -= outcome.shown
    for text in outcome.warnings:
        module.warn(text)
    if outcome.result.get("failed"):
        module.fail_json(**outcome.result)
    module.exit_json(**outcome.result)
