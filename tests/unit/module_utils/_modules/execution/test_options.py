# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of each module, as its body sees them."""

from __future__ import annotations

import importlib
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.connection.options import CONNECTION_SPEC

ROOT = Path(__file__).resolve().parents[5]
MODULES = sorted(path.stem for path in (ROOT / "plugins/modules").glob("*.py"))


def _action(name: str) -> Any:
    return importlib.import_module(f"ansible_collections.kyma.docker_registry.plugins.action.{name}").ActionModule


@pytest.mark.parametrize("name", MODULES)
def test_fields(name: str) -> None:
    """Each option that does not connect the cluster, and no other."""
    action = _action(name)
    assert action.OPTIONS.names() == action.SPEC.options.keys() - CONNECTION_SPEC.keys()


@pytest.mark.parametrize("name", MODULES)
def test_values(name: str) -> None:
    """As they were validated, with the defaults of the specification. They cannot be changed."""
    action = _action(name)
    params = ArgumentSpecValidator(action.SPEC.options, **action.SPEC.constraints()).validate({}).validated_parameters
    options = action.OPTIONS.from_params(params)
    assert {option: getattr(options, option) for option in options.names()} == {
        option: value for option, value in params.items() if option not in CONNECTION_SPEC
    }
    with pytest.raises(FrozenInstanceError):
        options.namespace = "other"
