"""Hostile strings through the OCI and Registry panes and their commands: shown, never obeyed, and keys are answered."""

import asyncio
import dataclasses
import json
from pathlib import Path
from typing import Any, Final

import pytest

from ocm_tui.cli import _run
from ocm_tui.core.errors import OcmError, UsageError
from ocm_tui.core.oci.parser import parse_profiles
from ocm_tui.core.registry.events.model import Delivery
from ocm_tui.core.registry.events.sqlite_stream import SqliteStream
from ocm_tui.core.registry.sqlite_store import SqliteStore
from ocm_tui.headless.formats.checks import CHECK_FORMATS
from ocm_tui.tui.screens.dead_letters import DeadLettersScreen
from ocm_tui.tui.screens.oci_form import OciForm
from tests.contract.command_line import closed_port
from tests.contract.oci_support import odd_server
from tests.hostile.strings import HUGE, NASTY, WIRE_SAFE, unsafe_in
from tests.hostile.support import LiedTo
from tests.tui.oci_support import oci_console
from tests.tui.registry_support import client_id, entry, open_pane, registry_console
from tests.tui.support import Console

ALL: Final = {**NASTY, "huge": HUGE}
IDENTITY: Final = "user=ocid1.user.oc1..aaaaaaaaexample\ntenancy=ocid1.tenancy.oc1..aaaaaaaaexample\n"
SECTIONS: Final = [
    f"[{text}]\nregion={text}\ntenancy={text}\n{name.replace(' ', '-')}-{text[:50]}={text}\nauthentication={text}\n"
    for name, text in ALL.items()
] + [
    f"[p{number}]\n{IDENTITY}region={text}\nadditional_user_agent={text}\n" for number, text in enumerate(ALL.values())
]
FILE: Final = "".join(SECTIONS).encode("utf-8", "surrogatepass")


def check(the: Console) -> None:
    """As in the other panes: nothing that is painted can be obeyed or clicked, and nothing has failed."""
    LiedTo(the.app, the.pilot, the.session).check()
    assert not unsafe_in("".join(notice.text for notice in the.app.notices).replace("\ufffd", ""))


async def pressed(the: Console, *keys: str) -> None:
    for key in keys:
        await the.press(key)
        check(the)


# OCI


async def test_oci_names_and_fields(tmp_path: Path) -> None:
    """Every name is listed; every tab of some; the form; filter and sort."""
    async with oci_console(tmp_path, content=FILE, size=(110, 30)) as the:
        names = [entry.name for entry in the.screen.rows.entries]
        assert len(names) > 1.5 * len(ALL)
        for number, name in enumerate(names[::2]):
            assert the.screen.table.select(name)
            await the.pilot._wait_for_screen()
            check(the)
            for _ in range(5 if number % 12 == 0 else 0):
                the.screen.detail.turn(1)
                await the.pilot._wait_for_screen()
                check(the)
        await pressed(the, "o", "G", "o", "g", "y", "space")
        for name in (names[0], names[-1]):
            assert the.screen.table.select(name)
            await the.press("e")
            await the.until(lambda: isinstance(the.app.screen, OciForm), "the form")
            await pressed(the, "down", "down", "escape")
        await pressed(the, "D")


