"""The command line."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys

from kymalab import lifecycle, reset
from kymalab.clouds import cli as clouds
from kymalab.health import status
from kymalab.operator import cli as operator
from kymalab.settings import LabError, Paths, paths_from_environment, say


def main() -> int:
    """Run one command and return its exit code."""
    arguments = _parser().parse_args()
    try:
        code: int = _run(arguments, paths_from_environment())
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("lab: interrupted; the next `up` or `down` cleans up.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lab",
        description="A real one-node Kubernetes for machines without one.",
        epilog="KYMA_LAB_STATE and KYMA_LAB_CACHE move the folders of the cluster and of the built programs.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    started = commands.add_parser("up", help="build what is missing, start, wait until the cluster can be used")
    started.add_argument(
        "--minimal",
        action="store_true",
        help="without DNS and volume provisioner: enough for a registry on the default volume, and built sooner",
    )
    commands.add_parser("down", help="stop everything and leave nothing running or changed")
    requested = commands.add_parser("status", help="report what runs; exit code 0 when the lab is healthy")
    requested.add_argument("--json", action="store_true", help="as JSON, for programs")
    commands.add_parser("reset", help="empty the running cluster")
    commands.add_parser("kubeconfig", help="print the path of the administrator's kubeconfig")
    logs = commands.add_parser("logs", help="print the log of a component")
    logs.add_argument("name", metavar="NAME")
    logs.add_argument("-f", "--follow", action="store_true", help="go on printing what is added")
    restarted = commands.add_parser("restart", help="restart components, for instance kubelet and containerd")
    restarted.add_argument("names", metavar="NAME", nargs="+")
    clouds.add_parser(commands)
    operator.add_parser(commands)
    return parser


def _run(arguments: argparse.Namespace, paths: Paths) -> int:
    """Run the command that was asked for."""
    match arguments.command:
        case "up":
            lifecycle.up(paths, minimal=arguments.minimal)
        case "down":
            lifecycle.down(paths)
        case "restart":
            lifecycle.restart(paths, arguments.names)
        case "reset":
            reset.reset(paths)
        case "kubeconfig":
            say(str(paths.kubeconfig))
        case "logs":
            _print_log(paths, arguments.name, arguments.follow)
        case "status":
            return _print_status(paths, arguments.json)
        case "clouds":
            return clouds.run(arguments, paths)
        case "operator":
            return operator.run(arguments, paths)
    return 0


def _print_status(paths: Paths, as_json: bool) -> int:
    found = status(paths)
    if as_json:
        say(json.dumps(found, indent=1))
    else:
        say("healthy" if found["running"] else f"not healthy: {'; '.join(found['problems'])}")
        for name in ("kubeconfig", "server", "node_name", "audit_log", "state_dir", "kubectl"):
            say(f"{name:12} {found[name]}")
        for name, component in found["components"].items():
            say(f"{name:24} pid {component['pid']:<8} {'runs' if component['alive'] else 'does not run'}")
    return 0 if found["running"] else 1


def _print_log(paths: Paths, name: str, follow: bool) -> None:
    log = paths.log_of(name)
    if not log.is_file():
        known = sorted(path.stem for path in paths.logs.glob("*.log"))
        raise LabError(f"There is no log of {name}. There are: {', '.join(known) or 'none'}.")
    if follow:
        os.execvp("tail", ["tail", "-n", "+1", "-F", str(log)])
    with open(log, encoding="utf-8", errors="replace") as handle:
        shutil.copyfileobj(handle, sys.stdout)
