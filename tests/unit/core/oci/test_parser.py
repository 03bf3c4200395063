"""The parser reads what the SDK reads, and goes on where the SDK gives up."""

import configparser
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ocm_tui.core.oci.model import ConfigFile
from ocm_tui.core.oci.parser import config_location, parse_profiles, read_profiles, stamp_of
from ocm_tui.core.oci.scanner import scan, to_bytes, to_text
from ocm_tui.core.oci.schemas import find_profile
from tests.unit.core.oci.corpus import CASES, Case
from tests.unit.core.oci.strategies import disorder, orderly

PLACE = Path("config")
_SWITCHES = {"1", "yes", "true", "on", "0", "no", "false", "off"}  # `oci.config._as_bool`


def fields(file: ConfigFile) -> dict[str, dict[str, str]]:
    return {profile.name: {name: field.text for name, field in profile.fields.items()} for profile in file.profiles}


def the_sdks(content: bytes) -> dict[str, dict[str, str]] | None:
    """What `oci.config.from_file` gives for each profile, without its three defaults; None when it refuses the file.

    A profile that it refuses alone, for a switch that is neither on nor off, is as configparser has it.
    """
    from oci.config import DEFAULT_CONFIG, from_file

    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "config"
        path.write_bytes(content)
        parser = configparser.ConfigParser(interpolation=None)
        try:
            parser.read(path)
        except (configparser.Error, UnicodeDecodeError):
            with pytest.raises((configparser.Error, UnicodeDecodeError)):
                from_file(str(path))
            return None
        names = [*(["DEFAULT"] if parser.defaults() else []), *parser.sections()]
        found = {}
        for name in names:
            own = parser[name]
            try:
                read = from_file(str(path), name)
            except ValueError:
                assert own["log_requests"].lower() not in _SWITCHES
                found[name] = dict(own)
                continue
            found[name] = {key: read[key] for key in own}
            assert {key: value for key, value in read.items() if key not in own} == {
                key: value for key, value in DEFAULT_CONFIG.items() if key not in own
            }
            if "log_requests" in own:
                found[name]["log_requests"] = own["log_requests"]
        return found


@settings(max_examples=400, deadline=None)
@given(disorder)
@example("[A]\n    [B]\nx=1")
@example("[A]\nx=1\n# c\n\n  more\n\n[B]")
@example("[A]\n=x\n  y")
@example("[A]\nlog_requests=true\n :")
def test_whatever_the_sdk_accepts_gives_the_same_fields_here(text: str) -> None:
    theirs = the_sdks(text.encode())
    ours = parse_profiles(PLACE, text.encode())
    if theirs is not None:
        assert fields(ours) == theirs
        assert not [one for one in ours.problems if one.severity == "error"]
    else:
        assert [one.code for one in ours.problems if one.severity == "error"]


@settings(max_examples=200, deadline=None)
@given(orderly())
def test_orderly_files_are_read_as_the_sdk_reads_them(text: str) -> None:
    theirs = the_sdks(text.encode())
    assert theirs is not None
    assert fields(parse_profiles(PLACE, text.encode())) == theirs


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.binary(max_size=200), disorder.map(str.encode), st.binary().map(lambda more: b"[A]\nx=" + more)))
def test_no_bytes_hurt_and_none_is_lost(content: bytes) -> None:
    file = parse_profiles(PLACE, content)
    assert file.content == content
    assert to_bytes(to_text(content)) == content
    scanned = scan(to_text(content))
    assert ("\ufeff" if scanned.bom else "") + "".join(scanned.lines) == to_text(content)
    for profile in file.profiles:
        assert profile.config.auth_profile == profile.name


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_corpus_loses_no_profile(case: Case) -> None:
    names = {section.name for section in scan(to_text(case.content())).sections}
    read = {profile.name for profile in parse_profiles(PLACE, case.content()).profiles}
    assert names - {"DEFAULT"} <= read


def test_ten_thousand_sections() -> None:
    text = "[DEFAULT]\nregion=us-ashburn-1\n" + "".join(
        f"# {number}\n[p{number}]\nuser=ocid1.user.oc1..{number}\nkey_file=~/.oci/{number % 7}.pem\n"
        for number in range(10_000)
    )
    file = parse_profiles(PLACE, text.encode())
    assert len(file.profiles) == 10_001
    assert file.profiles[-1].config.user == "ocid1.user.oc1..9999"
    assert file.profiles[-1].fields["region"].origin == "DEFAULT"
    assert file.profiles[-1].line == 2 + 4 * 9_999 + 2


