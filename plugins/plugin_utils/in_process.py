# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action plugins' base: runs a module's body in process, in the task's worker, or hands over to the module."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from typing import Any, Generic

from ansible import constants
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.argspec import Spec
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.masking import mask, secret_forms
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.ansible_module import (
    collect_secrets,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.outcome import (
    Body,
    ModuleOptions,
    run_body,
)

try:
    # core 2.19+: task arguments are tagged; these turn them into what a module would receive.
    from ansible.module_utils.common.json import Direction, get_module_decoder, get_module_encoder

    HAS_WIRE = True
except ImportError:
    HAS_WIRE = False

with contextlib.suppress(ImportError):
    # Paid once, before the workers fork. A missing library is reported by the module's body, not here.
    import kubernetes.client  # noqa: F401  pylint: disable=unused-import

display = Display()

EXECUTION_VARIABLE = "KYMA_DOCKER_REGISTRY_EXECUTION"


class InProcessAction(ActionBase, Generic[ModuleOptions]):
    """Base of the collection's action plugins: subclasses name SPEC, OPTIONS and BODY."""

    _supports_check_mode = True
    _supports_async = True
    _requires_connection = False
    SPEC: Spec
    OPTIONS: type[ModuleOptions]
    BODY: Body[ModuleOptions]

    def module_reason(self, task_vars: dict[str, Any]) -> str:
        """Why this task must run as a module, or '' if it may run in process."""
        if os.environ.get(EXECUTION_VARIABLE, "").lower() == "module":
            return f"requested by {EXECUTION_VARIABLE}"
        if not HAS_WIRE:
            return "ansible-core before 2.19"
        if self._task.async_val:
            return "async"
        if self._connection.ansible_name != "ansible.builtin.local":
            return f"connection {self._connection.ansible_name}"
        if self._connection.become is not None:
            return "become"
        environment: dict[str, str] = {}
        self._compute_environment_string(environment)
        if environment:
            return "environment"
        variables = task_vars
        if self._task.delegate_to:
            variables = (task_vars.get("ansible_delegated_vars") or {}).get(self._task.delegate_to) or {}
        python = self._templar.template(constants.config.get_config_value("INTERPRETER_PYTHON", variables=variables))
        if python != sys.executable and not str(python).startswith("auto"):
            return "another Python interpreter"
        return ""

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Runs the task and returns its result, masked."""
        task_vars = task_vars or {}
        super().run(tmp, task_vars)
        reason = self.module_reason(task_vars)
        if reason:
            display.vvv(f"kyma.docker_registry: run as a module ({reason})")
            done: dict[str, Any] = self._execute_module(task_vars=task_vars, wrap_async=bool(self._task.async_val))
            return done
        display.vvv("kyma.docker_registry: run in process")
        return self._in_process(str(task_vars.get("inventory_hostname") or self._task.delegate_to or "localhost"))

    def _in_process(self, host: str) -> dict[str, Any]:
        encoder = get_module_encoder("legacy", Direction.CONTROLLER_TO_MODULE)
        decoder = get_module_decoder("legacy", Direction.CONTROLLER_TO_MODULE)
        arguments = json.loads(json.dumps(dict(self._task.args), cls=encoder), cls=decoder)
        checked = ArgumentSpecValidator(self.SPEC.options, **self.SPEC.constraints()).validate(arguments)
        # There is no public accessor up to core 2.21.
        secrets = collect_secrets(self.SPEC, checked.validated_parameters, checked._no_log_values)
        known = secret_forms(secrets)
        for item in checked._warnings:
            display.warning(f"Both option {item['option']} and its alias {item['alias']} are set.")
        for item in checked._deprecations:
            display.deprecated(
                item["msg"],
                version=item.get("version"),
                date=item.get("date"),
                collection_name=item.get("collection_name"),
            )
        if checked.error_messages:
            refused: dict[str, Any] = mask(
                {"failed": True, "changed": False, "msg": self._argument_error(checked)}, known
            )
            return refused
        outcome = run_body(
            self.BODY,
            self.OPTIONS,
            checked.validated_parameters,
            check_mode=self._task.check_mode,
            secrets=secrets,
            # Like warnings on stderr, where it spoils no output that a program reads.
            say=lambda text: display.display(f"waiting: [{host}] => {text}", constants.COLOR_SKIP, stderr=True),
        )
        for text in outcome.warnings:
            display.warning(text)
        return outcome.result

    def _argument_error(self, checked: Any) -> str:
        text = str(checked.errors.msg)
        if type(checked.errors[0]).__name__ == "UnsupportedError":
            return f"Unsupported parameters for ({self._task.action}) module: {text}"
        return text
