"""The private key of a profile: readable, of the right kind, and the one that the fingerprint names."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ocm_tui.core.oci.keys import KeyFile, PrivateKey
from ocm_tui.core.oci.model import DEFAULT, Finding, Fix, MakePrivate, SetField
from ocm_tui.core.oci.rules.subject import Subject
from ocm_tui.core.secret import Secret

__all__ = ["key_rules", "others_may_read"]

_FINGERPRINT: Final = re.compile(r"(?:[0-9a-f]{2}:){15}[0-9a-f]{2}")
_SMALLEST: Final = 2048  # bits
_HINTS: Final = {
    "key-is-public": "name the private key: the file without `_public`",
    "key-not-rsa": "make one with `openssl genrsa -out key.pem 2048`, and upload its public half",
    "key-encrypted-no-phrase": "give the pass phrase here: it stays in memory only",
    "phrase-wrong": "correct pass_phrase",
    "phrase-non-ascii": "change the pass phrase of the key: `openssl rsa -aes256 -in key.pem -out new.pem`",
    "key-malformed": "download the key again, or make a new one",
}


def key_rules(subject: Subject) -> Iterator[Finding]:
    if subject.config.auth not in {"api_key", "security_token"}:
        return
    yield from _format(subject)
    key = subject.key
    if key is None:
        return
    name = "key_content" if subject.config.key_content else "key_file"
    yield from _place(subject, name, key)
    if key.fault is not None:
        yield _fault(subject, name, key)
    elif key.key is not None:
        yield from _facts(subject, name, key.key)


def others_may_read(subject: Subject, name: str, path: Path, mode: int | None) -> Iterator[Finding]:
    if mode is not None and mode & 0o077 and os.name == "posix":
        what = "the key" if name == "key_file" else "the token"
        yield subject.finding(
            "file-perm",
            "warning",
            f"others may read or change {what} of `{name}`: its mode is {mode:04o}",
            name,
            hint="chmod 600 the file",
            fix=Fix("make it 0600", private=MakePrivate(Secret(str(path), search=False))),
            detail=str(path),
        )


def _place(subject: Subject, name: str, key: KeyFile) -> Iterator[Finding]:
    path = subject.key_path
    if name != "key_file" or path is None:
        return
    yield from others_may_read(subject, name, path, key.mode)
    text = subject.text("key_file")
    if not text.startswith("~") and not Path(text).is_absolute():
        message = "`key_file` is relative: which key it is depends on the directory that a program is started in"
        yield subject.finding("key-relative", "warning", message, name, hint="write it from / or ~", detail=str(path))


def _fault(subject: Subject, name: str, key: KeyFile) -> Finding:
    assert key.fault is not None
    on_phrase = key.fault in {"phrase-wrong", "phrase-non-ascii"} and subject.written("pass_phrase") is not None
    detail = str(subject.key_path) if name == "key_file" else ""
    hint = _HINTS.get(key.fault, "correct key_file, or put the key there")
    field = "pass_phrase" if on_phrase else name
    return subject.finding(key.fault, "error", f"the key of `{name}` {key.reason}", field, hint=hint, detail=detail)


def _facts(subject: Subject, name: str, key: PrivateKey) -> Iterator[Finding]:
    if key.bits < _SMALLEST:
        message = f"the key of `{name}` has {key.bits} bits: the service takes none below {_SMALLEST}"
        yield subject.finding("key-small", "error", message, name, hint=_HINTS["key-not-rsa"])
    if subject.config.pass_phrase and not key.encrypted:
        written = subject.written("pass_phrase")
        own = written is not None and written.origin == "own"
        yield subject.finding(
            "phrase-unused",
            "warning",
            "there is a pass phrase, but the key is not encrypted",
            "pass_phrase",
            hint="remove pass_phrase" if own or written is None else "it comes from DEFAULT",
            fix=Fix("remove it", (SetField(subject.config.auth_profile, "pass_phrase", None),)) if own else None,
        )
    if subject.config.auth == "api_key":
        yield from _mismatch(subject, key)


def _mismatch(subject: Subject, key: PrivateKey) -> Iterator[Finding]:
    said = _normal(subject.text("fingerprint"))
    if not _FINGERPRINT.fullmatch(said) or said == key.fingerprint:
        return
    both = f"the profile says {_short(said)}, the key is {_short(key.fingerprint)}"
    yield subject.finding(
        "fingerprint-mismatch",
        "error",
        f"the fingerprint is not that of the key: {both}",
        "fingerprint",
        hint="use the key's fingerprint if its public half was uploaded, or name the other key",
        fix=Fix("use the key's fingerprint", (_set_fingerprint(subject, key.fingerprint),)),
        detail=f"the profile says {said}, the key is {key.fingerprint}",
    )


def _format(subject: Subject) -> Iterator[Finding]:
    text = subject.text("fingerprint")
    if not text or subject.config.auth != "api_key" or _FINGERPRINT.fullmatch(text):
        return
    normal = _normal(text)
    right = _FINGERPRINT.fullmatch(normal) is not None
    fix = Fix("write it in lower case", (_set_fingerprint(subject, normal),)) if right else None
    message = "`fingerprint` is not 16 pairs of lower-case hexadecimal digits with colons: the SDK refuses it"
    yield subject.finding("fingerprint-format", "error", message, "fingerprint", fix=fix)


def _set_fingerprint(subject: Subject, value: str) -> SetField:
    """Where it stands now: the key beside it stands in the same section, or the key is the profile's own."""
    written, key = subject.written("fingerprint"), subject.written("key_file")
    shared = written is not None and written.origin == "DEFAULT" and (key is None or key.origin == "DEFAULT")
    return SetField(DEFAULT if shared else subject.config.auth_profile, "fingerprint", Secret(value))


def _normal(text: str) -> str:
    digits = re.sub(r"[\s:\"'-]", "", text).lower()
    return ":".join(digits[start : start + 2] for start in range(0, len(digits), 2))


def _short(fingerprint: str) -> str:
    """Enough to tell two apart by eye; the whole is sensitive."""
    return f"{fingerprint[:5]}…{fingerprint[-5:]}"
