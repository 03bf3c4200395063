"""`ocm-tui registry …` in this process: the demo's registry, which has one of everything, and real servers."""

import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ocm_tui.arguments import parse
from ocm_tui.core.clients.policy import WritePolicy
from ocm_tui.core.errors import UsageError
from ocm_tui.core.exchanges.log import ExchangeLog
from ocm_tui.core.registry.model import derived_id
from ocm_tui.core.registry.opening import RegistryAddresses, open_registry
from ocm_tui.core.registry.service import ClientRegistry
from ocm_tui.core.secret import Secret
from ocm_tui.core.session import Session
from ocm_tui.demo_registry import open_demo_registry
from ocm_tui.headless.dispatch import run

BASE_URL = "https://pf.example.com/pf-admin-api/v1"
_BAD_NETWORK = "given.yaml:1: event of shop: payload.allowed_ips: `x` is no address"
ORDERS = "client_code: orders\nbap_id: shop\nrate_limit: 7\nallowed_ips: [10.1.2.3/8]\n"


@dataclass(frozen=True)
class Said:
    code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> Any:
        document = json.loads(self.stdout)
        assert document["schema"] == "ocm-tui/registry/v1"
        return document


@dataclass
class Console:
    """`registry` as the shell would; each call opens everything anew."""

    capsys: pytest.CaptureFixture[str]
    make: Callable[[Session], Any]
    folder: Path
    demo: bool = True
    protected: bool = False

    def __call__(self, *words: str, file: str | None = None) -> Said:
        extra = ("--file", self.written(file)) if file is not None else ()
        options = parse(["registry", *words, *extra])

        @asynccontextmanager
        async def opened(_: object) -> AsyncIterator[Session]:
            policy = WritePolicy(protected=self.protected, read_only=options.read_only)
            session = Session(
                environment="test", policy=policy, log=ExchangeLog(), demo=self.demo, protected=self.protected
            )
            session.make_registry = lambda: self.make(session)
            try:
                yield session
            finally:
                await session.close()

        code = run(options, opened, lambda _: pytest.fail("no history is needed"))
        out, err = self.capsys.readouterr()
        return Said(code, out, err)

    def written(self, text: str, name: str = "given.yaml") -> str:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return str(path)


