"""Private keys: what kind they are, and their fingerprint. Loaded once each, and without the validation of RSA keys.

That validation takes 50 ms for 2048 bits and 400 ms for 4096, and holds the interpreter's lock all the time: with a
few dozen profiles no thread would help. `key_validation` does it in a process of its own, when a server says 401.
"""

import hashlib
import re
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from ocm_tui.core.positioned.files import UnusableFile, read_small_file
from ocm_tui.core.secret import Secret

__all__ = ["KeyFault", "KeyFile", "PrivateKey", "fingerprint_of", "load_key", "load_key_file"]

KeyFault = Literal[
    "key-missing",
    "key-dir",
    "key-malformed",
    "key-is-public",
    "key-not-rsa",
    "key-encrypted-no-phrase",
    "phrase-wrong",
    "phrase-non-ascii",
]

_LARGEST: Final = 64 * 1024
_CACHED: Final = 512
_PUBLIC: Final = re.compile(r"-----BEGIN (?:RSA |EC )?PUBLIC KEY-----|-----BEGIN CERTIFICATE-----|\A\s*ssh-\w+ ")
_PRIVATE: Final = re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----")
_ENCRYPTED: Final = re.compile(r"-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: *4, *ENCRYPTED", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """`key` is cryptography's RSAPrivateKey, not validated; `fingerprint` is as the console of the cloud shows it."""

    key: Any = field(repr=False)
    fingerprint: str = field(repr=False)
    bits: int
    encrypted: bool

    def modulus(self) -> int:
        return int(self.key.public_key().public_numbers().n)


@dataclass(frozen=True, slots=True)
class KeyFile:
    """What reading a key came to: a `key`, or the `fault` and the words for it (without the path)."""

    key: PrivateKey | None = None
    fault: KeyFault | None = None
    reason: str = ""
    mode: int | None = None  # permission bits


class _Cache:
    """Keys by place, time and phrase. A file that changes is another key."""

    def __init__(self) -> None:
        self._found: OrderedDict[bytes, KeyFile] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, name: bytes) -> KeyFile | None:
        with self._lock:
            found = self._found.get(name)
            if found is not None:
                self._found.move_to_end(name)
            return found

    def put(self, name: bytes, file: KeyFile) -> KeyFile:
        with self._lock:
            self._found[name] = file
            while len(self._found) > _CACHED:
                self._found.popitem(last=False)
            return file


_cache: Final = _Cache()


def load_key_file(path: Path, phrase: Secret | None = None) -> KeyFile:
    """Never raises; cached by the contents and the phrase. Blocking, for as long as a small file takes to read."""
    try:
        file = read_small_file(path, _LARGEST)
    except UnusableFile as error:
        return KeyFile(fault="key-dir" if path.is_dir() else "key-missing", reason=error.reason)
    name = hashlib.sha256(file.content + b"\0" + _phrase_bytes(phrase)).digest() + file.mode.to_bytes(2, "big")
    found = _cache.get(name)
    if found is None:
        loaded = load_key(Secret(file.content.decode("latin-1"), search=False), phrase)
        found = _cache.put(name, KeyFile(loaded.key, loaded.fault, loaded.reason, file.mode))
    return found


def load_key(pem: Secret, phrase: Secret | None = None) -> KeyFile:
    """As the SDK loads it, but for the validation: a phrase for a plain key is ignored, an empty one is none."""
    text = pem.reveal()
    if fault := _fault_of_text(text):
        return fault
    encrypted = _ENCRYPTED.search(text) is not None
    if encrypted and not phrase:
        return KeyFile(fault="key-encrypted-no-phrase", reason="is encrypted, and there is no pass phrase")
    secret = phrase.reveal() if phrase is not None and encrypted else None
    if secret is not None and not secret.isascii():
        return KeyFile(
            fault="phrase-non-ascii", reason="needs a pass phrase of ASCII characters: the SDK takes no other"
        )
    return _loaded(text, secret, encrypted=encrypted)


def fingerprint_of(public_key: Any) -> str:
    """The MD5 of the DER SubjectPublicKeyInfo: `openssl rsa -pubout -outform DER | openssl md5 -c`."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    der = public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    digits = hashlib.md5(der, usedforsecurity=False).hexdigest()
    return ":".join(digits[start : start + 2] for start in range(0, 32, 2))


def _fault_of_text(text: str) -> KeyFile | None:
    if _PRIVATE.search(text):
        return None
    if _PUBLIC.search(text):
        return KeyFile(fault="key-is-public", reason="holds a public key or a certificate, not the private key")
    if not text.strip():
        return KeyFile(fault="key-malformed", reason="is empty")
    return KeyFile(fault="key-malformed", reason="holds no PEM private key (`-----BEGIN … PRIVATE KEY-----`)")


def _loaded(text: str, secret: str | None, *, encrypted: bool) -> KeyFile:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(
            text.encode("latin-1", "replace"),
            secret.encode() if secret is not None else None,
            unsafe_skip_rsa_key_validation=True,
        )
    except (ValueError, TypeError, UnsupportedAlgorithm):  # its words name no cause, and may quote what it read
        if encrypted:
            return KeyFile(
                fault="phrase-wrong", reason="cannot be decrypted: the pass phrase is wrong, or it is damaged"
            )
        return KeyFile(fault="key-malformed", reason="cannot be read as a private key: it is damaged")
    if not isinstance(key, RSAPrivateKey):
        return KeyFile(fault="key-not-rsa", reason="is no RSA key: the service takes no other")
    return KeyFile(PrivateKey(key, fingerprint_of(key.public_key()), key.key_size, encrypted))


def _phrase_bytes(phrase: Secret | None) -> bytes:
    return phrase.reveal().encode(errors="surrogatepass") if phrase is not None else b""
