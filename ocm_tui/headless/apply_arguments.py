"""The arguments of `ocm-tui apply`."""

import argparse
from pathlib import Path

from ocm_tui.headless.plan_arguments import add_selection, seconds

__all__ = ["add_arguments"]

_EXIT_CODES = """\
exit codes: 0 done, or nothing to do; 1 some changes failed, are unknown or are blocked; 2 the inventory or the command
line is wrong, nothing was sent; 3 unreachable; 4 refused; 5 the server is not as planned; 130 interrupted: what was in
flight is finished, the rest is not begun, and `apply --resume RUN` does it."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file", nargs="?", type=Path, metavar="FILE", help="a plan saved by `plan --out`: exactly this one, or none"
    )
    add_selection(parser)
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--fail-fast", action="store_true", help="begin no further change after the first failure")
    parser.add_argument(
        "--wait",
        type=lambda text: seconds("--wait", text),
        default=0.0,
        metavar="SECONDS",
        help="how long to wait for another apply on the same server; default: not at all",
    )
    parser.add_argument("--resume", metavar="RUN", help="finish a run that was interrupted or killed")
    parser.add_argument("--replicate", action="store_true", help="after full success: replicate to the cluster's nodes")
    parser.add_argument("--print-secrets", action="store_true", help="allow `deliver: stdout`: print secrets, once")
    parser.add_argument("--consent", metavar="ENVIRONMENT", help="agree to change this protected environment: its name")
    parser.add_argument("--list", action="store_true", help="list the runs that are kept, change nothing")
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = f"{_EXIT_CODES}\n\n{parser.epilog}"
