"""What configparser keeps in a value although nobody meant it: comments, quotes, glued lines; and what is inherited."""

import re
from collections.abc import Iterator
from typing import Final

from ocm_tui.core.oci.model import DEFAULT, Finding, Fix, RenameSection, SetField
from ocm_tui.core.oci.rules.subject import Subject
from ocm_tui.core.oci.schemas import SENSITIVE, as_secret
from ocm_tui.core.secret import Secret

__all__ = ["value_rules"]

_COMMENT: Final = re.compile(r"(?:^|\s+)[#;].*\Z", re.DOTALL)
_FREE_TEXT: Final = frozenset({"pass_phrase", "additional_user_agent", "key_content"})
_SWITCHES: Final = frozenset({"1", "yes", "true", "on", "0", "no", "false", "off"})
_NAME: Final = re.compile(r"[A-Za-z0-9._@-]+")


def value_rules(subject: Subject) -> Iterator[Finding]:
    yield from _header(subject)
    yield from _key_content(subject)
    for name, value in subject.texts().items():
        if name != "key_content":
            yield from _value(subject, name, value)
    yield from _switch(subject)
    yield from _inherited(subject)


def _header(subject: Subject) -> Iterator[Finding]:
    name = subject.config.auth_profile
    wanted = name.strip()
    if wanted == name:
        return
    fix = Fix(f"rename it to [{wanted}]", (RenameSection(name, wanted),)) if _NAME.fullmatch(wanted) else None
    extra = ": it is not the section of defaults" if wanted == DEFAULT else ""
    yield subject.finding(
        "section-space",
        "warning",
        f"the name of [{name}] has blanks around it, and they count{extra}",
        hint=f"write [{wanted}]",
        fix=fix,
    )


def _key_content(subject: Subject) -> Iterator[Finding]:
    written = subject.source.fields.get("key_content") if subject.source is not None else None
    if written is None:
        return
    whom = "every profile" if written.origin == "DEFAULT" or subject.config.auth_profile == DEFAULT else "the profile"
    yield subject.finding(
        "key-content-in-file",
        "error",
        f"`key_content` stands in the file: the SDK refuses {whom} for it",
        "key_content",
        hint="put the key into a file of its own with mode 0600, and name it with key_file",
        line=written.line,
    )


def _value(subject: Subject, name: str, value: str) -> Iterator[Finding]:
    if "\n" in value:
        written = subject.written(name)
        yield subject.finding(
            "continuation",
            "warning",
            f"an indented line is glued to the value of `{name}`",
            name,
            hint="start the line in the first column, or make it a comment",
            line=written.glued if written is not None else None,
        )
        return
    comment = _COMMENT.search(value) if name not in _FREE_TEXT else None
    if comment is not None:
        kept = value[: comment.start()].rstrip()
        yield subject.finding(
            "inline-comment",
            "warning",
            f"the comment behind `{name}` is a part of its value",
            name,
            hint="comments stand on lines of their own",
            fix=_set(subject, name, kept, "put the comment on a line of its own") if kept else None,
        )
    elif len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'":
        yield subject.finding(
            "quotes",
            "warning",
            f"the quotes around `{name}` are a part of its value",
            name,
            hint="write it without quotes",
            fix=_set(subject, name, value[1:-1], "remove the quotes") if value[1:-1] else None,
        )


def _switch(subject: Subject) -> Iterator[Finding]:
    written = subject.written("log_requests")
    if written is not None and written.text.lower() not in _SWITCHES:
        yield subject.finding(
            "switch-unknown",
            "warning",
            "`log_requests` is neither true nor false: the SDK and the command line tool refuse the profile for it",
            "log_requests",
            hint="write true or false",
            fix=_set(subject, "log_requests", "false", "write false"),
        )


def _set(subject: Subject, name: str, value: str, label: str) -> Fix:
    """In the section where the value stands."""
    written = subject.written(name)
    section = DEFAULT if written is not None and written.origin == "DEFAULT" else subject.config.auth_profile
    new: str | Secret = as_secret(name, value) if name in SENSITIVE else value
    where = " (in DEFAULT)" if section != subject.config.auth_profile else ""
    return Fix(f"{label}{where}", (SetField(section, name, new),))


def _inherited(subject: Subject) -> Iterator[Finding]:
    for name in subject.texts():
        written = subject.written(name)
        if written is not None and written.origin == "DEFAULT":
            trap = name in {"pass_phrase", "security_token_file"}
            yield subject.finding(
                "inherited-field",
                "info",
                f"`{name}` comes from DEFAULT",
                name,
                hint=f"set {name} in [{subject.config.auth_profile}] if it is not meant for it" if trap else "",
            )
