"""Small files, read with every doubt and written whole or not at all."""

import contextlib
import errno
import os
import stat
from dataclasses import dataclass
from pathlib import Path

__all__ = ["SmallFile", "UnusableFile", "is_file", "read_small_file", "write_private_file"]


class UnusableFile(Exception):
    """`reason` ends a sentence about the file: `does not exist`, `is a directory`. `missing`: there is no such file."""

    def __init__(self, reason: str, *, missing: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.missing = missing


@dataclass(frozen=True, slots=True)
class SmallFile:
    """`mode` are the permission bits."""

    content: bytes
    mode: int


def read_small_file(path: Path, max_bytes: int) -> SmallFile:
    """The whole file, if it is a regular one of at most `max_bytes`. Never waits on a pipe or a device."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
    except (OSError, ValueError) as error:
        raise UnusableFile(_reason(error), missing=isinstance(error, FileNotFoundError)) from error
    try:
        status = os.fstat(descriptor)
        if stat.S_ISDIR(status.st_mode):
            raise UnusableFile("is a directory, not a file")
        if not stat.S_ISREG(status.st_mode):
            raise UnusableFile("is not a regular file")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            content = file.read(min(status.st_size, max_bytes) + 1)
            if len(content) > status.st_size:  # it grew, or is of a kind that does not know its size
                content += file.read(max_bytes + 1 - len(content))
    except OSError as error:
        raise UnusableFile(_reason(error)) from error
    finally:
        os.close(descriptor)
    if len(content) > max_bytes:
        raise UnusableFile(f"is larger than {_size(max_bytes)}")
    return SmallFile(content, stat.S_IMODE(status.st_mode))


def is_file(path: Path) -> bool:
    """As `Path.is_file`, and false where nobody may look."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def write_private_file(path: Path, content: str, *, overwrite: bool) -> None:
    """Complete and 0600, or not there at all. FileExistsError unless `overwrite`; other OSErrors as they come."""
    import tempfile

    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except FileExistsError:
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(path.parent)) from None
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # 0600, exclusive
    draft = Path(name)
    try:
        with open(descriptor, "w", encoding="utf-8", newline="\n") as file:  # noqa: PTH123 - a descriptor, not a path
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        if overwrite:
            draft.replace(path)
        else:
            _publish(draft, path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            draft.unlink()


def _publish(draft: Path, path: Path) -> None:
    """Give the draft its name only if nobody has that name: a hard link fails when its target exists."""
    try:
        os.link(draft, path)
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK):
            raise
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from error
        draft.replace(path)


def _reason(error: OSError | ValueError) -> str:
    match error:
        case FileNotFoundError():
            return "does not exist"
        case IsADirectoryError():
            return "is a directory, not a file"
        case PermissionError():
            return "cannot be read: permission denied"
        case NotADirectoryError():
            return "cannot be reached: a part of its path is a file"
        case OSError():
            return f"cannot be read: {(error.strerror or 'input/output error').lower()}"
        case _:
            return "has a name that no file can have"


def _size(count: int) -> str:
    return f"{count >> 20} MiB" if count >= 1 << 20 else f"{count >> 10} KiB" if count >= 1 << 10 else f"{count} bytes"