async def test_oci_servers_that_say_nasty_things(tmp_path: Path) -> None:
    """In the error, its code, the request's id, and the whole of an answer that is none."""
    texts = [text for text in NASTY.values() if text]
    said = json.dumps({"code": texts[0], "message": "".join(texts)[:3000]}).encode().ljust(9999)[:9999]
    nasty = "".join(f"X-{number}: {text}\r\n" for number, text in enumerate(WIRE_SAFE.values()))
    head = f"HTTP/1.1 401 {WIRE_SAFE['colour']}\r\nopc-request-id: {WIRE_SAFE['title']}\r\n{nasty}Content-Length: 9999"
    for answer in (f"{head}\r\n\r\n".encode("latin-1") + said, f"HTTP/1.1 200 OK\r\n\r\n{NASTY['title']}".encode()):
        async with odd_server(answer) as origin, oci_console(tmp_path, size=(110, 40)) as the:
            asked = the.service.prober
            asked.endpoints = dataclasses.replace(asked.endpoints, object_storage=origin, generative_ai=origin)
            await the.select("orders-jobs")
            await the.probe("orders-jobs")
            await pressed(the, "right_square_bracket", "right_square_bracket", "m")
            await the.until(lambda: not the.screen._asking, "generative AI was asked")
            await pressed(the, "x", "2", "f", "escape")
            assert the.statuses["orders-jobs"] != "useable"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, value in (("CONFIG", "config.yaml"), ("STATE_DIR", "state"), ("CACHE_DIR", "cache")):
        monkeypatch.setenv(f"OCM_TUI_{name}", str(tmp_path / value))
    monkeypatch.setenv("OCI_CLI_REGION", NASTY["title"] + NASTY["bidi override"])
    return tmp_path


def configured(home: Path, section: str) -> None:
    (home / "config.yaml").write_text(f"default_environment: dev\nenvironments:\n  dev: {{{section}}}\n")


def said(words: list[str], capfd: pytest.CaptureFixture[str]) -> str:
    _run(words)
    done = capfd.readouterr()
    assert "fault in ocm-tui" not in done.err, (words, done.err)
    for stream in (done.out, done.err):
        assert not unsafe_in(stream.replace("\ufffd", "")), (words, unsafe_in(stream.replace("\ufffd", "")))
    return done.out + done.err


