"""An edit changes the lines it must, and no other byte of the file."""

from collections.abc import Sequence
from difflib import SequenceMatcher
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ocm_tui.core.errors import UsageError
from ocm_tui.core.oci.diff import masked_diff
from ocm_tui.core.oci.edits import plan_edit
from ocm_tui.core.oci.model import AddProfile, ConfigFile, Edit, RemoveProfile, RenameSection, SetField, StripBom
from ocm_tui.core.oci.parser import parse_profiles
from ocm_tui.core.oci.scanner import scan, to_bytes, to_text
from ocm_tui.core.oci.write_back import profile_edits
from ocm_tui.core.secret import Secret
from tests.unit.core.oci.strategies import disorder, orderly, values

FILE = (
    "# --- production, ask before you change ---\n[prod]\n; the usual\nuser = u\nRegion : us-ashburn-1\nx=1\n\n"
    "# --- test ---\n[test]\nuser=t\n"
)


def parsed(text: str | bytes) -> ConfigFile:
    return parse_profiles(Path("config"), text.encode() if isinstance(text, str) else text)


def edited(text: str, *edits: Edit) -> str:
    plan = plan_edit(parsed(text), edits)
    assert plan.old == text.encode()
    return plan.new.decode()


def changed_lines(old: bytes, new: bytes) -> tuple[list[str], list[str]]:
    before, after = scan(to_text(old)).lines, scan(to_text(new)).lines
    gone, come = [], []
    for tag, a1, a2, b1, b2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag != "equal":
            gone += before[a1:a2]
            come += after[b1:b2]
    return gone, come


@pytest.mark.parametrize(
    ("edit", "old", "new"),
    [
        (SetField("prod", "region", "eu-zurich-1"), "Region : us-ashburn-1\n", "Region : eu-zurich-1\n"),
        (SetField("prod", "user", "v"), "user = u\n", "user = v\n"),
        (SetField("prod", "pass_phrase", Secret("a%b")), "x=1\n", "x=1\npass_phrase=a%b\n"),
        (SetField("prod", "x", None), "x=1\n", ""),
        (SetField("test", "region", "iad"), "user=t\n", "user=t\nregion=iad\n"),
        (RenameSection("test", "qa"), "[test]\n", "[qa]\n"),
        (RemoveProfile("test"), "[test]\nuser=t\n", ""),
        (AddProfile("new", {"user": "n"}), "user=t\n", "user=t\n\n[new]\nuser=n\n"),
    ],
    ids=repr,
)  # fmt: skip
def test_what_an_edit_makes_of_a_file(edit: Edit, old: str, new: str) -> None:
    assert FILE.count(old) == 1
    assert edited(FILE, edit) == FILE.replace(old, new)