def test_a_line_of_a_megabyte_of_blanks() -> None:
    started = time.process_time()
    file = parse_profiles(PLACE, b"[A]\na" + b" " * 1_000_000 + b"b\nx = 1\n")
    assert fields(file) == {"A": {"x": "1"}}
    assert time.process_time() - started < 30  # a quadratic pattern takes an hour


def test_origin_lines_and_inheritance() -> None:
    file = parse_profiles(PLACE, b"[DEFAULT]\nregion=us-ashburn-1\nuser=d\n\n[A]\nuser=a\nx=1\n  more\n")
    profile = file.profiles[1]
    assert [(one.name, one.text, one.line, one.origin, one.glued) for one in profile.fields.values()] == [
        ("region", "us-ashburn-1", 2, "DEFAULT", None),
        ("user", "a", 6, "own", None),
        ("x", "1\nmore", 7, "own", 8),
    ]
    assert (profile.line, profile.config.user, profile.config.region) == (5, "a", "us-ashburn-1")


def test_repeated_sections_are_one_profile_and_what_comes_later_counts() -> None:
    file = parse_profiles(PLACE, b"[A]\nuser=1\nx=1\n[B]\n[A]\nuser=2\n")
    assert [profile.name for profile in file.profiles] == ["A", "B"]
    assert file.profiles[0].lines == (1, 5)
    assert fields(file)["A"] == {"user": "2", "x": "1"}


def test_names_are_found_without_their_case_and_exactly_first() -> None:
    file = parse_profiles(PLACE, b"[a]\nx=1\n[A]\nx=2\n[Stra\xc3\x9fe]\n")
    configs = [profile.config for profile in file.profiles]
    for name, expected in (("a", "a"), ("A", "A"), ("STRASSE", "Straße"), ("b", None)):
        found = find_profile(configs, name)
        assert (found.auth_profile if found else None) == expected
        profile = file.profile(name)
        assert (profile.name if profile else None) == expected


@pytest.mark.parametrize(
    "text",
    [
        "[A]\nregion=us-ashburn-1\n  pass_phrase = canary-of-a-phrase\n",
        "[A]\nregion=us-ashburn-1 # pass_phrase: canary-of-a-phrase\n",
        "[A]\npass_phrase=canary-of-a-phrase\n",
        "[A]\npassphrase=canary-of-a-phrase\n",
        "[A]\nkey_content=canary-of-a-phrase\n",
        "[A]\nfingerprint=canary-of-a-phrase\n",
        "[A]\nkey_file=/keys/canary-of-a-phrase\n",
        "[A]\nsecurity_token_file=/keys/canary-of-a-phrase\n",
    ],
)
def test_no_repr_and_no_dump_shows_a_sensitive_value(text: str) -> None:
    file = parse_profiles(PLACE, text.encode())
    shown = f"{file!r} {file.profiles[0].config.model_dump()} {file.profiles[0].config.model_dump_json()}"
    assert "canary" not in shown
    assert any("canary-of-a-phrase" in one.text for one in file.profiles[0].fields.values())


def test_the_file_is_chosen_as_the_contract_says(tmp_path: Path) -> None:
    home = tmp_path
    assert config_location(None, {}, home) == (home / ".oci" / "config", "default")
    assert config_location(Path("~/x"), {}, home) == (home / "x", "oci.config_file")
    chosen = {"OCI_CLI_CONFIG_FILE": "~/y"}
    assert config_location(Path("~/x"), chosen, home) == (home / "y", "OCI_CLI_CONFIG_FILE")


@pytest.mark.parametrize("kind", ["missing", "directory", "a part is a file", "pipe", "NUL in the name", "loop"])
def test_a_file_that_cannot_be_read_is_a_finding(tmp_path: Path, kind: str) -> None:
    import os

    path = tmp_path / "config"
    match kind:
        case "directory":
            path.mkdir()
        case "a part is a file":
            path.touch()
            path = path / "config"
        case "pipe":
            os.mkfifo(path)
        case "NUL in the name":
            path = tmp_path / "a\0b"
        case "loop":
            path.symlink_to(path)
    file = read_profiles(path)
    assert [one.code for one in file.problems] == ["file-missing"]
    assert file.missing
    assert not file.profiles


def test_a_change_shows_in_the_stamp(tmp_path: Path) -> None:
    path = tmp_path / "config"
    assert stamp_of(path) is None
    path.write_text("[A]\n")
    file = read_profiles(path)
    assert file.stamp == stamp_of(path)
    path.write_text("[A]\nx=1\n")
    assert file.stamp != stamp_of(path)
    assert read_profiles(path).digest != file.digest
