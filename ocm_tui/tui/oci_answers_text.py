"""What OCI said about a profile, in words: the probe with its ranked causes, and generative AI."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from textual.content import Content

from ocm_tui.core.errors import OcmError
from ocm_tui.core.text import clean
from ocm_tui.tui.exchange_text import clock_text
from ocm_tui.tui.hanging import hanging
from ocm_tui.tui.models.oci_rows import STATUS_MARKS, shown, skew_text
from ocm_tui.tui.oci_text import ProfileFacts, labelled
from ocm_tui.tui.state import duration_text
from ocm_tui.tui.tones import TONES

if TYPE_CHECKING:
    from ocm_tui.core.oci.genai import GenAiReport
    from ocm_tui.core.oci.probe import ProbeResult, ProbeStatus
    from ocm_tui.core.oci.registry import ProfileEntry
    from ocm_tui.core.oci.schemas import OciProfileConfig

__all__ = ["genai_content", "probe_content", "probed_sentence"]

_REASONS: Final = {
    "": "",
    "configuration": "The configuration is the reason: nothing was sent.",
    "credentials": "The credentials are the reason.",
    "clock": "The clock is the reason.",
    "permission": "A permission is the reason: the credentials are right.",
    "network": "The network is the reason: it says nothing about the profile.",
    "service": "The service is the reason: it says nothing about the profile.",
}
_MOST_MODELS: Final = 200


def probe_content(facts: ProfileFacts, width: int) -> Content:
    result = facts.entry.result
    if facts.probing:
        return Content.styled("◌ probing … esc stops", TONES["strong"])
    if result is None:
        return Content("\n").join(
            [
                Content("Not probed yet."),
                Content(""),
                Content.assemble(
                    ("p ", TONES["key"]), "asks OCI one signed question: the namespace of Object Storage."
                ),
                Content.styled(
                    "It proves name resolution, TLS, clock, key, user and region; no policy beyond that.",
                    TONES["dim"],
                ),
            ]
        )
    return Content("\n").join([*_verdict(result), *_causes(result, width), Content(""), *_measured(result, width)])


def _verdict(result: "ProbeResult") -> Iterator[Content]:
    mark, tone = STATUS_MARKS[result.status]
    yield Content.styled(f"{mark} {result.status}", TONES[tone])
    if result.error:
        yield Content(result.error)
        said = "Nothing was sent." if result.blocked else _REASONS[result.reason]
        yield Content.styled(said, TONES["dim"])


def _causes(result: "ProbeResult", width: int) -> Iterator[Content]:
    if not result.causes:
        if result.hint:
            yield _advice("", result.hint, width)
        return
    yield Content("")
    yield Content.styled("Why, the most likely first", "bold $accent")
    for number, cause in enumerate(result.causes, 1):
        sure = ("sure  ", TONES["bad"]) if cause.certain else ("maybe ", TONES["dim"])
        head = Content.assemble((f"{number}. ", TONES["strong"]), sure)
        yield hanging(head, Content(cause.title), width)
        if cause.hint:
            yield _advice("   ", cause.hint, width)


def _advice(gap: str, hint: str, width: int) -> Content:
    return hanging(Content.styled(f"{gap}→ ", TONES["dim"]), Content.styled(hint, TONES["dim"]), width)


def _measured(result: "ProbeResult", width: int) -> Iterator[Content]:
    status, skew = result.http_status, result.clock_skew_s
    rows = {
        "namespace": result.namespace,
        "answer": str(status) if status is not None else "none",
        "latency": duration_text(result.latency_ms) if result.latency_ms is not None else "",
        "clock": f"{skew_text(skew)} (the server's minus ours)" if skew is not None else "",
        "opc-request-id": result.request_id,
        "verified at": clock_text(result.verified_at)[:8],
    }
    if result.blocked:
        rows = {"verified at": rows["verified at"]}
    for name, value in rows.items():
        if value:
            yield hanging(labelled(name), Content(value), width)
    if result.exchange_ids:
        count = len(result.exchange_ids)
        yield Content.assemble(
            labelled("requests"), str(count), ("  x ", TONES["key"]), ("shows them in the Log pane", TONES["dim"])
        )


def probed_sentence(entries: "Sequence[ProfileEntry]") -> str:
    """What came of probes: of one with its reason, of several how many."""
    if len(entries) == 1 and (result := entries[0].result) is not None:
        return f"{shown(entries[0].name)} is {result.status}{': ' + result.error if result.error else ''}"
    statuses = [entry.status for entry in entries]
    known: tuple[ProbeStatus, ...] = ("useable", "not useable", "unknown")
    words = ", ".join(f"{count:,} {status}" for status in known if (count := statuses.count(status)))
    return f"{len(entries):,} probed: {words}."


def genai_content(facts: ProfileFacts, width: int) -> Content:
    lines = [*_where(facts.entry.config, width), Content("")]
    if facts.asking_genai:
        lines.append(Content.styled("◌ asking …", TONES["strong"]))
    elif facts.genai is None:
        asks = "asks whether the endpoint answers, and for the models of the compartment. Nothing is generated."
        lines.append(Content.assemble(("m ", TONES["key"]), asks))
    else:
        lines += _report(facts.genai, width)
    return Content("\n").join(lines)


def _where(config: "OciProfileConfig", width: int) -> Iterator[Content]:
    from ocm_tui.core.oci.genai import genai_endpoint

    try:
        endpoint = genai_endpoint(config)
    except OcmError as error:
        yield Content.styled(error.title, TONES["warn"])
        yield _advice("", error.hint, width)
        return
    yield hanging(labelled("endpoint"), Content(shown(endpoint.url)), width)
    yield Content.assemble(labelled("region"), shown(endpoint.region), (f"  from {endpoint.source}", TONES["dim"]))
    if not endpoint.listed:
        yield Content.styled("The service is not known to be in that region.", TONES["warn"])
    yield hanging(labelled("compartment"), Content(shown(config.genai_compartment_id or "–")), width)


def _report(report: "GenAiReport", width: int) -> Iterator[Content]:
    if report.reachable is not None:
        words = ("● answers", TONES["good"]) if report.reachable else (f"▲ {clean(report.problem, 400)}", TONES["bad"])
        yield hanging(labelled("the endpoint"), Content.styled(*words), width)
    if report.models is None:
        problem = Content.styled(f"▲ {clean(report.models_problem, 400)}", TONES["warn"])
        yield hanging(labelled("models"), problem, width)
    else:
        yield Content.assemble(labelled("models"), (f"● {len(report.models):,}", TONES["good"]))
    if report.hint:
        yield _advice("", clean(report.hint, 400), width)
    for model in (report.models or ())[:_MOST_MODELS]:
        kinds = " ".join(word.lower().replace("_", " ") for word in model.capabilities)
        yield Content.assemble(f"  {model.name}", (f"  {model.vendor}  {kinds}", TONES["dim"]))
    if report.models is not None and len(report.models) > _MOST_MODELS:
        yield Content.styled(f"  … {len(report.models) - _MOST_MODELS:,} more", TONES["dim"])
