"""The probe: one signed question for the namespace of Object Storage. It proves DNS, TLS, clock, key, user and region.

It proves no policy beyond that. Blocking work runs in threads that may be left behind; what it sends is in the log.
"""

import asyncio
import contextlib
import re
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from typing import Any, Final, Literal, TypeVar

from ocm_tui.core.errors import OcmError, TransportError, Unauthorised
from ocm_tui.core.exchanges.log import ExchangeLog
from ocm_tui.core.exchanges.redaction import session_redactor
from ocm_tui.core.oci.causes import Cause, Reason, causes_of, reason_of
from ocm_tui.core.oci.endpoints import PUBLIC, OciEndpoints
from ocm_tui.core.oci.model import Finding
from ocm_tui.core.oci.recording import exchange_of
from ocm_tui.core.oci.schemas import OciProfileConfig
from ocm_tui.core.oci.sdk_failures import explain
from ocm_tui.core.oci.sdk_wire import Seen, Wire, install, on_wire
from ocm_tui.core.oci.signing_keys import key_text
from ocm_tui.core.oci.threads import in_daemon_thread
from ocm_tui.core.text import clean

__all__ = ["AT_ONCE", "DEADLINE", "ProbeResult", "ProbeStatus", "Prober"]

ProbeStatus = Literal["useable", "not useable", "unknown"]

AT_ONCE: Final = 16
DEADLINE: Final = 12.0  # seconds, one whole probe
_PRINCIPAL_DEADLINE: Final = 5.0
_GRACE: Final = 0.25  # seconds for the thread to say itself that the deadline has passed
_VALIDATION_PATIENCE: Final = 1.5  # seconds
_PRINCIPALS: Final = frozenset({"instance_principal", "oke_workload_identity"})
_NAMESPACE: Final = re.compile(r"[A-Za-z0-9_.-]{1,255}", re.ASCII)

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeResult:
    """What one probe found. Every string is clean and holds no secret.

    `reason` is what a failure is about. Status is "unknown" when the failure says nothing about the profile: network
    and service. `latency_ms` is the question's alone; `clock_skew_s` the server's clock minus ours, None when it sent
    no date. `verified_at` is seconds since the epoch; `blocked` means that nothing was sent.
    """

    profile: str
    status: ProbeStatus
    error: str = ""
    hint: str = ""
    reason: Reason = ""
    causes: tuple[Cause, ...] = ()
    namespace: str = ""
    latency_ms: float | None = None
    clock_skew_s: float | None = None
    request_id: str = ""
    http_status: int | None = None
    verified_at: float = 0.0
    exchange_ids: tuple[str, ...] = ()
    blocked: bool = False

    @property
    def useable(self) -> bool:
        return self.status == "useable"


@dataclass(slots=True)
class _Call:
    """What a thread has seen so far; the thread appends, the loop reads."""

    seen: list[Seen] = field(default_factory=list)
    exchange_ids: list[str] = field(default_factory=list)

    @property
    def last(self) -> Seen | None:
        return self.seen[-1] if self.seen else None


class Prober:
    """Probes profiles side by side, `at_once` at a time. It belongs to one event loop."""

    def __init__(
        self,
        log: ExchangeLog,
        *,
        endpoints: OciEndpoints = PUBLIC,
        at_once: int = AT_ONCE,
        deadline: float = DEADLINE,
    ) -> None:
        self.endpoints = endpoints
        self._log, self._deadline = log, deadline
        self._slots = asyncio.Semaphore(at_once)
        self._validating = asyncio.Lock()
        self._closed = False

    async def probe(self, profile: OciProfileConfig, findings: Sequence[Finding] = ()) -> ProbeResult:
        """Never raises for what a profile, a network or a server may do.

        `findings` are those of this profile: an error among them answers at once, and nothing is sent.
        """
        name = clean(profile.auth_profile, 200)
        blocking = next((finding for finding in findings if finding.severity == "error"), None)
        if blocking is not None:
            return _blocked(name, blocking, findings)
        seconds = min(_PRINCIPAL_DEADLINE, self._deadline) if profile.auth in _PRINCIPALS else self._deadline
        call = _Call()
        try:
            namespace = await self.ask(
                lambda: _namespace(profile, self.endpoints),
                call,
                purpose=f"probe {name}",
                seconds=seconds,
            )
        except OcmError as error:
            damaged = isinstance(error, Unauthorised) and await self._is_damaged(profile)
            return _failed(profile, name, error, call, findings, damaged=damaged)
        return _succeeded(name, namespace, call)

    async def probe_each(
        self, profiles: Sequence[tuple[OciProfileConfig, Sequence[Finding]]]
    ) -> AsyncGenerator[tuple[str, ProbeResult], None]:
        """Name and result, as they come. Principals go last: they may take all of their time, the others do not."""
        order = sorted(profiles, key=lambda pair: pair[0].auth in _PRINCIPALS)

        async def one(profile: OciProfileConfig, findings: Sequence[Finding]) -> tuple[str, ProbeResult]:
            return profile.auth_profile, await self.probe(profile, findings)

        tasks = [asyncio.create_task(one(*pair), name="oci probe") for pair in order]
        try:
            for finished in asyncio.as_completed(tasks):
                yield await finished
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def ask(
        self,
        work: Callable[[], _T],
        call: _Call | None = None,
        *,
        purpose: str,
        seconds: float | None = None,
    ) -> _T:
        """Run blocking work of the SDK: its requests are seen and bounded, its errors become those of the tree."""
        call = call if call is not None else _Call()
        seconds = self._deadline if seconds is None else seconds
        async with self._slots:
            self._log.enter()
            try:
                async with asyncio.timeout(seconds + _GRACE):
                    return await in_daemon_thread(self._bounded(work, call, purpose, seconds), name="oci")
            except TimeoutError:
                raise TransportError(
                    f"no complete answer within {seconds:g} s", layer="deadline", maybe_applied=False
                ) from None
            except OcmError:
                raise
            except Exception as error:  # noqa: BLE001  # the SDK raises whatever its libraries raise
                last = call.last
                raise explain(error, last.failure if last else None) from None
            finally:
                self._log.leave()

    async def _is_damaged(self, profile: OciProfileConfig) -> bool:
        """After a 401: keys are loaded without the validation that would have found a flipped byte.

        That takes a process of its own, so only one at a time, and nobody waits long for it: it is rarely the cause.
        """
        if profile.auth != "api_key":
            return False
        from ocm_tui.core.oci.key_validation import is_damaged

        try:
            async with asyncio.timeout(_VALIDATION_PATIENCE), self._validating:
                key = await in_daemon_thread(lambda: key_text(profile), name="oci key")
                return key is not None and await is_damaged(*key) is True
        except TimeoutError:
            return False

    def close(self) -> None:
        """What is still under way is not recorded any more."""
        self._closed = True

    def _bounded(self, work: Callable[[], _T], call: _Call, purpose: str, seconds: float) -> Callable[[], _T]:
        loop = asyncio.get_running_loop()

        def record(seen: Seen) -> None:
            if self._closed:
                return
            exchange = exchange_of(seen, self._log.next_id(), purpose)
            call.exchange_ids.append(exchange.id)
            self._log.append(exchange)

        def take_note(seen: Seen) -> None:
            call.seen.append(seen)
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits for this
                loop.call_soon_threadsafe(record, seen)

        def bounded() -> _T:
            install()
            with on_wire(Wire(time.monotonic() + seconds, take_note)):
                return work()

        return bounded


