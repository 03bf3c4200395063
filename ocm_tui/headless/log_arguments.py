"""The arguments of `ocm-tui log`."""

import argparse

from ocm_tui.core.errors import UsageError

__all__ = ["add_arguments"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True, title="actions")

    listing = actions.add_parser("list", help="exchanges, or those that QUERY matches; the newest last")
    listing.add_argument("query", nargs="*", metavar="QUERY", help="the filter language of the console's log")
    listing.add_argument("--limit", type=_count, default=1000, metavar="N", help="the newest N; default 1000")
    listing.set_defaults(formats=("text", "json", "jsonl"))

    show = actions.add_parser("show", help="one exchange: request, response, timings")
    show.add_argument("id", metavar="ID")
    show.set_defaults(formats=("text", "json"))


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise UsageError(f"--limit is a whole number from 1, not {text}")
    return int(text)
