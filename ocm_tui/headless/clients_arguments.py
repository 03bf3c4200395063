"""The arguments of `ocm-tui clients`."""

import argparse

__all__ = ["add_arguments"]

_LIST = ("text", "json", "jsonl")
_DOCUMENT = ("text", "json", "yaml")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True, title="actions")

    listing = actions.add_parser("list", help="all clients, or those that QUERY matches")
    listing.add_argument(
        "query",
        nargs="*",
        metavar="QUERY",
        help="words of id and name; is:disabled grant:code auth:none atm:jwt state:drifted state:missing",
    )
    listing.set_defaults(formats=_LIST)

    show = actions.add_parser("show", help="the document that the server stores, secrets masked")
    show.add_argument("client", metavar="CLIENT")

    create = actions.add_parser("create", help="create a client from a document")
    _add_file(create, required=True)

    update = actions.add_parser(
        "update",
        help="change fields, or replace the document",
        description="Change fields with --set, or replace the document with --file. "
        "`--set enabled=false` disables a client, `--set enabled=true` enables it.",
    )
    update.add_argument("client", metavar="CLIENT", nargs="?")
    change = update.add_mutually_exclusive_group(required=True)
    change.add_argument(
        "--set", action="extend", nargs="+", metavar="PATH=VALUE", help="such as redirectUris=https://a,https://b"
    )
    _add_file(change)

    delete = actions.add_parser("delete", help="delete a client")
    delete.add_argument("client", metavar="CLIENT")
    _add_yes(delete)

    rotate = actions.add_parser(
        "rotate-secret",
        help="set a new generated secret and deliver it",
        description="Generate a secret, stage it at DEST, set it on the server, and put it in its place. "
        "The secret itself is printed only with --deliver stdout.",
    )
    rotate.add_argument("client", metavar="CLIENT")
    places = "file:PATH, keyring:SERVICE/USER, aws-secretsmanager:NAME or stdout"
    rotate.add_argument("--deliver", required=True, metavar="DEST", help=places)
    _add_yes(rotate)

    test = actions.add_parser(
        "test",
        help="ask the token endpoint for a token, as this client would",
        description="A real token request with client credentials, at the environment's server.token_url. The secret "
        "comes from --secret-from, from where the inventory says that it is, or from a prompt. The token is shown "
        "decoded and without its signature.",
    )
    test.add_argument("client", metavar="CLIENT")
    test.add_argument("--secret-from", metavar="SOURCE", help="env:NAME, file:PATH or keyring:SERVICE/USER")
    test.add_argument(
        "--scope", action="extend", nargs="+", default=[], metavar="SCOPE", help="ask for these; default: none"
    )
    test.add_argument(
        "--auth", choices=("basic", "post"), default="basic", help="how id and secret are sent; default: %(default)s"
    )

    for action in (create, update):  # nothing is asked; pipelines say --yes all the same
        _add_yes(action)
    for action in (show, create, update, delete, rotate):
        action.set_defaults(formats=_DOCUMENT)
    for action in (create, update, delete, rotate):
        action.add_argument(
            "--consent", metavar="ENVIRONMENT", help="agree to change this protected environment: its name"
        )


def _add_file(parser: argparse._ActionsContainer, *, required: bool = False) -> None:
    words = "YAML or JSON server document; - is stdin"
    parser.add_argument("--file", metavar="FILE|-", required=required, help=words)


def _add_yes(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--yes", action="store_true", help="do not ask")
