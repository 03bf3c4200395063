"""Client documents from files and stdin: YAML or JSON, with the line of every value for later complaints."""

import json
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

from ocm_tui.core.clients.checks import refuse_malformed
from ocm_tui.core.clients.documents import guarded
from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.errors import ConfigError, UsageError, ValidationFailed
from ocm_tui.core.text import clean

if TYPE_CHECKING:
    from ocm_tui.core.positioned.positions import NodePath, Positioned

__all__ = ["DocumentFile", "read_document"]

_MAX_BYTES: Final = 4 << 20
_STDIN: Final = Path("<stdin>")


@dataclass(frozen=True, slots=True)
class DocumentFile:
    """`document` has its plaintext secrets as `Secret`s."""

    path: Path
    document: ClientDocument = field(repr=False)
    positions: "Positioned" = field(repr=False)

    def check(self) -> None:
        """ConfigError with file and line for what certainly no server takes."""
        try:
            refuse_malformed(self.document)
        except UsageError as error:  # its sentence begins with the field
            line, column = self.positions.where(_path(error.title.partition(" ")[0]))
            raise ConfigError(error.title, path=self.path, line=line, column=column, hint=error.hint) from None

    def located(self, error: ValidationFailed) -> ValidationFailed:
        """The server's complaint, with the line in which each field was written."""
        places = [self._place(item.field_path, item.message) for item in error.violations if item.field_path]
        return ValidationFailed(
            error.title,
            status=error.status,
            result_id=error.result_id,
            violations=error.violations,
            detail="\n".join([*places, *error.detail.splitlines()[-1:]]) if places else error.detail,
            hint=error.hint,
            exchange_id=error.exchange_id,
        )

    def _place(self, field_path: str, message: str) -> str:
        line = self.positions.where(_path(field_path))[0]
        return f"{self.path}:{line}: {clean(field_path)}: {clean(message)}"


def read_document(name: str) -> DocumentFile:
    """ConfigError with file, line and column for what is not one client document; `-` is stdin."""
    path = _STDIN if name == "-" else Path(name).expanduser()
    text = _text(path)
    positions = _parsed(text, path)
    if not isinstance(positions.data, dict):
        what = "nothing is in it" if positions.data is None else "this is something else"
        raise ConfigError(f"a client document is a mapping of fields, and {what}", path=path, line=1)
    return DocumentFile(path, guarded(positions.data), positions)


def _text(path: Path) -> str:
    from ocm_tui.core.positioned.files import UnusableFile, read_small_file

    if path is _STDIN:
        if sys.stdin is None:
            raise ConfigError("there is no stdin to read from", path=path)
        content = sys.stdin.buffer.read(_MAX_BYTES + 1)
        if len(content) > _MAX_BYTES:
            raise ConfigError(f"the document is larger than {_MAX_BYTES >> 20} MiB", path=path)
    else:
        try:
            content = read_small_file(path, _MAX_BYTES).content
        except UnusableFile as error:
            raise ConfigError(f"the file {error.reason}", path=path) from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ConfigError("the file is not UTF-8 text", path=path, line=line, hint="save the file as UTF-8") from None


def _parsed(text: str, path: Path) -> "Positioned":
    """JSON is YAML, but for tabs between its values; its own parser complains in better words, though."""
    from ocm_tui.core.positioned.positions import Limits, Positioned, parse_yaml

    limits = Limits(max_bytes=_MAX_BYTES)
    if not text.lstrip().startswith(("{", "[")):
        return parse_yaml(text, path, limits=limits)
    try:
        data = json.loads(text, parse_constant=lambda name: _no_constant(name, path))
    except json.JSONDecodeError as error:
        try:
            return parse_yaml(text, path, limits=limits)  # a YAML mapping in braces
        except ConfigError:
            if path.suffix in {".yaml", ".yml"}:
                raise
            message = f"not JSON: {error.msg[:1].lower()}{error.msg[1:]}"
            raise ConfigError(message, path=path, line=error.lineno, column=error.colno) from None
    except RecursionError:
        raise ConfigError("the document is nested too deep", path=path) from None
    positions = parse_yaml(_as_yaml(text), path, limits=limits)
    return Positioned(path, data, positions.root)


def _as_yaml(text: str) -> str:
    """Valid JSON as YAML with everything in its place, for the positions only: what YAML does not know in a text (some
    escapes and characters) is another character of the same length."""
    spelled = {'"': "'", "\\": "/"}
    escaped = re.sub(r"\\(.)", lambda match: "/" + spelled.get(match[1], match[1]), text.expandtabs(1))
    return re.sub("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]", "?", escaped)


def _no_constant(name: str, path: Path) -> NoReturn:
    raise ConfigError(f"{name} is not a JSON number", path=path)


def _path(dotted: str) -> "NodePath":
    """`a.b[0].c` as keys and indexes."""
    parts: list[Any] = []
    for name in dotted.replace("[", ".[").split("."):
        if name.startswith("[") and name.endswith("]") and name[1:-1].isdigit():
            parts.append(int(name[1:-1]))
        elif name:
            parts.append(name)
    return tuple(parts)
