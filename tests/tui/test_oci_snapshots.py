"""Pictures of the OCI profiles pane. Answers and the clock are made up, so that they are the same each time."""

from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from ocm_tui.core.oci.causes import Cause
from ocm_tui.core.oci.probe import ProbeResult
from ocm_tui.core.oci.schemas import OciProfileUpdate
from ocm_tui.core.oci.service import OciService
from ocm_tui.tui.app import OcmApp
from ocm_tui.tui.screens.oci import OciScreen
from tests.contract.oci_support import surroundings
from tests.tui.support import wait_until
from tests.tui.test_snapshots import NOW, SIZES, SnapCompare, compare, still

__all__ = ["still"]  # the clock of the other pictures

_OCID = "aaaaaaaa2hrqnzjzl6b5t3w5u2ezcpaw5m3a4bqfvbhkq7gs6obx"
_FILE = f"""\
[DEFAULT]
user=ocid1.user.oc1..{_OCID}a
fingerprint=12:34:56:78:9a:bc:de:f0:12:34:56:78:9a:bc:de:f0
tenancy=ocid1.tenancy.oc1..{_OCID}b
region=eu-frankfurt-1

[orders-jobs]
genai_compartment_id=ocid1.compartment.oc1..{_OCID}c
genai_region=eu-frankfurt-1

[reporting]
authentication=security_token
security_token_file=/run/sessions/reporting/token

[build-agents]
authentication=instance_principal

[migration]
region=eu-frankfort-1

[warehouse]
region="us-ashburn-1"
"""
_AT = NOW.timestamp() - 95
_RESULTS = {
    "DEFAULT": ProbeResult(profile="", status="useable", namespace="examplens", latency_ms=41.2, clock_skew_s=0.0),
    "orders-jobs": ProbeResult(
        profile="",
        status="not useable",
        error="401 NotAuthenticated: The required information to complete authentication was not provided.",
        reason="credentials",
        causes=(
            Cause("the key file is damaged: it loads, and what it signs is wrong", "put it back", certain=True),
            Cause("the public key is not among the user's API keys, or was deleted there", "compare the fingerprint"),
        ),
        latency_ms=38.0,
        clock_skew_s=-74.0,
        http_status=401,
        request_id="4EA4A5A14A9648478473EAE5FA572B7B",
        exchange_ids=("1",),
    ),
    "build-agents": ProbeResult(profile="", status="unknown", error="this machine is not on OCI", reason="network"),
}


class _Time:
    @staticmethod
    def time() -> float:
        return NOW.timestamp()


@pytest.fixture(autouse=True)
def still_profiles(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from ocm_tui.tui import oci_text
    from ocm_tui.tui.models import oci_rows

    for module in (oci_rows, oci_text):
        monkeypatch.setattr(module, "time", _Time)
    monkeypatch.setattr(OciScreen, "_read_tokens", lambda _: None)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config").write_text(_FILE)
    (tmp_path / "config").chmod(0o600)


async def _opened(app: OcmApp, pilot: Pilot[None]) -> OciScreen:
    session, home = app.session, Path.cwd()
    assert session is not None
    session.make_oci = lambda: OciService(Path("config"), session.log, surroundings=lambda: surroundings(home))
    await pilot.press("2")
    screen = app.screen
    assert isinstance(screen, OciScreen)
    await wait_until(pilot, lambda: screen.rows.total, "the profiles")
    service = screen.service
    assert service is not None
    for name, result in _RESULTS.items():
        entry = service.registry.get(name)
        service.registry.verified(entry, replace(result, profile=name, verified_at=_AT), entry.findings)
    screen.rows.expiries = {"reporting": NOW.timestamp() + 171}
    screen.profiles_changed()
    return screen


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_profiles(snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    async def steps(app: OcmApp, pilot: Pilot[None]) -> None:
        screen = await _opened(app, pilot)
        screen.table.select("reporting")
        await pilot.press("space")

    assert compare(snap_compare, size, steps)


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_ranked_causes(snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    async def steps(app: OcmApp, pilot: Pilot[None]) -> None:
        screen = await _opened(app, pilot)
        screen.table.select("orders-jobs")
        screen.detail.turn_to("Probe")
        await pilot.press("enter")

    assert compare(snap_compare, size, steps)


@pytest.mark.parametrize("size", [SIZES["80x24"], SIZES["120x40"]], ids=["80x24", "120x40"])
def test_findings_and_what_is_not_saved(snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    async def steps(app: OcmApp, pilot: Pilot[None]) -> None:
        screen = await _opened(app, pilot)
        assert screen.service is not None
        await screen.service.registry.update("warehouse", OciProfileUpdate(additional_user_agent="nightly"))
        screen.profiles_changed()
        screen.table.select("warehouse")
        screen.detail.turn_to("Findings")
        await pilot.pause()

    assert compare(snap_compare, size, steps)
