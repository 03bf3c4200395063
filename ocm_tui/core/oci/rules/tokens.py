"""The security token of a session: there, whole, alive, and made for the profile's key."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ocm_tui.core.oci.model import Finding
from ocm_tui.core.oci.rules.keys import others_may_read
from ocm_tui.core.oci.rules.subject import Subject
from ocm_tui.core.oci.token import TokenFile

__all__ = ["EXPIRING", "token_rules"]

EXPIRING: Final = 300.0  # seconds: a session lives 5 to 60 minutes
_NAME: Final = "security_token_file"


def token_rules(subject: Subject) -> Iterator[Finding]:
    token, path = subject.token, subject.token_path
    if subject.config.auth != "security_token" or token is None or path is None:
        return
    yield from others_may_read(subject, _NAME, path, token.mode)
    text = subject.text(_NAME)
    if not text.startswith("~") and not Path(text).is_absolute():
        message = f"`{_NAME}` is relative: which token it is depends on the directory that a program is started in"
        yield subject.finding("key-relative", "warning", message, _NAME, hint="write it from /", detail=str(path))
    if token.fault is not None:
        message = f"the token of `{_NAME}` {token.reason}"
        yield subject.finding(token.fault, "error", message, _NAME, hint=_renew(subject), detail=str(path))
        return
    if token.padded:
        yield subject.finding(
            "token-newline",
            "error",
            f"the token of `{_NAME}` has a newline or blanks around it: the SDK fails, and quotes the whole token",
            _NAME,
            hint="here it is read without them; other tools need the file without them",
        )
    yield from _life(subject, token)
    yield from _key(subject, token)


def _life(subject: Subject, token: TokenFile) -> Iterator[Finding]:
    remaining = token.remaining(subject.around.now)
    if remaining is None:
        return
    if remaining <= 0:
        message = f"the token expired {_span(-remaining)} ago"
        yield subject.finding("token-expired", "error", message, _NAME, hint=_renew(subject))
    elif remaining <= EXPIRING:
        name = subject.config.auth_profile
        message = f"the token expires in {_span(remaining)}"
        yield subject.finding("token-expiring", "warning", message, _NAME, hint=f"oci session refresh --profile {name}")


def _key(subject: Subject, token: TokenFile) -> Iterator[Finding]:
    key = subject.key.key if subject.key is not None else None
    if key is not None and token.modulus is not None and token.modulus != key.modulus():
        message = "the token was made for another key than that of the profile"
        yield subject.finding("token-key-mismatch", "warning", message, _NAME, hint=_renew(subject))


def _renew(subject: Subject) -> str:
    return f"oci session authenticate --profile-name {subject.config.auth_profile}"


def _span(seconds: float) -> str:
    whole = int(seconds)
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if whole >= size:
            return f"{whole // size} {unit}"
    return f"{whole} s"
