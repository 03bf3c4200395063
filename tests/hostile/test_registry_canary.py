"""Hashes of secrets and passwords of the registry come out nowhere: commands, events, cache, console, errors."""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import pytest

from ocm_tui.cli import _run
from ocm_tui.core.crash import crash_text
from ocm_tui.core.errors import OcmError
from ocm_tui.core.registry.entries import key_of
from ocm_tui.core.registry.events.codec import masked
from ocm_tui.core.registry.events.model import EVENT_TYPES, ClientEvent, Delivery
from ocm_tui.core.registry.events.redis_stream import RedisStream
from ocm_tui.core.registry.inspection import Inspection
from ocm_tui.core.registry.masking import masked_bytes
from ocm_tui.core.registry.postgres import PostgresStore
from ocm_tui.core.registry.postgres_errors import translated as translated_postgres
from ocm_tui.core.registry.postgres_pool import address_of as address_of_postgres
from ocm_tui.core.registry.redis_cache import RedisCache
from ocm_tui.core.registry.redis_connect import address_of as address_of_redis
from ocm_tui.core.secret import Secret
from ocm_tui.headless.formats.checks import CHECK_FORMATS
from ocm_tui.headless.formats.registry import inspection_json, inspection_text
from ocm_tui.tui.models.event_rows import event_line
from ocm_tui.tui.screens.dead_letters import DeadLettersScreen
from tests.contract.command_line import closed_port
from tests.hostile.planted import forms_of
from tests.tui.registry_support import CODES, RegistryConsole, client_id, entry, open_pane, registry_console

pytestmark = pytest.mark.usefixtures("nothing_known")

PLAIN: Final = "0c6f4a1b77e94d5e8c5a37f20bd1canary"
BCRYPT: Final = "$2b$12$canaryZq9canaryZq9cauKq1cHqWnP0s3m8x1q2k5Rt7Uv9Wy1Aa3Cc"
PASSWORD: Final = "Pl4nted-registry/7f3a?x#y"
HASHES: Final = (PLAIN, BCRYPT)

# A cached value, or a field of an event, whatever wrote it.
ODD_VALUES: Final = [
    form % value
    for value in HASHES
    for form in (
        '{"v":1,"client_secret_hash":"%s"}',
        '{"v":1,"metadata":{"deep":[{"api_key_hash":"%s"}]}}',
        '  {"client_secret_hash": "%s"}',
        '{"client_secret_hash":"%s',
        '{"client_secret_hash" : "%s", broken',
        '[{"api_key_hash":"%s"}]',
        '{"payload":"{\\"client_secret_hash\\":\\"%s\\"}"}',
        '"{\\"client_secret_hash\\":\\"%s\\"}" and more',
        "{'client_secret_hash': '%s', 'v': 1}",
        "client_secret_hash=%s&client_code=orders",
        "api_key_hash: %s",
        "api_key_hash => %s",
        'pickled \x80\x04 client_secret_hash":"%s"',
    )
] + [f'{{"v":1,"colour":"{BCRYPT}"}}', f"v1 {BCRYPT} v2", "{SSHA512}" + PLAIN]


def leaks(text: str, planted: Iterable[str] = (*HASHES, PASSWORD)) -> list[str]:
    """A screen wraps, a dump in hexadecimal has a column of letters."""
    joined = re.sub(r"\s*\n\s*", "", text)
    letters = re.sub(r"(?m)^[0-9a-f]{4}  .{47}  |\n", "", text)
    pieces = {form.decode() for secret in planted for form in forms_of(secret)} | {one[:16] for one in planted}
    return [piece for piece in pieces if any(piece in seen for seen in (text, joined, letters))]


@pytest.mark.parametrize("value", ODD_VALUES)
@pytest.mark.parametrize("tail", [b"", b"\xff\x00\xfe"])
def test_a_value_whatever_wrote_it(value: str, tail: bytes) -> None:
    from ocm_tui.tui.registry_text import raw_content

    raw = value.encode() + tail
    assert not leaks(masked_bytes(raw).decode("latin-1"))
    assert not leaks(raw_content(raw).plain)
    for name in ("payload", "type", "client_id", "occurred_at", "x"):
        fields = {"type": "client.updated", "client_id": str(client_id("orders-api")), name: value}
        assert not leaks(json.dumps(masked(fields)))
        assert not leaks(repr(event_line(Delivery("1-1", fields))))


def test_what_holds_no_hash_stays_as_it_is() -> None:
    for value in ('{"a": [1, 2.50], "b":null}', "client_secret_hash", "a=b", '{"v":1', "$2 and $5 are prices"):
        assert masked_bytes(value.encode()) == value.encode()
    assert masked_bytes(b"\xff\x00") == b"\xff\x00"


