"""Faults on request, the same ones for the same seed and order of requests.

    SPEC   := ITEM ("," ITEM)*
    ITEM   := KIND ["@" SCOPE] "=" RATE ["*" TIMES]  |  "seed=" NUMBER
    SCOPE  := [METHOD] [PATH]       at least one of them; PATH starts with "/" and stands for itself and what is below
    RATE   := NUMBER "%"            of the requests in scope
    TIMES  := NUMBER                at most so often, then never again

PATH counts from the API's base (`/oauth/clients`) or from the root (`/as/token.oauth2`); it is compared with the path
as it was sent, without the query. Several items may apply to one request: their rates add up, and at most one happens.

    reset-before   the connection is reset before the server did anything
    reset-after    the server does its work, then resets the connection without a byte of the answer
    lost-answer    the server does its work, then closes the connection in good order without a byte of the answer
    stall          the server does its work, then says nothing until the other side gives up
    drip           the answer's body comes one byte at a time, one every 0.1 s
    truncate       half of the body that Content-Length promised, then the connection is closed
    cut-json       a well-framed answer whose body ends in the middle
    badutf8        a well-framed answer with invalid UTF-8 in its body
    429, 503       the answer of a busy server, with Retry-After: 1; the server did nothing
    500, 502, 504  an error in the API's own shape; the server did nothing
    html           502 with a proxy's HTML page; the server did nothing
    big-error      500 with a body of 5 MB; the server did nothing

Example: `reset-before=5%,429=3%,503@/oauth/clients=10%,lost-answer@POST/oauth/clients=100%*1,seed=7`
"""

import re
from dataclasses import dataclass, field
from typing import Final

from ocm_tui.core.errors import UsageError
from ocm_tui.simulator.numbers import mixed
from ocm_tui.simulator.wire import BASE_PATH, Answer, problem

__all__ = ["INSTEAD", "KINDS", "FaultPlan", "answer_instead", "spoil"]

INSTEAD: Final = frozenset({"429", "500", "502", "503", "504", "html", "big-error"})  # answers given instead of working
_AFTER: Final = frozenset({"reset-after", "lost-answer", "stall", "drip", "truncate", "cut-json", "badutf8"})
KINDS: Final = INSTEAD | _AFTER | {"reset-before"}

_ITEM: Final = re.compile(
    r"(?P<kind>[a-z0-9-]+)(?:@(?P<method>[A-Z]+)?(?P<path>/[^=,*\s]*)?)?=(?P<rate>\d+(?:\.\d+)?)%(?:\*(?P<times>\d{1,9}))?",
    re.ASCII,
)
_SEED: Final = re.compile(r"seed=(\d{1,18})", re.ASCII)
_METHODS: Final = frozenset({"GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"})
_BIG: Final = 5 * 1024 * 1024
_PAGE: Final = (
    b"<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head>\n"
    b"<body><center><h1>502 Bad Gateway</h1></center>"
    b"<hr><center>edge-proxy</center></body></html>\n"
)


@dataclass(slots=True)
class _Item:
    kind: str
    method: str
    path: str
    rate: float  # 0 to 1
    left: int | None

    def covers(self, method: str, path: str) -> bool:
        if self.left == 0 or (self.method and self.method != method):
            return False
        below = path.removeprefix(BASE_PATH)
        return not self.path or any(
            one == self.path or one.startswith(self.path.rstrip("/") + "/") for one in (path, below)
        )


@dataclass(slots=True)
class FaultPlan:
    """Decides for each request, by its number, whether and how it fails."""

    items: list[_Item] = field(default_factory=list)
    seed: int = 0

    @staticmethod
    def parse(text: str, seed: int) -> "FaultPlan":
        """UsageError names the item that cannot be read. `seed` counts unless the text brings its own."""
        plan = FaultPlan(seed=seed)
        for item in filter(None, (part.strip() for part in text.split(","))):
            if match := _SEED.fullmatch(item):
                plan.seed = int(match[1])
            else:
                plan.items.append(_item(item))
        totals: dict[tuple[str, str], float] = {}
        for one in plan.items:
            scope = (one.method, one.path)
            totals[scope] = totals.get(scope, 0.0) + one.rate
            if totals[scope] > 1 + 1e-9:
                raise UsageError("the fault rates of one scope add up to more than 100%", hint="lower them")
        return plan

    def choose(self, number: int, method: str, path: str) -> str | None:
        """The kind of fault for request `number`, or None. Call once per request: `*TIMES` counts down."""
        if not self.items:
            return None
        draw = mixed(self.seed ^ 0xFA017, number) / 2**64
        for item in self.items:
            if not item.covers(method, path):
                continue
            draw -= item.rate
            if draw < 0:
                if item.left is not None:
                    item.left -= 1
                return item.kind
        return None


def _item(text: str) -> _Item:
    match = _ITEM.fullmatch(text)
    if match is None or ("@" in text and not (match["method"] or match["path"])):
        raise UsageError(
            f"the fault {text!r} cannot be read",
            hint="KIND=RATE%, such as 503=2% or lost-answer@POST/oauth/clients=5%*1",
        )
    if match["kind"] not in KINDS:
        raise UsageError(f"unknown fault {match['kind']!r}", hint=f"one of {', '.join(sorted(KINDS))}")
    if match["method"] and match["method"] not in _METHODS:
        raise UsageError(f"unknown method {match['method']!r} in the fault {text!r}")
    rate = float(match["rate"])
    if rate > 100:
        raise UsageError(f"the rate of the fault {text!r} is more than 100%")
    left = int(match["times"]) if match["times"] else None
    return _Item(match["kind"], match["method"] or "", match["path"] or "", rate / 100, left)


def answer_instead(kind: str) -> Answer:
    """The answer of a fault that stands in for the server's work."""
    match kind:
        case "html":
            return Answer(502, _PAGE, content_type="text/html")
        case "big-error":
            return problem(500, "internal_error", "An unexpected error occurred. " + "x" * _BIG)
        case "429" | "503":
            text = "Too many requests." if kind == "429" else "The server is temporarily unavailable."
            return problem(int(kind), "busy", text, headers=(("Retry-After", "1"),))
        case _:
            return problem(int(kind), "internal_error", "An unexpected error occurred.")


def spoil(kind: str, body: bytes) -> bytes:
    """The body of an answer that is well framed and yet cannot be read."""
    half = len(body) // 2
    if kind == "cut-json":
        return body[:half]
    return body[:half] + b"\xff\xfe\xc3\x28" + body[half:]
