"""Secrets that are planted on purpose, the forms in which they can travel, and a server that repeats them all."""

import base64
import contextlib
import json
import urllib.parse
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from tests.hostile.server import Asked, Lie

__all__ = ["CLIENT_SECRET", "PASSWORD", "TOKEN", "USER", "echo", "forms_of", "found_in", "found_in_files"]

USER: Final = "ocm-operator"
PASSWORD: Final = 'Pl4nted/+"%&\\ö passw0rd 7f3a'
TOKEN: Final = "pl4nted.t0ken-7f3a_" + "Zq9" * 12
CLIENT_SECRET: Final = "Pl4nted+client/s3cret=7f3a&x"


def forms_of(secret: str, user: str = "") -> set[bytes]:
    """Raw, URL-encoded both ways, JSON-escaped both ways, base64 alone and as the password of Basic."""
    return {
        form.encode()
        for form in (
            secret,
            urllib.parse.quote(secret, safe=""),
            urllib.parse.quote_plus(secret),
            json.dumps(secret)[1:-1],
            json.dumps(secret, ensure_ascii=False)[1:-1],
            base64.b64encode(secret.encode()).decode(),
            base64.urlsafe_b64encode(secret.encode()).decode(),
            base64.b64encode(f"{user}:{secret}".encode()).decode(),
        )
    }


def found_in(data: bytes | str, secrets: Iterable[str]) -> list[bytes]:
    """The forms that occur; lines that were wrapped on a screen are looked at joined as well."""
    raw = data.encode("utf-8", "surrogateescape") if isinstance(data, str) else data
    joined = b"".join(line.strip() for line in raw.splitlines())
    return [form for secret in secrets for form in forms_of(secret, USER) if form in raw or form in joined]


def found_in_files(folder: Path, secrets: Iterable[str], *, but: Iterable[Path] = ()) -> list[tuple[str, bytes]]:
    """Every file below `folder`, except for those to which a secret was to go."""
    excepted, wanted = {path.resolve() for path in but}, list(secrets)
    return [
        (str(path.relative_to(folder)), form)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.resolve() not in excepted
        for form in found_in(path.read_bytes(), wanted)
    ]


def echo(asked: Asked, status: int = 422) -> Lie:
    """An error that repeats what was sent, credentials and body, in every form and every place."""
    headers = asked.head.decode("latin-1").split("\r\n")
    given = next((line.partition(": ")[2] for line in headers if line.lower().startswith("authorization:")), "")
    credentials = given.partition(" ")[2]
    with contextlib.suppress(ValueError):  # a token is no base64
        credentials += " " + base64.b64decode(credentials, validate=True).decode()
    words = [given, credentials, credentials.rpartition(":")[2], urllib.parse.quote(credentials), asked.body.decode()]
    errors = [
        {"errorId": word, "fieldPath": "description" if word == words[-1] else word, "message": f"refused: {word}"}
        for word in words
    ]
    answer = {"resultId": "echo", "message": " ".join(words), "developerMessage": words, "validationErrors": errors}
    return Lie.json(
        answer,
        status,
        headers=[
            ("X-Echo", given),
            ("Set-Cookie", f"session={urllib.parse.quote(credentials)}; Path=/"),
            ("Location", f"https://example.com/?password={urllib.parse.quote(credentials.rpartition(':')[2])}"),
            ("WWW-Authenticate", f'Basic realm="{urllib.parse.quote(credentials)}"'),
        ],
    )
