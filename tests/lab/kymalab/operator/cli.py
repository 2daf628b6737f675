"""The commands below `lab operator`."""

from __future__ import annotations

import argparse
import json

from kymalab.operator import lifecycle
from kymalab.settings import Paths, say


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `operator` to the lab's commands."""
    parser = commands.add_parser("operator", help="a controller that does what Kyma's operator does")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    started = actions.add_parser("up", help="start the operator; LAB_OPERATOR names another command")
    started.add_argument(
        "--namespace",
        default=lifecycle.NAMESPACE,
        help="namespace of the operator's Deployment; default: %(default)s",
    )
    started.add_argument(
        "--namespaces",
        default=lifecycle.SERVED,
        metavar="PATTERNS",
        help="namespaces that it serves, with * and ?, separated by commas; default: %(default)s",
    )
    started.add_argument(
        "--fast",
        action="store_true",
        help="the lab's own operator makes registries that count as ready at once (no minReadySeconds, a probe each second); LAB_OPERATOR ignores it",
    )
    actions.add_parser("down", help="stop the operator")
    requested = actions.add_parser("status", help="report what runs; exit code 0 when healthy")
    requested.add_argument("--json", action="store_true", help="as JSON, for programs")


def run(arguments: argparse.Namespace, paths: Paths) -> int:
    """Run the command that was asked for."""
    match arguments.action:
        case "up":
            lifecycle.up(paths, arguments.namespace, arguments.namespaces, fast=arguments.fast)
        case "down":
            lifecycle.down(paths)
        case "status":
            return _print_status(paths, arguments.json)
    return 0


def _print_status(paths: Paths, as_json: bool) -> int:
    found = lifecycle.status(paths)
    if as_json:
        say(json.dumps(found, indent=1))
    else:
        say("healthy" if found["running"] else f"not healthy: {'; '.join(found['problems'])}")
        for name in ("namespace", "serves", "fast", "pid", "log"):
            if name in found:
                say(f"{name:10} {found[name]}")
    return 0 if found["running"] else 1
