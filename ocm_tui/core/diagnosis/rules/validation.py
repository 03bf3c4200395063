"""400 and 422: which field the server minds, what it holds, and what it should hold."""

import json
from collections.abc import Iterator
from dataclasses import replace

from ocm_tui.core.clients.fields import FIELDS, FieldSpec
from ocm_tui.core.diagnosis.case import Case, Rejection, quoted
from ocm_tui.core.diagnosis.excerpts import cut, value_at
from ocm_tui.core.diagnosis.model import Finding
from ocm_tui.core.diagnosis.rules.fields import conflicts, explain, less_certain, too_new
from ocm_tui.core.diagnosis.rules.references import unknown_reference
from ocm_tui.core.diagnosis.rules.suspect import Suspect
from ocm_tui.core.diagnosis.rules.values import misfit
from ocm_tui.core.text import clean

__all__ = ["body_not_json", "named_fields", "unnamed_fields", "unwanted_deletion"]


def named_fields(case: Case) -> Iterator[Finding]:
    """One finding for each validation error that names a field, in the server's order."""
    if case.status not in {400, 422} or case.is_token_call:
        return
    for number, rejection in enumerate(case.rejections):
        if not rejection.field_path:
            continue
        if case.exchange.method in {"GET", "DELETE"}:
            found = _parameter(case, rejection)
        else:
            suspect = Suspect(case, rejection.field_path, (rejection.evidence,))
            found = explain(suspect) or _generic(suspect, rejection)
        yield replace(found, rank=found.rank * 100 + number)


def _generic(suspect: Suspect, rejection: Rejection) -> Finding:
    """Nothing that we know is against it: the server's words have to do."""
    holds = "" if suspect.case.sent is None else f" ({quoted(suspect.value)})"
    help_text = suspect.spec.help if suspect.spec is not None else ""
    said = (
        f"the server says: {clean(rejection.message.rstrip('. '), 200)}"
        if rejection.message
        else "the server does not say why"
    )
    return suspect.finding(
        "field-rejected",
        f"the server rejects {suspect.path}{holds}",
        suggestion=". ".join(filter(None, (said, help_text))),
        rank=40,
    )


def _parameter(case: Case, rejection: Rejection) -> Finding:
    """A parameter of the query: calls without a body are rejected for those."""
    name = rejection.field_path
    value = case.query.get(name)
    title = f"the server rejects the parameter {name}" + (f" ({quoted(value)})" if value is not None else "")
    said = f"the server says: {clean(rejection.message.rstrip('. '), 200)}" if rejection.message else "leave it out"
    evidence = case.evidence(f"{name}={value}" if f"{name}={value}" in case.exchange.url else None, rejection.evidence)
    return case.finding("parameter-rejected", title, field_path=name, evidence=evidence, suggestion=said)


def unwanted_deletion(case: Case) -> Iterator[Finding]:
    """The API documents 422 on DELETE as "in use" and nothing else."""
    if case.status != 422 or case.exchange.method != "DELETE" or not case.is_api_error:
        return
    said = next((one for one in case.rejections if not one.field_path), None)
    words = clean(said.message, 200) if said is not None else case.said
    yield case.finding(
        "resource-in-use",
        f"{quoted(case.client_id or case.exchange.path)} is in use and cannot be deleted",
        confidence="sure",
        evidence=case.status_evidence(said.evidence if said else case.line("message")),
        suggestion="remove what refers to it first, such as an access token manager's list of allowed clients"
        + (f"; the server says: {words}" if words else ""),
    )


def body_not_json(case: Case) -> Iterator[Finding]:
    """What was sent cannot be read at all."""
    body = case.request.body
    cannot = case.status in {400, 422} and case.is_write and not case.is_token_call and not case.request.truncated
    if not cannot or not body.strip() or (case.form and "=" in body and "{" not in body):
        return
    try:
        value = json.loads(body)
    except RecursionError:
        return
    except ValueError as error:
        at = getattr(error, "pos", 0)
        near = body[max(at - 30, 0) : at + 30]
        yield case.finding(
            "body-not-json",
            f"the body that was sent is not JSON: {clean(error, 120)}",
            confidence="sure",
            evidence=case.status_evidence(cut(near.strip())),
            suggestion="send a JSON object; look at the place that the evidence shows",
            rank=5,
        )
        return
    if not isinstance(value, dict):
        yield case.finding(
            "body-not-json",
            "the body that was sent is JSON, but not an object",
            confidence="sure",
            evidence=case.status_evidence(cut(body)),
            suggestion="send one client as a JSON object: {…}",
            rank=5,
        )


def unnamed_fields(case: Case) -> Iterator[Finding]:
    """A rejection that names no field: the document is held against everything that is known of its fields."""
    silent = not any(one.field_path for one in case.rejections)
    if case.status not in {400, 422} or case.sent is None or not silent or case.is_token_call or not case.is_write:
        return
    if not case.about_clients and not case.about_secret:
        return
    for finding in (*_misfits(case), *_contradictions(case)):
        yield less_certain(_nearer(case, finding))


def _misfits(case: Case) -> Iterator[Finding]:
    prefix = "clientAuth." if case.about_secret else ""
    for spec in FIELDS:
        path = spec.path.removeprefix(prefix)
        if spec.path.startswith(prefix) and value_at(case.sent, path) is not None:
            suspect = Suspect(case, path)
            for found in (misfit(suspect), too_new(suspect)):
                if found is not None:
                    yield replace(found, evidence=case.evidence(f"HTTP {case.status}", *found.evidence))
            yield from _strangers(case, spec)
    for name in case.sent or () if not case.about_secret else ():
        found = explain(Suspect(case, name))
        if found is not None and found.code == "field-unknown":
            yield found


def _strangers(case: Case, spec: FieldSpec) -> Iterator[Finding]:
    """Names that do not exist on the server, where its lists are known."""
    if spec.choices is None or case.knowledge.choices.get(spec.choices) is None:
        return
    value = value_at(case.sent, spec.path)
    items = range(len(value)) if isinstance(value, list) else ()
    for path in [f"{spec.path}[{index}]" for index in items] or [spec.path]:
        found = unknown_reference(Suspect(case, path))
        if found is not None:
            yield found


def _contradictions(case: Case) -> Iterator[Finding]:
    for path, text, hint in conflicts(case):
        yield case.finding(
            "field-conflict",
            text,
            confidence="possible",
            field_path=path,
            evidence=Suspect(case, path).finding("", "").evidence,
            suggestion=hint or "change one of the two",
            fix=case.fix(path),
        )


def _nearer(case: Case, finding: Finding) -> Finding:
    """A field that the answer mentions anywhere comes first: some servers name it in running text only."""
    name = (finding.field_path or "").rpartition(".")[2]
    mentioned = case.line(name) if name else None
    if mentioned is None:
        return finding
    return replace(finding, rank=finding.rank // 2, evidence=case.evidence(*finding.evidence, mentioned))
