import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat

from ocm_tui.core.oci.key_validation import is_damaged
from ocm_tui.core.oci.keys import load_key, load_key_file
from ocm_tui.core.secret import Secret
from tests.unit.core.oci.samples import PHRASE, fingerprint, pem, private, rsa_key


def test_the_fingerprint_is_that_of_openssl(oci_home: Path) -> None:
    path = oci_home / ".oci" / "key.pem"
    der = subprocess.run(["openssl", "rsa", "-pubout", "-outform", "DER", "-in", path], capture_output=True, check=True)
    digest = subprocess.run(["openssl", "md5", "-c"], input=der.stdout, capture_output=True, check=True)
    loaded = load_key_file(path)
    assert loaded.key is not None
    assert loaded.key.fingerprint == digest.stdout.decode().split()[-1]
    assert loaded.key.fingerprint == fingerprint(rsa_key())
    assert (loaded.key.bits, loaded.key.encrypted, loaded.mode) == (2048, False, 0o600)


@pytest.mark.parametrize("encrypted", [True, False])
@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
def test_every_form_of_a_key(form: PrivateFormat, encrypted: bool) -> None:
    encryption = BestAvailableEncryption(PHRASE.encode()) if encrypted else NoEncryption()
    text = Secret(rsa_key().private_bytes(Encoding.PEM, form, encryption).decode(), search=False)
    loaded = load_key(text, Secret(PHRASE))
    assert loaded.key is not None
    assert loaded.key.encrypted == encrypted
    assert loaded.key.fingerprint == fingerprint(rsa_key())
    if encrypted:
        assert load_key(text).fault == "key-encrypted-no-phrase"
        assert load_key(text, Secret("")).fault == "key-encrypted-no-phrase"
        assert load_key(text, Secret("wrong-phrase")).fault == "phrase-wrong"
        assert load_key(text, Secret("größer")).fault == "phrase-non-ascii"


def test_a_key_with_written_out_newlines_is_named_so() -> None:
    text = pem(rsa_key()).decode().replace("\n", "\\n")
    assert load_key(Secret(text, search=False)).fault == "key-malformed"


def test_a_changed_file_and_a_changed_phrase_are_other_keys(tmp_path: Path) -> None:
    path = private(tmp_path / "key.pem", pem(rsa_key()))
    first = load_key_file(path)
    assert load_key_file(path) is first
    private(path, pem(rsa_key(number=1)))
    second = load_key_file(path)
    assert second.key is not None
    assert second.key.fingerprint == fingerprint(rsa_key(number=1))
    private(path, pem(rsa_key(), PHRASE))
    assert load_key_file(path).fault == "key-encrypted-no-phrase"
    assert load_key_file(path, Secret(PHRASE)).key is not None


def test_nothing_shows_the_key_or_its_fingerprint(oci_home: Path) -> None:
    loaded = load_key_file(oci_home / ".oci" / "key.pem")
    assert fingerprint(rsa_key()) not in repr(loaded)
    assert "PRIVATE" not in repr(loaded)


async def test_full_validation_tells_a_damaged_key_from_a_whole_one() -> None:
    numbers = rsa_key().private_numbers()
    damaged = _damaged(pem(rsa_key()))
    whole = Secret(pem(rsa_key()).decode(), search=False)
    assert numbers.p != numbers.q
    assert load_key(damaged).key is not None  # it loads, and would even sign
    assert await is_damaged(damaged) is True
    assert await is_damaged(whole) is False
    locked = Secret(pem(rsa_key(), PHRASE).decode(), search=False)
    assert await is_damaged(locked, Secret(PHRASE)) is False


def _damaged(content: bytes) -> Secret:
    """One bit of the private exponent is another."""
    import base64

    lines = content.decode().strip().splitlines()
    der = bytearray(base64.b64decode("".join(lines[1:-1])))
    number = rsa_key().private_numbers().d
    exponent = number.to_bytes((number.bit_length() + 7) // 8, "big")  # DER has no leading zeros, of which d may have
    der[bytes(der).index(exponent) + 100] ^= 1
    text = base64.encodebytes(bytes(der)).decode()
    return Secret(f"{lines[0]}\n{text}{lines[-1]}\n", search=False)