@pytest.mark.parametrize("scheme", ["postgresql", "redis", "rediss"])
@pytest.mark.parametrize(
    "password", [PASSWORD, "p@ss/Canary77", "Canary77#x@y", "a:Canary77@b?c", "[Canary77", "%zzCanary77"]
)
def test_an_address_without_its_password(scheme: str, password: str) -> None:
    url = f"{scheme}://ocm:{password}@db.example.com:6379/0"
    shown = (address_of_postgres if scheme == "postgresql" else address_of_redis)(url)
    assert "Canary77" not in shown
    assert "7f3a" not in shown


def test_a_value_that_the_driver_refuses() -> None:
    import asyncpg

    said = f"invalid input for query argument $7: '{PLAIN}' (expected str, got int)"
    for error in (asyncpg.DataError(said), asyncpg.DataError(f"invalid input: {BCRYPT!r} (a {PLAIN} is required)")):
        with pytest.raises(OcmError) as caught, translated_postgres("db.example.com"):
            raise error
        assert not leaks(f"{caught.value} {caught.value.detail} {caught.value!r} {crash_text(caught.value)}")
        assert "fit" in caught.value.detail or "argument $7: expected str, got int" in caught.value.detail


async def _fill(dsn: str, url: str) -> None:
    """Rows with hashes, also in their metadata; cached values, events and dead letters that hold them."""
    import redis.asyncio as redis

    store, cache, stream = PostgresStore(dsn), RedisCache(url), RedisStream(url, "stream:admin.client.events")
    await store.upsert_many([entry(code, secret_hash=Secret(BCRYPT, search=False)) for code in CODES])
    hashes = {"client_secret_hash": PLAIN, "deep": [{"api_key_hash": BCRYPT}]}
    await store.upsert(entry("orders-ui", metadata={"team": "shop", **hashes}))
    async with redis.from_url(url) as client:
        for code, value in zip(CODES, ODD_VALUES, strict=False):
            await client.set(key_of(client_id(code)), value)
        for number, value in enumerate(ODD_VALUES):
            fields: dict[Any, Any] = {"type": "client.updated", "client_id": str(client_id(CODES[number % 6]))}
            odd: dict[Any, Any] = {} if number % 3 else {"type": value, "version": BCRYPT}
            await client.xadd(stream.name, {**fields, "payload": value, **odd})
    payload = {"client_secret_hash": PLAIN, "metadata": hashes, "rate_limit": 5}
    await stream.publish(
        [
            ClientEvent(
                event_id=f"00000000-0000-4000-8000-{n:012}", type=kind, client_id=client_id(CODES[n]), payload=payload
            )
            for n, kind in enumerate(EVENT_TYPES[:3])
        ]
    )
    for part in (store, cache, stream):
        await part.close()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, value in (("CONFIG", "config.yaml"), ("STATE_DIR", "state"), ("CACHE_DIR", "cache")):
        monkeypatch.setenv(f"OCM_TUI_{name}", str(tmp_path / value))
    return tmp_path


def _environment(home: Path, database: str, cache: str) -> None:
    urls = f"database: '{database}', cache: '{cache}'"
    (home / "config.yaml").write_text(f"default_environment: dev\nenvironments:\n  dev: {{registry: {{{urls}}}}}\n")


COMMANDS: Final = [
    *([*words.split(), "--output", form] for form in ("text", "json") for words in (
        "registry status", "registry list", "registry show orders-api", "registry show orders-ui",
        *(f"registry cache show {code}" for code in CODES),
        "registry cache list", "registry cache compare --all", "registry events status", "registry events list",
    )),
    ["registry", "list", "--output", "jsonl"], ["registry", "events", "list", "--output", "jsonl"],
    ["registry", "events", "consume", "--drain", "--verbose"],
    *(["registry", "events", "list", "--dead", "--output", form] for form in ("text", "json", "jsonl")),
    ["registry", "events", "replay", "--yes"],
    *(["registry", "show", code, "--output", form] for code in CODES[:2] for form in ("text", "json")),
    *(["--check", "--only", "registry*", "--verbose", "--output", form] for form in CHECK_FORMATS),
    ["config", "show"],
]  # fmt: skip


def _said(words: list[str], capfd: pytest.CaptureFixture[str]) -> str:
    _run(words)
    done = capfd.readouterr()
    assert "fault in ocm-tui" not in done.err, (words, done.err)
    return done.out + done.err


async def test_commands_over_real_servers(
    home: Path, capfd: pytest.CaptureFixture[str], postgres_dsn: str, redis_url: str
) -> None:
    import asyncio

    await _fill(postgres_dsn, redis_url)
    _environment(home, postgres_dsn, redis_url)
    (home / "rows.jsonl").write_text(
        "".join(
            json.dumps({"client_id": str(client_id(code)), "client_code": code, "client_secret_hash": PLAIN, **more})
            + "\n"
            for code, more in (("a", {}), ("b", {"metadata": {"api_key_hash": PLAIN}}), ("c", {"rate_limit": BCRYPT}))
        )
    )
    sync = [["registry", "sync", "--from", str(home / "rows.jsonl"), "--dry-run"]]
    for words in [*COMMANDS, *sync]:
        said = await asyncio.to_thread(_said, words, capfd)
        assert not leaks(said), (words, said)
    for path in (home / "state").rglob("*"):
        assert not path.is_file() or not leaks(path.read_bytes().decode("latin-1")), path


