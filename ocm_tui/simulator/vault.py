"""How the server shows a secret: encrypted, differently on every read, and readable to itself alone."""

import binascii
import hashlib
import itertools
from typing import Final

__all__ = ["Vault", "client_secret", "secret_key"]

_PREFIX: Final = "OBF:JWE:eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4Q0JDLUhTMjU2Iiwia2lkIjoic2ltdWxhdG9yIn0.."
_URL_SAFE: Final = bytes.maketrans(b"+/", b"-_")
_FROM_URL_SAFE: Final = bytes.maketrans(b"-_", b"+/")
_NONCE: Final = 12
_TAG: Final = 8


class Vault:
    """`seal` and `unseal` are inverse; two sealings of one secret differ. A toy cipher, for a server that is one."""

    def __init__(self, seed: int) -> None:
        self._key = hashlib.blake2b(f"vault/{seed}".encode(), digest_size=32).digest()
        self._nonces = itertools.count(1)

    def seal(self, secret: str) -> str:
        nonce = next(self._nonces).to_bytes(_NONCE, "big")
        return _PREFIX + _text(nonce + self._turned(nonce, _tagged(secret.encode("utf-8", "surrogatepass"))))

    def unseal(self, text: str) -> str | None:
        """None: not a value that this server gave out."""
        if not text.startswith(_PREFIX):
            return None
        try:
            data = binascii.a2b_base64(_padded(text[len(_PREFIX) :]), strict_mode=True)
        except (binascii.Error, ValueError):
            return None
        plain = self._turned(data[:_NONCE], data[_NONCE:])
        secret = plain[_TAG:]
        if len(plain) < _TAG or _tagged(secret) != plain:
            return None
        return secret.decode("utf-8", "surrogatepass")

    def _turned(self, nonce: bytes, data: bytes) -> bytes:
        stream = hashlib.shake_128(self._key + nonce).digest(len(data))
        return (int.from_bytes(data, "big") ^ int.from_bytes(stream, "big")).to_bytes(len(data), "big")


def secret_key(seed: int) -> bytes:
    """From it come the secrets of the clients that a server of this seed begins with."""
    return hashlib.blake2b(f"secrets/{seed}".encode(), digest_size=32).digest()


def client_secret(key: bytes, client_id: str) -> str:
    return hashlib.blake2b(client_id.encode(), digest_size=20, key=key).hexdigest()


def _tagged(secret: bytes) -> bytes:
    return hashlib.blake2b(secret, digest_size=_TAG).digest() + secret


def _text(data: bytes) -> str:
    return binascii.b2a_base64(data, newline=False).translate(_URL_SAFE).rstrip(b"=").decode("ascii")


def _padded(text: str) -> bytes:
    data = text.encode("ascii", "replace").translate(_FROM_URL_SAFE)
    return data + b"=" * (-len(data) % 4)
