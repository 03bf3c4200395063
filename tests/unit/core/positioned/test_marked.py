"""Long documents: the quick way must say just what the exact way says, about data, places and refusals."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ocm_tui.core.errors import ConfigError
from ocm_tui.core.positioned.marked import Marked, PositionedDocument, parse_long_yaml, read_long_yaml
from ocm_tui.core.positioned.positions import Limits, NodePath, Positioned, parse_yaml

HERE = Path("inventory.yaml")
LIMITS = Limits()


@pytest.fixture(params=["libyaml", "python"])
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "python":
        monkeypatch.delattr(yaml, "CSafeLoader")


def paths_of(data: Any, path: NodePath = ()) -> list[NodePath]:
    found: list[NodePath] = [path, (*path, "absent"), (*path, 99)]
    if isinstance(data, dict):
        for key, value in data.items():
            found += paths_of(value, (*path, key))
    if isinstance(data, list):
        for index, value in enumerate(data):
            found += paths_of(value, (*path, index))
    return found


def outcome(parse: Callable[[], PositionedDocument]) -> PositionedDocument | tuple[Any, ...]:
    """The document, or all that its refusal says."""
    try:
        return parse()
    except ConfigError as error:
        return str(error), error.line, error.column, error.hint


def agree(text: str, limits: Limits = LIMITS) -> None:
    """Both ways come to the same, whatever it is."""
    exact, quick = (
        outcome(lambda: parse_yaml(text, HERE, limits=limits)),
        outcome(lambda: parse_long_yaml(text, HERE, limits)),
    )
    if isinstance(exact, tuple) or isinstance(quick, tuple):
        assert exact == quick
        return
    assert repr(quick.data) == repr(exact.data)
    for path in paths_of(exact.data):
        assert quick.where(path) == exact.where(path)
        assert quick.where_key(path) == exact.where_key(path)
        assert quick.place(path, key=True) == exact.place(path, key=True)


TEXTS = [
    "",
    "# nothing\n",
    "a: 1",
    "---\na: 1\n...\n",
    "a: 1\n---\nb: 2\n",
    "clients:\n  - clientId: ä😀\n    list: [1, {a: b}, [c, d]]\n  - x\n  -\n",
    "a: &x [1]\nb: *x\n",
    "a: &x {b: 1}\nc: {<<: *x, d: 2}\n",
    "'<<': 1\n",
    "<<: 1\n",
    "a: !!str 1\n",
    "a: 1\na: 2\n",
    "1: a\n",
    "yes: a\n",
    "'yes': yes\n",
    "? [a]\n: b\n",
    "? a\n: b\n",
    '"\\ud800": 1\n',
    'a: "\\ud800"\n',
    "a: [1\n",
    "\ta: 1\n",
    "a: b: c\n",
    "*x",
    "%YAML 2.0\n---\na: 1\n",
    "\ufeffa: {b: 1}\n",
    "a: |\n  text\n\nb: >-\n  more\n",
    "a: 2026-01-01\nb: 1:30\nc: 0x1F\nd: .nan\ne: ~\nf: =\n",
]


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize("text", TEXTS)
def test_both_ways_agree(text: str) -> None:
    agree(text)


@pytest.mark.parametrize(
    "limits", [Limits(nodes=3), Limits(nodes=6), Limits(depth=1), Limits(depth=2), Limits(aliases=1)]
)
@pytest.mark.parametrize(
    "text", ["[1, 2, 3, 4]", "a: &x [1]\nb: *x\nc: *x", "{a: {b: {c: 1}}}", "a: 1\nb: 2\nc: 3\nd: 4"]
)
def test_both_ways_agree_on_limits(limits: Limits, text: str) -> None:
    agree(text, limits)


scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=8), st.sampled_from(["yes", "1", "<<", "~"])
)
documents = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=20,
)


@given(documents, st.sampled_from([None, True, False]), st.booleans())
def test_any_document(data: Any, flow: bool | None, unicode: bool) -> None:
    agree(yaml.safe_dump(data, default_flow_style=flow, allow_unicode=unicode, sort_keys=False))


@given(
    st.lists(
        st.sampled_from(["a", "b: ", "- ", "\n", "  ", "[", "]", "{", "}", ",", "&x ", "*x", "'", "#", "<<: ", "| "])
    )
)
def test_any_text(pieces: list[str]) -> None:
    agree("".join(pieces))


def test_plain_ones_go_the_quick_way() -> None:
    assert isinstance(parse_long_yaml("clients: [{a: 1}]", HERE, LIMITS), Marked)
    assert isinstance(parse_long_yaml("clients: [&x {a: 1}, *x]", HERE, LIMITS), Positioned)


def test_equal_texts_are_one_object() -> None:
    data = parse_long_yaml("[CLIENT_CREDENTIALS, CLIENT_CREDENTIALS]", HERE, LIMITS).data
    assert data[0] is data[1]


def test_files(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("a: [1, 2]\n")
    document = read_long_yaml(path, LIMITS)
    assert (document.path, document.where(("a", 1))) == (path, (1, 8))
    with pytest.raises(ConfigError, match="larger than 5 bytes"):
        read_long_yaml(path, Limits(max_bytes=5))
