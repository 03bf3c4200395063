"""Probes through the real SDK: every way to sign in, every answer, and what the log keeps of it."""

import json
import shutil
from pathlib import Path

import pytest

from ocm_tui.core.exchanges.model import Exchange
from ocm_tui.core.oci.schemas import SENSITIVE
from ocm_tui.core.secret import Secret
from tests.contract.oci_support import Cloud, cloud

WORKING = {
    "DEFAULT": 1,
    "orders-jobs": 1,
    "billing-batch": 1,  # an encrypted key
    "reporting": 1,  # a session
    "build-agents": 7,  # three certificates, the key, the region, a token, the question
    "cluster-jobs": 2,  # a token over TLS, the question
}


@pytest.mark.parametrize("name", WORKING)
async def test_every_way_to_sign_in(tmp_path: Path, name: str) -> None:
    async with cloud(tmp_path) as the:
        entry = await the.service.probe(name)
        result = entry.result
        assert result is not None
        assert (entry.status, result.error, result.namespace) == ("useable", "", "examplens")
        assert entry.config.useable is True
        assert result.latency_ms is not None
        assert result.clock_skew_s == 0
        assert result.verified_at > 0
        sent_id, _, answered_id = result.request_id.partition("/")
        assert (len(sent_id), len(answered_id)) == (32, 32)
        assert [exchange.target for exchange in the.log.snapshot()] == ["oci"] * len(result.exchange_ids)
        assert len(the.log) >= WORKING[name]


FAILING = {
    "new-hire": ("not useable", "credentials", 401, "not among the user's API keys"),
    "archive-reader": ("not useable", "permission", 404, "the signature was accepted"),
    "old-laptop": ("not useable", "clock", 401, "the clock of this machine is 660 s behind"),
    "bulk-export": ("unknown", "service", 429, "slow down"),
    "status-page": ("unknown", "service", 503, "the service itself failed"),
}


@pytest.mark.parametrize("name", FAILING)
async def test_an_answer_that_is_a_failure_is_explained(tmp_path: Path, name: str) -> None:
    status, reason, http_status, cause = FAILING[name]
    async with cloud(tmp_path) as the:
        entry = await the.service.probe(name)
        result = entry.result
        assert result is not None
        assert (entry.status, result.reason, result.http_status) == (status, reason, http_status)
        assert cause in result.causes[0].title
        assert the.asked() == 1, "nothing is asked twice"
        assert str(http_status) in result.error


RULED_OUT = {
    "last-week": "token-expired",
    "warehouse": "fingerprint-mismatch",
    "partners": "ocid-swapped",
    "former-team": "key-missing",
}


@pytest.mark.parametrize("name", RULED_OUT)
async def test_what_its_own_files_rule_out_is_not_sent(tmp_path: Path, name: str) -> None:
    async with cloud(tmp_path) as the:
        entry = await the.service.probe(name)
        result = entry.result
        assert result is not None
        assert (entry.status, result.reason, result.blocked) == ("not useable", "configuration", True)
        assert RULED_OUT[name] in {finding.code for finding in entry.findings}
        assert the.asked() == len(the.log) == 0


@pytest.mark.parametrize("name", RULED_OUT)
async def test_the_service_would_have_said_no_as_well(tmp_path: Path, name: str) -> None:
    """The checks that spare a question are right: without them the answer is no."""
    async with cloud(tmp_path) as the:
        result = await the.service.prober.probe(the.config(name))
        assert result.status == "not useable"
        assert result.reason in {"credentials", "configuration"}


async def test_all_at_once_come_as_they_are_known(tmp_path: Path) -> None:
    async with cloud(tmp_path) as the:
        seen = [entry async for entry in the.service.probe_each()]
        names = [entry.name for entry in seen]
        assert sorted(names) == sorted(entry.name for entry in the.service.registry.list())
        assert {entry.name for entry in the.service.registry.list() if entry.status == "useable"} == {
            *WORKING,
            "night-shift",
            "migration",
        }
        assert {entry.name for entry in seen if entry.status == "unknown"} == {"bulk-export", "status-page"}


async def test_a_repaired_file_is_seen_by_the_next_probe(tmp_path: Path) -> None:
    async with cloud(tmp_path) as the:
        assert (await the.service.probe("former-team")).status == "not useable"
        shutil.copy(tmp_path / "oci" / "keys" / "jobs.pem", tmp_path / "oci" / "keys" / "gone.pem")
        assert (await the.service.probe("former-team")).status == "useable"


async def test_clock_skew_is_measured_on_success_as_well(tmp_path: Path) -> None:
    async with cloud(tmp_path, oci_clock_skew=-120.0) as the:
        result = (await the.service.probe("orders-jobs")).result
        assert result is not None
        assert result.status == "useable"
        assert result.clock_skew_s == pytest.approx(-120, abs=3)


async def test_a_damaged_key_is_told_from_a_missing_one(tmp_path: Path) -> None:
    """A key with one wrong number loads without validation, and even signs."""
    from cryptography.hazmat.primitives.asymmetric import rsa

    from ocm_tui.simulator.oci_identities import pem_of

    async with cloud(tmp_path) as the:
        whole = the.estate.services.identities.user_key.private_numbers()
        numbers = rsa.RSAPrivateNumbers(
            whole.p, whole.q, whole.d ^ 4, whole.dmp1 ^ 4, whole.dmq1, whole.iqmp, whole.public_numbers
        )
        broken = numbers.private_key(unsafe_skip_rsa_key_validation=True)
        config = the.config("orders-jobs", key_content=Secret(pem_of(broken).decode(), search=False))
        result = await the.service.prober.probe(config)
        assert result.status == "not useable"
        assert "damaged" in result.causes[0].title


async def test_nothing_secret_gets_into_the_log_or_a_result(tmp_path: Path) -> None:
    async with cloud(tmp_path) as the:
        results = [repr(entry) + repr(entry.result) async for entry in the.service.probe_each()]
        shown = json.dumps([exchange.as_json() for exchange in the.log.snapshot()]) + "".join(results)
        secrets = {
            value.reveal()
            for entry in the.service.registry.list()
            for field in SENSITIVE
            if (value := getattr(entry.config, field)) is not None
        }
        for text in _contents(the):
            secrets.add(text)
        assert len(secrets) > 8
        assert [secret for secret in secrets if secret in shown] == []
        assert "PRIVATE KEY" not in shown
        assert "ST$" not in shown
        assert not any(_header(exchange, "authorization") for exchange in the.log.snapshot())


def _contents(the: Cloud) -> list[str]:
    """Of the files that profiles name: tokens, and a line of each key."""
    directory = the.estate.files.config_file.parent
    tokens = [path.read_text().strip() for path in directory.rglob("token")]
    keys = [path.read_text().splitlines()[-3] for path in directory.rglob("*.pem")]
    return [*tokens, *keys]


def _header(exchange: Exchange, name: str) -> str | None:
    return exchange.request.header(name)


async def test_a_token_that_ends_in_a_newline_does_not_leak(tmp_path: Path) -> None:
    """The SDK would quote the whole signature header, and with it the token, in its error."""
    async with cloud(tmp_path) as the:
        config = the.config("reporting")
        path = tmp_path / "oci" / "sessions" / "reporting" / "token"
        token = path.read_text()
        path.write_text(token + "\n")
        result = await the.service.prober.probe(config)
        assert result.status == "useable", "it is stripped before use"
        path.write_text(token[:40] + "\r\n" + token[40:])
        result = await the.service.prober.probe(config)
        assert result.status == "not useable"
        assert token[:40] not in repr(result)
