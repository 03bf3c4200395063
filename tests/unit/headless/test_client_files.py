from pathlib import Path
from typing import Any

import pytest

from ocm_tui.core.errors import ConfigError, OcmError, ValidationFailed, Violation
from ocm_tui.core.secret import Secret
from ocm_tui.headless.client_files import read_document

GOOD = {"clientId": "a", "name": "a", "grantTypes": ["CLIENT_CREDENTIALS"]}


def read(tmp_path: Path, text: str | bytes, name: str = "client.yaml") -> Any:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_document(str(path))


@pytest.mark.parametrize(
    "text",
    [
        "clientId: a\nname: a\ngrantTypes: [CLIENT_CREDENTIALS]\n",
        '{"clientId": "a", "name": "a", "grantTypes": ["CLIENT_CREDENTIALS"]}',
        '{\n\t"clientId":\t"a",\n\t"name": "a",\n\t"grantTypes": ["CLIENT_CREDENTIALS"]\n}\n',
        "{clientId: a, name: a, grantTypes: [CLIENT_CREDENTIALS]}",
        b"\xef\xbb\xbf" + b"clientId: a\r\nname: a\r\ngrantTypes: [CLIENT_CREDENTIALS]\r\n",
    ],
)
def test_yaml_and_json(tmp_path: Path, text: str | bytes) -> None:
    source = read(tmp_path, text)
    source.check()
    assert source.document == GOOD


def test_json_texts_are_what_json_says(tmp_path: Path) -> None:
    source = read(tmp_path, '{"clientId": "a", "name": "a\\tb \\ud83d\\ude00 \\/\x7f\u2028 \\"q\\\\"}')
    assert source.document["name"] == 'a\tb 😀 /\x7f\u2028 "q\\'
    assert source.positions.where(("name",)) == (1, 27)


def test_a_secret_is_one_from_the_beginning(tmp_path: Path) -> None:
    source = read(tmp_path, 'clientId: a\nclientAuth: {type: SECRET, secret: "planted-secret-77"}\n')
    assert source.document["clientAuth"]["secret"] == Secret("planted-secret-77")
    assert "planted-secret-77" not in repr(source)


@pytest.mark.parametrize(
    ("text", "where", "words"),
    [
        ("", ":1:", "nothing is in it"),
        ("- a\n", ":1:", "mapping of fields"),
        ("just text\n", ":1:", "mapping of fields"),
        ("clientId: a\nclientId: b\n", ":2:1:", "twice"),
        ("a: [\n", ":2:1:", ""),
        ('{"a": 1,}', "", ""),
        ('{"a": NaN}', "", "NaN"),
        ("clientId: !!python/object:os.system x\n", ":1:11:", "tag"),
        (b"clientId: a\nname: \xff\n", ":2:", "UTF-8"),
        ("[" * 100_000, "", ""),
    ],
)
def test_what_is_no_document(tmp_path: Path, text: str | bytes, where: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, text).check()
    assert f"client.yaml{where}" in caught.value.title
    assert words in caught.value.title
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("name: a\n", ":1:1:"),
        ("clientId: a\nname: a\ngrantTypes: [CLIENT_CREDENTIALZ]\n", ":3:13:"),
        ("clientId: a\nname: a\ngrantTypes: [IMPLICIT]\nenabled: maybe\n", ":4:10:"),
        ("clientId: a\nname: a\ngrantTypes: [IMPLICIT]\noidcPolicy:\n  logoutMode: NO\n", ":5:15:"),
        ('{\n\t"clientId": "a",\n\t"name": "a",\n\t"grantTypes": ["NO"]\n}', ":4:16:"),
    ],
)
def test_a_wrong_field_has_a_line(tmp_path: Path, text: str, where: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, text).check()
    assert f"client.yaml{where}" in caught.value.title


def test_the_complaints_of_the_server_get_the_lines_of_the_file(tmp_path: Path) -> None:
    source = read(tmp_path, "clientId: a\nrestrictedScopes:\n- read\n- wrote\n")
    error = ValidationFailed(
        "2 fields are wrong",
        status=422,
        violations=(Violation("no such scope", "x", "restrictedScopes[1]"), Violation("missing", "y", "name")),
        detail="2 fields are wrong\nexchange a-1, status 422",
    )
    located = source.located(error)
    assert located.detail.splitlines() == [
        f"{source.path}:4: restrictedScopes[1]: no such scope",
        f"{source.path}:1: name: missing",
        "exchange a-1, status 422",
    ]


def test_files_that_are_not_there_or_too_large(tmp_path: Path) -> None:
    with pytest.raises(OcmError, match="does not exist"):
        read_document(str(tmp_path / "nope"))
    with pytest.raises(OcmError, match="directory"):
        read_document(str(tmp_path))
    with pytest.raises(OcmError, match="larger"):
        read(tmp_path, "a: " + "x" * (5 << 20))
