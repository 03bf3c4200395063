"""The arguments of `ocm-tui registry`."""

import argparse
from typing import Final

from ocm_tui.core.registry.model import STATUSES

__all__ = ["add_arguments"]

_LISTS: Final = ("text", "json", "jsonl")
_DOCUMENT: Final = ("text", "json", "yaml")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True, title="actions")
    _add_reads(actions)
    _add_writes(actions)
    _add_cache(actions)
    _add_events(actions)
    _add_sync(actions)


def _add_reads(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    status = actions.add_parser(
        "status",
        help="database, cache and event stream, and how many clients there are",
        description="What each of them tells of itself. One that is dead or denied says so, and the others are shown. "
        "Exit code 3: database, cache or stream cannot be reached.",
    )
    status.add_argument("--exact", action="store_true", help="count the rows; default: what the database estimates")

    listing = actions.add_parser(
        "list",
        help="the rows that match QUERY",
        description="Words are looked for in client_code, bap_id and bap_uri. Terms: status:SUSPENDED,REVOKED "
        "code:orders-* bap:GLOB id:UUID synced:>1h",
    )
    listing.add_argument("query", nargs="*", metavar="QUERY", help="default: every client")
    listing.set_defaults(formats=_LISTS)

    show = actions.add_parser(
        "show",
        help="one row",
        description="CLIENT is a client_code or the registry's UUID. With --planes also what inventory, authorization "
        "server and cache say of it; exit code 1 when they disagree.",
    )
    show.add_argument("client", metavar="CLIENT")
    show.add_argument("--planes", action="store_true", help="inventory, server, registry and cache side by side")
    show.set_defaults(formats=_DOCUMENT)
    del status


def _add_writes(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    set_ = actions.add_parser(
        "set",
        help="write one row: the difference on stderr, the stored row on stdout",
        description="A mapping with client_code (client_id is derived when it is left out), bap_id, bap_uri, "
        "allowed_ips, rate_limit, metadata. The status of a row that is there is left alone.",
    )
    set_.add_argument("--file", metavar="FILE|-", required=True, help="YAML or JSON; - is stdin")

    status = actions.add_parser(
        "set-status",
        help="activate, suspend or revoke a client",
        description="REVOKED is for ever. Says whether the readers of the cache know it already.",
    )
    status.add_argument("client", metavar="CLIENT")
    status.add_argument("status", metavar="STATUS", choices=STATUSES, help=" or ".join(STATUSES))

    migrate = actions.add_parser(
        "migrate",
        help="make or update the registry's tables",
        description="Only in a registry of our own: tables that something else made are never touched.",
    )
    migrate.add_argument("--plan", action="store_true", help="say what would be done, and do nothing")

    _writing(set_, status, migrate)
    for action in (set_, status):
        action.set_defaults(formats=_DOCUMENT)


def _add_cache(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    cache = actions.add_parser("cache", help="the copies of rows in the cache")
    verbs = cache.add_subparsers(dest="verb", metavar="ACTION", required=True, title="actions")

    listing = verbs.add_parser("list", help="every key of the cache: version, lifetime and size")
    listing.add_argument("--sort", choices=("id", "ttl", "size"), default="id", help="default: %(default)s")

    show = verbs.add_parser(
        "show",
        help="one cached client beside its row",
        description="Exit code 1 when the cached value is stale, orphaned or corrupt.",
    )
    show.add_argument("client", metavar="CLIENT")

    invalidate = verbs.add_parser("invalidate", help="drop cached clients; the next read fills them anew")
    invalidate.add_argument("clients", nargs="*", metavar="CLIENT")
    invalidate.add_argument("--all", action="store_true", help="every key of the cache that is a client's")

    refresh = verbs.add_parser("refresh", help="put the rows of these clients into the cache")
    refresh.add_argument("clients", nargs="+", metavar="CLIENT")

    warm = verbs.add_parser("warm", help="put every row that matches QUERY into the cache")
    warm.add_argument("query", nargs="*", metavar="QUERY", help="default: every client")

    compare = verbs.add_parser(
        "compare",
        help="each cached client against its row: fresh, stale, orphan, missing, corrupt, negative",
        description="Exit code 1 when there are stale, orphaned or corrupt entries (and --repair did not cure them). "
        "A value is known by the version that it begins with; --deep holds all of it against its row.",
    )
    compare.add_argument(
        "--deep", action="store_true", help="read every value and row whole: takes some ten times as long"
    )
    compare.add_argument("--all", action="store_true", help="list the fresh ones as well")
    compare.add_argument("--repair", action="store_true", help="refresh or drop what is stale, orphaned or corrupt")

    _writing(invalidate, refresh, warm, compare)
    for action in (listing, compare):
        action.set_defaults(formats=_LISTS)


def _add_events(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    events = actions.add_parser("events", help="the stream of client events, its consumers and dead letters")
    verbs = events.add_subparsers(dest="verb", metavar="ACTION", required=True, title="actions")

    verbs.add_parser("status", help="length, lag, pending events, consumers, dead letters")
    listing = verbs.add_parser("list", help="the newest events, or the dead letters")
    listing.add_argument("--count", type=int, default=50, metavar="N", help="how many; default: %(default)s")
    listing.add_argument("--dead", action="store_true", help="the dead letters, with the reason of each")

    consume = verbs.add_parser(
        "consume",
        help="apply the events to the registry until SIGTERM",
        description="Several consumers share the work. With --drain it ends when nothing is left.",
    )
    consume.add_argument("--name", metavar="NAME", help="in the group; default: host, process and start")
    consume.add_argument("--batch", type=int, default=200, metavar="N", help="events at a time; default: %(default)s")
    consume.add_argument("--drain", action="store_true", help="end when every event is applied")

    publish = verbs.add_parser(
        "publish",
        help="put events into the stream",
        description="One event, a list of them, or JSON lines: type, client_id (or client_code), payload; event_id and "
        "version if they are known.",
    )
    publish.add_argument("--file", metavar="FILE|-", required=True, help="YAML, JSON or JSON lines; - is stdin")

    replay = verbs.add_parser("replay", help="publish dead letters once more")
    replay.add_argument("--only", action="append", default=[], metavar="ID", help="only this one; repeatable")

    _writing(consume, publish, replay)
    listing.set_defaults(formats=_LISTS)


def _add_sync(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    sync = actions.add_parser(
        "sync",
        help="fill the registry from the inventory, the authorization server, or a file",
        description="Reads the source and says what it would change; then writes, with --yes or after a question. What "
        "is as the source says is left alone, so a sync that was interrupted goes on where it was. From the server "
        "come ids and names; rows with a name of their own, and rows that the server has no client for, are told and "
        "left alone. Exit code 5: rows were changed by somebody else meanwhile.",
    )
    sync.add_argument(
        "--from", dest="source", required=True, metavar="SOURCE", help="inventory, server, or a CSV or JSON lines FILE"
    )
    sync.add_argument("--dry-run", action="store_true", help="only say what would change")
    _writing(sync)


def _writing(*parsers: argparse.ArgumentParser) -> None:
    for parser in parsers:
        parser.add_argument("--yes", action="store_true", help="do not ask")
        parser.add_argument(
            "--consent", metavar="ENVIRONMENT", help="agree to change this protected environment: its name"
        )
