"""What a diagnosis says, and what it may know beside the exchange."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

from ocm_tui.core.exchanges.model import Exchange

if TYPE_CHECKING:
    from ocm_tui.core.diagnosis.user_rules import UserRule

__all__ = ["BESIDE", "Confidence", "Finding", "Fix", "Knowledge", "Severity", "is_fault"]

Severity = Literal["error", "warning", "info"]
Confidence = Literal["sure", "likely", "possible"]

BESIDE: Final = 10_000  # the rank of what is wrong as well and explains no failure
_CONFIDENCE_ORDER: Final = ("sure", "likely", "possible")
_SEVERITY_ORDER: Final = ("error", "warning", "info")


@dataclass(frozen=True, slots=True)
class Fix:
    """The edit that is likely to help: the form of `client_id`, opened at `field_path`.

    `value` is what to put there; None means that only the person can know it. `field_path` is dotted JSON with indexes,
    as in `redirectUris[1]`.
    """

    client_id: str
    field_path: str
    value: Any | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One cause. `evidence` are exact excerpts of the exchange (its headers as `name: value`).

    `sure` is only what the exchange (and what is known beside it) proves; `likely` is what most often is behind it;
    `possible` is worth a look.
    `rank` orders findings of equal confidence and severity: the cause before its consequence, smaller first.
    """

    code: str
    severity: Severity
    confidence: Confidence
    title: str
    field_path: str | None = None
    evidence: tuple[str, ...] = ()
    suggestion: str = ""
    fix: Fix | None = None
    rank: int = 50

    @property
    def order(self) -> tuple[int, int, int]:
        """Sorts the best first."""
        return _SEVERITY_ORDER.index(self.severity), _CONFIDENCE_ORDER.index(self.confidence), self.rank

    def as_json(self) -> dict[str, Any]:
        """A member of `findings` in `ocm-tui/diagnosis/v1`."""
        return {
            "code": self.code,
            "severity": self.severity,
            "confidence": self.confidence,
            "title": self.title,
            "field_path": self.field_path,
            "evidence": list(self.evidence),
            "suggestion": self.suggestion,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """What is known beside the exchange; everything is optional, and None means "not known", not "there is none".

    `choices` are the ids that exist on the server, by what they are: `scopes`, `exclusive_scopes`, `token_managers`,
    `oidc_policies`, `extended_properties`. `client_ids` are those known to exist: others may as well.
    `neighbours` are other exchanges, oldest first. `user_rules` are asked beside our own; `problems` says, for people,
    what of their files could not be used.
    `now` is seconds since the epoch; None means that no clock is to be trusted.
    """

    server_version: str | None = None
    choices: Mapping[str, Sequence[str]] = field(default_factory=dict)
    clients: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # clientId to server document
    client_ids: frozenset[str] | None = None
    neighbours: Sequence[Exchange] = ()
    user_rules: Sequence["UserRule"] = ()
    problems: tuple[str, ...] = ()
    now: float | None = None

    @property
    def scopes(self) -> Sequence[str] | None:
        return self.choices.get("scopes")

    @property
    def token_managers(self) -> Sequence[str] | None:
        return self.choices.get("token_managers")

    @property
    def policies(self) -> Sequence[str] | None:
        return self.choices.get("oidc_policies")


def is_fault(finding: Finding) -> bool:
    """Something is wrong. What is only worth knowing (`info`) is no fault."""
    return finding.severity != "info"
