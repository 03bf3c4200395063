"""The arguments of `ocm-tui oci`."""

import argparse

__all__ = ["add_arguments"]

_LISTS = ("text", "json", "jsonl")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True, title="actions")

    listing = actions.add_parser(
        "list",
        help="the profiles of the configuration file, and what is wrong with them",
        description="Every profile, also those of a file that the SDK refuses. Nothing is sent.",
    )

    show = actions.add_parser(
        "show",
        help="one profile: its fields, where each comes from, and its findings",
        description="Nothing is sent. Fingerprint, key, pass phrase and the paths of key and token are left out.",
    )
    show.add_argument("profile", metavar="PROFILE", help="its name; upper and lower case are the same")
    show.add_argument(
        "--include-sensitive", action="store_true", help="print those as well; only where stdout is a terminal"
    )

    probe = actions.add_parser(
        "probe",
        help="ask Object Storage for the namespace, as each profile would",
        description="One signed question for each profile, side by side. A profile whose own files rule it out is "
        "judged without a question. Exit code 1: a profile is not useable; 3: all others are, or cannot be reached.",
    )
    probe.add_argument("profiles", nargs="*", metavar="PROFILE", help="these profiles")
    probe.add_argument("--all", action="store_true", help="every profile of the file")

    for action in (listing, probe):
        action.set_defaults(formats=_LISTS)
