"""The command line's grammar. Only the chosen command's module is imported, and only to add its own arguments.

Global options may stand before or after the subcommand: every parser of the tree knows them, with `SUPPRESS` as
default, so that a later absence does not undo an earlier presence.
"""

import argparse
import importlib
import math
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final, NoReturn

from ocm_tui import __version__
from ocm_tui.core.errors import UsageError
from ocm_tui.core.text import clean

__all__ = ["Parser", "build_parser", "parse"]

# What exists, where it is, and what it does. `formats` is what --output may be.
_COMMANDS: Final = {
    "clients": ("ocm_tui.headless.clients_arguments", "list, show and change OAuth clients"),
    "plan": ("ocm_tui.headless.plan_arguments", "what would make the server as the inventory declares it"),
    "apply": ("ocm_tui.headless.apply_arguments", "make the server as the inventory declares it"),
    "log": ("ocm_tui.headless.log_arguments", "what was sent and answered: list and show exchanges"),
    "oci": ("ocm_tui.headless.oci_arguments", "list, show and probe the OCI profiles that jobs sign in with"),
    "registry": ("ocm_tui.headless.registry_arguments", "the client registry: rows, cache and event stream"),
    "simulate": ("ocm_tui.simulator.command", "only the simulated servers, until SIGTERM"),
    "config": ("ocm_tui.headless.config", "write, check and show the configuration"),
}
_FORMATS: Final = ("text", "json")
_CHECK_FORMATS: Final = ("text", "json", "junit", "sarif", "gitlab", "github")

_GLOBALS: Final[dict[str, Any]] = {
    "config": None,
    "env": None,
    "demo": False,
    "read_only": False,
    "output": None,
    "no_color": False,
    "quiet": False,
    "verbose": False,
}
_CHECK_ONLY: Final[dict[str, Any]] = {
    "check_report": [],
    "check_only": [],
    "check_skip": [],
    "check_fail_on": "fail",
    "check_timeout": None,
    "check_list": False,
}

_DESCRIPTION: Final = """\
Without a command: the console on the default environment.
With --demo: on built-in simulated servers, nothing to configure."""

_EXIT_CODES: Final = """\
exit codes: 0 done, or nothing to do; 1 the answer is bad; 2 usage or configuration error, nothing was sent;
3 a target could not be reached in time; 4 refused: read-only, no consent, 401 or 403; 5 changed under us;
130 interrupted"""


def parse(words: Sequence[str]) -> argparse.Namespace:
    """The options, complete with defaults; UsageError says in one sentence what is wrong with them."""
    options = build_parser().parse_args(list(words))
    options.command = getattr(options, "command", None)
    options.check = getattr(options, "check", False)
    if options.check and options.command is not None:
        raise UsageError(f"--check and {options.command} are two commands", hint="run them one after the other")
    if not options.check:
        for name in _CHECK_ONLY:
            if hasattr(options, name):
                option = name.removeprefix("check_").replace("_", "-")
                raise UsageError(f"--{option} belongs to --check", hint=f"ocm-tui --check --{option} …")
    for name, value in (_GLOBALS | _CHECK_ONLY).items():
        if not hasattr(options, name):
            setattr(options, name, value)
    _check_output(options)
    return options


def _check_output(options: argparse.Namespace) -> None:
    if options.quiet and options.verbose:
        raise UsageError("--quiet and --verbose contradict each other")
    if options.output is None:
        return
    if not options.check and options.command is None:
        raise UsageError("--output is for commands and --check, not for the console")
    formats = _CHECK_FORMATS if options.check else getattr(options, "formats", _FORMATS)
    if options.output not in formats:
        raise UsageError(f"--output {options.output} is no format of this command", hint=_hint(options.output, formats))


def build_parser() -> "Parser":
    parser = Parser(
        prog="ocm-tui",
        description=_DESCRIPTION,
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage="ocm-tui [options] [COMMAND …]",
    )
    parser.add_argument("--version", action="version", version=f"ocm-tui {__version__}", help="print the version")
    _add_check(parser)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands", prog="ocm-tui")
    for name, (module, words) in _COMMANDS.items():
        commands.add_parser(name, help=words, description=_sentence(words), fill=_from_module(module))
    return parser


