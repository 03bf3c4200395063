"""HAR files as exchanges: a browser's recording, or our own export, which comes back as it was.

Nothing in a file is believed: every string is redacted and cleaned as if it came from the wire, sizes are bounded, and
what is no exchange is left out and said. Marks of an earlier redaction stay what they are.
"""

import math
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ocm_tui.core.errors import ConfigError
from ocm_tui.core.exchanges.har_entries import HarReader, NoExchange
from ocm_tui.core.exchanges.model import Exchange

__all__ = ["HarFile", "load_har", "read_har"]

_LARGEST: Final = 128 * 2**20
_MOST_ENTRIES: Final = 100_000


@dataclass(frozen=True, slots=True)
class HarFile:
    """`left_out` says in one sentence each which entries are no exchanges, and why."""

    exchanges: Sequence[Exchange]
    left_out: Sequence[str]


def read_har(path: Path) -> list[Exchange]:
    """The exchanges of a HAR file in its order. ConfigError for what is no HAR file. Blocks."""
    return list(load_har(path).exchanges)


def load_har(path: Path) -> HarFile:
    """As `read_har`, with what was left out."""
    entries = _entries(path)
    reader = HarReader()
    exchanges: list[Exchange] = []
    left_out: list[str] = []
    for number, entry in enumerate(entries):
        try:
            exchanges.append(reader.exchange(entry, number + 1))
        except NoExchange as reason:
            left_out.append(f"log.entries[{number}] is left out: {reason}")
        except (RecursionError, OverflowError, ValueError):
            left_out.append(f"log.entries[{number}] is left out: it cannot be read")
    return HarFile(exchanges, left_out)


def _entries(path: Path) -> list[Any]:
    import json

    data = _bytes(path)
    try:
        document = json.loads(data.decode("utf-8-sig"), parse_constant=lambda _: math.nan)
    except json.JSONDecodeError as error:
        raise ConfigError(
            f"this is no HAR file: {error.msg.lower()}", path=path, line=error.lineno, column=error.colno
        ) from None
    except UnicodeDecodeError:
        raise ConfigError("this is no HAR file: it is not UTF-8", path=path) from None
    except (ValueError, RecursionError) as error:
        words = "it is nested too deep" if isinstance(error, RecursionError) else str(error)
        raise ConfigError(f"this is no HAR file: {words}", path=path) from None
    log = document.get("log") if isinstance(document, dict) else None
    entries = log.get("entries") if isinstance(log, dict) else None
    if not isinstance(entries, list):
        hint = "browsers write one with `Save all as HAR` in their network tools"
        raise ConfigError("this is no HAR file: it has no list log.entries", path=path, hint=hint)
    if len(entries) > _MOST_ENTRIES:
        raise ConfigError(f"{len(entries):,} entries are more than the {_MOST_ENTRIES:,} that are read", path=path)
    return entries


def _bytes(path: Path) -> bytes:
    """The whole of a regular file; a pipe or a device could give for ever."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise ConfigError("this is no regular file", path=path)
            with open(descriptor, "rb", closefd=False) as file:
                data = file.read(_LARGEST + 1)
        finally:
            os.close(descriptor)
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise ConfigError(f"the HAR file cannot be read: {reason}", path=path) from None
    if len(data) > _LARGEST:
        raise ConfigError(f"the HAR file is larger than the {_LARGEST // 2**20} MiB that are read", path=path)
    return data
