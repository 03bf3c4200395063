"""References in configuration values: `${env:NAME}` and its kin, alone or inside of other text.

A `Template` is text that may hold references. A `SecretRef` is a secret that is not read before it is needed: it
shows its references as they are written, and everything else as `***`. `$${` stands for `${`.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ocm_tui.config.masking import mask_url
from ocm_tui.config.sources import KINDS, Reference, Sources, Unresolvable
from ocm_tui.core.positioned.problems import Place, nearest
from ocm_tui.core.secret import MASK, Secret

__all__ = ["MalformedReference", "SecretRef", "Template", "parse", "url_hint"]

_TOKEN: Final = re.compile(r"\$\$\{|\$\{([^}]*)\}|\$\{")
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_EXAMPLES: Final = {
    "env": "${env:NAME}",
    "file": "${file:PATH}",
    "keyring": "${keyring:SERVICE/USER}",
    "aws-secretsmanager": "${aws-secretsmanager:NAME#KEY}",
}


_NOWHERE: Final = Place()
_NO_SOURCES: Final = Sources(Path(), {})


class MalformedReference(Exception):
    """`message` and `hint` quote nothing of the value, which may be a secret."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint or f"write {', '.join(_EXAMPLES.values())}; $${{ stands for the text ${{"


def parse(text: str) -> tuple[str | Reference, ...]:
    """`text` in parts. One string when it holds no reference; the empty tuple for the empty text."""
    parts: list[str | Reference] = []
    literal, end = "", 0
    for token in _TOKEN.finditer(text):
        literal += text[end : token.start()]
        end = token.end()
        if token[0] == "$${":
            literal += "${"
            continue
        if token[1] is None:
            raise MalformedReference("a reference (`${…`) is not closed")
        parts += [literal, _reference(token[1])] if literal else [_reference(token[1])]
        literal = ""
    literal += text[end:]
    return (*parts, literal) if literal else tuple(parts)


def _reference(inside: str) -> Reference:
    kind, colon, argument = inside.partition(":")
    if not colon:
        if _VARIABLE.fullmatch(inside):
            raise MalformedReference("a reference (`${…}`) does not say where its value is", "write ${env:NAME}")
        raise MalformedReference("a reference (`${…}`) does not say where its value is")
    if kind not in KINDS:
        meant = nearest(kind, KINDS)
        hint = f"did you mean {_EXAMPLES[meant]}?" if meant else ""
        raise MalformedReference("a reference (`${…}`) names a source that does not exist", hint)
    complete = {
        "env": _VARIABLE.fullmatch(argument) is not None,
        "file": bool(argument.strip()),
        "keyring": all(argument.rpartition("/")[::2]),
        "aws-secretsmanager": bool(argument.partition("#")[0]) and not argument.endswith("#"),
    }
    if not complete[kind] or not argument.isprintable():
        raise MalformedReference(f"a reference of the kind `{kind}` is not complete", f"write {_EXAMPLES[kind]}")
    return Reference(kind, argument)


@dataclass(frozen=True, slots=True)
class Template:
    """Text with at least one reference. It is not read before `resolve`."""

    parts: tuple[str | Reference, ...] = field(repr=False)
    place: Place
    sources: Sources = field(repr=False)

    @property
    def references(self) -> tuple[Reference, ...]:
        return tuple(part for part in self.parts if isinstance(part, Reference))

    @property
    def shown(self) -> str:
        """As it is written, but for userinfo in a URL."""
        return mask_url(self.parts, strict=False).shown

    def resolve(self) -> str:
        return "".join(_value(part, self) for part in self.parts)

    def __str__(self) -> str:
        return self.shown


@dataclass(frozen=True, slots=True)
class SecretRef:
    """A secret of the configuration, literal or referred to. `resolve` reads it anew each time, and may block.

    `schemes` are set for a URL with credentials in it: only those are secret then. `literal` says whether a secret
    stands in the file itself.
    """

    parts: tuple[Secret | Reference, ...] = field(repr=False)
    shown: str = MASK
    literal: bool = False
    schemes: tuple[str, ...] = ()
    place: Place = field(default=_NOWHERE, compare=False)
    sources: Sources = field(default=_NO_SOURCES, compare=False, repr=False)

    @staticmethod
    def of(value: str | Template, *, schemes: tuple[str, ...] = ()) -> "SecretRef":
        """Of literal text, or of a template."""
        template = Template((value,), _NOWHERE, _NO_SOURCES) if isinstance(value, str) else value
        whole = not template.references
        if schemes:
            masked = mask_url(template.parts)
            _remember(masked.secrets)
            shown, literal = masked.shown, bool(masked.secrets)
        else:
            shown, literal = "".join(MASK if isinstance(part, str) else str(part) for part in template.parts), whole
        # What is only a piece of a secret, or mostly no secret, is not searched for: `redis://` would be.
        search = whole and not schemes
        parts = tuple(Secret(part, search=search) if isinstance(part, str) else part for part in template.parts)
        return SecretRef(parts, shown, literal, schemes, template.place, template.sources)

    @property
    def references(self) -> tuple[Reference, ...]:
        return tuple(part for part in self.parts if isinstance(part, Reference))

    def resolve(self) -> Secret:
        """The value. ConfigError at the place in the file when a reference has none, or when it is no such URL."""
        parts = [part.reveal() if isinstance(part, Secret) else _value(part, self) for part in self.parts]
        value = "".join(parts)
        if not self.schemes:
            return Secret(value)
        _remember(mask_url((value,)).secrets)
        if not value.startswith(tuple(f"{scheme}://" for scheme in self.schemes)):
            raise self.place.error(f"the value of {self.shown} is not a URL", hint=url_hint(self.schemes))
        return Secret(value, search=False)

    def __str__(self) -> str:
        return self.shown


def url_hint(schemes: tuple[str, ...]) -> str:
    return f"it starts with {' or '.join(f'{scheme}://' for scheme in schemes)}"


def _remember(secrets: tuple[str, ...]) -> None:
    for secret in secrets:
        Secret(secret)


def _value(part: str | Reference, holder: Template | SecretRef) -> str:
    if isinstance(part, str):
        return part
    try:
        return holder.sources.read(part)
    except Unresolvable as problem:
        raise holder.place.error(f"`{holder.place.key}`: {problem.message}", hint=problem.hint) from None
