"""Keys, tokens and profiles that tests are made of."""

import base64
import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from ocm_tui.core.oci.keys import fingerprint_of
from ocm_tui.core.oci.regions import known_regions
from ocm_tui.core.oci.rules.subject import Surroundings

TENANCY = "ocid1.tenancy.oc1..aaaaaaaatenancy"
USER = "ocid1.user.oc1..aaaaaaaauser"
PHRASE = "correct-horse-battery"
NOW = 1_800_000_000.0


@cache
def rsa_key(bits: int = 2048, number: int = 0) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


def pem(key: Any, phrase: str = "") -> bytes:
    encryption = BestAvailableEncryption(phrase.encode()) if phrase else NoEncryption()
    return bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption))


def public_pem(key: Any) -> bytes:
    return bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))


def fingerprint(key: Any) -> str:
    return fingerprint_of(key.public_key())


@cache
def ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def jwt(**claims: Any) -> str:
    parts = [json.dumps({"alg": "RS256"}), json.dumps(claims), "signature-of-a-token"]
    return ".".join(base64.urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in parts)


def jwk(key: rsa.RSAPrivateKey) -> str:
    number = key.public_key().public_numbers().n
    text = base64.urlsafe_b64encode(number.to_bytes(512, "big").lstrip(b"\0")).decode().rstrip("=")
    return json.dumps({"kty": "RSA", "n": text, "e": "AQAB"})


def private(path: Path, content: bytes | str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    path.chmod(0o600)
    return path


def lay_out_home(home: Path) -> Path:
    """`.oci` with a key of every kind and a token of every kind, and nothing that others may read but one of each."""
    oci = home / ".oci"
    files: dict[str, bytes | str] = {
        "key.pem": pem(rsa_key()),
        "labelled.pem": pem(rsa_key()) + b"OCI_API_KEY\n",
        "other.pem": pem(rsa_key(number=1)),
        "locked.pem": pem(rsa_key(), PHRASE),
        "public.pem": public_pem(rsa_key()),
        "ec.pem": pem(ec_key()),
        "small.pem": pem(rsa_key(1024)),
        "open.pem": pem(rsa_key()),
        "garbage.pem": b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        "notes.txt": b"not a key\n",
        "empty.pem": b"",
        "token": jwt(exp=NOW + 3000, sub=USER, tenant=TENANCY, jwk=jwk(rsa_key())),
        "token-newline": jwt(exp=NOW + 3000) + "\n",
        "token-expired": jwt(exp=NOW - 7200),
        "token-expiring": jwt(exp=NOW + 200),
        "token-other": jwt(exp=NOW + 3000, jwk=jwk(rsa_key(number=1))),
        "token-garbage": "two.parts",
        "token-empty": "",
        "token-open": jwt(exp=NOW + 3000),
    }
    for name, content in files.items():
        private(oci / name, content)
    (oci / "open.pem").chmod(0o644)
    (oci / "token-open").chmod(0o640)
    (oci / "directory.pem").mkdir()
    return home


def around(home: Path, **changes: Any) -> Surroundings:
    base = Surroundings(now=NOW, environment={}, home=home, directory=home, regions=known_regions())
    return replace(base, **changes)
