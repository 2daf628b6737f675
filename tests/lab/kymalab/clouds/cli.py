"""The commands below `lab clouds`."""

from __future__ import annotations

import argparse
import json
import sys

from kymalab import record
from kymalab.clouds import inside, lifecycle, stores
from kymalab.settings import LabError, Paths, say


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `clouds` to the lab's commands."""
    parser = commands.add_parser("clouds", help="S3, Azure Blob Storage and Google Cloud Storage for the lab")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("up", help="start all clouds, with buckets, containers and keys")
    actions.add_parser("down", help="stop the clouds and forget what they store")
    requested = actions.add_parser("status", help="report what runs, under which names; exit code 0 when healthy")
    requested.add_argument("--json", action="store_true", help="as JSON, for programs")
    listed = actions.add_parser("ls", help="list what is stored")
    listed.add_argument("--json", action="store_true", help="as JSON, for programs")
    key = actions.add_parser("s3-key", help="add an S3 user that may use every bucket, or change its secret")
    key.add_argument("access_key", metavar="ACCESS")
    key.add_argument("secret_key", metavar="SECRET", nargs="?", help="read from standard input where it is left out")
    key.add_argument("--no-access", action="store_true", help="the user may use no bucket")
    run = actions.add_parser("run", help="run a command that can resolve and trust the clouds")
    run.add_argument("arguments", metavar="COMMAND", nargs=argparse.REMAINDER)


def run(arguments: argparse.Namespace, paths: Paths) -> int:
    """Run the command that was asked for."""
    match arguments.action:
        case "up":
            lifecycle.up(paths)
        case "down":
            lifecycle.down(paths)
        case "status":
            return _print_status(paths, arguments.json)
        case "ls":
            _print_contents(paths, arguments.json)
        case "s3-key":
            _add_key(paths, arguments)
        case "run":
            command = arguments.arguments[1:] if arguments.arguments[:1] == ["--"] else arguments.arguments
            if not command:
                raise LabError("Say what to run: `lab clouds run -- COMMAND`.")
            lifecycle.require_running(paths)
            inside.run(paths, command)
    return 0


def _print_status(paths: Paths, as_json: bool) -> int:
    found = lifecycle.status(paths)
    if as_json:
        say(json.dumps(found, indent=1))
    else:
        say("healthy" if found["running"] else f"not healthy: {'; '.join(found['problems'])}")
        say(f"{'access':10} {found['access']}")
        for name, endpoint in found["endpoints"].items():
            say(f"{name:14} {endpoint}")
        for store, buckets in found["buckets"].items():
            say(f"{store + ' holds':14} {' '.join(buckets)}")
        for name, component in found["components"].items():
            say(f"{name:16} pid {component['pid']:<8} {'runs' if component['alive'] else 'does not run'}")
    return 0 if found["running"] else 1


def _print_contents(paths: Paths, as_json: bool) -> None:
    lifecycle.require_running(paths)
    found = stores.contents(paths)
    if as_json:
        say(json.dumps(found, indent=1))
        return
    for store, buckets in found.items():
        for bucket, objects in buckets.items():
            say(f"{store} {bucket}: {len(objects)} objects, {sum(objects.values())} bytes")
            for name, size in objects.items():
                say(f"{size:>12} {name}")


def _add_key(paths: Paths, arguments: argparse.Namespace) -> None:
    lifecycle.require_running(paths)
    secret = arguments.secret_key
    if secret is None:
        secret = sys.stdin.read().removesuffix("\n")
    with record.machine_lock():
        stores.add_s3_user(paths, arguments.access_key, secret, may_use_buckets=not arguments.no_access)
