# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the role's task files in this process: the modules in the role's order, with the role's conditions, templates and rescue.

So a run can be ended at any request, and takes no start of Ansible. The files are the role's own; this only knows the keywords that they use.
It renders with Jinja and Ansible's filters: what Ansible does with values that a user gives as templates or encrypted is not shown.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import jinja2
import yaml
from ansible.plugins.filter import core as core_filters
from ansible.plugins.filter import mathstuff
from ansible.plugins.test import core as core_tests
from ansible.plugins.test import files as file_tests
from ansible_collections.kyma.docker_registry.plugins.filter.registry import FilterModule
from ansible_collections.kyma.docker_registry.plugins.plugin_utils.rendered import without_omitted
from ansible_collections.kyma.docker_registry.tests.support.documented import ROLE
from ansible_collections.kyma.docker_registry.tests.support.playbook import TaskResult
from jinja2.nativetypes import NativeEnvironment

Variables = dict[str, Any]
Module = Callable[..., TaskResult]

_COLLECTION = "kyma.docker_registry."
_BUILTIN = "ansible.builtin."
# diff and changed_when decide nothing that later tasks read; without tags on the command line, tags decide nothing.
_KEYWORDS = {"name", "vars", "when", "register", "check_mode", "diff", "changed_when", "failed_when", "tags"}
_ITERATORS = ("map", "reject", "rejectattr", "select", "selectattr")
_OMIT = f"__omit_place_holder__{'0' * 40}"


class TaskFailed(Exception):
    """A task of the role failed, and no rescue handled it. task: its name and action, as a rescue finds them."""

    def __init__(self, task: Mapping[str, Any], result: Mapping[str, Any]) -> None:
        super().__init__(f"{task['name']}: {result.get('msg')}")
        (action,) = task.keys() - _KEYWORDS
        self.task = {"name": str(task["name"]), "action": action}
        self.result = dict(result)


class Role:
    """One run. call: runs a module, as in_process.module() without its kubeconfig. variables: the user's."""

    def __init__(self, call: Module, variables: Mapping[str, Any]) -> None:
        self._call = call
        self._given = dict(variables)
        self._files = {**_load(ROLE / "defaults/main.yml"), **_load(ROLE / "vars/main.yml")}
        self._found: Variables = {}
        self._template = _Jinja(self._resolve)
        self.results: list[TaskResult] = []

    def run(self) -> list[TaskResult]:
        """The results of the modules. Raises TaskFailed."""
        # The other tasks reject what no test gives.
        (block,) = [task for task in _load(ROLE / "tasks/main.yml") if "block" in task]
        self._task(block, ROLE / "tasks", {})
        return self.results

    def _resolve(self, name: str, local: Variables) -> Any:
        """The value of a variable; KeyError without one. Only what the role's files have is rendered."""
        if name in self._found:
            return self._found[name]
        if name in self._given:
            return self._given[name]
        return self._template.value((local if name in local else self._files)[name], local)

    def _include(self, path: Path) -> None:
        for task in _load(path):
            self._task(task, path.parent, {})

    def _task(self, task: Mapping[str, Any], folder: Path, outer: Variables) -> None:
        local = {**outer, **(task.get("vars") or {})}
        if "block" in task:
            self._block(task, folder, local)
            return
        name = str(task["name"])
        if not all(self._template.condition(item, local) for item in _as_list(task.get("when", []))):
            result: Variables = {"changed": False, "skipped": True}
        else:
            result = self._act(task, name, folder, local)
        if "register" in task:
            self._found[task["register"]] = result
        if result.get("failed"):
            raise TaskFailed(task, result)

    def _block(self, task: Mapping[str, Any], folder: Path, local: Variables) -> None:
        try:
            self._rescued(task, folder, local)
        except TaskFailed:
            self._all(task.get("always", []), folder, local)
            raise
        self._all(task.get("always", []), folder, local)

    def _rescued(self, task: Mapping[str, Any], folder: Path, local: Variables) -> None:
        try:
            self._all(task["block"], folder, local)
        except TaskFailed as failure:
            if "rescue" not in task:
                raise
            self._found.update(ansible_failed_result=failure.result, ansible_failed_task=failure.task)
            self._all(task["rescue"], folder, local)

    def _all(self, tasks: Iterable[Mapping[str, Any]], folder: Path, local: Variables) -> None:
        for item in tasks:
            self._task(item, folder, local)

    def _act(self, task: Mapping[str, Any], name: str, folder: Path, local: Variables) -> Variables:
        (action,) = task.keys() - _KEYWORDS
        given = without_omitted(self._template.value(task[action], local))
        if action.startswith(_COLLECTION):
            done = self._call(action.removeprefix(_COLLECTION), given, check=bool(task.get("check_mode")))
            self.results.append(done)
            return {**done.result, "failed": done.failed and "failed_when" not in task}
        if action == "ansible.builtin.include_tasks":
            file = given["file"] if isinstance(given, Mapping) else given
            self._include((folder / file).resolve())
        elif action == "ansible.builtin.set_fact":
            self._found.update(given)
        elif action == "ansible.builtin.fail":
            return {"failed": True, "msg": given["msg"]}
        else:
            assert action in ("ansible.builtin.debug", "ansible.builtin.set_stats"), (name, action)
        return {"changed": False}


