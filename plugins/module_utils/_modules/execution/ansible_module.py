# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs a body as an Ansible module, and collects the secrets among a task's options."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.argspec import Spec
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.masking import (
    SHORTEST_IN_KEYS,
    SHORTEST_SECRET,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.connection import kubeconfig
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import key_documents

from .invocation import misplaced_credentials, visible_arguments
from .outcome import Body, ModuleOptions, run_body


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
    marked = spec.secrets(others, without="kubeconfig") | misplaced_credentials(spec, params)
    found = (set(no_log_values) - plain - names) | hidden | keys | marked
    return {text for text in found if len(str(text)) >= SHORTEST_SECRET}


class _Module(AnsibleModule):
    """A module that shows no value of its arguments.

    Before ansible-core 2.21 they are part of every result. All versions write them to syslog, with values that `repr` escapes in a form that is not masked.
    """

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        super().__init__(argument_spec=spec.options, supports_check_mode=True, **spec.constraints())

    def _log_invocation(self) -> None:
        given = sorted(name for name, value in self.params.items() if value is not None)
        self.log(f"Invoked with {', '.join(given)}")

    def fail_json(self, msg: str, **result: Any) -> NoReturn:
        """Same as fail_json of AnsibleModule, which also calls it for wrong arguments."""
        super().fail_json(msg, **self._with_invocation(result))
        raise AssertionError("it ends the process")

    def exit_json(self, **result: Any) -> NoReturn:
        """As that of AnsibleModule."""
        super().exit_json(**self._with_invocation(result))
        raise AssertionError("it ends the process")

    def _with_invocation(self, result: dict[str, Any]) -> dict[str, Any]:
        arguments = visible_arguments(self._spec, getattr(self, "params", {}))
        return {"invocation": {"module_args": arguments}, **result}


def run_module(spec: Spec, options: type[ModuleOptions], body: Body[ModuleOptions]) -> None:
    """Runs the body as a module: parses the options, runs the body, returns the result."""
    module = _Module(spec)
    secrets = collect_secrets(spec, module.params, module.no_log_values)
    outcome = run_body(body, options, module.params, check_mode=module.check_mode, secrets=secrets)
    # The result is masked. Ansible would mask its words again, where a secret is a word.
    module.no_log_values = {text for text in secrets - outcome.shown if len(text) >= SHORTEST_IN_KEYS}
    for text in outcome.warnings:
        module.warn(text)
    if outcome.result.get("failed"):
        module.fail_json(**outcome.result)
    module.exit_json(**outcome.result)
