"""Secrets that are planted on purpose, the forms in which they can travel, and a server that repeats them all."""

import base64
import contextlib
import hashlib
import json
import urllib.parse
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

from tests.hostile.server import Asked, Lie

__all__ = [
    "CLIENT_SECRET",
    "KINDS",
    "PASSWORD",
    "TOKEN",
    "USER",
    "Kind",
    "echo",
    "forms_of",
    "found_in",
    "found_in_files",
    "pieces_of",
]

USER: Final = "ocm-operator"
PASSWORD: Final = 'Pl4nted/+"%&\\ö passw0rd 7f3a'
TOKEN: Final = "pl4nted.t0ken-7f3a_" + "Zq9" * 12
CLIENT_SECRET: Final = "Pl4nted+client/s3cret=7f3a&x"


class Kind(NamedTuple):
    """A secret that the program does not know: `name` is the member, field, parameter or cookie that holds it.

    `around` is what stands about it in that place, and is no secret.
    """

    name: str
    secret: str
    around: str = "{}"

    @property
    def value(self) -> str:
        return self.around.format(self.secret)


def _opaque(number: int, length: int = 40) -> str:
    """Letters and digits, different for each number, the same in every run."""
    digits = hashlib.sha512(f"planted {number}".encode()).hexdigest()
    return f"Zq{number}x{digits}"[:length]


def _jwt(number: int) -> str:
    parts = (
        {"alg": "RS256", "kid": _opaque(number, 12)},
        {"sub": "orders-api", "jti": _opaque(number), "exp": 1_900_000_000},
    )
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return ".".join([*encoded, _opaque(number, 43)])


def _pem(number: int, kind: str) -> str:
    lines = "\n".join(_opaque(number * 100 + line, 64) for line in range(3))
    return f"-----BEGIN {kind}PRIVATE KEY-----\n{lines}\n-----END {kind}PRIVATE KEY-----\n"


KINDS: Final = (
    Kind("client_secret", "Pl4nted+s/1=&%x " + _opaque(1)),
    Kind("clientSecret", "Pl4nted\"\\'ö" + _opaque(2)),
    Kind("encryptedSecret", "OBF:JWE:" + _opaque(3)),
    Kind("password", "Pl4nted <pass> " + _opaque(4)),
    Kind("passphrase", "four planted words " + _opaque(5)),
    Kind("access_token", _opaque(6)),
    Kind("refresh_token", _opaque(7) + "~._-"),
    Kind("id_token", _jwt(8)),
    Kind("client_assertion", _jwt(9)),
    Kind("subject_token", _jwt(10)),
    Kind("note", _jwt(11)),
    Kind("code_verifier", _opaque(12, 64)),
    Kind("device_code", _opaque(13)),
    Kind("SAMLResponse", base64.b64encode(_opaque(14, 90).encode()).decode()),
    Kind("privateKey", _pem(15, "")),
    Kind("keyData", _pem(16, "EC ")),
    Kind("comment", _pem(17, "RSA ")),
    Kind("api_key", _opaque(18)),
    Kind("secretAccessKey", _opaque(19)),
    Kind("aws_access_key_id", "AKIA" + _opaque(20, 16).upper()),
    Kind("X-Amz-Security-Token", base64.b64encode(_opaque(21, 60).encode()).decode()),
    Kind("X-Amz-Signature", _opaque(22, 64)),
    Kind("deploy", "ghp_" + _opaque(23, 36)),
    Kind("runner", "glpat-" + _opaque(24, 20)),
    Kind("chat", "xoxb-" + _opaque(25)),
    Kind("vault_token", "hvs." + _opaque(26)),
    Kind("sessionId", _opaque(27)),
    Kind("xsrfToken", _opaque(28)),
    Kind("SecretString", _opaque(29)),
    Kind("database_url", _opaque(30, 20), "postgresql://ocm:{}@db.example.com/ocm"),
)


def pieces_of(secret: str) -> set[bytes]:
    """Every form of a secret, and parts of it that are long enough to be of use: lines, parts of a token, halves."""
    parts = {secret, *secret.splitlines(), *secret.split("."), secret[: len(secret) // 2], secret[len(secret) // 2 :]}
    whole = {part for part in parts if len(part) >= 10 and "PRIVATE KEY" not in part.splitlines()[0]} or {secret}
    return {form for part in whole for form in forms_of(part, USER) if len(form) >= 10}


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