class Parser(argparse.ArgumentParser):
    """Argparse with the global options in every parser, one-sentence errors, and arguments that are added on use."""

    def __init__(self, *, fill: "Callable[[Parser], None] | None" = None, **settings: Any) -> None:
        settings.setdefault("allow_abbrev", False)  # an abbreviation would become API
        super().__init__(**settings)
        self._fill = fill
        self._add_globals(top=self.prog == "ocm-tui")

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: Any = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """Nothing stays unknown: what is left over is refused by the parser that was given it."""
        self._complete()
        words = list(args or ())
        self._refuse_unknown_options(words)
        options, rest = super().parse_known_args(words, namespace)
        if rest:
            raise UsageError(f"{self.prog} has no use for {rest[0]}", hint=f"`{self.prog} --help` shows what it takes")
        return options, rest

    def format_help(self) -> str:
        self._complete()
        return super().format_help()

    def error(self, message: str) -> NoReturn:
        """Argparse's own complaints, such as a missing argument."""
        required = message.removeprefix("the following arguments are required: ")
        if required != message:
            message = f"{self.prog} needs {required}"
        raise UsageError(message.removeprefix("argument "), hint=f"`{self.prog} --help` shows what it takes")

    def _complete(self) -> None:
        fill, self._fill = self._fill, None
        if fill is not None:
            fill(self)

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """The name is argparse's: its one hook for choices, subcommands among them."""
        if action.choices is None or value in action.choices:
            return
        known = [str(choice) for choice in action.choices]
        name = "/".join(action.option_strings) or action.metavar or action.dest
        what = f"{self.prog} has no command {value}" if action.nargs == argparse.PARSER else f"{name} cannot be {value}"
        raise UsageError(what, hint=_hint(str(value), known))

    def _refuse_unknown_options(self, words: list[str]) -> None:
        """Before argparse takes the value of a mistyped option for a command."""
        known = self._option_string_actions
        skip = False
        for word in words:
            if word == "--":
                return
            if skip or " " in word or not word.startswith("-") or word == "-":
                if not skip and self._subparsers is not None:
                    return  # the subcommand: what follows is its own
                skip = False
                continue
            name, equals, _ = word.partition("=")
            if name not in known and word[:2] not in known:
                raise UsageError(f"{self.prog} has no option {name}", hint=_hint(name, known))
            action = known.get(name)
            skip = action is not None and not equals and action.nargs is None

    def _add_globals(self, *, top: bool) -> None:
        group = self.add_argument_group("global options, before or after the command" if top else None)

        def add(name: str, words: str, metavar: str | None = None, **settings: Any) -> None:
            kind: dict[str, Any] = {"metavar": metavar} if metavar else {"action": "store_true"}
            shown = words if top else argparse.SUPPRESS
            group.add_argument(name, help=shown, default=argparse.SUPPRESS, **kind, **settings)

        add("--config", "configuration file", "FILE", type=Path)
        add("--env", "environment, instead of the default one", "NAME")
        add("--demo", "built-in simulated servers on loopback")
        add("--read-only", "change nothing, whatever is asked")
        add("--output", "text, json, and what a command has beside them", "FORMAT")
        add("--no-color", "no colour, as with NO_COLOR")
        add("--quiet", "no words on stderr but errors")
        add("--verbose", "a line on stderr for each exchange")
        if not top and not self.epilog:
            self.epilog = "Global options: ocm-tui --help"


def _add_check(parser: Parser) -> None:
    group = parser.add_argument_group("headless checks")

    def add(name: str, **settings: Any) -> None:
        group.add_argument(name, dest=f"check_{name[2:].replace('-', '_')}", default=argparse.SUPPRESS, **settings)

    group.add_argument(
        "--check",
        action="store_true",
        default=argparse.SUPPRESS,
        help=f"run them and exit; --output {'|'.join(_CHECK_FORMATS)}",
    )
    add("--report", action="append", type=_report, metavar="FORMAT=FILE", help="write a report as well; repeatable")
    add("--only", action="append", metavar="GLOB", help="only checks whose id matches; repeatable")
    add("--skip", action="append", metavar="GLOB", help="not the checks whose id matches; repeatable")
    add("--fail-on", choices=("warn", "fail"), help="what makes the exit code bad; default fail")
    add("--timeout", type=_seconds, metavar="SECONDS", help="for the whole run")
    add("--list", action="store_true", help="list the checks, run none")


def _report(text: str) -> tuple[str, Path]:
    format_, equals, file = text.partition("=")
    if not equals or not file:
        raise UsageError(f"--report {text} is not FORMAT=FILE", hint="for example --report junit=checks.xml")
    if format_ not in _CHECK_FORMATS:
        raise UsageError(f"--report: {format_} is no format", hint=_hint(format_, _CHECK_FORMATS))
    if file == "-":
        raise UsageError("--report writes files", hint=f"--output {format_} prints on stdout")
    return format_, Path(file)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise UsageError(f"--timeout is a number of seconds above 0, not {text}")
    return seconds


def _from_module(name: str) -> Callable[[Parser], None]:
    def fill(parser: Parser) -> None:
        importlib.import_module(name).add_arguments(parser)

    return fill


def _hint(word: str, known: Iterable[str]) -> str:
    import difflib

    names = [name for name in known if name != "-h"]
    near = difflib.get_close_matches(word, names, n=1, cutoff=0.5)
    return f"did you mean {near[0]}?" if near else f"one of {clean(', '.join(names), 400)}"


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."