def _namespace(profile: OciProfileConfig, endpoints: OciEndpoints) -> str:
    from ocm_tui.core.oci.sdk import dismiss, get_signer, init_client

    signer = get_signer(profile, endpoints)
    client: Any = None
    try:
        client = init_client("object_storage", profile, signer, endpoint=endpoints.object_storage)
        answer = client.get_namespace().data
    finally:
        dismiss(client, signer)
    if not isinstance(answer, str) or not _NAMESPACE.fullmatch(answer):  # the SDK takes any text for an answer
        raise TransportError(
            "the answer is not a namespace",
            layer="http",
            maybe_applied=False,
            hint="a proxy or a portal may have sent it: the log has what it said",
        )
    return answer


def _succeeded(name: str, namespace: str, call: _Call) -> ProbeResult:
    return _measured(ProbeResult(profile=name, status="useable", namespace=clean(namespace, 200)), call)


def _failed(
    profile: OciProfileConfig, name: str, error: OcmError, call: _Call, findings: Sequence[Finding], *, damaged: bool
) -> ProbeResult:
    measured = _measured(ProbeResult(profile=name, status="unknown"), call)
    reason = reason_of(error, measured.clock_skew_s)
    causes = causes_of(profile, error, measured.clock_skew_s, findings, key_damaged=damaged)
    return replace(
        measured,
        status="unknown" if reason in {"network", "service"} else "not useable",
        error=str(error),
        hint=error.hint or (causes[0].hint if causes else ""),
        reason=reason,
        causes=causes,
    )


def _blocked(name: str, blocking: Finding, findings: Sequence[Finding]) -> ProbeResult:
    errors = [finding for finding in findings if finding.severity == "error"]
    return ProbeResult(
        profile=name,
        status="not useable",
        error=blocking.message,
        hint=blocking.hint,
        reason="configuration",
        causes=tuple(Cause(one.message, one.hint, certain=True) for one in errors),
        verified_at=time.time(),
        blocked=True,
    )


def _measured(result: ProbeResult, call: _Call) -> ProbeResult:
    """With what the last request shows: the question itself, or the one before it that failed."""
    last = call.last
    if last is None:
        return replace(result, verified_at=time.time())
    answered = last.status is not None
    asked_as = last.answer_header("opc-request-id") or _header(last, "opc-request-id")
    return replace(
        result,
        latency_ms=round(last.duration_ms, 3) if answered else None,
        clock_skew_s=_skew(last),
        request_id=clean(session_redactor.sentence(asked_as), 200),
        http_status=last.status,
        verified_at=time.time(),
        exchange_ids=tuple(call.exchange_ids),
    )


def _header(seen: Seen, name: str) -> str:
    return next((value for key, value in seen.headers if key.lower() == name), "")


def _skew(seen: Seen) -> float | None:
    """Server minus ours. A date has whole seconds: less than one is no difference."""
    try:
        theirs = parsedate_to_datetime(seen.answer_header("date")).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None
    ours = seen.started_at + (seen.first_byte_ms or 0.0) / 2e3
    skew = theirs + 0.5 - ours
    return round(skew, 1) if abs(skew) >= 1 else 0.0
