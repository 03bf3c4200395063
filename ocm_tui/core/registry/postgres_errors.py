"""What Postgres and its driver raise, as ours. Messages of the server are quoted, values of ours are not."""

import re
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Final

from ocm_tui.core.errors import OcmError, UsageError
from ocm_tui.core.registry.errors import DatabaseBusy, DatabaseFailed, DatabaseUnreachable, RegistryDenied
from ocm_tui.core.registry.masking import masked_text
from ocm_tui.core.secret import MASK

__all__ = ["translated"]

# SQLSTATEs, or their first two characters.
_DENIED: Final = ("42501", "25006", "28")  # no privilege, a read-only transaction or server, who are you
_BUSY: Final = ("40P01", "40001", "55P03")  # deadlock, serialisation, lock not available
_AWAY: Final = ("57P", "08", "53300", "57014")  # going down or coming up, connection, too many, out of time
_UNUSABLE: Final = ("22", "23")  # data, constraints
_NO_TABLE: Final = ("42P01", "3F000", "42703")  # no such table, schema, column

_QUOTED: Final = re.compile(r'".*"', re.DOTALL)


@contextmanager
def translated(address: str) -> Generator[None, None, None]:
    """`address` is for the messages."""
    import asyncpg

    try:
        yield
    except asyncpg.PostgresError as error:
        if isinstance(error, asyncpg.DataError) and getattr(error, "severity", None) is None:
            # The driver's own, before anything was sent. Its text quotes the value, which may be a hash, and a
            # traceback would quote that text.
            raise UsageError("the registry cannot hold that value", detail=_kind_of_value(error)) from None
        raise _answer(error, address) from error
    except (TimeoutError, OSError, asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
        detail = str(error) or "no answer in time"
        raise DatabaseUnreachable(f"the registry's database at {address} cannot be reached", detail=detail) from error


def _kind_of_value(error: Exception) -> str:
    """`argument $7: expected str, got int`, of what the driver says about a value; the value is left out."""
    place = re.search(r"argument \$\d+", str(error))
    kinds = re.search(r"\((expected [\w .-]{1,40}, got (?:type )?'?\w{1,40}'?)\)\Z", str(error))
    told = [place[0] if place else "", kinds[1] if kinds else "it does not fit its type"]
    return ": ".join(filter(None, told))


def _answer(error: Any, address: str) -> OcmError:
    # Only the message: its DETAIL quotes the failing row, with the hash of the secret in it.
    state, detail = error.sqlstate or "", masked_text(str(error.args[0] if error.args else ""))
    where = f"the registry's database at {address}"
    if state.startswith(_DENIED):
        return RegistryDenied(f"{where} refused this account", detail=detail)
    if state.startswith(_BUSY):
        return DatabaseBusy(f"{where} is busy with another transaction", detail=detail, hint="try again")
    if state.startswith(_AWAY):
        return DatabaseUnreachable(f"{where} cannot be reached", detail=detail)
    if state.startswith(_UNUSABLE):
        # `invalid input syntax for type integer: "…"`: which kind of value it is will do.
        return UsageError(
            "the registry cannot hold that value", detail=_QUOTED.sub(MASK, detail) if state < "23" else detail
        )
    if state.startswith(_NO_TABLE):
        hint = "`ocm-tui registry migrate` makes the tables of a registry of one's own"
        return DatabaseFailed(f"{where} has no such table", detail=detail, hint=hint)
    return DatabaseFailed(f"{where} refused a statement", detail=detail)
