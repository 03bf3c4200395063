"""Who may sign requests to the simulated OCI services: keys by their id, tokens that this server issued, a certificate.

Two RSA keys are made at the start: one of the users, one of the service itself (tokens, certificates).
"""

import datetime as dt
import hashlib
import ipaddress
import json
import time
from base64 import b64decode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_public_key,
)
from cryptography.x509.oid import NameOID

__all__ = ["TENANCY", "Identities", "new_key", "ocid", "pem_of", "public_key_of"]

_BASE32: Final = "abcdefghijklmnopqrstuvwxyz234567"


def ocid(kind: str, name: str, realm: str = "oc1") -> str:
    """An OCID of that kind, the same one for the same name."""
    digest = hashlib.blake2b(f"{kind}/{name}".encode(), digest_size=52).digest()
    return f"ocid1.{kind}.{realm}..aaaaaaaa{''.join(_BASE32[byte % 32] for byte in digest)}"


TENANCY: Final = ocid("tenancy", "example")


def pem_of(key: rsa.RSAPrivateKey, phrase: str = "") -> bytes:
    how: KeySerializationEncryption = BestAvailableEncryption(phrase.encode()) if phrase else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how)


def new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass(slots=True)
class Identities:
    """Making one takes about a tenth of a second: two keys."""

    user_key: rsa.RSAPrivateKey = field(default_factory=new_key)
    service_key: rsa.RSAPrivateKey = field(default_factory=new_key)
    _known: dict[str, rsa.RSAPublicKey] = field(default_factory=dict)
    _certificate: x509.Certificate | None = None

    @property
    def fingerprint(self) -> str:
        """Of the users' key, as the OCI console shows it."""
        der = self.user_key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        digits = hashlib.md5(der, usedforsecurity=False).hexdigest()
        return ":".join(digits[start : start + 2] for start in range(0, 32, 2))

    @property
    def certificate(self) -> x509.Certificate:
        """Of the instance, and of the cluster's token server: made at the first need."""
        if self._certificate is None:
            self._certificate = _self_signed(self.service_key)
        return self._certificate

    def certificate_pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    def enrol(self, tenancy: str, user: str, fingerprint: str, key: rsa.RSAPublicKey | None = None) -> None:
        """Upload a public key for a user; without one, the users' common key."""
        self._known[f"{tenancy}/{user}/{fingerprint}"] = key or self.user_key.public_key()

    def issue(self, subject: str, key: rsa.RSAPublicKey, seconds: float, **claims: Any) -> str:
        """A security token for requests signed with `key`; of negative `seconds`, an expired one."""
        now = int(time.time())
        numbers = key.public_numbers()
        jwk = {"kty": "RSA", "alg": "RS256", "use": "sig", "n": _number(numbers.n), "e": _number(numbers.e)}
        body = {"sub": subject, "tenant": TENANCY, "iss": "authService.oracle.com", "iat": now - 60}
        body |= {"exp": int(now + seconds), "jwk": json.dumps(jwk), **claims}
        signed = f"{_part({'alg': 'RS256', 'kid': 'simulated'})}.{_part(body)}"
        signature = self.service_key.sign(signed.encode(), padding.PKCS1v15(), SHA256())
        return f"{signed}.{_base64(signature)}"

    def key_for(self, key_id: str, now: float) -> rsa.RSAPublicKey | None:
        """The key that `keyId` of a signature stands for; None when nobody here knows it, or its token is over."""
        if key_id.startswith("ST$"):
            return self._key_of_token(key_id[3:], now)
        if key_id == f"{TENANCY}/fed-x509/{self.instance_fingerprint}":
            return self.service_key.public_key()
        return self._known.get(key_id)

    @property
    def instance_fingerprint(self) -> str:
        return ":".join(f"{byte:02X}" for byte in self.certificate.fingerprint(SHA1()))  # noqa: S303  # OCI's choice

    def _key_of_token(self, token: str, now: float) -> rsa.RSAPublicKey | None:
        signed, _, signature = token.rpartition(".")
        try:
            self.service_key.public_key().verify(_bytes(signature), signed.encode(), padding.PKCS1v15(), SHA256())
            claims = json.loads(_bytes(signed.partition(".")[2]))
        except (InvalidSignature, ValueError):
            return None
        if claims["exp"] < now:
            return None
        jwk = json.loads(claims["jwk"])
        n, e = (int.from_bytes(_bytes(jwk[name]), "big") for name in ("n", "e"))
        return rsa.RSAPublicNumbers(e, n).public_key()


def public_key_of(text: str) -> rsa.RSAPublicKey:
    """The base64 of a DER public key, as the SDK sends it: PEM without its first and last line. ValueError if not."""
    key = load_der_public_key(b64decode(text))
    if not isinstance(key, rsa.RSAPublicKey):
        raise ValueError("not an RSA key")  # noqa: TRY004  # as for any other text
    return key


def _self_signed(key: rsa.RSAPrivateKey) -> x509.Certificate:
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, "build-agent"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, f"opc-tenant:{TENANCY}"),
        ]
    )
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, SHA256())
    )


def _part(value: Mapping[str, Any]) -> str:
    return _base64(json.dumps(value, separators=(",", ":")).encode())


def _number(value: int) -> str:
    return _base64(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def _base64(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
