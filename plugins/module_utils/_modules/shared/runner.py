# Copyright (c) 2026, Kyma Docker Registry collection contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One use case, run for Ansible: with the same result, texts and masking in process and as a module."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.argspec import Spec
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.findings import Finding, Refusal, error, errors
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.masking import forms, mask
from ansible_collections.kyma.docker_registry.plugins.module_utils._core.progress import Progress, Say, silent
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.client import Cluster, connect
from ansible_collections.kyma.docker_registry.plugins.module_utils._k8s.connection import kubeconfig
from ansible_collections.kyma.docker_registry.plugins.module_utils._storage import key_documents


@dataclass
class Context:
    """What a use case gets: its parameters, how to run, and where to leave what it learns.

    secrets: values of options that are masked as a whole; public: those among them that may be shown; hidden: always masked.
    say: tells the user at once, for what takes its time.
    """

    params: Mapping[str, Any]
    check_mode: bool
    secrets: set[str] = field(default_factory=set)
    hidden: set[str] = field(default_factory=set)
    public: set[str] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)
    changes: list[dict[str, Any]] = field(default_factory=list)
    result: dict[str, Any] = field(default_factory=dict)
    say: Say = silent
    _cluster: Cluster | None = None

    @property
    def cluster(self) -> Cluster:
        """The cluster, connected at first use so that bad input is told without one."""
        if self._cluster is None:
            self._cluster = connect(self.params)
            self.result["cluster"] = {"host": self._cluster.target.host, "source": self._cluster.target.source}
        return self._cluster

    @property
    def connected(self) -> Cluster | None:
        """The cluster where one was connected already."""
        return self._cluster

    def hide(self, *values: str | None) -> None:
        """Values to be masked in everything that leaves this task."""
        self.hidden.update(value for value in values if value)

    def show(self, *values: str) -> None:
        """Values that are names and no credentials, although they came through an option that is masked as a whole."""
        self.public.update(values)

    def report(self, findings: Iterable[Finding]) -> None:
        """Notes findings; an error among them stops the run before anything is changed."""
        recorded = tuple(findings)
        self.findings.extend(recorded)
        if errors(recorded):
            raise Refusal(errors(recorded))

    def require_visible(self, values: Mapping[str, Any]) -> None:
        """Refuses a secret that is also part of what is passed on: masked, these values would be wrong for the next tasks.

        Raises Refusal (secret-in-name) with the names of the values.
        """
        known = forms(self.known_secrets())
        spoilt = sorted(str(key) for key, value in values.items() if mask(value, known) != value)
        if spoilt:
            raise Refusal(
                [
                    error(
                        "secret-in-name",
                        ", ".join(spoilt),
                        "holds the text of a secret, which has to be masked wherever it stands.",
                        "Use another password or key: one that is part of no name. Leave keys out that the store's Secret need not have.",
                    )
                ]
            )

    def known_secrets(self) -> set[str]:
        """Everything that is masked."""
        return (self.secrets | self.hidden) - (self.public - self.hidden)

    def masked_result(self) -> dict[str, Any]:
        """The result as it would leave the task now."""
        masked: dict[str, Any] = mask(_finish(self), forms(self.known_secrets()))
        return masked

    def masked(self, text: str) -> str:
        """The text as it may leave the task."""
        return str(mask(text, forms(self.known_secrets())))

    def awaiting(self, what: str, limit: float | None = None) -> Progress:
        """Progress of a wait for `what`, of at most `limit` seconds; masked like everything that leaves this task."""

        def tell(text: str) -> None:
            self.say(self.masked(text))

        return Progress(tell, what, limit)

    def change(self, what: str, before: Any, after: Any) -> None:
        """Notes one change for `changed` and the diff (texts or structures without secrets)."""
        self.changes.append({"before_header": what, "after_header": what, "before": before, "after": after})


Body = Callable[[Context], None]


def _finish(context: Context) -> dict[str, Any]:
    result = {**context.result, "changed": bool(context.changes)}
    unique = list(dict.fromkeys(context.findings))
    result["findings"] = [finding.as_dict() for finding in unique]
    if context.changes:
        result["diff"] = context.changes
        result["changes"] = [_describe(change) for change in context.changes]
    return result


def _describe(change: Mapping[str, Any]) -> str:
    """A change in a few words: what, and whether it was created or removed."""
    what, before, after = str(change["before_header"]), change["before"], change["after"]
    if what.endswith(")") or bool(before) == bool(after):
        # A part of an object, which the words in brackets name, or an object that was there and stays.
        return what
    return f"{what} {'removed' if before else 'created'}"


@dataclass(frozen=True)
class Outcome:
    """What a use case came to: the result (with `failed` and `msg` on failure) and warnings, both masked; what may be shown."""

    result: dict[str, Any]
    warnings: list[str]
    public: frozenset[str]


def execute(
    body: Body, params: Mapping[str, Any], *, check_mode: bool, secrets: Iterable[Any] = (), say: Say = silent
) -> Outcome:
    """Runs the body; never raises. say: shows progress."""
    context = Context(params, check_mode, secrets={str(secret) for secret in secrets if secret}, say=say)
    failure: dict[str, Any] = {}
    try:
        body(context)
    except Refusal as refusal:
        context.findings.extend(refusal.findings)
        failure = {"failed": True, "msg": str(refusal)}
    except Exception as problem:  # pylint: disable=broad-except
        # The text of an unforeseen exception may quote anything, and its traceback holds local values: the type says enough.
        place = _place(problem)
        failure = {"failed": True, "msg": f"internal error: {type(problem).__name__} at {place}. Please report it."}
    public = frozenset(context.public - context.hidden)
    known = forms(context.known_secrets())
    warnings = [finding.text() for finding in dict.fromkeys(context.findings) if finding.severity == "warning"]
    if context.connected is not None:
        warnings.extend(context.connected.warnings)
    return Outcome(
        mask({**_finish(context), **failure}, known),
        [mask(text, known) for text in dict.fromkeys(warnings)],
        public,
    )


def _place(problem: BaseException) -> str:
    """`file:line` of the innermost frame: enough to find the fault, without values."""
    trace = problem.__traceback__
    place = "unknown place"
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename.rsplit("/plugins/", 1)[-1]
        place = f"{name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place


def secrets_of(spec: Spec, params: Mapping[str, Any], marked: Iterable[str]) -> set[str]:
    """What is to be masked.

    marked: the values of all `no_log` options, among them the names in a kubeconfig and in key files, which are no secrets.
    """
    plain, hidden = kubeconfig.split(params.get("kubeconfig"))
    source = params.get("secret_source")
    values = source.get("values") if isinstance(source, Mapping) else None
    others, names, keys = params, frozenset[str](), frozenset[str]()
    if isinstance(source, Mapping) and isinstance(values, Mapping):
        given = key_documents.read(values)
        others, names, keys = {**params, "secret_source": {**source, "values": given.values}}, given.shown, given.hidden
    return (set(marked) - plain - names) | hidden | keys | spec.secrets(others, without="kubeconfig")


def run_module(spec: Spec, body: Body) -> None:
    """Runs the body as a module: parse the options, run, report."""
    module = AnsibleModule(argument_spec=spec.options, supports_check_mode=True, **spec.constraints())
    module.no_log_values = secrets_of(spec, module.params, module.no_log_values)
    outcome = execute(body, module.params, check_mode=module.check_mode, secrets=module.no_log_values)
    module.no_log_values -= outcome.public
    for text in outcome.warnings:
        module.warn(text)
    if outcome.result.get("failed"):
        module.fail_json(**outcome.result)
    module.exit_json(**outcome.result)