WITHOUT_SERVERS: Final = (
    *("registry status", "registry list --verbose", "registry cache list", "registry events list"),
    *("--check --only registry*", "config show"),
)


@pytest.mark.parametrize("password", [PASSWORD, "Pl4nted-registry-p4ss"])
def test_commands_when_both_servers_refuse(home: Path, capfd: pytest.CaptureFixture[str], password: str) -> None:
    from urllib.parse import quote

    dead = f"127.0.0.1:{closed_port()}"
    for written in (password, quote(password, safe="")):
        _environment(home, f"postgresql://ocm:{written}@{dead}/registry", f"redis://ocm:{written}@{dead}/0")
        for line in WITHOUT_SERVERS:
            words = line.split()
            said = _said(words, capfd)
            assert said, words
            assert not leaks(said, (password, "Pl4nted-registry")), (words, said)


async def test_a_server_that_quotes_a_value(postgres_dsn: str) -> None:
    """The driver checks arguments itself; constraints are the server's, and their details quote the whole row."""
    store = PostgresStore(postgres_dsn)
    hashed = Secret(PLAIN, search=False)
    await store.upsert(entry("orders-api", secret_hash=hashed))
    statements = [
        ("SELECT $1::int", (PLAIN,)),
        ("SELECT $1::text::int", (PLAIN,)),
        (f"UPDATE {store.schema}.clients SET status = 'x', client_secret_hash = $1", (BCRYPT,)),
        (f"UPDATE {store.schema}.clients SET client_code = NULL, client_secret_hash = $1", (BCRYPT,)),
        ("SELECT $1::jsonb", (f'{{"client_secret_hash": {BCRYPT}',)),
    ]
    try:
        for statement, arguments in statements:
            with pytest.raises(OcmError) as caught:
                async with store._database.writing() as connection:
                    await connection.execute(statement, *arguments)
            said = f"{caught.value} {caught.value.detail} {caught.value!r} {crash_text(caught.value)}"
            assert not leaks(said), statement
    finally:
        await store.close()


async def _seeded(the: RegistryConsole) -> None:
    for code, value in zip(CODES, ODD_VALUES[::4], strict=False):
        the.seeded.corrupt(code, value.encode() + (b"\xff" if code == CODES[1] else b""))
    await the.seeded.store.upsert(
        entry("orders-ui", secret_hash=Secret(PLAIN, search=False), metadata={"api_key_hash": BCRYPT})
    )
    kinds = ("client.created", "client.updated", "client.api_key_rotated")
    payloads: list[dict[str, Any]] = [
        {"client_secret_hash": PLAIN},
        {"api_key_hash": BCRYPT},
        {"colour": ODD_VALUES[6]},
    ]
    await the.seeded.publish(*((kind, code, {**payloads[n % 3]}) for n, code in enumerate(CODES) for kind in kinds))
    for fields in ({"type": ODD_VALUES[0]}, {"client_id": ODD_VALUES[3], "payload": ODD_VALUES[1]}):
        await the.seeded.stream.bury(Delivery("1-1", fields), "why not")


def seen(the: RegistryConsole) -> str:
    notices = [repr(notice) for notice in the.app.notices]
    return "\n".join([the.screen_text(), the.app.export_screenshot(), *notices])


async def test_the_pane(tmp_path: Path) -> None:
    """The list, every tab of every client, the event tail, the form, and the dead letters."""
    async with registry_console(tmp_path, opened=False, size=(160, 50)) as the:
        await _seeded(the)
        await open_pane(the)
        inspection = Inspection(the.seeded.registry)
        for code in CODES:
            found = await inspection.look(client_id(code))
            assert not leaks(inspection_text(found, color=False) + json.dumps(inspection_json(found))), code
            await the.select(code)
            for _ in range(4):
                await the.press("right_square_bracket")
                assert not leaks(the.screen_text()), code
            assert not leaks(seen(the)), code
        await the.press("l")
        await the.until(lambda: isinstance(the.app.screen, DeadLettersScreen), "the dead letters")
        letters = the.app.screen
        assert isinstance(letters, DeadLettersScreen)
        await the.until(lambda: len(letters.rows) == 2, "both are there")
        for letter in letters.rows.letters:
            assert letters.table.select(letter.letter_id)
            await the.pilot.pause()
            assert not leaks(seen(the))
        await the.press("escape")
        await the.select("orders-ui")
        await the.press("e")
        await the.until(lambda: the.app.screen.is_modal, "the form, or why there is none")
        assert not leaks(seen(the))