@pytest.mark.parametrize(
    ("text", "edit", "wanted"),
    [
        ("[a]\r\nx=1\r\n", SetField("a", "y", "2"), "[a]\r\nx=1\r\ny=2\r\n"),
        ("[a]\nx=1", SetField("a", "y", "2"), "[a]\nx=1\ny=2\n"),
        ("[b]\r[a]\n\n", SetField("a", "y", "2"), "[b]\r[a]\ny=2\n\n"),
        ("[b]\n[a]\r", AddProfile("c", {"y": "2"}), "[b]\n[a]\r\r[c]\ry=2\r"),
        ("[a]", SetField("a", "y", "2"), "[a]\ny=2\n"),
        ("[a]\n   [b]\nx=1\n", SetField("a", "y", "2"), "[a]\n   y=2\n   [b]\nx=1\n"),
        ("[a]\nx = 1 # why\n", SetField("a", "x", "1"), "[a]\n# why\nx = 1\n"),
        ("[a]\nx=1\n  glued\ny=2\n", SetField("a", "x", "3"), "[a]\nx=3\ny=2\n"),
        ("[a]\nx=1\n# kept\n  glued\n", SetField("a", "x", "3"), "[a]\nx=3\n# kept\n"),
        ("[a]\nx=1\n[a]\nx=2\n", SetField("a", "x", "3"), "[a]\nx=1\n[a]\nx=3\n"),
        ("[a]\nx=1\n[a]\nx=2\n", SetField("a", "x", None), "[a]\n[a]\n"),
        ("\ufeff[a]\nx=1\n", StripBom(), "[a]\nx=1\n"),
        ("\ufeff[a]\nx=1\n", SetField("a", "x", "2"), "\ufeff[a]\nx=2\n"),
        ("[ a ]\nx=1\n", RenameSection(" a ", "a"), "[a]\nx=1\n"),
        ("", AddProfile("DEFAULT", {"x": "1"}), "[DEFAULT]\nx=1\n"),
        ("# c", AddProfile("a", {"x": "1"}), "# c\n\n[a]\nx=1\n"),
        ("[a]\nx=1\n\n[b]\ny=1\n\n[c]\n", RemoveProfile("b"), "[a]\nx=1\n\n[c]\n"),
        ("[a]\nx=1\n# b\n[b]\ny=1\n# c\n[c]\n", RemoveProfile("a"), "# b\n[b]\ny=1\n# c\n[c]\n"),
    ],
    ids=repr,
)  # fmt: skip
def test_odd_files(text: str, edit: Edit, wanted: str) -> None:
    assert edited(text, edit) == wanted


@pytest.mark.parametrize(
    "edit",
    [
        SetField("none", "x", "1"),
        SetField("prod", "none", None),
        SetField("prod", "key_content", Secret("canary-of-a-key")),
        SetField("prod", "KEY_CONTENT", Secret("canary-of-a-key")),
        SetField("prod", "x", "two\nlines"),
        SetField("prod", "x", "two\rlines"),
        SetField("prod", "x", " blank"),
        SetField("prod", "x", "a\0b"),
        SetField("prod", "x", "\udcff"),
        SetField("prod", "[x]", "1"),
        SetField("prod", "a = b", "1"),
        AddProfile("prod", {}),
        AddProfile("PROD", {}),
        AddProfile("..", {}),
        AddProfile("a]b", {}),
        AddProfile("", {}),
        AddProfile("new", {"key_content": Secret("canary-of-a-key")}),
        RenameSection("prod", "test"),
        RenameSection("none", "x"),
        RemoveProfile("none"),
    ],
    ids=repr,
)
def test_impossible_edits_are_refused_in_words(edit: Edit) -> None:
    with pytest.raises(UsageError) as caught:
        plan_edit(parsed(FILE), [edit])
    assert "canary" not in str(caught.value)


@st.composite
def edits_of(draw: st.DrawFn, text: str) -> Edit:
    names = [section.name for section in scan(text).sections]
    assume(names)
    profile = draw(st.sampled_from(names))
    name = draw(st.sampled_from(["user", "tenancy", "region", "x", "new"]))
    edits: list[Edit] = [
        SetField(profile, name, draw(values)),
        SetField(profile, name, None),
        RemoveProfile(profile),
        AddProfile("fresh", {name: draw(values)}),
        RenameSection(profile, "fresh"),
    ]
    return draw(st.sampled_from(edits))


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_only_the_lines_that_must_change_do(data: st.DataObject) -> None:
    text = data.draw(st.one_of(orderly(), disorder))
    assume("\r" not in text.replace("\r\n", ""))  # where \r ends lines, what stood apart may come to be one \r\n
    edit = data.draw(edits_of(text))
    try:
        plan = plan_edit(parsed(text), [edit])
    except UsageError:
        return
    gone, come = changed_lines(plan.old, plan.new)
    before, after = scan(to_text(plan.old)), scan(to_text(plan.new))
    if after.values() == before.values() and isinstance(edit, SetField) and not come:
        return
    match edit:
        case SetField():
            entries = [
                entry for section in before.named(edit.profile) for entry in section.entries if entry.name == edit.name
            ]
            own = [before.lines[index] for entry in entries for index in entry.lines]
            # The last line may get the newline that it lacked, when something is put behind it.
            assert [
                line for line in gone if line not in own and f"{line}\n" not in come and f"{line}\r\n" not in come
            ] == []
            assert after.values().get(edit.profile, {}).get(edit.name) == edit.value
        case AddProfile():
            assert [line for line in gone if line.endswith(("\n", "\r"))] == []
        case RemoveProfile():
            assert [line for line in come if line.strip()] == []
            assert edit.profile not in after.values()
        case RenameSection():
            assert len(gone) == len(come) == len(before.named(edit.profile))


