"""What the models found wrong, as problems at a place in the file: the key, what was found, what would be right."""

import functools
import typing
from collections.abc import Iterator
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from ocm_tui.config.models import ConfigurationFile, Section
from ocm_tui.config.references import SecretRef
from ocm_tui.core.positioned.positions import NodePath, Positioned, dotted
from ocm_tui.core.positioned.problems import Problem, nearest, shown_key, without_userinfo
from ocm_tui.core.text import clean

__all__ = ["problems_of"]

_LOGINS: Final = ("basic", "oauth2", "bearer", "mtls")
_MOST: Final = 200  # nobody reads more, and each costs a search for what was meant
_TOP: Final = "the top level"
_ENVIRONMENT: Final = "an environment"
_A_LOGIN: Final = f"one of {', '.join(_LOGINS)}"
_SHAPES: Final = {
    "model_type": "a mapping (`key: value` lines)",
    "model_attributes_type": "a mapping (`key: value` lines)",
    "dict_type": "a mapping (`key: value` lines)",
    "list_type": "a list, such as [one, two]",
    "too_short": "a mapping with at least one environment",
}


def problems_of(error: ValidationError, document: Positioned, prefix: NodePath = ()) -> list[Problem]:
    """`prefix` is the path of what was validated. At most 200 problems."""
    every = error.errors(include_url=False, include_input=False)
    found = [(details, (*prefix, *details["loc"])) for details in every[:_MOST]]
    misspelt = {_meant(document, path) for details, path in found if details["type"] == "extra_forbidden"}
    return [
        _problem(details, document, _path(path))
        for details, path in found
        if details["type"] != "missing" or _path(path) not in misspelt
    ]


def _meant(document: Positioned, path: tuple[str | int, ...]) -> NodePath | None:
    """The key that stands there misspelt: one finding about it is enough."""
    *section, key = _path(path)
    meant = _nearest(document, tuple(section), str(key))
    return (*section, meant) if meant else None


def _path(location: tuple[str | int, ...]) -> NodePath:
    """The models' location without what is no key: the kind of login behind `auth`, and `[key]`."""
    path = location[:-1] if location[-1:] == ("[key]",) else location
    return (*path[:4], *path[5:]) if path[2:4] == ("server", "auth") and path[4:5] and path[4] in _LOGINS else path


def _problem(details: ErrorDetails, document: Positioned, path: NodePath) -> Problem:
    context = details.get("ctx", {})
    match details["type"]:
        case "extra_forbidden":
            return _unknown_key(document, path)
        case "missing":
            return _missing(document, path[:-1], str(path[-1]))
        case "union_tag_not_found":
            return _missing(document, path, "type")
        case "problem":
            return _at_fault(document, (*path, context["at"]) if context["at"] else path, context)
        case "union_tag_invalid":
            path, right = (*path, "type"), _A_LOGIN
        case kind:
            right = context["right"] if kind == "expected" else _SHAPES.get(kind, "something else")
    return _wrong(document, path, right, quote=details["type"] in ("expected", "union_tag_invalid"))


def _at_fault(document: Positioned, path: NodePath, context: dict[str, Any]) -> Problem:
    name = dotted((*path[:-1], shown_key(str(path[-1])).strip("`")))
    return document.place(path, key=len(path) == 2).as_error(f"`{name}` {context['text']}", hint=context["hint"])


def _wrong(document: Positioned, path: NodePath, right: str, *, quote: bool) -> Problem:
    while path and document.node(path) is None:  # a number alone stands for `timeout.total`
        path = path[:-1]
    found = _found(document, path, quote=quote and not _is_secret(path))
    return document.place(path).as_error(f"{_named(path)} must be {right}; found {found}")


def _found(document: Positioned, path: NodePath, *, quote: bool) -> str:
    node = document.node(path)
    if node is None:
        return "nothing"
    match node.value:
        case dict():
            return "a mapping"
        case list():
            return "a list"
        case None:
            return "nothing"
        case bool():
            kind = "yes or no"
        case int() | float():
            kind = "a number"
        case _:
            kind = "text"
    return f"{kind} `{clean(without_userinfo(node.written), 60)}`" if quote and node.written else kind


def _missing(document: Positioned, section: NodePath, key: str) -> Problem:
    model = _section_at(document, section)
    field = model.model_fields.get(key) if model else None
    hint = _A_LOGIN if key == "type" else (field.description or "") if field else ""
    path = (*section, key)
    if document.node(path) is not None:
        return document.place(path, key=True).as_error(f"{_named(path)} has no value", hint=hint)
    return document.place(section, key=True).as_error(f"`{key}` is missing in {_named(section)}", hint=hint)


def _named(path: NodePath) -> str:
    return f"`{dotted(path)}`" if path else "the file"


def _unknown_key(document: Positioned, path: NodePath) -> Problem:
    key, section = str(path[-1]), path[:-1]
    where = f" in `{dotted(section)}`" if section else ""
    problem = f"unknown key {shown_key(key)}{where}"
    return document.place(path, key=True).as_error(problem, hint=_instead(document, section, key))


def _instead(document: Positioned, section: NodePath, key: str) -> str:
    meant = _nearest(document, section, key)
    if meant and key.startswith(f"{meant}:"):
        return f"put a space after the colon: `{meant}: …`"
    homes = [home for home, sections in _homes().items() if any(key in model.model_fields for model in sections)]
    if homes:
        return f"`{key}` belongs in {' or '.join(f'`{home}`' for home in homes)}"
    return f"did you mean `{meant}`?" if meant else f"known keys: {', '.join(_keys(document, section))}"


def _keys(document: Positioned, section: NodePath) -> list[str]:
    model = _section_at(document, section)
    return list(model.model_fields) if model else []


def _nearest(document: Positioned, section: NodePath, key: str) -> str | None:
    word, known = key.partition(":")[0], _keys(document, section)
    return word if word in known else nearest(word, known)


@functools.cache
def _homes() -> dict[str, list[type[Section]]]:
    """The sections that can stand in each place, named as for a user: `server.auth`, `an environment`."""
    homes: dict[str, list[type[Section]]] = {}

    def visit(home: str, model: type[Section]) -> None:
        homes.setdefault(home or _TOP, []).append(model)
        for name, field in model.model_fields.items():
            for inner in _sections_in(field.annotation):
                below = name if home in ("", _ENVIRONMENT) else f"{home}.{name}"
                visit(_ENVIRONMENT if name == "environments" else below, inner)

    visit("", ConfigurationFile)
    return homes


def _sections_in(annotation: Any) -> Iterator[type[Section]]:
    """The sections that a field's type can hold."""
    if isinstance(annotation, type) and issubclass(annotation, Section):
        yield annotation
    for argument in typing.get_args(annotation):
        yield from _sections_in(argument)


def _section_at(document: Positioned, path: NodePath) -> type[Section] | None:
    home = ".".join(map(str, path[2:])) or (_ENVIRONMENT if path else _TOP)
    sections = _homes().get(home, [])
    kind = document.node((*path, "type"))
    if len(sections) > 1 and kind is not None and kind.value in _LOGINS:
        return sections[_LOGINS.index(str(kind.value))]
    return sections[0] if sections else None


def _is_secret(path: NodePath) -> bool:
    """Whether any section keeps a secret under the last key of `path`; a value there is never quoted."""
    fields = (section.model_fields.get(str(path[-1])) for sections in _homes().values() for section in sections)
    return any(field is not None and _holds_secret(field.annotation) for field in fields)


def _holds_secret(annotation: Any) -> bool:
    return annotation is SecretRef or any(_holds_secret(argument) for argument in typing.get_args(annotation))
