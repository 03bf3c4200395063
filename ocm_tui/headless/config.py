"""`ocm-tui config init|validate|show|schema|path`."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TextIO

from ocm_tui.config.locations import cache_dir, config_path, state_dir
from ocm_tui.core.errors import ConfigError, ExitCode, NotConfigured, UsageError
from ocm_tui.core.text import clean, json_text

if TYPE_CHECKING:
    from ocm_tui.core.positioned.problems import Problem

__all__ = ["ACTIONS", "add_arguments", "run"]

ACTIONS: Final = ("init", "validate", "show", "schema", "path")
SCHEMA: Final = "ocm-tui/config/v1"

_HELP: Final = """\
init      write a commented file to start from; never over an existing one without --force
validate  check everything and list each problem with its line; exit 0 or 2
show      print the effective configuration, secrets as ***
schema    print the JSON Schema of config.yaml, for editors
path      print where the configuration is looked for"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `config`; --config, --env, --output and --quiet are global ones."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _HELP
    parser.add_argument("action", choices=ACTIONS, metavar="ACTION", help="what to do, see below")
    parser.add_argument(
        "path",
        nargs="?",
        type=Path,
        metavar="FILE",
        help="the configuration file; default: --config, or the usual place",
    )
    parser.add_argument("--force", action="store_true", help="init: replace the file that is there")


def run(args: argparse.Namespace, *, stdout: TextIO, stderr: TextIO) -> int:
    """The exit code. OcmErrors come through; `validate` reports what is wrong with the file itself."""
    file = args.path if args.path is not None else args.config
    match args.action:
        case "init":
            return _init(file, args, stdout, stderr)
        case "validate":
            return _validate(file, args, stdout, stderr)
        case "show":
            return _show(file, args, stdout)
        case "schema":
            return _schema(stdout)
        case "path":
            return _path(file, args, stdout)
    raise UsageError(f"there is no action {args.action}", hint=f"there are: {', '.join(ACTIONS)}")


def _init(file: Path | None, args: argparse.Namespace, stdout: TextIO, stderr: TextIO) -> int:
    from ocm_tui.config.template import STARTER
    from ocm_tui.core.positioned.files import write_private_file

    path = config_path(file).path
    try:
        target = path.resolve() if path.is_symlink() else path
        write_private_file(target, STARTER, overwrite=args.force)
    except FileExistsError:
        raise UsageError(f"{path} exists already", hint="edit it, or replace it with --force") from None
    except OSError as error:
        raise ConfigError(f"the file cannot be written: {(error.strerror or '').lower()}", path=path) from error
    _data(args, stdout, {"path": str(path)}, str(path))
    if not args.quiet:
        print(f"Wrote {clean(path)}. Edit it, then run: ocm-tui config validate", file=stderr)
    return ExitCode.OK


def _validate(file: Path | None, args: argparse.Namespace, stdout: TextIO, stderr: TextIO) -> int:
    path = config_path(file).path
    problems = _problems(file)
    valid = not any(problem.severity == "error" for problem in problems)
    for problem in problems:
        if problem.severity == "error" or not args.quiet:
            print(f"{problem} ({problem.hint})" if problem.hint else problem, file=stderr)
    if args.output == "json":
        document = {"path": str(path), "valid": valid, "problems": [problem.as_json() for problem in problems]}
        _data(args, stdout, document)
    elif not args.quiet:
        count = f"{len(problems)} problem{'' if len(problems) == 1 else 's'}" if problems else "no problems"
        print(f"{clean(path)}: {'valid' if valid else 'not valid'}, {count}", file=stderr)
    return ExitCode.OK if valid else ExitCode.USAGE


def _problems(file: Path | None) -> "list[Problem]":
    from ocm_tui.config.loading import load_configuration
    from ocm_tui.config.review import review
    from ocm_tui.core.positioned.problems import InvalidConfiguration, Problem

    try:
        configuration = load_configuration(file)
    except InvalidConfiguration as error:
        return list(error.problems)
    except ConfigError as error:
        return [Problem.of(error)]
    except NotConfigured as error:
        return [Problem("error", error.title, hint=error.hint)]
    return review(configuration)


def _show(file: Path | None, args: argparse.Namespace, stdout: TextIO) -> int:
    from ocm_tui.config.display import effective
    from ocm_tui.config.loading import load_configuration

    configuration = load_configuration(file)
    shown, origins = effective(configuration, args.env)
    if args.output == "json":
        _data(args, stdout, {"path": str(configuration.path), "overrides": origins, **shown})
        return ExitCode.OK
    import yaml

    lines = [f"# {clean(configuration.path)}"]
    lines += [f"# {key} is set by {variable}" for key, variable in origins.items()]
    text = yaml.safe_dump(shown, sort_keys=False, allow_unicode=True, width=1000)
    print("\n".join(lines), text, sep="\n", end="", file=stdout)
    return ExitCode.OK


def _schema(stdout: TextIO) -> int:
    from ocm_tui.config.schema import configuration_schema

    print(json_text(configuration_schema()), file=stdout)
    return ExitCode.OK


def _path(file: Path | None, args: argparse.Namespace, stdout: TextIO) -> int:
    from ocm_tui.core.positioned.files import is_file

    location = config_path(file)
    document: dict[str, Any] = {
        "path": str(location.path),
        "exists": is_file(location.path),
        "state_dir": str(state_dir()),
        "cache_dir": str(cache_dir()),
    }
    _data(args, stdout, document, str(location.path))
    return ExitCode.OK


def _data(args: argparse.Namespace, stdout: TextIO, document: dict[str, Any], text: str | None = None) -> None:
    if args.output == "json":
        print(json_text({"schema": SCHEMA, **document}), file=stdout)
    elif text is not None:
        print(clean(text), file=stdout)
