import sys
from pathlib import Path

import pytest

from ocm_tui.core.clients.secret_sources import parse_source, read_secret, source_problem
from ocm_tui.core.errors import UsageError
from ocm_tui.core.secret import known_secrets
from tests.unit.core.ring import Ring


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("env:ORDERS", ("env", "ORDERS")),
        ("file:/a:b", ("file", "/a:b")),
        ("keyring:https://pf/orders", ("keyring", "https://pf/orders")),
    ],
)
def test_sources(text: str, parsed: tuple[str, str]) -> None:
    assert parse_source(text) == parsed


@pytest.mark.parametrize(
    "text", ["", "env", "env:", "keyring:x", "keyring:/x", "keyring:x/", "vault:x", "hunter2-\x1b"]
)
def test_other_sources_are_refused_with_the_list(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_source(text)
    assert "env:NAME, file:PATH, keyring:SERVICE/USER" in caught.value.hint
    assert "\x1b" not in caught.value.title


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (b"file-secret-1", "file-secret-1"),
        (b"file-secret-1\n", "file-secret-1"),
        (b"file-secret-1\r\n", "file-secret-1"),
        (b"file-secret-1\n\n", "file-secret-1\n"),
        (b" file-secret-1 ", " file-secret-1 "),
    ],
)
def test_of_a_file_one_line_end_is_left_out(tmp_path: Path, content: bytes, value: str) -> None:
    (tmp_path / "s").write_bytes(content)
    assert read_secret("file", str(tmp_path / "s")).reveal() == value
    assert source_problem("file", str(tmp_path / "s")) is None


def test_a_variable_and_an_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    ring = Ring()
    ring.entries["https://pf", "orders"] = "entry-secret-1"
    monkeypatch.setitem(sys.modules, "keyring", ring)
    monkeypatch.setenv("ORDERS_SECRET", "variable-secret-1\n")
    assert read_secret("env", "ORDERS_SECRET").reveal() == "variable-secret-1\n"
    assert read_secret("keyring", "https://pf/orders").reveal() == "entry-secret-1"
    assert {"variable-secret-1\n", "entry-secret-1"} <= known_secrets.forms
    ring.locked = True
    assert source_problem("keyring", "https://pf/orders") is None  # it is not asked
    with pytest.raises(UsageError, match="locked"):
        read_secret("keyring", "https://pf/orders")


def test_what_is_absent_or_empty_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", Ring())
    monkeypatch.setenv("EMPTY", "")
    monkeypatch.setenv("BLANK", " \n")
    monkeypatch.setenv("BROKEN", "broken-secret-\udcff")
    monkeypatch.delenv("ABSENT", raising=False)
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "binary").write_bytes(b"binary-secret-\xff")
    (tmp_path / "big").write_bytes(b"x" * 70_000)
    cases = {
        ("env", "ABSENT"): "the environment variable ABSENT is not set",
        ("env", "EMPTY"): "the environment variable EMPTY is empty",
        ("env", "BLANK"): "the environment variable BLANK is empty",
        ("env", "BROKEN"): "the environment variable BROKEN is not UTF-8 text",
        ("file", str(tmp_path / "none")): f"the file {tmp_path}/none does not exist",
        ("file", str(tmp_path)): f"the file {tmp_path} is a directory, not a file",
        ("file", str(tmp_path / "empty")): f"the file {tmp_path}/empty is empty",
        ("file", str(tmp_path / "binary")): f"the file {tmp_path}/binary is not UTF-8 text",
        ("file", str(tmp_path / "big")): f"the file {tmp_path}/big is larger than 64 KiB",
        ("file", "a\0b"): "the file a",
        ("file", "~nobody-of-that-name/x"): "the file ~nobody-of-that-name/x is in a home directory",
        ("keyring", "oauth/orders"): "the keyring's entry oauth/orders does not exist",
    }
    for (kind, argument), title in cases.items():
        with pytest.raises(UsageError) as caught:
            read_secret(kind, argument)
        assert caught.value.title.startswith(title)
        assert "secret-" not in caught.value.title
        assert (source_problem(kind, argument) == caught.value.title) == (kind != "keyring")


def test_a_keyring_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert source_problem("keyring", "oauth/orders") == "the keyring library is not installed"
