"""What is wrong with one field of a client, judged by our own table of fields and by what is known of the server.

The server's words are never what an explanation rests on: they are quoted, and read by nobody but people.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from ocm_tui.core.clients.fields import field, nearest
from ocm_tui.core.clients.fields.lookup import absence_counts
from ocm_tui.core.diagnosis.case import Case, quoted
from ocm_tui.core.diagnosis.model import Finding
from ocm_tui.core.diagnosis.rules.references import unknown_reference
from ocm_tui.core.diagnosis.rules.suspect import Suspect
from ocm_tui.core.diagnosis.rules.values import bad_address, misfit, no_key_set
from ocm_tui.core.provisioning.inventory_rules import findings as conflicts_of

__all__ = ["conflicts", "explain", "less_certain", "too_new"]

Explanation = Callable[[Suspect], Finding | None]


def explain(suspect: Suspect) -> Finding | None:
    """The first explanation that fits; None when nothing that we know is against the value."""
    for explanation in _EXPLANATIONS:
        found = explanation(suspect)
        if found is not None:
            return found
    return None


def _not_a_field(suspect: Suspect) -> Finding | None:
    """A name that no version knows, where the documents of the API have none."""
    known = suspect.spec is not None or absence_counts(suspect.inside) or suspect.absent
    if known or suspect.case.sent is None or suspect.inside.partition(".")[0] == "clientAuthentication":
        return None
    plain = re.sub(r"\[\d+\]", "", suspect.inside)
    if any(field(".".join(plain.split(".")[:count])) is not None for count in range(1, plain.count(".") + 1)):
        return None  # inside a field that is known
    meant = nearest(plain)
    title = f"{suspect.path} is no field of a client: the server does not know it"
    advice = f"did you mean {meant}? Send {meant} instead of it" if meant else "leave it out"
    return suspect.finding("field-unknown", title, suggestion=advice)


def too_new(suspect: Suspect) -> Finding | None:
    spec = suspect.spec
    if spec is None or spec.since is None or suspect.absent:
        return None
    since = ".".join(map(str, spec.since))
    if suspect.version is not None and suspect.version < spec.since:
        is_old = suspect.case.knowledge.server_version
        return suspect.finding(
            "field-too-new",
            f"{suspect.path} exists since version {since}, and the server is {is_old}",
            confidence="sure",
            suggestion=f"leave {suspect.path} out, or upgrade the server to {since} or newer",
            rank=20,
        )
    return None


def _perhaps_too_new(suspect: Suspect) -> Finding | None:
    """Without the version: a value that fits the newest documents, of a field that older servers do not have."""
    spec = suspect.spec
    if spec is None or spec.since is None or suspect.absent or suspect.version is not None:
        return None
    since = ".".join(map(str, spec.since))
    return suspect.finding(
        "field-too-new",
        f"{suspect.path} exists since version {since}, and this server may be older",
        suggestion=f"look at the server's version; if it is older than {since}, leave {suspect.path} out",
    )


def _duplicate(suspect: Suspect) -> Finding | None:
    case, client_id = suspect.case, suspect.value
    creating = case.exchange.method == "POST" and suspect.path == "clientId" and isinstance(client_id, str)
    if not creating or suspect.absent:
        return None
    known = {one.casefold() for one in case.knowledge.client_ids or ()} | {
        one.casefold() for one in case.knowledge.clients
    }
    proven = client_id.casefold() in known
    return suspect.finding(
        "duplicate-client-id",
        f"the clientId {quoted(client_id)} {'exists' if proven else 'probably exists'} already on the server",
        confidence="sure" if proven else "likely",
        suggestion=f"update the client {quoted(client_id)} instead of creating it, or choose another clientId",
        rank=10,
    )


def _missing(suspect: Suspect) -> Finding | None:
    if not suspect.absent:
        return None
    because = next((text for path, text, _ in conflicts(suspect.case) if _is_about(path, text, suspect.inside)), "")
    spec = suspect.spec
    example = _EXAMPLES.get(suspect.inside, spec.help if spec is not None else "")
    return suspect.finding(
        "field-missing",
        f"{because or f'{suspect.path} is missing, and the server wants it'}",
        confidence="sure",
        suggestion=f"send {suspect.path}" + (f": {example}" if example else ""),
        rank=20,
    )


_EXAMPLES: Final = {
    "redirectUris": 'such as ["https://app.example.com/callback"]',
    "grantTypes": 'such as ["CLIENT_CREDENTIALS"]',
    "clientAuth.secret": "a new secret, or clientAuth.encryptedSecret as the server returned it",
    "clientAuth.type": "SECRET, PRIVATE_KEY_JWT or CERTIFICATE",
    "jwksSettings": 'such as {"jwksUrl": "https://app.example.com/jwks"}',
    "name": "the clientId will do",
}


def _conflict(suspect: Suspect) -> Finding | None:
    """The field as such is right, and contradicts another one of the same document."""
    for path, text, hint in conflicts(suspect.case):
        if path == suspect.inside:
            return suspect.finding("field-conflict", text, suggestion=hint or "change one of the two", rank=30)
    return None


def conflicts(case: Case) -> Iterable[tuple[str, str, str]]:
    """Path, sentence and hint of each contradiction that the document that was sent has in itself."""
    if case.sent is None or case.about_secret:
        return
    try:
        for one in conflicts_of({"grantTypes": [], **_without_nulls(case.sent)}):
            if one.path != "jwksSettings.jwks":  # that rule takes whatever is masked for a private key
                yield one.path, one.message, one.hint
    except (TypeError, AttributeError):  # values of other types than its rules expect: the misfits tell
        return


def _without_nulls(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if value is not None}


def _is_about(rule_path: str, text: str, path: str) -> bool:
    """Whether a contradiction is about this place, or names it as what is missing."""
    same = rule_path == path or rule_path.startswith(f"{path}.") or path.startswith(f"{rule_path}.")
    return same or path in text.split()


def less_certain(finding: Finding) -> Finding:
    """For a field that the server did not name: what is wrong with it need not be what the server minds."""
    return replace(finding, confidence="likely") if finding.confidence == "sure" else finding


_EXPLANATIONS: Final[tuple[Explanation, ...]] = (
    _not_a_field,
    too_new,
    _duplicate,
    _missing,
    misfit,
    _conflict,
    unknown_reference,
    bad_address,
    no_key_set,
    _perhaps_too_new,
)
