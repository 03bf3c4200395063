"""Why a probe failed: what the answer means, ranked by what the checks of the profile itself have found."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from ocm_tui.core.errors import ApiError, OcmError, TransportError
from ocm_tui.core.oci.model import Finding
from ocm_tui.core.oci.schemas import OciProfileConfig

__all__ = ["MOST_SKEW", "Cause", "Reason", "causes_of", "reason_of"]

# What a failure is about. "network" and "service" say nothing about the profile.
Reason = Literal["", "configuration", "credentials", "clock", "permission", "network", "service"]

MOST_SKEW: Final = 300.0  # seconds that OCI allows between the two clocks
_SKEW_WORDS: Final = re.compile(r"clock skew", re.IGNORECASE)

# What the server's 401 means, when it is one of these; in the order in which they are likely.
_SIGNING_FINDINGS: Final = (
    "token-expired",
    "token-malformed",
    "token-key-mismatch",
    "fingerprint-mismatch",
    "ocid-swapped",
    "ocid-type",
    "realm-mismatch",
    "ocid-malformed",
    "key-small",
    "region-unknown",
)


@dataclass(frozen=True, slots=True)
class Cause:
    """One explanation; the most likely stands first. `certain` ones were seen, the others only fit."""

    title: str
    hint: str = ""
    certain: bool = False


_DAMAGED: Final = Cause(
    "the key file is damaged: it loads and signs, and what it signs is wrong",
    "put the key back from a backup",
    certain=True,
)


def reason_of(error: OcmError, skew: float | None) -> Reason:
    """`skew` is the server's clock minus ours, in seconds."""
    if isinstance(error, TransportError):
        return "network"
    return _reason_of_answer(error, skew) if isinstance(error, ApiError) else "configuration"


def _reason_of_answer(error: ApiError, skew: float | None) -> Reason:
    if error.status == 401:
        return "clock" if _is_clock(error, skew) else "credentials"
    if error.status == 429 or error.status >= 500 or 300 <= error.status < 400:
        return "service"
    return "network" if _not_oci(error) else "permission"


def causes_of(
    profile: OciProfileConfig,
    error: OcmError,
    skew: float | None,
    findings: Sequence[Finding],
    *,
    key_damaged: bool = False,
) -> tuple[Cause, ...]:
    """The most likely first, each once. `key_damaged` is what the whole validation of the key said, after a 401."""
    ranked = {_DAMAGED.title: _DAMAGED} if key_damaged else dict[str, Cause]()
    for cause in _ranked(profile, error, skew, findings):
        ranked.setdefault(cause.title, cause)
    return tuple(ranked.values())


def _ranked(
    profile: OciProfileConfig, error: OcmError, skew: float | None, findings: Sequence[Finding]
) -> Iterator[Cause]:
    match reason_of(error, skew):
        case "clock":
            yield _clock(skew)
        case "credentials":
            yield from _found(findings, _SIGNING_FINDINGS)
            yield from _credentials(profile)
        case "permission":
            yield from _permission(error)
        case "service":
            yield Cause(_service(error), "not a matter of this profile; ask again later", certain=True)
        case "network":
            if isinstance(error, TransportError) and error.layer == "dns":
                yield from _found(findings, ("region-unknown",))
            yield Cause(error.title, error.hint, certain=True)
        case _:
            yield Cause(str(error), error.hint, certain=True)
            yield from _found(findings, tuple(one.code for one in findings if one.severity == "error"))


def _found(findings: Sequence[Finding], codes: Sequence[str]) -> Iterator[Cause]:
    for code in codes:
        for finding in findings:
            if finding.code == code:
                yield Cause(finding.message, finding.hint, certain=finding.severity == "error")


def _clock(skew: float | None) -> Cause:
    hint = "set the clock by NTP; OCI allows five minutes"
    if skew is None or abs(skew) < 1:
        return Cause("the server says that the clocks differ by more than five minutes", hint, certain=True)
    direction = "behind" if skew > 0 else "ahead of"
    return Cause(f"the clock of this machine is {abs(skew):.0f} s {direction} the server's", hint, certain=True)


def _credentials(profile: OciProfileConfig) -> Iterator[Cause]:
    """401 has one code for all of these; the first are the frequent ones."""
    if profile.auth == "security_token":
        yield Cause("the session has ended, or was ended elsewhere", "oci session authenticate")
        yield Cause(
            "the token belongs to another private key", "key_file and token come from one `oci session authenticate`"
        )
    elif profile.auth == "api_key":
        yield Cause(
            "the public key is not among the user's API keys, or was deleted there",
            "compare the fingerprint with the user's API keys in the OCI console",
        )
        yield Cause(
            "user, tenancy or fingerprint is not the one of this key", "copy all three from the OCI console at once"
        )
    else:
        yield Cause("the principal has no dynamic group, or its token was refused", "check the dynamic group's rules")
    yield Cause("the tenancy is not subscribed to this region", "probe the same profile with its home region")


def _permission(error: OcmError) -> Iterator[Cause]:
    code = error.result_id if isinstance(error, ApiError) else ""
    if code in {"SignUpRequired", "NotAllowed"}:
        yield Cause(
            "the service is not enabled for this tenancy or region", "use the tenancy's home region", certain=True
        )
        return
    yield Cause(
        "the signature was accepted: the credentials are right, and a policy is missing",
        "an administrator must allow the group to read object storage in the tenancy",
    )
    yield Cause("the resource is in another compartment or region", "check region and tenancy")


def _service(error: OcmError) -> str:
    status = error.status if isinstance(error, ApiError) else 0
    if status == 429:
        return "the service asks to slow down (429)"
    return f"the service itself failed ({status})" if status >= 500 else f"the answer leads elsewhere ({status})"


def _is_clock(error: ApiError, skew: float | None) -> bool:
    return bool(_SKEW_WORDS.search(error.detail)) or (skew is not None and abs(skew) > MOST_SKEW)


def _not_oci(error: ApiError) -> bool:
    """A failure without a code is a page of a proxy or a portal: OCI always names one."""
    return not error.result_id
