from pathlib import Path

import pytest

from ocm_tui.core.checks.catalogue import CHECKS
from ocm_tui.core.checks.model import CheckResult
from ocm_tui.core.checks.runner import run_checks, select
from tests.unit.core.checks.support import context

GOOD = """\
version: 1
defaults: {grantTypes: [CLIENT_CREDENTIALS], clientAuth: {type: SECRET}}
clients:
  - clientId: orders-api
  - clientId: billing
"""
CLIENT = "grantTypes: [ACCESS_TOKEN_VALIDATION]"


async def verdict(path: Path | None) -> CheckResult:
    report = await run_checks(select(CHECKS, only=("inventory",)), context(inventory=path))
    return report.results[0]


async def of_text(tmp_path: Path, text: str) -> CheckResult:
    path = tmp_path / "inventory.yaml"
    path.write_text(text, encoding="utf-8")
    return await verdict(path)


async def test_a_good_one_passes(tmp_path: Path) -> None:
    result = await of_text(tmp_path, GOOD)
    assert (result.status, result.details["clients"]) == ("pass", 2)
    assert result.message.endswith("declares 2 clients")


async def test_none_is_skipped() -> None:
    result = await verdict(None)
    assert result.status == "skip"
    assert "not configured" in result.message


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "mapping"),
        ("- a\n", 1, "mapping"),
        ("clients: []\n", 1, "`version` is missing"),
        ("version: 2\nclients: []\n", 1, "`version` is 2"),
        ("version: true\nclients: []\n", 1, "`version` is True"),
        ("version: 1\n", 1, "`clients` is missing"),
        ("version: 1\nclients: {a: b}\n", 2, "not a list"),
        ("version: 1\nclients:\n  - name: x\n", 3, "clients[0] has no clientId"),
        ("version: 1\nclients:\n  - x\n", 3, "clients[0] is a mapping"),
        ("version: 1\nclients:\n  - clientId: 5\n", 3, "clientId is a text"),
        ("version: 1\nclients:\n- clientId: a\n", 3, "a: grantTypes are missing"),
        ("version: 1\nclients:\n- clientId: a\n  grantTypes: [NO_SUCH]\n", 4, "grantTypes cannot be"),
        ("version: 1\nclients: [\n", 3, ""),
        ("version: 1\nversion: 1\nclients: []\n", 2, "twice"),
        ("version: 1\nclients: *nothing\n", 2, ""),
        ("version: 1\nclients: !!python/object:os.system []\n", 2, "tag"),
    ],
)
async def test_bad_ones_fail_with_their_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    result = await of_text(tmp_path, text)
    assert result.status == "fail"
    assert f"inventory.yaml:{line}:" in result.message
    assert words in result.message
    assert result.findings[0].line == line
    assert result.hint


async def test_every_duplicate_is_found(tmp_path: Path) -> None:
    result = await of_text(tmp_path, "version: 1\nclients:\n" + f"- {{clientId: a, {CLIENT}}}\n" * 4)
    assert [finding.line for finding in result.findings] == [4, 5, 6]
    assert len({finding.key for finding in result.findings}) == 1
    assert "(and 2 more)" in result.message


async def test_warnings_are_warnings(tmp_path: Path) -> None:
    text = (
        f"version: 1\nclients:\n- {{clientId: a, {CLIENT}, name: Other}}\n- {{clientId: b, {CLIENT}, secret: keep}}\n"
    )
    result = await of_text(tmp_path, text)
    assert (result.status, result.details["clients"]) == ("warn", 2)
    assert "declares 2 clients; " in result.message
    assert f"{tmp_path / 'inventory.yaml'}:3:" in result.message
    assert [finding.line for finding in result.findings] == [3, 4]
    assert "allow: [name]" in result.hint


async def test_the_overlay_of_the_environment_counts(tmp_path: Path) -> None:
    overlay = "environments: {ENV: {requireSignedRequests: true}}"
    text = f"version: 1\nclients:\n- {{clientId: a, {CLIENT}, {overlay}}}\n"
    assert (await of_text(tmp_path, text.replace("ENV", "prod"))).status == "pass"
    assert "jwksSettings are missing" in (await of_text(tmp_path, text.replace("ENV", "dev"))).message


async def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    result = await verdict(tmp_path / "nope.yaml")
    assert result.status == "fail"
    assert "does not exist" in result.message


async def test_a_directory_and_bytes_that_are_no_text(tmp_path: Path) -> None:
    assert "directory" in (await verdict(tmp_path)).message
    path = tmp_path / "binary"
    path.write_bytes(b"version: 1\n\xff\xfe")
    assert "UTF-8" in (await verdict(path)).message


async def test_names_cannot_reach_the_terminal(tmp_path: Path) -> None:
    result = await of_text(tmp_path, 'version: 1\nclients:\n- clientId: "a\\e[31m"\n- clientId: "a\\e[31m"\n')
    assert result.status == "fail"
    assert "\x1b" not in result.message + result.findings[0].message
