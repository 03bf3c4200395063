"""The arguments of `ocm-tui log`."""

import argparse
from pathlib import Path
from typing import Any

from ocm_tui.core.errors import UsageError

__all__ = ["add_arguments"]

_HAR = "of this file instead of the history"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True, title="actions")
    _add_list(actions)
    _add_show(actions)
    _add_export(actions)
    _add_replay(actions)
    _add_diagnose(actions)
    _add_minimise(actions)


def _add_list(actions: Any) -> None:
    listing = actions.add_parser("list", help="exchanges, or those that QUERY matches; the newest last")
    _add_query(listing)
    listing.set_defaults(formats=("text", "json", "jsonl"))


def _add_show(actions: Any) -> None:
    show = actions.add_parser("show", help="one exchange: request, response, timings")
    show.add_argument("id", metavar="ID|FILE.har", help="an exchange, or a file that holds one")
    show.add_argument("--har", type=Path, metavar="FILE", help=f"the exchange {_HAR}")
    show.set_defaults(formats=("text", "json"))


def _add_export(actions: Any) -> None:
    export = actions.add_parser("export", help="exchanges for other tools and other people, secrets left out")
    _add_query(export)
    formats = ("har", "curl", "raw", "jsonl", "markdown")
    export.add_argument("--format", required=True, choices=formats, metavar="FORMAT", help="|".join(formats))
    export.add_argument("--out", type=Path, metavar="FILE", help="into this file (0600) instead of stdout")
    export.set_defaults(formats=("text",))


def _add_replay(actions: Any) -> None:
    replay = actions.add_parser("replay", help="send the request of an exchange once more")
    replay.add_argument("id", metavar="ID")
    replay.add_argument("--yes", action="store_true", help="do not ask, also before a request that writes")
    replay.add_argument("--consent", metavar="ENVIRONMENT", help="consent to a write in this protected environment")
    replay.set_defaults(formats=("text", "json"))


def _add_diagnose(actions: Any) -> None:
    diagnose = actions.add_parser("diagnose", help="why an exchange failed, and what to send instead")
    diagnose.add_argument("id", metavar="ID|FILE.har", help="an exchange, or a file: everything in it that failed")
    diagnose.add_argument("--har", type=Path, metavar="FILE", help=f"the exchange {_HAR}")
    diagnose.add_argument(
        "--ask-server", action="store_true", help="read the server's lists, so that the nearest known name is found"
    )
    diagnose.set_defaults(formats=("text", "json", "jsonl"))


def _add_minimise(actions: Any) -> None:
    minimise = actions.add_parser(
        "minimise",
        help="the smallest payload that still fails, found by trials on the server",
        description="Send parts of the payload of a refused create or update as throwaway clients (ocm-trial-…), which "
        "are deleted at once, until the fields that cause the failure are known. What each trial was, and both final "
        "payloads, are kept in the state directory. A run that was killed leaves a journal; --clean-up deletes what it "
        "names.",
    )
    minimise.add_argument("id", metavar="ID|FILE.har", nargs="?", help="a refused create or update of a client")
    minimise.add_argument("--har", type=Path, metavar="FILE", help=f"the exchange {_HAR}")
    minimise.add_argument("--clean-up", action="store_true", help="delete the throwaway clients that were left")
    minimise.add_argument(
        "--budget", type=_budget, default=60, metavar="N", help="at most N requests; default %(default)s"
    )
    minimise.add_argument("--yes", action="store_true", help="do not ask")
    minimise.add_argument("--consent", metavar="ENVIRONMENT", help="consent to trials in this protected environment")
    minimise.set_defaults(formats=("text", "json"))


def _add_query(parser: Any) -> None:
    help_ = "the filter language of the console's log; a word FILE.har names a file"
    parser.add_argument("query", nargs="*", metavar="QUERY", help=help_)
    parser.add_argument("--har", type=Path, metavar="FILE", help=f"the exchanges {_HAR}")
    parser.add_argument("--limit", type=_count, default=1000, metavar="N", help="the newest N; default 1000")


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise UsageError(f"--limit is a whole number from 1, not {text}")
    return int(text)


def _budget(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 3 <= int(text[:9]) <= 10_000:
        raise UsageError(f"--budget is a whole number of requests from 3 to 10000, not {text}")
    return int(text)
