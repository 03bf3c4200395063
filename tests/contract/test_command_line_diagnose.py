"""`ocm-tui log diagnose` from outside, and the diagnosis that an apply prints."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.contract.command_line import Program

BAD = """\
clientId: {id}
name: {id}
grantTypes: [CLIENT_CREDENTIALS]
clientAuth: {{type: SECRET, secret: planted-client-secret-4c1}}
restrictScopes: true
restrictedScopes: [orders:raed]
"""
FINDING = {"code", "severity", "confidence", "title", "field_path", "evidence", "suggestion"}


@pytest.fixture
def failed(program: Program) -> str:
    """The id of an exchange that the server rejected."""
    done = program("clients", "create", "--file", "-", stdin=BAD.format(id="diagnosed"))
    assert done.code == 1
    (item,) = program("log", "list", "status:422", "--output", "json").json["items"]
    return str(item["id"])


def test_offline_from_the_history(program: Program, failed: str) -> None:
    done = program("log", "diagnose", failed, "--output", "json")
    assert done.code == 1
    answer = done.json
    assert answer["schema"] == "ocm-tui/diagnosis/v1"
    assert (answer["exchange_id"], answer["minimal_payload"], answer["trials"]) == (failed, None, [])
    first = answer["findings"][0]
    assert first.keys() == FINDING
    assert (first["code"], first["confidence"]) == ("unknown-scope", "likely")
    assert (first["severity"], first["field_path"]) == ("error", "restrictedScopes[0]")
    assert '"orders:raed"' in first["evidence"]


def test_with_the_server_asked(program: Program, failed: str) -> None:
    done = program("log", "diagnose", failed, "--ask-server", "--output", "json")
    first = done.json["findings"][0]
    assert (done.code, first["confidence"]) == (1, "sure")
    assert "“orders:read”" in first["suggestion"]
    text = program("log", "diagnose", failed, "--ask-server").stdout
    assert "■ restrictedScopes[0] is “orders:raed”" in text
    assert 'evidence: "orders:raed"' in text
    assert "planted-" not in program.seen


def test_a_dead_server_does_not_keep_a_diagnosis_back(program: Program, failed: str) -> None:
    done = program("log", "diagnose", failed, "--ask-server", "--env", "dead", "--output", "json")
    assert (done.code, done.json["findings"][0]["code"]) == (1, "unknown-scope")


def test_a_success_has_no_finding(program: Program) -> None:
    program("clients", "show", "orders-api")
    (item,) = program("log", "list", "status:200", "--limit", "1", "--output", "json").json["items"]
    done = program("log", "diagnose", item["id"], "--output", "json")
    assert (done.code, done.json["findings"]) == (0, [])
    assert "nothing is wrong" in program("log", "diagnose", item["id"]).stdout


def test_an_id_that_is_not_there(program: Program) -> None:
    done = program("log", "diagnose", "nope-1", "--output", "json")
    assert (done.code, done.stdout) == (1, "")
    assert "nope-1" in done.stderr


def test_the_demo(program: Program) -> None:
    done = program("--demo", "log", "diagnose", "demo-4", "--output", "json")
    assert (done.code, done.json["findings"][0]["code"]) == (1, "client-not-found")
    assert program("--demo", "log", "diagnose", "demo-1").code == 0


@pytest.mark.parametrize(
    ("exchange_id", "field_path", "words"),
    [("demo-6", "restrictedScopes[2]", "orders:read"), ("demo-9", "redirectUris[1]", "shop.example.com/signed-in")],
)
def test_the_demo_has_refused_writes(program: Program, exchange_id: str, field_path: str, words: str) -> None:
    done = program("--demo", "log", "diagnose", exchange_id, "--output", "json")
    finding = done.json["findings"][0]
    assert (done.code, finding["field_path"]) == (1, field_path)
    assert words in finding["suggestion"] + " ".join(finding["evidence"])


def test_rules_of_ones_own(program: Program, failed: str) -> None:
    rules = program.home / "rules"
    rules.mkdir()
    (rules / "mine.yaml").write_text(
        "version: 1\nrules:\n- {code: mine, when: 'status:422', confidence: sure, title: known here}\n",
        encoding="utf-8",
    )
    (rules / "wrong.yaml").write_text("version: 1\nrules: 7\n", encoding="utf-8")
    done = program("log", "diagnose", failed, "--output", "json")
    assert done.json["findings"][0]["code"] == "mine"
    assert "wrong.yaml:2:8: rules must be a list" in done.stderr


# --- files of others -------------------------------------------------------------------------------------------------


def entry(status: int, body: str, *, mime: str = "application/json", error: str = "") -> dict[str, Any]:
    """As a browser writes it."""
    return {
        "startedDateTime": "2026-01-31T12:04:31.377Z",
        "time": 41.5,
        "request": {
            "method": "GET",
            "url": "https://pf-admin.example.com:9999/pf-admin-api/v1/oauth/clients/orders-api",
            "httpVersion": "h2",
            "headers": [{"name": "X-XSRF-Header", "value": "PingFederate"}],
            "queryString": [],
            "cookies": [],
            "headersSize": -1,
            "bodySize": 0,
        },
        "response": {
            "status": status,
            "statusText": "",
            "httpVersion": "h2",
            "headers": [{"name": "Content-Type", "value": mime}],
            "cookies": [],
            "content": {"size": len(body), "mimeType": mime, "text": body},
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": len(body),
            **({"_error": error} if error else {}),
        },
        "cache": {},
        "timings": {"send": 0, "wait": 40, "receive": 1.5},
    }


def har(path: Path, *entries: dict[str, Any]) -> Path:
    log = {"version": "1.2", "creator": {"name": "a browser", "version": "1"}, "entries": list(entries)}
    path.write_text(json.dumps({"log": log}), encoding="utf-8")
    return path


PAGE = "<!DOCTYPE html><html><head><title>Access blocked</title></head></html>"


def test_the_recording_of_a_colleague(program: Program) -> None:
    file = har(program.home / "blocked.har", entry(200, "{}"), entry(403, PAGE, mime="text/html"))
    done = program("log", "diagnose", str(file), "--output", "json")
    first = done.json["findings"][0]
    assert (done.code, first["code"]) == (1, "blocked-by-proxy")
    assert "Access blocked" in first["evidence"]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ("net::ERR_CERT_AUTHORITY_INVALID", "corporate-ca"),
        ("net::ERR_CERT_DATE_INVALID", "certificate-expired"),
        ("net::ERR_NAME_NOT_RESOLVED", "unknown-host"),
        ("net::ERR_CONNECTION_REFUSED", "connection-refused"),
    ],
)
def test_what_a_browser_could_not_reach(program: Program, error: str, code: str) -> None:
    file = har(program.home / "dead.har", entry(0, "", error=error))
    done = program("log", "diagnose", str(file), "--output", "json")
    assert (done.code, done.json["findings"][0]["code"]) == (1, code)


def test_a_file_with_several_failures(program: Program) -> None:
    file = har(program.home / "two.har", entry(403, PAGE, mime="text/html"), entry(429, "{}"), entry(200, "{}"))
    lines = program("log", "diagnose", str(file), "--output", "jsonl").lines
    assert [line["findings"][0]["code"] for line in lines] == ["blocked-by-proxy", "rate-limited"]
    refused = program("log", "diagnose", str(file), "--output", "json")
    assert (refused.code, refused.stdout) == (2, "")
    one = program("log", "diagnose", lines[1]["exchange_id"], "--har", str(file), "--output", "json")
    assert one.json["findings"][0]["code"] == "rate-limited"


# --- apply -----------------------------------------------------------------------------------------------------------


def test_an_apply_says_why_a_client_failed(program: Program) -> None:
    (program.home / "inventory.yaml").write_text(
        "version: 1\nclients:\n"
        "- {clientId: diagnosed-good, grantTypes: [ACCESS_TOKEN_VALIDATION], clientAuth: {type: SECRET},"
        " secret: {from: env, name: NEW_SECRET}}\n"
        "- {clientId: diagnosed-bad, grantTypes: [AUTHORIZATION_CODE], redirectUris: [https://a.example.com/],"
        " restrictedResponseTypes: [code tokn]}\n",
        encoding="utf-8",
    )
    done = program("apply", "--yes", "--output", "json", environ={"NEW_SECRET": "planted-new-secret-91"})
    results = {result["client_id"]: result for result in done.json["results"]}
    (finding,) = results["diagnosed-bad"]["findings"]
    assert (finding["code"], finding["field_path"]) == ("field-rejected", "restrictedResponseTypes[0]")
    assert results["diagnosed-good"]["findings"] == []
    again = program("apply", "--yes", environ={"NEW_SECRET": "planted-new-secret-91"})
    assert "diagnosis of diagnosed-bad:" in again.stderr
    assert "restrictedResponseTypes[0]" in again.stderr.partition("diagnosis of diagnosed-bad:")[2]
    assert "planted-" not in program.seen
