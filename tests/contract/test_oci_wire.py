"""Servers that are dead, slow or lying: a probe ends in time, says what happened, and leaves a trace in the log."""

import asyncio
import socket
from pathlib import Path
from typing import Any

import pytest

from ocm_tui.core.oci.endpoints import PUBLIC, OciEndpoints
from ocm_tui.core.oci.probe import Prober, ProbeResult
from ocm_tui.core.oci.schemas import OciProfileConfig
from tests.contract.command_line import closed_port
from tests.contract.oci_support import cloud, odd_server
from tests.contract.servers import http_answer

PORTAL = b"<html><body>Sign in to the network</body></html>"


async def probed(tmp_path: Path, origin: str, *, deadline: float = 12.0, **faults: Any) -> ProbeResult:
    """A profile that is all right, sent to another place."""
    async with cloud(tmp_path, **faults) as the:
        endpoints = OciEndpoints(object_storage=origin or the.simulator.origin)
        prober = Prober(the.log, endpoints=endpoints, deadline=deadline)
        result = await prober.probe(the.config("orders-jobs"))
        assert len(the.log) == 1, "one question, one exchange"
        assert the.log.in_flight == 0
        return result


async def test_nobody_listens(tmp_path: Path) -> None:
    result = await probed(tmp_path, f"http://127.0.0.1:{closed_port()}")
    assert (result.status, result.reason, result.http_status) == ("unknown", "network", None)
    assert "refused the connection" in result.error
    assert len(result.request_id) == 32, "known even without an answer"


@pytest.mark.parametrize(
    ("answer", "status", "reason", "words"),
    [
        (http_answer(200, PORTAL, "Content-Type: text/html"), "unknown", "network", "not a namespace"),
        (http_answer(200, b"[1, 2]", "Content-Type: application/json"), "unknown", "network", "not a namespace"),
        (http_answer(302, b"", "Location: https://portal.example.com/"), "unknown", "service", "302"),
        (http_answer(404, PORTAL, "Content-Type: text/html"), "unknown", "network", "404"),
        (http_answer(500, b"", "Content-Type: application/json"), "unknown", "service", "500"),
        (http_answer(200, b'"name', "Content-Type: application/json", length=400), "unknown", "network", "broke off"),
        (b"", "unknown", "network", "closed the connection"),
        (b"\x15\x03\x01\x00\x02\x02\x0a", "unknown", "network", ""),
    ],
)
async def test_lies(tmp_path: Path, answer: bytes, status: str, reason: str, words: str) -> None:
    async with odd_server(answer) as origin:
        result = await probed(tmp_path, origin)
        assert (result.status, result.reason) == (status, reason), result
        assert words in result.error
        assert "\x1b" not in result.error
        assert result.causes


@pytest.mark.parametrize("fault", ["stall", "drip"])
async def test_silence_and_drip_end_at_the_deadline(tmp_path: Path, fault: str) -> None:
    """A drip sends a byte at each tenth of a second: no single read is slow."""
    async with cloud(tmp_path, faults=f"{fault}@/n=100%") as the:
        prober = Prober(the.log, endpoints=OciEndpoints(object_storage=the.simulator.origin), deadline=0.6)
        result = await prober.probe(the.config("orders-jobs"))
        assert (result.status, result.reason) == ("unknown", "network")
        assert "in time" in result.error or "within 0.6 s" in result.error


@pytest.mark.parametrize(
    "fault", ["429", "500", "502", "503", "504", "html", "reset-before", "lost-answer", "cut-json"]
)
async def test_faults_are_never_retried_and_never_a_verdict_on_the_profile(tmp_path: Path, fault: str) -> None:
    async with cloud(tmp_path, faults=f"{fault}@/n=100%") as the:
        for _ in range(12):  # after ten of them the SDK's own breaker would refuse every profile of the process
            result = (await the.service.probe("orders-jobs")).result
            assert result is not None
            assert result.status == "unknown"
            assert "Circuit" not in result.error
        assert the.asked() == 12
        assert len(the.log) == 12


async def test_a_name_that_is_not_known(tmp_path: Path) -> None:
    result = await probed(tmp_path, "http://objectstorage.eu-nowhere-1.invalid")
    assert (result.status, result.reason) == ("unknown", "network")
    assert "objectstorage.eu-nowhere-1.invalid is not known here" in result.error


