# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs a module's body in this process, as the in-process action plugin does: the same options, masking and documented results, without Ansible."""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.ansible_module import (
    collect_secrets,
)
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.outcome import run_body
from ansible_collections.kyma.docker_registry.tests.support import returns
from ansible_collections.kyma.docker_registry.tests.support.documented import NAMESPACE
from ansible_collections.kyma.docker_registry.tests.support.playbook import TaskResult

_ACTIONS = "ansible_collections.kyma.docker_registry.plugins.action"


def module(name: str, arguments: Mapping[str, Any], *, kubeconfig: str, check: bool = False) -> TaskResult:
    """Runs one module of this collection. check: in check mode. Never raises for a module that fails.

    Options have to be valid, and what the module returns has to be in its documentation.
    """
    action = importlib.import_module(f"{_ACTIONS}.{name}").ActionModule
    given = json.loads(json.dumps({"kubeconfig": kubeconfig, **arguments}))
    valid = ArgumentSpecValidator(action.SPEC.options, **action.SPEC.constraints()).validate(given)
    assert not valid.error_messages, valid.error_messages
    secrets = collect_secrets(action.SPEC, valid.validated_parameters, valid._no_log_values)
    outcome = run_body(action.BODY, action.OPTIONS, valid.validated_parameters, check_mode=check, secrets=secrets)
    result = json.loads(json.dumps(outcome.result, default=str))
    failed = bool(result.get("failed"))
    undocumented = returns.problems(f"{NAMESPACE}.{name}", result, failed)
    assert undocumented == [], f"what the module returned is not what it documents: {undocumented}"
    return TaskResult(name, failed, result)
