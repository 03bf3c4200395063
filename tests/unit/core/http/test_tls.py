"""Certificate files that are missing, damaged, half-written or do not match: named, and never asked about."""

import contextlib
import os
import pty
import ssl
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ocm_tui.core.errors import ConfigError, ExitCode
from ocm_tui.core.http.tls import tls_context
from ocm_tui.core.http.types import TLSSettings
from ocm_tui.core.secret import Secret
from tests.unit.core.http.authority import Authority, Pair
from tests.unit.core.http.loopback import client_of

Break = Callable[[Path], None]


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def halve(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-120])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def scramble(path: Path) -> None:
    """PEM to look at, nonsense inside."""
    first, *_, last = path.read_text().strip().splitlines()
    path.write_text(f"{first}\nAAAAAAAAAAAAAAAA\n{last}\n")


def make_a_directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


def settings_of(pair: Pair, authority: Authority, password: str | None = None) -> TLSSettings:
    return TLSSettings(
        ca_file=authority.file,
        client_cert=pair.certificate,
        client_key=pair.key,
        client_key_password=Secret(password) if password else None,
    )


@pytest.mark.parametrize("damage", [Path.unlink, halve, empty, scramble, make_a_directory])
@pytest.mark.parametrize("file", ["authority", "certificate", "key"])
def test_a_file_that_is_not_usable_is_named(authority: Authority, damage: Break, file: str) -> None:
    pair = authority.issue("mine")
    path = {"authority": authority.file, "certificate": pair.certificate, "key": pair.key}[file]
    damage(path)
    with pytest.raises(ConfigError) as caught:
        tls_context(settings_of(pair, authority))
    assert caught.value.exit_code == ExitCode.USAGE
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_key_of_another_certificate(authority: Authority) -> None:
    mine, other = authority.issue("mine"), authority.issue("other")
    with pytest.raises(ConfigError, match="does not belong") as caught:
        tls_context(settings_of(Pair(mine.certificate, other.key), authority))
    assert caught.value.path == other.key
    assert str(mine.certificate) in caught.value.title


@pytest.mark.parametrize(
    ("password", "words"),
    [
        (None, "the private key is encrypted"),
        ("wrong pass phrase", "cannot be decrypted"),
        ("", "the private key is encrypted"),
        ("x" * 5000, "cannot be"),
    ],
)
def test_an_encrypted_key(authority: Authority, password: str | None, words: str) -> None:
    pair = authority.issue("mine", password=b"open sesame")
    with pytest.raises(ConfigError, match=words) as caught:
        tls_context(settings_of(pair, authority, password))
    assert caught.value.path == pair.key
    assert password is None or password == "" or password not in str(caught.value) + caught.value.hint
    tls_context(settings_of(pair, authority, "open sesame"))


def test_a_pass_phrase_is_never_asked_for_on_the_terminal(authority: Authority) -> None:
    pair = authority.issue("mine", password=b"open sesame")
    program = (
        "import sys; from pathlib import Path; from ocm_tui.core.errors import ConfigError\n"
        "from ocm_tui.core.http.tls import *; from ocm_tui.core.http.types import *\n"
        "try: tls_context(TLSSettings(client_cert=Path(sys.argv[1]), client_key=Path(sys.argv[2])))\n"
        "except ConfigError as error: print('said:', error)"
    )
    command = [sys.executable, "-c", program, str(pair.certificate), str(pair.key)]
    ours, theirs = pty.openpty()
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
    os.close(theirs)
    output = b""
    with contextlib.suppress(OSError):  # the end of a terminal is an error on Linux
        while piece := os.read(ours, 4096):
            output += piece
            assert b"pass phrase:" not in output
    os.close(ours)
    assert process.wait(30) == 0
    assert b"said:" in output


def test_certificate_and_key_in_one_file(authority: Authority, tmp_path: Path) -> None:
    pair = authority.issue("mine")
    both = tmp_path / "both.pem"
    both.write_bytes(pair.certificate.read_bytes() + pair.key.read_bytes())
    tls_context(TLSSettings(client_cert=both))
    with pytest.raises(ConfigError, match="no private key in it") as caught:
        tls_context(TLSSettings(client_cert=pair.certificate))
    assert "tls.client_key" in caught.value.hint


def test_a_key_without_a_certificate(authority: Authority) -> None:
    with pytest.raises(ConfigError, match=r"without tls\.client_cert"):
        tls_context(TLSSettings(client_key=authority.issue("mine").key))


def test_what_is_trusted(authority: Authority) -> None:
    ours = tls_context(TLSSettings(ca_file=authority.file))
    assert ours.cert_store_stats()["x509_ca"] == 1
    assert (ours.verify_mode, ours.check_hostname) == (ssl.CERT_REQUIRED, True)
    for blind in (TLSSettings(verify=False), TLSSettings(verify=False, ca_file=authority.file)):
        context = tls_context(blind)
        assert (context.verify_mode, context.check_hostname) == (ssl.CERT_NONE, False)
    system = tls_context(TLSSettings())
    assert (system.verify_mode, system.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert system.minimum_version >= ssl.TLSVersion.TLSv1_2


def test_the_environment_may_name_the_authorities(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    assert tls_context(TLSSettings()).cert_store_stats()["x509_ca"] == 1
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/at-all.pem")
    with pytest.raises(ConfigError, match="CA certificates cannot be loaded") as caught:
        tls_context(TLSSettings())
    assert "SSL_CERT_FILE" in caught.value.hint
    tls_context(TLSSettings(), trust_env=False)


async def test_files_are_read_with_the_first_request_and_again_after_a_failure(authority: Authority) -> None:
    pair = authority.issue("mine")
    missing = pair.key.rename(pair.key.with_suffix(".later"))
    async with client_of("https://127.0.0.1:1", tls=settings_of(pair, authority)) as (client, log):
        with pytest.raises(ConfigError, match="cannot be read"):
            await client.get("x")
        assert len(log) == 0
        missing.rename(pair.key)
        with pytest.raises(Exception, match="refused the connection"):
            await client.get("x")
