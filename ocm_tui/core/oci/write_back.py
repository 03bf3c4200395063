"""An edited configuration file put in the place of the one that it was made from: whole, private, and never unasked."""

import contextlib
import fcntl
import glob
import hashlib
import os
import stat
import tempfile
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from ocm_tui.core.clients.secret_file_io import sync_directories
from ocm_tui.core.errors import Conflict, UsageError
from ocm_tui.core.oci.edits import PlannedEdit, plan_edit
from ocm_tui.core.oci.model import DEFAULT, AddProfile, ConfigFile, Edit, FileProfile, MakePrivate, SetField
from ocm_tui.core.oci.parser import parse_profiles
from ocm_tui.core.oci.schemas import SENSITIVE, OciProfileConfig
from ocm_tui.core.positioned.files import UnusableFile, read_small_file
from ocm_tui.core.secret import Secret

__all__ = ["PlannedEdit", "Saved", "Validator", "make_private", "plan_edit", "profile_edits", "save"]

# Profiles by name in the file at the path -> what the SDK says against each; "" is the whole file. Empty: all is well.
Validator = Callable[[Path, Collection[str]], Mapping[str, str]]

_LARGEST: Final = 32 << 20
_BACKUPS: Final = 5  # they hold pass phrases
_PATIENCE: Final = 2.0  # seconds for the lock
_VALIDATED: Final = 200  # profiles beside those that were touched: the SDK reads the whole file for each
_FIELDS: Final = (
    *("user", "tenancy", "region", *SENSITIVE),
    *("genai_compartment_id", "genai_region", "additional_user_agent"),
)


@dataclass(frozen=True, slots=True)
class Saved:
    """`path` is the file that was replaced (behind a symbolic link); `backup` is None when there was none before."""

    path: Path
    backup: Path | None


def profile_edits(
    config: OciProfileConfig, source: FileProfile | None, inherited: OciProfileConfig | None = None
) -> tuple[Edit, ...]:
    """What the file lacks to say what the profile says now. `key_content` stays in memory: it is left out.

    `inherited` is what DEFAULT says: a new profile does not repeat it.
    """
    wanted = {name: getattr(config, name) for name in _FIELDS if name != "key_content"}
    if source is None:
        if config.auth_profile == DEFAULT:
            inherited = None
        given = {name: getattr(inherited, name, None) for name in wanted}
        fields = {name: value for name, value in wanted.items() if value and value != given[name]}
        if _says_how(config, fields, inherited):
            fields = {"authentication": config.authentication or "api_key"} | fields
        return (AddProfile(config.auth_profile, fields),)
    before = source.config
    wanted["authentication"] = config.authentication
    return tuple(
        SetField(source.name, name, value or None)
        for name, value in wanted.items()
        if (value or None) != (getattr(before, name) or None)
    )


def _says_how(config: OciProfileConfig, fields: Mapping[str, str | Secret], inherited: OciProfileConfig | None) -> bool:
    """Whether a new profile has to name its way to sign in: it would be taken for another one without."""
    ways = {config.authentication or "api_key", (inherited.authentication if inherited else None) or "api_key"}
    return ways != {"api_key"} or "security_token_file" in fields


