"""Thirty kinds of secrets, in every container, through every export: not a byte of them comes out.

They are not known to the process: only names, shapes and containers give them away. They travel over loopback HTTP in
request and response, and a second time in a HAR file that somebody else has written.
"""

import itertools
import json
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ocm_tui.core.diagnosis.engine import diagnose
from ocm_tui.core.exchanges.export import FORMATS, incident_report
from ocm_tui.core.exchanges.har_import import read_har
from ocm_tui.core.exchanges.history import HistoryWriter
from ocm_tui.core.exchanges.log import ExchangeLog
from ocm_tui.core.exchanges.model import Exchange
from ocm_tui.headless.formats.exchanges import exchange_text, exchanges_table
from tests.contract.command_line import Program
from tests.hostile.containers import CARRIERS, Carried, leaks, leaks_of_files, record
from tests.hostile.planted import KINDS

pytestmark = pytest.mark.usefixtures("nothing_known")


def exits(exchanges: list[Exchange]) -> Iterator[tuple[str, str]]:
    for name, export in FORMATS.items():
        yield name, export(exchanges)
    yield "report", incident_report(exchanges, diagnose)
    yield "show", "".join(map(exchange_text, exchanges))
    yield "list", exchanges_table(exchanges, color=False)
    yield "json", json.dumps([one.as_json() for one in exchanges]) + repr(exchanges)


def test_the_search_finds_what_it_looks_for() -> None:
    assert len({kind.secret for kind in KINDS}) >= 25
    for kind in KINDS:
        assert kind.name in leaks(f"some {kind.value} more")
        assert kind.name in leaks(json.dumps({"x": kind.value}))
        assert kind.name in leaks(urllib.parse.quote(kind.secret, safe=""))
        assert kind.name in leaks(kind.secret[: len(kind.secret) // 2 + 1])


@pytest.mark.parametrize("status", [200, 422])
async def test_what_was_recorded(tmp_path: Path, status: int) -> None:
    """Each kind in each container, sent and sent back."""
    log = ExchangeLog()
    history = HistoryWriter(tmp_path / "history.sqlite3")
    log.subscribe(history)
    await record(log, status, itertools.product(KINDS, CARRIERS))
    history.close()
    exchanges = log.snapshot()
    assert len(exchanges) == len(KINDS) * len(CARRIERS)
    assert sum("***" in repr(one) for one in exchanges) == len(exchanges)
    for one in exchanges:
        assert not leaks(repr(one)), one
    for name, text in exits(exchanges):
        assert not leaks(text), name
    assert not leaks_of_files(tmp_path)
    (tmp_path / "own.har").write_text(FORMATS["har"](exchanges), encoding="utf-8")
    assert read_har(tmp_path / "own.har") == exchanges


def foreign_har() -> dict[str, Any]:
    """As a browser writes it: nothing left out, everything parsed once more."""
    return {"log": {"version": "1.2", "entries": [_entry(carrier(kind)) for kind in KINDS for carrier in CARRIERS]}}


def _entry(carried: Carried) -> dict[str, Any]:
    url = f"https://pf.example.com:9999/pf-admin-api/v1{carried.url}"
    headers = [{"name": name, "value": value} for name, value in carried.headers]
    pairs = [{"name": name, "value": value} for name, value in urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query)]
    return {
        "startedDateTime": "2026-03-01T12:00:00Z",
        "time": 5,
        "request": {
            "method": "POST",
            "url": url,
            "headers": headers,
            "cookies": headers,
            "queryString": pairs,
            "postData": {"mimeType": carried.content_type, "text": carried.body},
        },
        "response": {
            "status": 422,
            "headers": headers,
            "cookies": headers,
            "content": {"mimeType": carried.content_type, "text": carried.body},
            "redirectURL": url,
        },
        "timings": {"send": 1, "wait": 2, "receive": 2},
        "_initiator": {"url": url, "body": carried.body},
        "comment": carried.body,
    }


def test_what_somebody_else_has_recorded(tmp_path: Path) -> None:
    file = tmp_path / "colleague.har"
    file.write_text(json.dumps(foreign_har()), encoding="utf-8")
    exchanges = read_har(file)
    assert len(exchanges) == len(KINDS) * len(CARRIERS)
    for one in exchanges:
        assert not leaks(repr(one)), one
    for name, text in exits(exchanges):
        assert not leaks(text), name


def test_the_commands_on_a_foreign_file(tmp_path: Path) -> None:
    """Streams and files, `--verbose` included."""
    program = Program(tmp_path)
    (tmp_path / "colleague.har").write_text(json.dumps(foreign_har()), encoding="utf-8")
    for format_ in FORMATS:
        assert program("log", "export", "colleague.har", "--format", format_, "--verbose").code == 0
        assert program("log", "export", "colleague.har", "--format", format_, "--out", f"out.{format_}").code == 0
    for output in ("text", "json"):
        program("log", "list", "colleague.har", "--output", output)
        program("log", "show", "har-7", "--har", "colleague.har", "--output", output)
    program("log", "list", "colleague.har", "status:422", "--output", "jsonl")
    assert not leaks(program.seen)
    (tmp_path / "colleague.har").unlink()
    assert not leaks_of_files(tmp_path)
