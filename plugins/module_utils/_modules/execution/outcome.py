# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the body of a module. In process and as a module the result, the texts and the masking are the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Refusal
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.progress import Say, silent
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.connection.options import CONNECTION_SPEC

from .context import Context
from .input_names import name_input
from .known_secrets import KnownSecrets
from .options import Options
from .run_lease import LeaseTaken

ModuleOptions = TypeVar("ModuleOptions", bound=Options)
Body = Callable[[Context[ModuleOptions]], None]


@dataclass(frozen=True)
class Outcome:
    """What running a module's body gave, masked: result (with `failed` and `msg` on failure) and warnings. shown: values that are not masked."""

    result: dict[str, Any]
    warnings: list[str]
    shown: frozenset[str]


def run_body(
    body: Body[ModuleOptions],
    options: type[ModuleOptions],
    params: Mapping[str, Any],
    *,
    check_mode: bool,
    secrets: Iterable[Any] = (),
    say: Say = silent,
) -> Outcome:
    """Runs the body. Never raises an Exception.

    options: those of the module. params: as Ansible has validated them. secrets: values of the options with `no_log`. say: shows progress.
    """
    connection = {name: params.get(name) for name in CONNECTION_SPEC}
    context = Context(options.from_params(params), check_mode, KnownSecrets(secrets), connection, say=say)
    try:
        return _execute(body, context)
    finally:
        context.close()


def _execute(body: Body[ModuleOptions], context: Context[ModuleOptions]) -> Outcome:
    failure: dict[str, Any] = {}
    try:
        context.read_plan()
        try:
            body(context)
        except LeaseTaken:
            context = context.restarted()
            body(context)
    except Refusal as refusal:
        context.report(refusal.findings)
        failure = {"failed": True, "msg": str(Refusal(name_input(item, context.options) for item in refusal.findings))}
    except Exception as problem:  # pylint: disable=broad-except
        # The text of an unforeseen exception may quote anything, and its traceback holds local values: the type says enough.
        place = _innermost_frame(problem)
        failure = {"failed": True, "msg": f"internal error: {type(problem).__name__} at {place}. Please report it."}
    context.end_lease()
    context.findings = [name_input(finding, context.options) for finding in context.findings]
    warnings = [finding.text() for finding in context.findings if finding.severity == "warning"]
    if context.connected is not None:
        warnings.extend(context.connected.warnings)
    return Outcome(
        context.secrets.mask_result({**_build_result(context), **failure}),
        [context.secrets.mask(text) for text in dict.fromkeys(warnings)],
        context.secrets.shown,
    )


def masked_result(context: Context[Options]) -> dict[str, Any]:
    """The result as the task would return it now."""
    return context.secrets.mask_result(_build_result(context))


def _build_result(context: Context[Options]) -> dict[str, Any]:
    result = {**context.result, "changed": bool(context.changes)}
    if context.used_lease is not None:
        result["lease_taken"] = True
    result["findings"] = [finding.as_dict() for finding in context.findings]
    if context.changes:
        result["diff"] = context.changes
        result["changes"] = [_describe_change(change) for change in context.changes]
    return result


def _describe_change(change: Mapping[str, Any]) -> str:
    """A change in a few words: what, and whether it was created or removed."""
    what, before, after = str(change["before_header"]), change["before"], change["after"]
    if what.endswith(")") or bool(before) == bool(after):
        # A part of an object, which the words in brackets name, or an object that existed before and after.
        return what
    return f"{what} {'removed' if before else 'created'}"


def _innermost_frame(problem: BaseException) -> str:
    """`file:line` of the innermost frame: enough to find the fault, without values."""
    trace = problem.__traceback__
    place = "unknown place"
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename.rsplit("/plugins/", 1)[-1]
        place = f"{name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place
