"""The arguments of `ocm-tui plan`, and those that `apply` has as well."""

import argparse
import math
from pathlib import Path

from ocm_tui.core.errors import UsageError

__all__ = ["MOST_AT_ONCE", "add_arguments", "add_selection", "seconds"]

MOST_AT_ONCE = 64  # as `concurrency` in the configuration
_EXIT_CODES = """\
exit codes: 0 done, with changes or without; 1 a change is blocked; 2 the inventory or the command line is wrong,
nothing was sent; 3 unreachable; 4 refused; 130 interrupted. With --detailed-exitcode: 0 no changes, 1 an error of
any kind or a blocked change, 2 changes; 130 interrupted."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_selection(parser)
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="save the plan: `apply FILE` carries it out exactly, or refuses"
    )
    parser.add_argument(
        "--detailed-exitcode", action="store_true", help="0 no changes, 1 error or blocked, 2 changes; as Terraform"
    )
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = f"{_EXIT_CODES}\n\n{parser.epilog}"


def add_selection(parser: argparse.ArgumentParser) -> None:
    """What is planned. None and [] mean: as configured, and all."""
    parser.add_argument(
        "--inventory",
        action="append",
        default=[],
        metavar="FILE",
        help="instead of the configured one; a glob may stand for several; repeatable",
    )
    parser.add_argument(
        "--only", action="append", default=[], metavar="GLOB", help="only clients whose id matches; repeatable"
    )
    parser.add_argument(
        "--prune", action="store_true", help="delete what ocm-tui created and the inventory no longer declares"
    )
    add_concurrency(parser)


def add_concurrency(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--concurrency", type=_concurrency, metavar="N", help=f"requests at once, 1 to {MOST_AT_ONCE}")


def _concurrency(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 9 and 1 <= int(text) <= MOST_AT_ONCE):
        raise UsageError(f"--concurrency is a number from 1 to {MOST_AT_ONCE}, not {text}")
    return int(text)


def seconds(option: str, text: str) -> float:
    """From 0 on."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value < math.inf:
        raise UsageError(f"{option} is a number of seconds, not {text}")
    return value
