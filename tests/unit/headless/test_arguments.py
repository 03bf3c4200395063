"""The grammar of the command line: both positions of the global options, and one clear sentence for each mistake."""

import subprocess
import sys
from pathlib import Path

import pytest

from ocm_tui.arguments import parse
from ocm_tui.cli import parse as parse_with_environment
from ocm_tui.core.errors import UsageError

GLOBALS = ["--config", "c.yaml", "--env", "prod", "--demo", "--read-only", "--output", "json", "--no-color", "--quiet"]


@pytest.mark.parametrize(
    "words",
    [
        [*GLOBALS, "clients", "show", "x"],
        ["clients", *GLOBALS, "show", "x"],
        ["clients", "show", *GLOBALS, "x"],
        ["clients", "show", "x", *GLOBALS],
        [*GLOBALS[:4], "clients", *GLOBALS[4:6], "show", "x", *GLOBALS[6:]],
    ],
)
def test_global_options_stand_anywhere(words: list[str]) -> None:
    options = parse(words)
    assert (options.command, options.action, options.client) == ("clients", "show", "x")
    assert (options.config, options.env, options.output) == (Path("c.yaml"), "prod", "json")
    assert options.demo is options.read_only is options.no_color is options.quiet is True
    assert options.verbose is False


def test_defaults() -> None:
    options = parse([])
    assert (options.command, options.check, options.demo, options.output) == (None, False, False, None)
    options = parse(["--check"])
    assert (options.check, options.check_report, options.check_only, options.check_skip) == (True, [], [], [])
    assert (options.check_fail_on, options.check_timeout, options.check_list) == ("fail", None, False)


def test_the_options_of_check() -> None:
    options = parse(
        ["--check", "--only", "server.*", "--only=config", "--skip", "x", "--fail-on", "warn", "--timeout", "1.5",
         "--report", "junit=a=b.xml", "--report", "sarif=c.sarif", "--output", "github", "--demo"]
    )  # fmt: skip
    assert options.check_only == ["server.*", "config"]
    assert options.check_report == [("junit", Path("a=b.xml")), ("sarif", Path("c.sarif"))]
    assert (options.check_fail_on, options.check_timeout, options.output) == ("warn", 1.5, "github")


def test_lists_do_not_leak_from_one_parse_to_the_next() -> None:
    parse(["--check", "--only", "a"])
    assert parse(["--check", "--only", "b"]).check_only == ["b"]


@pytest.mark.parametrize("before", [["--output", "jsonl"], []])
@pytest.mark.parametrize("after", [["--output", "jsonl"]])
def test_each_command_has_its_formats(before: list[str], after: list[str]) -> None:
    assert parse([*before, "clients", "list", *after]).output == "jsonl"
    with pytest.raises(UsageError, match="jsonl is no format"):
        parse([*before, "clients", "show", "x", *after])


@pytest.mark.parametrize(
    ("words", "sentence", "hint"),
    [
        (["clinets"], "no command clinets", "did you mean clients?"),
        (["clients", "lsit"], "no command lsit", "did you mean list?"),
        (["xyzzy"], "no command xyzzy", "one of clients, plan, apply, log, oci, registry, simulate, config"),
        (["--chek"], "no option --chek", "did you mean --check?"),
        (["--evn", "prod", "clients", "list"], "no option --evn", "did you mean --env?"),
        (["clients", "list", "--otput", "json"], "no option --otput", "did you mean --output?"),
        (["clients", "--yes", "list"], "no option --yes", ""),
        (["--con", "x"], "no option --con", "--config"),
        (["--check", "--output", "junti"], "--output junti is no format", "did you mean junit?"),
        (["clients", "list", "--output", "junit"], "--output junit is no format", "text, json, jsonl"),
        (["--output", "json"], "not for the console", ""),
        (["--check", "clients", "list"], "--check and clients are two commands", ""),
        (["--check", "rubbish"], "no command rubbish", ""),
        (["--only", "x"], "--only belongs to --check", ""),
        (["clients", "list", "--fail-on", "warn"], "no option --fail-on", ""),
        (["--check", "--fail-on", "wran"], "--fail-on cannot be wran", "did you mean warn?"),
        (["--check", "--timeout", "0"], "above 0", ""),
        (["--check", "--timeout", "nan"], "above 0", ""),
        (["--check", "--timeout", "soon"], "above 0", ""),
        (["--check", "--timeout"], "--timeout: expected one argument", ""),
        (["--check", "--report", "junit"], "not FORMAT=FILE", "junit=checks.xml"),
        (["--check", "--report", "junit="], "not FORMAT=FILE", ""),
        (["--check", "--report", "xunit=a"], "xunit is no format", "did you mean junit?"),
        (["--check", "--report", "json=-"], "writes files", "--output json"),
        (["clients"], "ocm-tui clients needs ACTION", ""),
        (["clients", "show"], "needs CLIENT", ""),
        (["clients", "show", "a", "b"], "no use for b", ""),
        (["clients", "create"], "needs --file", ""),
        (["clients", "update", "x"], "--set --file is required", ""),
        (["clients", "update", "x", "--set", "a=1", "--file", "b"], "not allowed with", ""),
        (["clients", "rotate-secret", "x", "--yes"], "needs --deliver", ""),
        (["clients", "list", "--quiet", "--verbose"], "contradict", ""),
        (["\x1b[31mred"], "no command ␛[31mred", ""),
    ],
)
def test_mistakes_get_one_sentence(words: list[str], sentence: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(words)
    assert sentence in caught.value.title
    assert hint in caught.value.hint
    assert "\n" not in caught.value.title


@pytest.mark.parametrize("value", ["1", "true", "0"])
def test_no_color_is_any_value(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("NO_COLOR", value)
    assert parse_with_environment(["--check"]).no_color is True


def test_an_empty_no_color_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "")
    assert parse_with_environment(["--check"]).no_color is False


def _modules_after(code: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_only_the_chosen_command_is_imported() -> None:
    loaded = _modules_after("from ocm_tui.arguments import parse; parse(['clients', 'list'])")
    assert "ocm_tui.headless.clients_arguments" in loaded
    heavy = {"asyncio", "ocm_tui.simulator", "ocm_tui.config", "ocm_tui.headless.config", "yaml", "pydantic", "textual"}
    assert not loaded & heavy


def test_no_use_of_the_word_options_is_left_undocumented() -> None:
    """Every option of every command has a help text, or is a global one that the top parser explains."""
    for words in (["--help"], ["clients", "--help"], ["clients", "update", "--help"], ["log", "list", "--help"]):
        done = subprocess.run(
            [sys.executable, "-m", "ocm_tui", *words], capture_output=True, text=True, check=True, timeout=60
        )
        assert done.stderr == ""
        assert done.stdout.startswith("usage: ocm-tui")