class _Jinja:
    """Ansible's way of rendering: a text that is one expression keeps the expression's type."""

    def __init__(self, resolve: Callable[[str, Variables], Any]) -> None:
        self._native = _environment(_Native(undefined=jinja2.StrictUndefined))
        self._text = _environment(
            jinja2.Environment(
                undefined=jinja2.StrictUndefined,
                loader=jinja2.FileSystemLoader(ROLE / "templates"),
                trim_blocks=True,
                keep_trailing_newline=True,
            )
        )
        self._resolve = resolve

    def value(self, raw: Any, local: Variables) -> Any:
        """The value with all its templates rendered, at any depth."""
        if isinstance(raw, Mapping):
            return {key: self.value(item, local) for key, item in raw.items()}
        if isinstance(raw, list):
            return [self.value(item, local) for item in raw]
        if not isinstance(raw, str) or "{" not in raw:
            return raw
        return self._render(self._native, self._native.from_string(raw), local)

    def condition(self, expression: Any, local: Variables) -> bool:
        """Whether a condition holds."""
        return bool(self.value(f"{{{{ {expression} }}}}", local))

    def _render(self, environment: jinja2.Environment, template: jinja2.Template, local: Variables) -> Any:
        class Context(jinja2.runtime.Context):
            """Looks variables up when a template asks for them."""

            def resolve_or_missing(context, key: str) -> Any:  # noqa: N805
                if key in context.vars or key in context.exported_vars:
                    return super().resolve_or_missing(key)
                try:
                    return self._resolve(key, local)
                except KeyError:
                    return super().resolve_or_missing(key)

        environment.context_class = Context
        known = {
            "omit": _OMIT,
            "lookup": lambda plugin, name, **_options: self._lookup(plugin, name, local),
            "query": lambda plugin, *names, default: self._query(plugin, names, default, local),
        }
        context = template.new_context({**known})
        return environment.concat(template.root_render_func(context))

    def _lookup(self, plugin: str, name: str, local: Variables) -> str:
        assert plugin == "ansible.builtin.template", plugin
        return str(self._render(self._text, self._text.get_template(name), local))

    def _query(self, plugin: str, names: Iterable[str], default: Any, local: Variables) -> list[Any]:
        assert plugin == "ansible.builtin.vars", plugin
        found = []
        for name in names:
            try:
                found.append(self._resolve(name, local))
            except KeyError:
                found.append(default)
        return found


class _Native(NativeEnvironment):
    @staticmethod
    def concat(values: Iterable[Any]) -> Any:
        """Unlike Jinja's, takes no text for a number."""
        found = list(values)
        return found[0] if len(found) == 1 else "".join(map(str, found))


def _environment(made: jinja2.Environment) -> jinja2.Environment:
    for plugins, known in (
        ({**core_filters.FilterModule().filters(), **mathstuff.FilterModule().filters()}, made.filters),
        ({**core_tests.TestModule().tests(), **file_tests.TestModule().tests()}, made.tests),
    ):
        # Ansible's `default` expects Ansible's own undefined values.
        known.update({name: plugin for name, plugin in plugins.items() if name not in known})
        known.update({f"{_BUILTIN}{name}": plugin for name, plugin in plugins.items()})
    # In Ansible these return lists, which are false if they are empty.
    made.filters.update({name: _listing(made.filters[name]) for name in _ITERATORS})
    made.filters.update({f"{_COLLECTION}{name}": plugin for name, plugin in FilterModule().filters().items()})
    return made


def _listing(plugin: Callable[..., Iterable[Any]]) -> Callable[..., list[Any]]:
    """The filter with a list as its result; functools.wraps() keeps the mark by which Jinja passes it its context."""

    @functools.wraps(plugin)
    def listed(*given: Any, **options: Any) -> list[Any]:
        return list(plugin(*given, **options))

    return listed


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _load(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))