async def test_a_handshake_that_stalls_is_called_that(tmp_path: Path) -> None:
    """The SDK calls it a slow read."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        result = await probed(tmp_path, f"https://127.0.0.1:{listener.getsockname()[1]}")
    assert "did not finish the TLS handshake in 1 s" in result.error


async def test_plain_http_behind_https(tmp_path: Path) -> None:
    async with odd_server(http_answer(400)) as origin:
        result = await probed(tmp_path, origin.replace("http://", "https://"))
    assert result.reason == "network"
    assert "TLS" in result.error


async def test_a_certificate_of_nobody_we_know(tmp_path: Path) -> None:
    async with cloud(tmp_path) as the:
        endpoints = OciEndpoints(object_storage=f"https://127.0.0.1:{the.estate.cluster_port}")
        result = await Prober(the.log, endpoints=endpoints).probe(the.config("orders-jobs"))
    assert "is not trusted" in result.error
    assert "REQUESTS_CA_BUNDLE" in result.hint


async def test_a_proxy_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And none is asked for what is on this machine."""
    monkeypatch.setenv("HTTP_PROXY", f"http://someone:hidden-word@127.0.0.1:{closed_port()}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    async with cloud(tmp_path) as the:
        assert (await the.service.probe("orders-jobs")).status == "useable"
        endpoints = OciEndpoints(object_storage="http://objectstorage.example.com")
        result = await Prober(the.log, endpoints=endpoints).probe(the.config("orders-jobs"))
    assert "the proxy does not connect" in result.error
    assert "hidden-word" not in repr(result)


PRINCIPALS = ("instance_principal", "oke_workload_identity")


@pytest.mark.parametrize("authentication", PRINCIPALS)
async def test_off_cloud_a_principal_says_so_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, authentication: str
) -> None:
    """The SDK alone would take 93 seconds to find that nobody answers."""
    monkeypatch.setenv("OCI_METADATA_BASE_URL", f"http://127.0.0.1:{closed_port()}/opc/v2")
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    async with cloud(tmp_path) as the:
        config = OciProfileConfig(auth_profile="here", authentication=authentication, region="eu-frankfurt-1")
        async with asyncio.timeout(12):
            result = await Prober(the.log, endpoints=PUBLIC).probe(config)
        assert result.status == "not useable"
        assert "no OCI instance" in result.error or "no pod" in result.error
        assert len(the.log) == 0


@pytest.mark.parametrize("fault", ["stall@/opc/v2", "stall@/v1/x509", "drip@/opc/v2", "503@/v1/x509", "500@/opc/v2"])
async def test_metadata_that_misbehaves_is_bounded(tmp_path: Path, fault: str) -> None:
    async with cloud(tmp_path, faults=f"{fault}=100%") as the:
        prober = Prober(the.log, endpoints=the.service.prober.endpoints, deadline=1.0)
        async with asyncio.timeout(12):
            result = await prober.probe(the.config("build-agents"))
        assert result.status in {"unknown", "not useable"}
        assert result.error


async def test_a_cancelled_probe_lets_go_at_once(tmp_path: Path) -> None:
    async with cloud(tmp_path, faults="stall@/n=100%") as the:
        task = asyncio.create_task(the.service.probe("orders-jobs"))
        await the.begun()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert the.log.in_flight == 0
        assert the.service.registry.get("orders-jobs").status == "unknown"


async def test_the_sdk_is_left_alone_elsewhere(tmp_path: Path) -> None:
    """Who uses the SDK in this process, and not through a probe, gets it as it is."""
    async with cloud(tmp_path) as the:
        await the.service.probe("orders-jobs")
        before = len(the.log)

        def ask() -> int:
            from oci._vendor import requests

            return int(requests.get(f"{the.simulator.origin}/nowhere", timeout=10).status_code)

        assert await asyncio.to_thread(ask) == 404
        assert len(the.log) == before


async def test_no_logger_is_left_behind(tmp_path: Path) -> None:
    """Each client of the SDK would leave one for good."""
    import logging

    async with cloud(tmp_path) as the:
        await the.service.probe("orders-jobs")
        before = len(logging.Logger.manager.loggerDict)
        for _ in range(5):
            await the.service.probe("orders-jobs")
        assert len(logging.Logger.manager.loggerDict) == before