def test_oci_commands(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (home / "profiles").write_bytes(FILE)
    configured(home, f"oci: {{config_file: {home / 'profiles'}, endpoint: 'http://127.0.0.1:{closed_port()}'}}")
    for form in ("text", "json", "jsonl"):
        said(["oci", "list", "--output", form], capfd)
    small = "".join(one for one in SECTIONS[::3] if len(one) < 50_000).encode("utf-8", "surrogatepass")
    (home / "profiles").write_bytes(small)
    names = [profile.name for profile in parse_profiles(home / "profiles", small).profiles if profile.name[:1] != "-"]
    commands = [["oci", "show", name, "--output", form] for name in names[::2] for form in ("text", "json")]
    commands += [["oci", "probe", *names[::6], "--output", "json"], ["oci", "probe", "--all", "--verbose"]]
    commands += [["oci", "show", text] for text in NASTY.values() if "\0" not in text][::4]
    commands += [["--check", "--only", "oci*", "--output", form] for form in CHECK_FORMATS]
    for words in commands:
        said(words, capfd)


# The registry


async def fill(store: SqliteStore, stream: SqliteStream) -> list[str]:
    """Rows, events and dead letters with each of the strings; the codes of what could be stored."""
    codes = []
    for number, given in enumerate(ALL.values()):
        text = given.encode("utf-8", "replace").decode()  # half of a character is refused long before
        code = f"{number}{text}"[:64]
        members: dict[str, Any] = {
            "bap_id": text[:200],
            "bap_uri": text,
            "metadata": {text[:50] or "k": [text, {text[:9]: 1}]},
        }
        try:
            await store.upsert(entry(code, **members))
        except UsageError:
            continue  # what no registry holds
        codes.append(code)
        storable = {
            "type": "client.updated",
            "client_id": str(client_id(code)),
            "payload": json.dumps({"bap_id": text}),
        }
        for fields in (
            storable,
            {**storable, "payload": text},
            dict.fromkeys(("type", "client_id", text or "x"), text),
        ):
            await stream.bury(Delivery(f"{number}-1", fields), text[:4000])
    await stream.replay([letter.letter_id for letter in (await stream.letters(1000))[::3]])
    return codes


async def test_registry_rows_values_events_and_letters(tmp_path: Path) -> None:
    async with registry_console(tmp_path, (), opened=False, size=(110, 40)) as the:
        codes = await fill(the.seeded.registry.store, the.seeded.stream)  # type: ignore[arg-type]
        assert len(codes) > len(ALL) * 0.8
        for code in codes:
            the.seeded.corrupt(code, ALL.get("huge", "").encode() if code == codes[-1] else code.encode())
        await open_pane(the)
        for number, code in enumerate([*codes[::2], codes[-1]]):
            await the.select(code)
            check(the)
            for _ in range(4 if number % 12 == 0 or code == codes[-1] else 0):
                await pressed(the, "right_square_bracket")
        await pressed(the, "s", "F", "o", "escape", "p", "escape")
        await the.press("l")
        await the.until(lambda: isinstance(the.app.screen, DeadLettersScreen), "the dead letters")
        letters = the.app.screen
        assert isinstance(letters, DeadLettersScreen)
        await the.until(lambda: len(letters.rows) > len(codes), "they are there")
        for letter in letters.rows.letters[::3]:
            assert letters.table.select(letter.letter_id)
            await the.pilot._wait_for_screen()
            check(the)
        await pressed(the, "R", "escape", "escape")


@pytest.mark.parametrize("text", ["title", "live link", "bidi override", "clipboard", "combining flood"])
async def test_registry_servers_that_say_nasty_things(tmp_path: Path, text: str) -> None:
    error = OcmError(NASTY[text], detail=f"{NASTY[text]}\n{NASTY[text]}", hint=NASTY[text])
    async with registry_console(tmp_path, opened=False, size=(110, 40)) as the:
        for name in ("status", "get_many", "get", "scan"):
            the.seeded.cache.fail(name, error=error)
        await the.press("3")
        await the.until(lambda: the.screen.read_at is not None, "the rows")
        await pressed(the, "right_square_bracket", "s", "f", "i", "escape", "p")
        for name in ("page", "find", "get", "get_many", "counts"):
            the.seeded.store.fail(name, error=error)
        await pressed(the, "r", "G", "right_square_bracket", "t", "escape", "l", "escape")


def test_registry_commands(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    configured(home, "registry: {}")

    async def filled() -> list[str]:
        store = SqliteStore(home / "state" / "registry-dev.sqlite3")
        stream = SqliteStream(store, "stream:admin.client.events")
        try:
            return await fill(store, stream)
        finally:
            await store.close()

    codes = asyncio.run(filled())
    commands = [["registry", "list", "--output", form] for form in ("text", "json", "jsonl")]
    commands += [["registry", "events", "list", *dead] for dead in ([], ["--dead"], ["--dead", "--output", "json"])]
    commands += [["registry", "show", str(client_id(code)), "--output", "text"] for code in codes]
    commands += [["registry", "cache", "show", str(client_id(code)), "--output", "json"] for code in codes[::5]]
    commands += [["registry", "show", "--", text] for text in NASTY.values() if "\0" not in text][::4]
    commands += [["registry", "list", text] for text in NASTY.values() if text[:1] not in {"-", "\0"}][::4]
    commands += [["registry", "cache", "compare", "--all"], ["registry", "events", "consume", "--drain"]]
    listed = said(commands[0], capfd)
    assert f"{len(codes)} clients" in listed
    for words in commands:
        said(words, capfd)


@pytest.mark.parametrize("name", ["title", "colour", "clipboard", "live link", "HTML"])
async def test_registry_commands_when_redis_says_nasty_things(
    home: Path, capfd: pytest.CaptureFixture[str], name: str
) -> None:
    async with odd_server(f"-ERR {NASTY[name]}\r\n".encode()) as origin:
        configured(home, f"registry: {{cache: '{origin.replace('http', 'redis')}/0'}}")
        for line in ("registry status", "registry cache list", "registry events list"):
            assert "refused a command" in await asyncio.to_thread(said, line.split(), capfd)