@pytest.fixture(name="demo")
def _demo(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Console:
    """Seeded anew for each call."""

    def forget() -> None:
        for file in tmp_path.glob("registry-demo.sqlite3*"):
            file.unlink()

    async def make(session: Session) -> ClientRegistry:
        forget()
        return await open_demo_registry(tmp_path, session.policy, BASE_URL)

    return Console(capsys, make, tmp_path)


@pytest.fixture(name="real")
def _real(capsys: pytest.CaptureFixture[str], tmp_path: Path, postgres_dsn: str, redis_url: str) -> Console:
    addresses = RegistryAddresses(
        file=tmp_path / "unused", database=Secret(postgres_dsn, search=False), cache=Secret(redis_url, search=False)
    )

    async def make(session: Session) -> ClientRegistry:
        return await open_registry(addresses, policy=session.policy, server_base_url=BASE_URL)

    return Console(capsys, make, tmp_path, demo=False)


def test_status_has_the_contracts_members(demo: Console) -> None:
    said = demo("status", "--output", "json")
    assert said.code == 0
    assert list(said.json)[:5] == ["schema", "database", "cache", "stream", "clients"]
    assert said.json["clients"]["total"] == 40
    assert said.json["stream"]["dead_letters"] == 1
    text = demo("status").stdout
    assert "Clients  40: 36 active, 2 suspended, 2 revoked" in text


def test_lists_in_three_formats(demo: Console) -> None:
    said = demo("list", "status:revoked", "--output", "json")
    assert {item["client_code"] for item in said.json["items"]} == {"partner-initech", "fax-gateway"}
    assert "hash" not in said.stdout
    lines = demo("list", "status:revoked", "--output", "jsonl").stdout.splitlines()
    assert [json.loads(line)["client_code"] for line in lines] == [item["client_code"] for item in said.json["items"]]
    assert {json.loads(line)["schema"] for line in lines} == {"ocm-tui/registry/v1"}
    assert demo("list").stderr == "40 clients\n"
    assert demo("list", "statsu:x").code == 2


@pytest.mark.parametrize("name", ["orders-api", str(derived_id(BASE_URL, "orders-api"))])
def test_a_client_is_named_by_its_code_or_its_id(demo: Console, name: str) -> None:
    said = demo("show", name, "--output", "json")
    assert [item["client_code"] for item in said.json["items"]] == ["orders-api"]
    assert "# status: ACTIVE" in demo("show", name).stdout


def test_a_client_that_is_not_there(demo: Console) -> None:
    said = demo("show", "orders-apii")
    assert (said.code, said.stdout) == (1, "")
    assert "did you mean orders-api?" in said.stderr


def test_compare_tells_every_state_and_repairs(demo: Console) -> None:
    said = demo("cache", "compare", "--output", "json")
    assert said.code == 1
    report = said.json
    assert list(report["summary"]) == ["fresh", "stale", "orphan", "missing", "corrupt", "negative"]
    assert all(report["summary"].values()), "the demo has one of everything"
    assert report["complete"] is True
    assert {item["state"] for item in report["items"]} == set(report["summary"]) - {"fresh"}
    everything = demo("cache", "compare", "--all", "--output", "json").json
    assert len(everything["items"]) == sum(everything["summary"].values())
    repaired = demo("cache", "compare", "--repair")
    assert repaired.code == 0
    assert "5 of 5 repaired, 0 already gone, 5 verified" in repaired.stderr


def test_a_deep_comparison_says_that_it_was_one(demo: Console) -> None:
    said = demo("cache", "compare", "--deep", "--output", "json")
    assert said.json["deep"] is True
    assert "every value was read whole" in said.stderr
    plain = demo("cache", "compare", "--output", "json")
    assert plain.json["deep"] is False
    assert plain.json["summary"] == said.json["summary"]


def test_one_cached_client_beside_its_row(demo: Console) -> None:
    said = demo("cache", "show", "partner-initech", "--output", "json")
    assert said.code == 1
    assert said.json["state"] == "stale"
    assert {"field": "status", "cached": "ACTIVE", "row": "REVOKED"} in said.json["differences"]
    assert re.search(r"status +ACTIVE +REVOKED", demo("cache", "show", "partner-initech").stdout)


def test_cache_work_says_what_became_of_it(demo: Console) -> None:
    said = demo("cache", "invalidate", "orders-api", "legacy-erp", "--output", "json")
    assert said.json == {
        "schema": "ocm-tui/registry/v1", "requested": 2, "done": 1, "already_gone": 1, "failed": 0, "verified": 2,
    }  # fmt: skip
    assert demo("cache", "invalidate").code == 2
    assert demo("cache", "invalidate", "--all").code == 2, "nobody can be asked"
    assert demo("cache", "invalidate", "--all", "--yes").code == 0
    assert demo("cache", "refresh", "partner-initech").code == 0
    times = [item["ttl_ms"] for item in demo("cache", "list", "--sort", "ttl", "--output", "json").json["items"]]
    assert times == sorted(times)


def test_a_row_is_set_and_says_what_changed(demo: Console) -> None:
    said = demo(
        "set", "--output", "json", file="client_code: orders-api\nallowed_ips: [192.0.2.9/24]\nstatus: REVOKED\n"
    )
    (item,) = said.json["items"]
    assert (item["allowed_ips"], item["rate_limit"], item["status"]) == (["192.0.2.0/24"], 100, "ACTIVE")
    assert "normalised from 192.0.2.9/24" in said.stderr
    assert "set-status orders-api REVOKED" in said.stderr


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("client_code: a\nrate_limit: 0\n", "given.yaml:2:"),
        ("client_code: a\nallowed_ips:\n- 10.0.0.0/8\n- 10.0.0.300\n", "given.yaml:4:"),
        ("client_code: a\nallowed_ips: [fe80::1%eth0]\n", "given.yaml:2:"),
        ("client_code: a\nrate_limits: 1\n", "did you mean rate_limit?"),
        ("rate_limit: 1\n", "client_code"),
        ("[]\n", "mapping"),
    ],
)
def test_a_bad_file_is_told_before_anything_is_opened(demo: Console, text: str, words: str) -> None:
    demo.make = lambda _: pytest.fail("it was opened")
    said = demo("set", file=text)
    assert (said.code, said.stdout) == (2, "")
    assert words in said.stderr


def test_a_status_needs_an_answer_and_revoked_is_for_ever(demo: Console) -> None:
    assert demo("set-status", "orders-api", "SUSPENDED").code == 2
    said = demo("set-status", "orders-api", "SUSPENDED", "--yes", "--output", "json")
    assert said.json["items"][0]["status"] == "SUSPENDED"
    assert "not yet propagated" not in said.stderr
    refused = demo("set-status", "fax-gateway", "ACTIVE", "--yes")
    assert refused.code == 2
    assert "REVOKED, and stays so" in refused.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("set-status", "orders-api", "SUSPENDED", "--yes"),
        ("cache", "invalidate", "orders-api"),
        ("cache", "warm"),
        ("cache", "compare", "--repair"),
        ("events", "consume", "--drain"),
        ("events", "replay"),
        ("sync", "--from", "FILE", "--yes"),
    ],
)
def test_nothing_is_written_against_the_policy(demo: Console, words: tuple[str, ...]) -> None:
    file = demo.written('{"client_code": "new"}\n', "rows.jsonl")
    words = tuple(file if word == "FILE" else word for word in words)
    said = demo(*words, "--read-only")
    assert said.code == 4
    assert "read-only" in said.stderr
    demo.protected = True
    said = demo(*words)
    assert said.code == 4
    assert "--consent test" in said.stderr
    assert demo(*words, "--consent", "test").code == 0


