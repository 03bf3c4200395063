"""The exports for people: raw HTTP, JSON lines, and the incident report as a Markdown renderer shows it."""

import json
from pathlib import Path
from typing import Final

import pytest
from markdown_it import MarkdownIt

from ocm_tui.core.diagnosis.model import Finding, Fix
from ocm_tui.core.exchanges.export import FORMATS, incident_report
from ocm_tui.core.exchanges.model import Exchange, Message
from ocm_tui.core.private_files import write_private
from ocm_tui.core.secret import Secret
from tests.hostile.strings import MARKER, NASTY, unsafe_in
from tests.unit.core.exchanges.examples import exchange

MARKDOWN: Final = MarkdownIt("commonmark").enable("table")
FAILED: Final = exchange(
    2, method="PUT", path="/oauth/clients/orders-api", status=422, client_id="orders-api", run_id="7f3a",
    request=Message((("Content-Type", "application/json"),), '{"restrictedScopes":["ordres.read"]}', 36),
    response=Message((), '{"validationErrors":[{"fieldPath":"restrictedScopes[0]"}]}', 58),
)  # fmt: skip
FINDING: Final = Finding(
    "unknown-scope", "error", "sure", "restrictedScopes[0] names a scope that this server does not have",
    "restrictedScopes[0]", ('"fieldPath":"restrictedScopes[0]"',), "the nearest is orders.read",
    Fix("orders-api", "restrictedScopes[0]", "orders.read"),
)  # fmt: skip


def test_raw_http() -> None:
    text = FORMATS["raw"]([FAILED, exchange(3, error=("tls", "it has expired"))])
    assert "\nPUT /pf-admin-api/v1/oauth/clients/orders-api HTTP/1.1\nHost: pf.example:9999\n" in text
    assert "\nHTTP/1.1 422 Unprocessable" in text
    assert "\n\n### no complete answer: tls: it has expired\n" in text
    assert text.count("### test-") == 2


def test_a_cut_body_is_said() -> None:
    one = exchange(response=Message((), "abc", 70_000, truncated=True))
    assert "### cut here: the body has 70,000 bytes" in FORMATS["raw"]([one])
    assert "70,000 bytes, shortened here" in incident_report([exchange(1, status=500, response=one.response)])


def test_json_lines() -> None:
    lines = [json.loads(line) for line in FORMATS["jsonl"]([FAILED, exchange(3)]).splitlines()]
    assert [line["id"] for line in lines] == ["test-2", "test-3"]
    assert lines[0] == {"schema": "ocm-tui/exchange/v1", **FAILED.as_json()}


@pytest.mark.parametrize("name", FORMATS)
def test_nothing_is_a_valid_export(name: str) -> None:
    text = FORMATS[name]([])
    assert text == "" if name in {"raw", "jsonl"} else text.endswith("\n")


def test_a_secret_that_became_known_later_is_left_out() -> None:
    one = exchange(response=Message((), "it was Sup3rs3cretValue-7f3a of old", 30))
    Secret("Sup3rs3cretValue-7f3a")
    for export in FORMATS.values():
        assert "Sup3rs3cretValue" not in export([one])


def test_a_report_tells_timeline_finding_evidence_and_fix() -> None:
    report = incident_report([exchange(1), FAILED], lambda one: [FINDING] if one is FAILED else [])
    shown = MARKDOWN.render(report)
    assert "2 exchanges, 1 failed" in shown
    assert "<strong>HTTP 422</strong>" in shown
    assert "<td><code>PUT /oauth/clients/orders-api</code></td>" in shown
    assert "<strong>restrictedScopes[0] names a scope that this server does not have</strong>" in shown
    assert "evidence <code>&quot;fieldPath&quot;:&quot;restrictedScopes[0]&quot;</code>" in shown
    assert "to do: the nearest is orders.read" in shown
    assert (
        "set <code>restrictedScopes[0]</code> of <code>orders-api</code> to <code>&quot;orders.read&quot;</code>"
        in shown
    )


def test_only_failures_are_asked_about_and_each_once() -> None:
    asked: list[str] = []

    def findings_of(one: Exchange) -> list[Finding]:
        asked.append(one.id)
        return []

    incident_report([exchange(number, status=500) for number in range(80)] + [exchange(99)], findings_of)
    assert asked == [f"test-{number}" for number in range(50)]


def _tags(html: str) -> set[str]:
    return {token.tag for token in MARKDOWN.parse(html)} | {
        child.tag + ":" + child.type for token in MARKDOWN.parse(html) for child in token.children or ()
    }


PLAIN_TAGS: Final = _tags(incident_report([exchange(1), FAILED], lambda _: [FINDING]))


@pytest.mark.parametrize("text", [*NASTY.values(), "``` \n~~~\n# x\n![i](u)\n- a\n|a|b|", "``", "`", "a|b"])
def test_what_others_wrote_stays_text(text: str) -> None:
    finding = Finding("a", "error", "sure", text, text, (text, text), text, Fix(text, text, text))
    one = exchange(
        4, method=text, url=text, path=text, status=500, id=text or "x", client_id=text, run_id=text, purpose=text,
        request=Message(((text, text),), text, 1), response=Message(((text, text),), text, 1),
    )  # fmt: skip
    broken = exchange(5, error=("tls", text))
    report = incident_report([one, broken], lambda _: [finding])
    assert not unsafe_in(report.replace("\ufffd", ""))  # the mark for what cannot be shown at all
    assert _tags(report) <= PLAIN_TAGS | {"p", ":hardbreak"}
    assert "<script" not in MARKDOWN.render(report)
    assert f'href="https://evil.example/{MARKER}' not in MARKDOWN.render(report)
    rows = [line for line in report.splitlines() if line.startswith("| 20")]
    assert len(rows) == 2
    assert MARKDOWN.render(report).count("<tr>") == 3


def test_a_private_file(tmp_path: Path) -> None:
    path, link = tmp_path / "export.har", tmp_path / "link.har"
    path.write_text("old")
    path.chmod(0o644)
    link.symlink_to(path)
    write_private(link, "néw\n")
    assert path.read_text("utf-8") == "néw\n"
    assert path.stat().st_mode & 0o777 == 0o600
    assert link.is_symlink()
    assert sorted(tmp_path.iterdir()) == [path, link]
