"""A sensitive field shown for some seconds, because it was asked for; that it was is kept among the notices."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ocm_tui.core.oci.registry import ProfileEntry

__all__ = ["FINDINGS", "REVEAL_SECONDS", "Reveal", "what_can_be_revealed"]

REVEAL_SECONDS: Final = 15.0
FINDINGS: Final = "findings"  # what the messages of findings leave out

_KEYS: Final = {
    "fingerprint": "f",
    "key_file": "k",
    "key_content": "c",
    "pass_phrase": "p",
    "security_token_file": "t",
    FINDINGS: "d",
}
_SENTENCES: Final = {FINDINGS: "what the findings leave out: resolved paths, whole fingerprints"}


@dataclass(frozen=True, slots=True)
class Reveal:
    """Which field of which profile; `until` is a moment of the monotonic clock."""

    profile: str
    field: str
    until: float

    @staticmethod
    def begin(profile: str, field: str) -> "Reveal":
        return Reveal(profile, field, time.monotonic() + REVEAL_SECONDS)

    def seconds_left(self) -> float:
        return self.until - time.monotonic()


def what_can_be_revealed(entry: "ProfileEntry", fields: Sequence[str]) -> dict[str, tuple[str, str]]:
    """By key: the field, and a sentence about it. Fields that this program has no name for get a digit."""
    wanted = [*fields, *([FINDINGS] if any(one.detail is not None for one in entry.findings) else [])]
    digits = iter("123456789")
    choices: dict[str, tuple[str, str]] = {}
    for name in wanted:
        key = _KEYS.get(name) or next(digits, None)
        if key is not None:
            choices[key] = (name, _SENTENCES.get(name, name))
    return choices