def test_events(demo: Console) -> None:
    assert demo("events", "status", "--output", "json").json["stream"]["length"] == 10
    assert [item["error"] for item in demo("events", "list", "--dead", "--output", "json").json["items"]] == [
        "rate_limit is no whole number"
    ]
    assert "1 dead letters, 1 published again" in demo("events", "replay").stderr
    assert demo("events", "replay", "--only", "99").code == 2
    drained = demo("events", "consume", "--drain", "--output", "json").json["consumer"]
    assert (drained["state"], drained["applied"] + drained["older"] + drained["duplicates"]) == ("stopped", 1)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("type: client.gone\nclient_code: a\n", "type is wrong"),
        ("type: client.created\n", "client_id is missing"),
        ("- {type: client.created, client_id: x}\n", ":1:"),
        ("type: client.created\nclient_code: a\nfrom: b\n", "from is no field"),
        ("\n{type: client.updated, client_code: shop, payload: {allowed_ips: [x]}}", _BAD_NETWORK),
    ],
)
def test_a_bad_event_is_not_published(demo: Console, text: str, words: str) -> None:
    said = demo("events", "publish", file=text)
    assert said.code == 2
    assert words in said.stderr


def test_sync_shows_then_writes_then_has_nothing_to_do(real: Console) -> None:
    rows = real.written(
        "client_code,allowed_ips,rate_limit,status\norders,10.1.2.3/8 192.0.2.1,7,\nold,,,REVOKED\n", "rows.csv"
    )
    plan = real("sync", "--from", rows, "--dry-run", "--output", "json").json
    assert plan["summary"] == {"create": 2, "update": 0, "refused": 0, "differs": 0, "gone": 0, "unchanged": 0}
    assert plan["written"] is None
    done = real("sync", "--from", rows, "--yes", "--output", "json")
    assert done.json["written"] == {"created": 2, "updated": 0, "unchanged": 0, "conflicts": []}
    again = real("sync", "--from", rows, "--yes", "--output", "json").json
    assert again["summary"] == {"create": 0, "update": 0, "refused": 0, "differs": 0, "gone": 0, "unchanged": 2}
    assert real("show", "old", "--output", "json").json["items"][0]["status"] == "REVOKED"


def test_commands_against_real_servers(real: Console) -> None:
    assert "nothing to do" in real("migrate", "--plan").stderr
    item = real("set", "--output", "json", file=ORDERS).json["items"][0]
    assert (item["client_id"], item["allowed_ips"]) == (str(derived_id(BASE_URL, "orders")), ["10.0.0.0/8"])
    compared = real("cache", "compare", "--output", "json").json
    assert compared["summary"]["fresh"] == 1
    assert real("set-status", "orders", "SUSPENDED", "--yes").code == 0
    assert real("cache", "show", "orders", "--output", "json").json["state"] == "fresh"
    event = "type: client.updated\nclient_code: orders\npayload: {rate_limit: 8}\n"
    assert "1 event published" in real("events", "publish", file=event).stderr
    drained = real("events", "consume", "--drain", "--output", "json").json["consumer"]
    assert drained["applied"] == 1
    row = real("show", "orders", "--output", "json").json["items"][0]
    assert (row["rate_limit"], row["status"]) == (8, "SUSPENDED")
    assert real("cache", "compare").code == 0
    status = real("status", "--output", "json").json
    assert (status["database"]["kind"], status["cache"]["kind"]) == ("postgres", "redis")
    assert status["stream"]["pending"] == 0


def test_servers_that_are_not_there(demo: Console) -> None:
    """Nobody listens on port 1."""
    addresses = RegistryAddresses(
        file=demo.folder / "unused",
        database=Secret("postgresql://ocm:planted-pw@127.0.0.1:1/registry"),
        cache=Secret("redis://:planted-pw@127.0.0.1:1/0"),
    )
    demo.make = lambda session: open_registry(addresses, policy=session.policy, server_base_url=BASE_URL)
    said = demo("status", "--output", "json")
    assert said.code == 3
    assert [said.json[part]["reachable"] for part in ("database", "cache", "stream")] == [False] * 3
    assert demo("show", "orders").code == 3
    assert demo("cache", "compare").code == 3
    assert demo("events", "status").code == 3
    assert "planted-pw" not in said.stdout + said.stderr


def test_an_environment_without_a_registry(demo: Console) -> None:
    options = parse(["registry", "status"])

    @asynccontextmanager
    async def opened(_: object) -> AsyncIterator[Session]:
        yield Session(environment="test", policy=WritePolicy(), log=ExchangeLog())

    assert run(options, opened, lambda _: pytest.fail("no history is needed")) == 2
    assert "registry: {}" in demo.capsys.readouterr().err


def test_a_contradiction_is_one_sentence() -> None:
    with pytest.raises(UsageError, match="STATUS cannot be GONE"):
        parse(["registry", "set-status", "orders", "GONE"])
