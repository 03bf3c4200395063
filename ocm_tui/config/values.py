"""The types of single values in config.yaml: what they accept, and the words for what would be right.

A `Template` passes each of them unchecked: its text is checked when the environment that needs it is resolved.
Errors are of two kinds, both with words for the user: `expected` (must be …) and `problem` (is wrong because …).
"""

import re
import urllib.parse
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import (
    AfterValidator,
    Field,
    PlainValidator,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
    WrapValidator,
)
from pydantic_core import PydanticCustomError

from ocm_tui.config.references import SecretRef, Template, url_hint
from ocm_tui.config.sources import Unresolvable, expand

__all__ = [
    "BaseURL", "CacheURL", "Count", "DatabaseURL", "EndpointURL", "EnvironmentName", "FilePath", "Flag", "Parallel",
    "Seconds", "SecretText", "Share", "Text", "Threshold", "WholeSeconds", "expected", "problem",
]  # fmt: skip

_UNPRINTABLE: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def problem(text: str, hint: str = "", at: str = "") -> PydanticCustomError:
    """`text` follows the dotted key: "has no host". `at` is a key below the value, when that one is to blame."""
    return PydanticCustomError("problem", "{text}", {"text": text, "hint": hint, "at": at})


def expected(right: str) -> WrapValidator:
    """Let templates pass, and say `right` whenever a value does not."""

    def validate(value: Any, handler: Callable[[Any], Any]) -> Any:
        if isinstance(value, Template):
            return value
        try:
            return handler(value)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            if first["type"] == "problem":
                raise problem(**first["ctx"]) from None
            raise PydanticCustomError("expected", "{right}", {"right": right}) from None

    return WrapValidator(validate)


def _number(value: Any, handler: Callable[[Any], Any]) -> Any:
    """`yes` is no number, although Python would count with it."""
    return handler("" if isinstance(value, bool) else value)


def _printable(text: str) -> str:
    if _UNPRINTABLE.search(text):
        raise problem("holds a control character or a line break")
    return text


def _url(text: str) -> urllib.parse.SplitResult:
    """An absolute HTTP URL without credentials; messages do not quote it, because it may hold some."""
    if any(character.isspace() or not character.isprintable() for character in text):
        raise problem("holds a space or a control character")
    try:
        parts = urllib.parse.urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise problem("is not a URL that can be used: check the brackets and the port") from None
    if parts.scheme not in ("http", "https"):
        raise problem("must be an absolute URL", "it starts with https://")
    if "@" in parts.netloc:
        raise problem("must not hold a user name or a password", "credentials belong in `server.auth`")
    if not host or port == 0:
        raise problem("has no host" if not host else "has a port that does not exist")
    if parts.fragment:
        raise problem("must not have a `#` part")
    return parts


def _base_url(text: str) -> str:
    if _url(text).query or "?" in text:
        raise problem("must not have a query (`?…`)")
    return text.rstrip("/")


def _endpoint_url(text: str) -> str:
    _url(text)
    return text


def _path(value: Any, info: ValidationInfo) -> Any:
    """Absolute: relative ones are looked for beside the configuration file."""
    if isinstance(value, Template | Path):
        return value
    if not isinstance(value, str) or not value:
        raise PydanticCustomError("expected", "{right}", {"right": "the path of a file"})
    assert info.context is not None
    try:
        return expand(_printable(value), info.context["base"])
    except Unresolvable as reason:
        raise problem(f"cannot be used: {reason.message}") from None


def _secret(value: Any) -> SecretRef:
    if isinstance(value, SecretRef):
        return value
    if not isinstance(value, str | Template):
        raise PydanticCustomError("expected", "{right}", {"right": "text (in quotes), or better a reference"})
    if value == "":
        raise problem("is empty")
    return SecretRef.of(value)


