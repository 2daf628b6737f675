"""The controller as a program: `python -m kymaoperator`."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path
from types import FrameType

from kymaoperator.client import Client
from kymaoperator.controller import Controller
from kymaoperator.scope import Scope


def main() -> None:
    """Run until ended."""
    parser = argparse.ArgumentParser(prog="kymaoperator", description=__doc__)
    parser.add_argument("--kubeconfig", default=os.environ.get("KUBECONFIG"), help="default: $KUBECONFIG")
    parser.add_argument(
        "--namespaces",
        default=os.environ.get("OPERATOR_NAMESPACES", "*"),
        help="served namespaces, by name with * and ?, separated by commas; default: $OPERATOR_NAMESPACES, or all",
    )
    parser.add_argument(
        "--base-namespace",
        default=os.environ.get("OPERATOR_BASE_NAMESPACE", Scope.base),
        help="the operator's own namespace; another one for a second operator beside the first; default: %(default)s",
    )
    parser.add_argument(
        "--fast", action="store_true", help="the registry counts as ready sooner than with the real operator; for tests"
    )
    arguments = parser.parse_args()
    if not arguments.kubeconfig:
        parser.error("set KUBECONFIG or --kubeconfig")

    def end(_: int, __: FrameType | None) -> None:
        sys.exit(0)

    signal.signal(signal.SIGTERM, end)
    patterns = tuple(pattern.strip() for pattern in arguments.namespaces.split(",") if pattern.strip())
    scope = Scope(patterns, arguments.base_namespace)
    Controller(Client(Path(arguments.kubeconfig)), scope, fast=arguments.fast).run()


if __name__ == "__main__":
    main()
