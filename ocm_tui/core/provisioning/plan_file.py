"""A saved plan: a file that an apply carries out exactly, or refuses.

    {"schema": "ocm-tui/plan-file/v1", "digest": "sha256:…", "plan": {…}}

Layout and order may change (the digest is of the values), a value may not.
"""

import contextlib
import json
import os
import re
import stat
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from ocm_tui.core.errors import UsageError
from ocm_tui.core.provisioning.model import Plan
from ocm_tui.core.provisioning.plan_record import from_record, secret_in, to_record
from ocm_tui.core.text import clean

__all__ = ["decoded_plan", "encoded_plan", "read_plan", "write_plan"]

_SCHEMA: Final = "ocm-tui/plan-file/v1"
_ANY_SCHEMA: Final = re.compile(r"ocm-tui/plan-file/v(\d{1,6})")
_OURS: Final = b'{"schema":"ocm-tui/plan-file/'
_MOST_BYTES: Final = 512 * 2**20
_AGAIN: Final = "make it anew: ocm-tui plan --out FILE"


def encoded_plan(plan: Plan) -> bytes:
    """UsageError when something declared is secret: a plan holds where secrets come from, and never one."""
    for change in plan.changes:
        path = secret_in(change.desired) if change.desired is not None else None
        if path is not None:
            raise UsageError(
                f"{clean(change.client_id, 120)}: {path} holds a secret, which no plan may hold",
                hint="declare `secret:` instead, and public keys only",
            )
    record = _json(to_record(plan))
    return f'{{"schema":"{_SCHEMA}","digest":"{_digest_of(record)}","plan":{record}}}\n'.encode()


def decoded_plan(data: bytes) -> Plan:
    """UsageError when `data` is no plan, a damaged one, or one of another version."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        damaged = data.lstrip()[: len(_OURS)] == _OURS
        raise UsageError("it is damaged" if damaged else "it is not a saved plan", hint=_AGAIN) from None
    schema = value.get("schema") if isinstance(value, dict) else None
    version = _ANY_SCHEMA.fullmatch(schema) if isinstance(schema, str) else None
    if version is None:
        hint = "a JSON report cannot be applied: use --out" if schema == "ocm-tui/plan/v1" else _AGAIN
        raise UsageError("it is not a saved plan", hint=hint)
    if schema != _SCHEMA:
        raise UsageError(f"it is of version {version[1]}, and this program reads version 1", hint=_AGAIN)
    record = value.get("plan")
    try:
        if value.get("digest") != _digest(record):
            raise UsageError("it was changed since it was made", hint=_AGAIN)
        return from_record(record)
    except (ValueError, RecursionError) as error:
        raise UsageError("it is damaged", detail=str(error), hint=_AGAIN) from None


def write_plan(path: Path, plan: Plan) -> None:
    """Whole or not at all, and readable by its owner only. UsageError when it cannot be written there."""
    data = encoded_plan(plan)
    path = Path(path).expanduser()
    try:
        target = path.resolve()
        _refuse_other_files(target)
        draft = target.with_name(f".{target.name}.{os.urandom(4).hex()}")
        try:
            _write_private(draft, data)
            draft.replace(target)
        except BaseException:
            with contextlib.suppress(OSError):
                draft.unlink()
            raise
    except (OSError, ValueError, RuntimeError) as error:  # a NUL in the name; a loop of links
        raise UsageError(
            f"the plan cannot be written to {clean(path)}: {_reason(error)}", hint="its directory must exist"
        ) from error


def read_plan(path: Path) -> Plan:
    """UsageError that names the file, whatever is wrong with it."""
    path = Path(path).expanduser()
    try:
        data = _content(path)
    except (OSError, ValueError) as error:
        raise UsageError(f"the plan {clean(path)} cannot be read: {_reason(error)}") from error
    try:
        return decoded_plan(data)
    except UsageError as error:
        what = error.title.removeprefix("it ")
        raise UsageError(f"the plan {clean(path)} {what}", detail=error.detail, hint=error.hint) from None


def _content(path: Path) -> bytes:
    # A pipe without a writer would hold the open for ever.
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK), "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise ValueError("it is not a file")
        if status.st_size > _MOST_BYTES:
            raise ValueError("it is too large for a plan")
        return file.read(_MOST_BYTES)


def _refuse_other_files(target: Path) -> None:
    """A slip of the fingers must not replace an inventory."""
    try:
        status = target.stat()
    except FileNotFoundError:
        return
    if not stat.S_ISREG(status.st_mode):
        raise ValueError("it is not a file")
    if status.st_size:
        with target.open("rb") as file:
            if file.read(len(_OURS)) != _OURS:
                raise ValueError("it exists, and is not a saved plan")


def _write_private(path: Path, data: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0)
    with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _json(record: Any) -> str:
    return json.dumps(record, sort_keys=True, separators=(",", ":"))


def _digest(record: Any) -> str:
    return _digest_of(_json(record))


def _digest_of(text: str) -> str:
    return f"sha256:{sha256(text.encode()).hexdigest()}"


def _reason(error: Exception) -> str:
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return clean(reason or "input/output error", 200).lower()
