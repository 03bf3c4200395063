"""What can go wrong with the registry. `code` is the registry's own error code, as its other readers know it."""

from typing import Final

from ocm_tui.core.errors import ExitCode, OcmError

__all__ = [
    "DATABASE_ERROR",
    "NOT_FOUND",
    "CacheUnreachable",
    "DatabaseBusy",
    "DatabaseFailed",
    "DatabaseUnreachable",
    "NotRegistered",
    "RegistryDenied",
    "RegistryError",
    "StreamUnreachable",
]

NOT_FOUND: Final = 65006
DATABASE_ERROR: Final = 65011


class RegistryError(OcmError):
    """`code` is None where the registry's other readers have no number for it."""

    code: int | None = None


class NotRegistered(RegistryError):
    """The registry has no such client."""

    code = NOT_FOUND


class DatabaseFailed(RegistryError):
    """The database refused a statement, or its answer makes no sense."""

    code = DATABASE_ERROR


class DatabaseBusy(DatabaseFailed):
    """Another transaction was in the way (a deadlock, a lock that was not given up): nothing happened, try again."""


class DatabaseUnreachable(DatabaseFailed):
    """The database did not answer in time."""

    exit_code = ExitCode.UNREACHABLE


class CacheUnreachable(RegistryError):
    """The cache did not answer in time. Reads go on without it."""

    exit_code = ExitCode.UNREACHABLE


class StreamUnreachable(RegistryError):
    exit_code = ExitCode.UNREACHABLE


class RegistryDenied(RegistryError):
    """The server says that this account may not do that."""

    exit_code = ExitCode.REFUSED