def save(file: ConfigFile, plan: PlannedEdit, validate: Validator) -> Saved:
    """Blocking. The new file has mode 0600; a symbolic link stays one.

    Conflict when the file is not what was read any more; UsageError when it cannot be written, or when the SDK refuses
    in the new text what it accepted in the old. Nothing has changed then.
    """
    try:
        target = file.path.resolve() if file.missing else file.path.resolve(strict=True)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _locked(target):
            _demand_unchanged(file, target)
            if not file.missing and not os.access(target, os.W_OK):
                raise UsageError(f"{file.path} is read-only", hint="make it writable, or edit it by hand")
            return _replace(file, plan, target, validate)
    except (OSError, RuntimeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise UsageError(f"{file.path} cannot be written: {reason}") from error


def make_private(action: MakePrivate) -> None:
    """Mode 0600, of what the path leads to. UsageError when it is not ours to change."""
    try:
        Path(action.path.reveal()).chmod(0o600)
    except OSError as error:
        raise UsageError(f"the mode of the file cannot be changed: {error.strerror}") from error


def _demand_unchanged(file: ConfigFile, target: Path) -> None:
    try:
        content = read_small_file(target, _LARGEST).content
    except UnusableFile as error:
        if error.missing and file.missing:
            return
        raise Conflict(f"{file.path} {error.reason}", hint="it was there when it was read") from error
    if file.missing or hashlib.sha256(content).hexdigest() != file.digest:
        raise Conflict(f"{file.path} has changed on disk since it was read", hint="reload it, then make the edit again")


def _replace(file: ConfigFile, plan: PlannedEdit, target: Path, validate: Validator) -> Saved:
    for left in target.parent.glob(f".{glob.escape(target.name)}.draft.*"):  # of a process that was killed here
        left.unlink(missing_ok=True)
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.draft.")  # 0600, exclusive
    draft = Path(name)
    try:
        with open(descriptor, "wb") as out:  # noqa: PTH123 - a descriptor, not a path
            out.write(plan.new)
            out.flush()
            if not file.missing:
                status = target.stat()
                with contextlib.suppress(OSError):  # only root may give a file away
                    os.fchown(descriptor, status.st_uid, status.st_gid)
            os.fsync(descriptor)
        _demand_valid(file, plan, target, draft, validate)
        _demand_unchanged(file, target)  # the last moment to notice an editor that saved meanwhile
        backup = None if file.missing else _back_up(target, file.content)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    sync_directories([target.parent])
    _forget_old_backups(target)
    return Saved(target, backup)


def _demand_valid(file: ConfigFile, plan: PlannedEdit, target: Path, draft: Path, validate: Validator) -> None:
    """What was refused before may be refused still: a repair need not repair everything."""
    names = [profile.name for profile in parse_profiles(file.path, plan.new).profiles]
    others = [name for name in names if name not in plan.touched][:_VALIDATED]
    asked = [name for name in names if name in plan.touched] + others
    after = validate(draft, asked)
    before = validate(target, [name for name in asked if file.profile(name)]) if after and not file.missing else {}
    for name, words in after.items():
        if name not in before and "" not in before:
            where = f"profile [{name}]" if name else "the file"
            raise UsageError(f"the SDK would refuse {where} after this: {words}", hint="nothing was written")


def _back_up(target: Path, content: bytes) -> Path:
    """Beside the file, 0600, named for the moment, so that names sort by age."""
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    path = target.with_name(f"{target.name}.bak.{moment}")
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0), 0o600)
    try:
        with open(descriptor, "wb") as out:  # noqa: PTH123 - a descriptor, not a path
            out.write(content)
            out.flush()
            os.fsync(descriptor)
    except OSError:
        path.unlink(missing_ok=True)
        raise
    return path


def _forget_old_backups(target: Path) -> None:
    """The newest stay. A backup that cannot be removed must not make the save look like a failure."""
    with contextlib.suppress(OSError):
        kept = sorted(target.parent.glob(f"{glob.escape(target.name)}.bak.[0-9]*T[0-9]*Z"))
        for path in kept[:-_BACKUPS]:
            if stat.S_ISREG(path.lstat().st_mode):
                path.unlink(missing_ok=True)


@contextlib.contextmanager
def _locked(target: Path) -> Iterator[None]:
    """One save at a time, of whatever process. The lock file stays: to remove it would let two hold it."""
    descriptor = os.open(target.with_name(f".{target.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        until = time.monotonic() + _PATIENCE
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if time.monotonic() >= until:
                    raise UsageError(f"another process is saving {target}", hint="try again in a moment") from error
                time.sleep(0.05)
        yield
    finally:
        os.close(descriptor)