_one_line = st.binary(max_size=60).map(lambda content: content.replace(b"\n", b"").replace(b"\r", b""))


@settings(max_examples=200, deadline=None)
@given(_one_line, _one_line)
def test_bytes_that_are_no_text_survive(before: bytes, after: bytes) -> None:
    content = b"# " + before + b"\n[a]\nx=1\n# " + after
    plan = plan_edit(parsed(content), [SetField("a", "x", "2")])
    assert plan.new == content.replace(b"[a]\nx=1\n", b"[a]\nx=2\n", 1)
    assert to_bytes(to_text(content)) == content


def test_several_edits_at_once_and_who_is_touched() -> None:
    edits: Sequence[Edit] = [SetField("prod", "x", "2"), SetField("prod", "x", "3"), RenameSection("test", "qa")]
    plan = plan_edit(parsed(FILE), edits)
    assert plan.new.decode() == FILE.replace("x=1", "x=3").replace("[test]", "[qa]")
    assert plan.touched == ("prod", "qa")
    assert plan.changes
    assert not plan_edit(parsed(FILE), [SetField("prod", "x", "1")]).changes


def test_what_memory_has_and_the_file_lacks() -> None:
    file = parsed("[DEFAULT]\nregion=us-ashburn-1\n[A]\nuser=u\npass_phrase=former\n")
    source = file.profile("A")
    assert source is not None
    assert profile_edits(source.config, source) == ()
    now = source.config.model_copy(update={"user": "v", "pass_phrase": None, "key_content": Secret("canary-of-a-key")})
    assert profile_edits(now, source) == (SetField("A", "user", "v"), SetField("A", "pass_phrase", None))
    added = now.model_copy(update={"auth_profile": "B", "authentication": "security_token"})
    plan = plan_edit(file, profile_edits(added, None))
    assert plan.new.endswith(b"\n[B]\nauthentication=security_token\nuser=v\nregion=us-ashburn-1\n")


def test_the_diff_shows_what_changes_and_hides_what_is_sensitive() -> None:
    text = (
        "#pass_phrase=canary\n[A]\nuser=u\npass_phrase=canary-of-1\nfingerprint=canary-fp\nnonsense canary\nregion=x\n"
    )
    plan = plan_edit(parsed(text), [SetField("A", "pass_phrase", Secret("canary-of-2")), SetField("A", "user", "v")])
    assert masked_diff(plan, "~/.oci/config") == (
        "--- ~/.oci/config",
        "+++ ~/.oci/config",
        "@@ -1,7 +1,7 @@",
        " #pass_phrase=***",
        " [A]",
        "-user=u",
        "-pass_phrase=***",
        "+user=v",
        "+pass_phrase=***",
        " fingerprint=***",
        " ***",
        " region=x",
    )
    assert masked_diff(plan_edit(parsed(text), [])) == ()


def test_the_diff_of_a_long_file_is_short_and_its_text_is_clean() -> None:
    text = "".join(f"[p{number}]\nuser=\x1b[2J{number}\n" for number in range(5_000))
    shown = masked_diff(plan_edit(parsed(text), [SetField("p2500", "user", "x")]))
    assert shown[2] == "@@ -4999,7 +4999,7 @@"
    assert len(shown) == 3 + 8
    assert "\x1b" not in "".join(shown)
