"""Client secrets that exist already: in a variable, a file or the keyring. Read when they are used, never before."""

import os
from pathlib import Path
from typing import Final

from ocm_tui.core.errors import UsageError
from ocm_tui.core.positioned.files import UnusableFile, read_small_file
from ocm_tui.core.secret import Secret
from ocm_tui.core.text import clean

__all__ = ["SOURCES", "parse_source", "read_secret", "source_problem"]

SOURCES: Final = "env:NAME, file:PATH, keyring:SERVICE/USER"
_LARGEST_FILE: Final = 64 * 1024


def parse_source(text: str) -> tuple[str, str]:
    """Kind and argument of `env:NAME`, `file:PATH` or `keyring:SERVICE/USER`; UsageError for anything else."""
    kind, _, argument = text.partition(":")
    if kind not in {"env", "file", "keyring"} or not argument or (kind == "keyring" and not all(_entry(argument))):
        raise UsageError(f"“{clean(text, 80)}” is no source of a secret", hint=f"one of {SOURCES}")
    return kind, argument


def read_secret(kind: str, argument: str) -> Secret:
    """Blocking. UsageError, without any part of the secret, when there is none or it is empty.

    Of a file's content one line end is left out: editors and `echo` add it. A value that is not UTF-8 is refused.
    """
    return Secret(_value(kind, argument))


def source_problem(kind: str, argument: str) -> str | None:
    """Why there is no secret, as far as that can be told without asking a keyring, which may ask its user."""
    try:
        if kind == "keyring":
            from ocm_tui.core.clients.secret_keyring import require_keyring

            require_keyring()
        else:
            _value(kind, argument)
    except UsageError as error:
        return error.title
    return None


def _value(kind: str, argument: str) -> str:
    match kind:
        case "env":
            value = os.environ.get(argument)
            if value is None:
                raise _wrong(kind, argument, "is not set", f"export {argument}=…")
        case "file":
            value = _read_file(argument)
        case "keyring":
            from ocm_tui.core.clients.secret_keyring import read_entry

            value = read_entry(*_entry(argument))
            if value is None:
                raise _wrong(kind, argument, "does not exist", "keyring set SERVICE USER")
        case _:
            raise UsageError(f"“{clean(kind, 80)}” is no source of a secret", hint=f"one of {SOURCES}")
    if not value.strip():
        raise _wrong(kind, argument, "is empty")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise _wrong(kind, argument, "is not UTF-8 text") from None
    return value


def _read_file(argument: str) -> str:
    try:
        content = read_small_file(Path(argument).expanduser(), _LARGEST_FILE).content
        text = content.decode("utf-8")
    except UnusableFile as problem:
        raise _wrong("file", argument, problem.reason) from None
    except UnicodeDecodeError:
        raise _wrong("file", argument, "is not UTF-8 text") from None
    except (RuntimeError, ValueError):
        raise _wrong("file", argument, "is in a home directory that cannot be found") from None
    return text.removesuffix("\n").removesuffix("\r")


def _entry(argument: str) -> tuple[str, str]:
    service, _, user = argument.rpartition("/")
    return service, user


def _wrong(kind: str, argument: str, what: str, hint: str = "") -> UsageError:
    nouns = {"env": "the environment variable", "file": "the file", "keyring": "the keyring's entry"}
    return UsageError(f"{nouns[kind]} {clean(argument, 200)} {what}", hint=hint)
