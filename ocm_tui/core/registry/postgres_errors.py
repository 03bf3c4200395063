"""What Postgres and its driver raise, as ours. Messages of the server are quoted, values of ours are not."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Final

from ocm_tui.core.errors import OcmError, UsageError
from ocm_tui.core.registry.errors import DatabaseBusy, DatabaseFailed, DatabaseUnreachable, RegistryDenied

__all__ = ["translated"]

# SQLSTATEs, or their first two characters.
_DENIED: Final = ("42501", "25006", "28")  # no privilege, a read-only transaction or server, who are you
_BUSY: Final = ("40P01", "40001", "55P03")  # deadlock, serialisation, lock not available
_AWAY: Final = ("57P", "08", "53300", "57014")  # going down or coming up, connection, too many, out of time
_UNUSABLE: Final = ("22", "23")  # data, constraints
_NO_TABLE: Final = ("42P01", "3F000", "42703")  # no such table, schema, column


@contextmanager
def translated(address: str) -> Generator[None, None, None]:
    """`address` is for the messages."""
    import asyncpg

    try:
        yield
    except asyncpg.PostgresError as error:
        raise _answer(error, address) from error
    except asyncpg.DataError as error:  # before anything was sent: the value does not fit its type
        raise UsageError("the registry cannot hold that value", detail=str(error)) from error
    except (TimeoutError, OSError, asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
        detail = str(error) or "no answer in time"
        raise DatabaseUnreachable(f"the registry's database at {address} cannot be reached", detail=detail) from error


def _answer(error: Any, address: str) -> OcmError:
    # Only the message: its DETAIL quotes the failing row, with the hash of the secret in it.
    state, detail = error.sqlstate or "", str(error.args[0] if error.args else "")
    where = f"the registry's database at {address}"
    if state.startswith(_DENIED):
        return RegistryDenied(f"{where} refused this account", detail=detail)
    if state.startswith(_BUSY):
        return DatabaseBusy(f"{where} is busy with another transaction", detail=detail, hint="try again")
    if state.startswith(_AWAY):
        return DatabaseUnreachable(f"{where} cannot be reached", detail=detail)
    if state.startswith(_UNUSABLE):
        return UsageError("the registry cannot hold that value", detail=detail)
    if state.startswith(_NO_TABLE):
        hint = "`ocm-tui registry migrate` makes the tables of a registry of one's own"
        return DatabaseFailed(f"{where} has no such table", detail=detail, hint=hint)
    return DatabaseFailed(f"{where} refused a statement", detail=detail)
