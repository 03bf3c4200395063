"""YAML with positions: where things are, and what is refused, on both of PyYAML's parsers."""

import os
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ocm_tui.core.errors import ConfigError
from ocm_tui.core.positioned.positions import Limits, Positioned, dotted, parse_yaml, read_yaml
from tests.unit.config.support import as_plain_user

HERE = Path("config.yaml")


@pytest.fixture(params=["libyaml", "python"])
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both parsers; systems without libyaml have only the second."""
    if request.param == "libyaml":
        assert yaml.__with_libyaml__
    else:
        monkeypatch.delattr(yaml, "CSafeLoader")


def parse(text: str, limits: Limits | None = None) -> Positioned:
    return parse_yaml(text, HERE, limits=limits or Limits())


DOCUMENT = """\
# a comment
first: 1
größe: {inner: [ä, b], other: "x"}
list:
  - one
  - key: two
    more: |
      text
empty:
"""


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize(
    ("path", "key", "value"),
    [
        ((), (2, 1), (2, 1)),
        (("first",), (2, 1), (2, 8)),
        (("größe",), (3, 1), (3, 8)),
        (("größe", "inner"), (3, 9), (3, 16)),
        (("größe", "inner", 1), (3, 20), (3, 20)),
        (("größe", "other"), (3, 24), (3, 31)),
        (("list",), (4, 1), (5, 3)),
        (("list", 0), (5, 5), (5, 5)),
        (("list", 1), (6, 5), (6, 5)),
        (("list", 1, "more"), (7, 5), (7, 11)),
        (("empty",), (9, 1), (9, 7)),
        # What is not there is where the nearest thing above it has its key.
        (("absent",), (2, 1), (2, 1)),
        (("größe", "absent"), (3, 1), (3, 1)),
        (("größe", "inner", 7), (3, 9), (3, 9)),
        (("first", "deeper", "still"), (2, 1), (2, 1)),
        (("list", "text-for-an-index"), (4, 1), (4, 1)),
    ],
)
def test_where(path: tuple[str | int, ...], key: tuple[int, int], value: tuple[int, int]) -> None:
    document = parse(DOCUMENT)
    assert document.where_key(path) == key
    assert document.where(path) == value


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("", None),
        ("# nothing\n", None),
        ("---\n", None),
        ("a: [1, 0x1F, 0b11, 017, -5, +3, 1_000]", {"a": [1, 31, 3, 15, -5, 3, 1000]}),
        ("a: [1.5, -2.0e+3, .inf, 1_0.5]", {"a": [1.5, -2000.0, float("inf"), 10.5]}),
        ("a: [true, Yes, ON, false, no, off]", {"a": [True, True, True, False, False, False]}),
        ("a: [null, ~, ]", {"a": [None, None]}),
        ("a: [2024-01-31, 1:30, 1:30.5, =, '1', \"no\"]", {"a": ["2024-01-31", "1:30", "1:30.5", "=", "1", "no"]}),
        ("a: !!str 1\nb: !!map {c: d}\ne: ! 2", {"a": "1", "b": {"c": "d"}, "e": "2"}),
        ("a: 0x_\nb: 09", {"a": "0x_", "b": "09"}),
        ("a: " + "9" * 5000, {"a": "9" * 5000}),
        ("a: &x {b: 1}\nc: *x", {"a": {"b": 1}, "c": {"b": 1}}),
        ("a: &x {b: 1, c: 2}\nd:\n  <<: *x\n  c: 3", {"a": {"b": 1, "c": 2}, "d": {"b": 1, "c": 3}}),
        ("d: {<<: [{a: 1}, {a: 2, b: 2}], c: 3}", {"d": {"a": 1, "b": 2, "c": 3}}),
        ("'<<': 1", {"<<": 1}),
        ("\ufeffa: 1", {"a": 1}),
        ("a: 1\r\nb: 2\r\n", {"a": 1, "b": 2}),
        ("'yes': 1\n\"1\": 2\n'': 3", {"yes": 1, "1": 2, "": 3}),
    ],
)
def test_data(text: str, data: Any) -> None:
    assert parse(text).data == data


def test_an_alias_is_a_copy_and_has_its_own_position() -> None:
    document = parse("a: &x {b: [1]}\nc: *x\n")
    assert document.where(("c",)) == (2, 4)
    assert document.where(("c", "b")) == (1, 11)
    document.data["a"]["b"].append(2)
    assert document.data["c"] == {"b": [1]}


def test_not_a_number_is_read() -> None:
    value = parse("a: .NaN").data["a"]
    assert value != value  # noqa: PLR0124


REFUSED = [
    ("a:\n\tb: 1\n", 2, 1, "a tab in the indentation"),
    ("a: b\n\tc\n", 2, 1, "a tab in the indentation"),
    ("a:\n  b: 1\n\t c: 2", 3, 1, "a tab in the indentation"),
    ("- \ta: 1", 1, 3, "a tab in the indentation"),
    ("a: b: c", 1, 5, "a `:` where no key can be"),
    ("a: 1\n b: 2\n", 2, 3, "a `:` where no key can be"),
    ("b: c\npassword:hunter2\n", 2, 1, "neither `key: value` nor a list item"),
    ("x: 'abc\nd: e\n", 1, 4, "a quote that is never closed"),
    ('a: "b\n---\nc"', 1, 4, "a quote that is never closed"),
    ("x: [1,2\ny: 3\n", 2, 2, "opened in line 1"),
    ("a: {b: 1\n", 2, 1, "a mapping (`{…}`) that is not closed"),
    ("a: }", 1, 4, "a bracket or sign where a value must be"),
    ("a: @x", 1, 4, "a character that no value can start with"),
    ("a: %x", 1, 4, "a character that no value can start with"),
    ("a: 'x' y", 1, 8, "something behind a value"),
    ("a:\n  b: 1\n c: 2\n", 3, 2, "indentation that fits no line above"),
    ("a: |x\n  b\n", 1, 5, "a `|` or `>` with something behind it"),
    ("a: !secret x", 1, 4, "a tag"),
    ("a: !!python/object:os.system x", 1, 4, "a tag"),
    ("a: !!binary aGk=", 1, 4, "a tag"),
    ("a: !!set {x}", 1, 4, "a tag"),
    ("!!int a: 1", 1, 1, "a tag"),
    ("a: *nobody", 1, 4, "an alias (`*…`) stands for nothing"),
    ("a: &x [*x]", 1, 8, "would never end"),
    ("a: &x {b: {c: *x}}", 1, 15, "would never end"),
    ("a: 1\nb: 2\na: 3", 3, 1, "the key `a` is there twice; the first is in line 1"),
    ("yes: 1", 1, 1, "`yes`, which YAML reads as yes or no"),
    ("1: 1", 1, 1, "`1`, which YAML reads as a number"),
    ("null: 1", 1, 1, "`null`, which YAML reads as null"),
    ("a: 1\n? \n: 1", 2, None, "a key must be text, and this is nothing"),
    ("? [a]\n: 1", 1, 3, "a key must be text"),
    ("? {a: 1}\n: 1", 1, 3, "a key must be text"),
    ("a: &x 1\n*x : 2", 2, 1, "a key must be text"),
    ("<<: 1", 1, 1, "`<<` takes a mapping"),
    ("<<: [{a: 1}, 2]", 1, 1, "`<<` takes a mapping"),
    ("---\na\n---\nb\n", 3, 1, "a second document starts here"),
    ("a: 1\n...\nb: 1", 3, 1, "a second document starts here"),
    ("%YAML 3.0\n---\na", 1, 1, "a YAML version that is not 1.x"),
    ("a: b\x00c", 1, 5, "U+0000"),
    ("a: b\x1b[2Jc", 1, 5, "U+001B"),
    ("a:\n  b\u2028c", 2, 4, "U+2028"),
    ("a: \x85", 1, 4, "U+0085"),
    ("a: \ufeff", 1, 4, "U+FEFF"),
    ('a: "\\ud83d"', 1, None, "`\\u` sequence"),
]


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize(("text", "line", "column", "fragment"), REFUSED)
def test_refused(text: str, line: int, column: int | None, fragment: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(text)
    error = caught.value
    assert fragment in error.title
    assert (error.path, error.line) == (HERE, line)
    assert column in (None, error.column)
    assert "hunter2" not in f"{error!r}{error.detail}{error.hint}"


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize(
    "text",
    [
        "password: *hunter22",
        "password: !hunter22 x",
        "password: %hunter22",
        "password: @hunter22",
        'password: "hunter22\\q"',
        "password: 'hunter22",
        "password: {hunter22",
        "password: [hunter22",
        "password: hunter22: x",
        "password: &hunter22 [*hunter22]",
        "{password:hunter22: 1, password:hunter22: 2}",
        "a:\n  b: c\npassword:hunter22\nd: e",
    ],
)
def test_messages_do_not_quote_values(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(text)
    assert "hunter22" not in f"{caught.value}{caught.value!r}{caught.value.hint}{caught.value.detail}"


MIB = 1 << 20
HOSTILE = {
    "open lists": "[" * MIB,
    "open mappings": "{" * MIB,
    "nested items": "- " * (MIB // 2),
    "nested keys": "".join(" " * level + "a:\n" for level in range(1400)),
    "alias bomb": "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
    + "".join(f"a{i}: &a{i} [" + ",".join([f"*a{i - 1}"] * 10) + "]\n" for i in range(1, 10)),
    "merge bomb": "a0: &a0 {k: [x,x,x,x,x,x,x,x,x,x]}\n"
    + "".join(f"a{i}: &a{i} {{l: [" + ",".join([f"*a{i - 1}"] * 10) + "]}\n" for i in range(1, 10)),
    "chain of aliases": "- &a0 [x]\n" + "".join(f"- &a{i} [*a{i - 1}]\n" for i in range(1, 990)),
    "many aliases": "- &a x\n" + "- *a\n" * 2000,
    "many values": "[" + "1," * (MIB // 2 - 1) + "]",
    "open quote": "a: '" + "x\n" * (MIB // 2),
    "open quote with escapes": '"' + "\\" * MIB,
    "anchors": "&a " * (MIB // 3),
    "exclamation marks": "!" * MIB,
    "per cent": "%" * MIB,
    "colons": ":" * MIB,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_is_refused_before_it_costs(name: str) -> None:
    started = time.process_time()
    with pytest.raises(ConfigError):
        parse(HOSTILE[name])
    assert time.process_time() - started < 10  # a second at most on a slow machine; without the limits, minutes


@pytest.mark.parametrize(
    ("limits", "text", "fragment"),
    [
        (Limits(nodes=3), "[1, 2, 3]", "more than 3 values"),
        (Limits(nodes=6), "a: &x [1]\nb: *x", "more than 6 values"),
        (Limits(depth=1), "[[1]]", "nested more than 1 levels deep"),
        (Limits(depth=2), "a: &x [[1]]\nb: [*x]", "nested more than 2 levels deep"),
        (Limits(aliases=1), "a: &x 1\nb: *x\nc: *x", "more than 1 aliases"),
    ],
)
def test_limits(limits: Limits, text: str, fragment: str) -> None:
    with pytest.raises(ConfigError, match=fragment):
        parse(text, limits)


def test_depth_at_the_limit_is_fine() -> None:
    assert parse("[" * 64 + "x" + "]" * 64).root.height == 64


# Files


def test_read_yaml(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes("ä: 1\n".encode())
    path.chmod(0o640)
    document = read_yaml(path)
    assert (document.path, document.data, document.mode) == (path, {"ä": 1}, 0o640)
    assert document.place(("ä",)).key == "ä"


def refused(path: Path, **options: Any) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        read_yaml(path, **options)
    assert str(path) in caught.value.title
    return caught.value


def test_missing(tmp_path: Path) -> None:
    assert "does not exist" in refused(tmp_path / "absent.yaml").title


def test_directory(tmp_path: Path) -> None:
    assert "is a directory" in refused(tmp_path).title


def test_below_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "a part of its path is a file" in refused(tmp_path / "file" / "config.yaml").title


def test_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "not a regular file" in refused(tmp_path / "pipe").title


def test_device() -> None:
    assert "not a regular file" in refused(Path(os.devnull)).title


def test_link_to_itself(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert "cannot be read" in refused(tmp_path / "loop").title


def test_unreadable(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("a: 1")
    path.chmod(0)
    with as_plain_user():
        assert "permission denied" in refused(path).title


def test_impossible_name() -> None:
    with pytest.raises(ConfigError, match="a name that no file can have"):
        read_yaml(Path("a\0b"))


def test_too_large(tmp_path: Path) -> None:
    path = tmp_path / "big.yaml"
    path.write_bytes(b"#" * (MIB + 1))
    assert "larger than 1 MiB" in refused(path).title
    path.write_bytes(b"#" * 11)
    assert "larger than 10 bytes" in refused(path, max_bytes=10).title
    assert read_yaml(path, max_bytes=11).data is None


@pytest.mark.parametrize(
    ("content", "line", "column", "byte"),
    [
        (b"a: 1\nb: \xff\n", 2, 4, "0xFF at offset 8"),
        (b"\xe4: 1", 1, 1, "0xE4 at offset 0"),
        ("ä: ö\r\nx: ".encode() + b"\xc3", 2, 4, "0xC3 at offset 11"),
        ("a: 1".encode("utf-16"), 1, 1, "0xFF at offset 0"),
    ],
)
def test_not_utf8(tmp_path: Path, content: bytes, line: int, column: int, byte: str) -> None:
    path = tmp_path / "config.yaml"
    path.write_bytes(content)
    error = refused(path)
    assert (error.line, error.column) == (line, column)
    assert byte in error.title


# Properties

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(st.characters(categories=("L", "N", "P", "Zs"))),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(categories=("L", "N")), min_size=1), inner, max_size=4)
    ),
    max_leaves=12,
)


def _paths(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(below for key, item in inside for below in _paths(item, (*path, key)))]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(VALUES, st.booleans())
def test_what_yaml_writes_is_read_back_and_found(value: Any, flow: bool) -> None:
    text = yaml.safe_dump(value, default_flow_style=flow, allow_unicode=True, width=10_000)
    document = parse(text)
    assert document.data == value
    lines = text.split("\n")
    for path in _paths(value):
        line, column = document.where_key(path)
        if path and isinstance(path[-1], str):
            written = lines[line - 1][column - 1 :].lstrip("?\"' ")
            assert written.startswith(path[-1]) or not path[-1].isascii()


@settings(max_examples=300, deadline=None)
@given(st.text() | st.text(alphabet="ab:-?&*!|>%@[]{},#'\"\\ \n\t0<"))
def test_any_text_is_data_or_a_config_error(text: str) -> None:
    try:
        document = parse(text)
    except ConfigError as error:
        assert error.line is None or error.line >= 1  # noqa: PT017
    else:
        assert document.where(("a", 0)) >= (1, 1)


def test_dotted() -> None:
    assert dotted(("clients", 3, "redirectUris", 0)) == "clients[3].redirectUris[0]"
    assert dotted(()) == ""
