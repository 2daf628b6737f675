# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Contexts of tasks whose options are given as a dictionary, of which a test needs only those that it is about."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import make_dataclass
from typing import Any

from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.connection.options import CONNECTION_SPEC
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution import outcome
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.context import Context, Opened
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.input_names import ROLE
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.known_secrets import KnownSecrets
from ansible_collections.kyma.docker_registry.plugins.module_utils._modules.execution.options import PlannedOptions

# Options that tests leave out, because they change nothing then.
_UNSET = {"finding_names": ROLE, **dict.fromkeys(("namespace", "lease", "plan", "manifest", "driver_parameters"))}


def options_type(names: Iterable[str]) -> type[PlannedOptions]:
    """The options of a module that has these, and what is needed to run it. Others that a test does not give are an AttributeError."""

    def from_params(cls: type[PlannedOptions], params: Mapping[str, Any]) -> PlannedOptions:
        return cls(**{name: params.get(name, _UNSET.get(name)) for name in cls.names()})

    own = sorted({*names, *_UNSET} - PlannedOptions.names() - CONNECTION_SPEC.keys())
    return make_dataclass(
        "GivenOptions",
        [(name, Any) for name in own],
        bases=(PlannedOptions,),
        namespace={"from_params": classmethod(from_params)},
        frozen=True,
    )


def make_options(params: Mapping[str, Any]) -> Any:
    """These options."""
    return options_type(params).from_params(params)


def make_context(
    params: Mapping[str, Any],
    check_mode: bool = False,
    secrets: KnownSecrets | None = None,
    *,
    cluster: Any = None,
    **others: Any,
) -> Context[Any]:
    """The context of a task with these options. cluster: what it works with, without a connection. others: fields of the context."""
    connection = {name: params[name] for name in CONNECTION_SPEC if name in params}
    return Context(
        make_options(params),
        check_mode,
        secrets or KnownSecrets(),
        connection,
        opened=Opened(cluster),
        **others,
    )


def run_body(body: Callable[[Context[Any]], None], params: Mapping[str, Any], **others: Any) -> outcome.Outcome:
    """Runs the body as a module with these options."""
    return outcome.run_body(body, options_type(params), params, **others)