def _check_authority(rest: str, *, host: bool) -> None:
    """`rest` is a URL behind its `://`. What a driver would misread is said without quoting it."""
    login, at, name = re.split(r"[/?#]", rest, maxsplit=1)[0].rpartition("@")
    if not at and "@" in rest:
        raise problem(
            "has a password that cuts the URL short", "write `/`, `?`, `#` and `@` in it as %2F, %3F, %23, %40"
        )
    if "@" in login:
        raise problem("has more than one `@`", "write `@` in a user name or password as %40")
    if host and not name:
        raise problem("has no host")
    for one in name.split(","):
        port = one.rpartition("]")[2].partition(":")[2]
        if port and not (port.isascii() and port.isdigit()):
            raise problem("has a port that is no number", "credentials are written as user:password@host")


def _secret_url(*schemes: str, host: bool) -> PlainValidator:
    def validate(value: Any) -> SecretRef:
        if isinstance(value, SecretRef):
            return value
        first = next(iter(value.parts), None) if isinstance(value, Template) else value
        if isinstance(first, str):
            scheme, separator, rest = first.partition("://")
            if not separator or scheme not in schemes:
                raise problem("is not such a URL", url_hint(schemes))
            if isinstance(value, str) and scheme != "unix":
                _check_authority(rest, host=host)
        elif not isinstance(value, Template):
            raise PydanticCustomError("expected", "{right}", {"right": f"a URL; {url_hint(schemes)}"})
        return SecretRef.of(value, schemes=schemes)

    return PlainValidator(validate)


def _environment_name(name: Any) -> Any:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise problem("is no name for an environment", "use letters, digits, `.`, `_` and `-`, at most 64")
    return name


_TEXT_SCHEMA: Final = WithJsonSchema({"type": "string", "minLength": 1})
_NAME_SCHEMA: Final = WithJsonSchema({"type": "string", "pattern": f"^{_NAME.pattern}$"})
_LONGEST: Final = 3600
_TEXT: Final = "text; numbers, yes and no need quotes"

Text = Annotated[str, Field(min_length=1), AfterValidator(_printable), expected(_TEXT)]
Flag = Annotated[bool, expected("true or false")]
Seconds = Annotated[
    float,
    Field(gt=0, le=_LONGEST, allow_inf_nan=False),
    WrapValidator(_number),
    expected(f"a number of seconds above 0, at most {_LONGEST}"),
]
WholeSeconds = Annotated[
    int,
    Field(ge=1, le=30 * 86400),
    WrapValidator(_number),
    expected("a whole number of seconds, at least 1, at most 2592000 (30 days)"),
]
Parallel = Annotated[int, Field(ge=1, le=64), WrapValidator(_number), expected("a whole number from 1 to 64")]
Count = Annotated[int, Field(ge=0, le=1 << 31), WrapValidator(_number), expected("a whole number from 0")]
Share = Annotated[float, Field(ge=0, le=1), WrapValidator(_number), expected("a number from 0 to 1")]
Threshold = Annotated[float, Field(ge=0, allow_inf_nan=False), WrapValidator(_number), expected("a number from 0 on")]
BaseURL = Annotated[str, AfterValidator(_base_url), expected("a URL that starts with https://"), _TEXT_SCHEMA]
EndpointURL = Annotated[str, AfterValidator(_endpoint_url), expected("a URL that starts with https://"), _TEXT_SCHEMA]
FilePath = Annotated[Path, PlainValidator(_path), _TEXT_SCHEMA]
SecretText = Annotated[SecretRef, PlainValidator(_secret), _TEXT_SCHEMA]
DatabaseURL = Annotated[SecretRef, _secret_url("postgresql", "postgres", host=False), _TEXT_SCHEMA]
CacheURL = Annotated[SecretRef, _secret_url("redis", "rediss", "unix", host=True), _TEXT_SCHEMA]
EnvironmentName = Annotated[
    str, PlainValidator(_environment_name), WithJsonSchema({"type": "string", "pattern": f"^{_NAME.pattern}$"})
]
