"""An exchange, taken apart once for all rules: what was sent, what was answered, and who seems to have answered."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from ocm_tui.core.diagnosis.excerpts import cut, header_line, line_with, member
from ocm_tui.core.diagnosis.model import Finding, Fix, Knowledge
from ocm_tui.core.exchanges.model import Exchange, Message
from ocm_tui.core.text import clean

__all__ = ["AnswerKind", "Case", "Rejection", "Rule", "is_redacted", "quoted"]

AnswerKind = Literal["none", "empty", "json", "html", "text"]

_MOST_REJECTIONS: Final = 50
_CLIENT_PATH: Final = re.compile(r"/oauth/clients(?:/(?P<id>[^/]+)(?P<rest>/.*)?)?/?")
_TITLE: Final = re.compile(r"<title[^>]{0,200}>\s*([^<]{1,200}?)\s*</title", re.IGNORECASE)
_MARKER: Final = re.compile(r"\*\*\*[0-9a-f]{6}")
_NO_MESSAGE: Final = Message()


@dataclass(frozen=True, slots=True)
class Rejection:
    """One of the server's validation errors. `evidence` is its own text in the answer."""

    error_id: str
    field_path: str
    message: str
    evidence: str


class Case:
    """Nothing in here is decided: rules do that. Bodies that cannot be read are None, never an exception."""

    def __init__(self, exchange: Exchange, knowledge: Knowledge) -> None:
        self.exchange = exchange
        self.knowledge = knowledge
        self.request = exchange.request
        self.response = exchange.response or _NO_MESSAGE
        self.status = exchange.status or 0

    # --- what was sent -------------------------------------------------------------------------------------------

    @cached_property
    def url(self) -> SplitResult:
        try:
            parts = urlsplit(self.exchange.url)
            _ = parts.port  # read here, because a port that is none raises only when it is asked for
        except ValueError:
            return SplitResult("", "", "", "", "")
        return parts

    @property
    def host(self) -> str:
        return self.url.netloc.rpartition("@")[2] or "the server"

    @property
    def is_write(self) -> bool:
        return self.exchange.method not in {"GET", "HEAD", "OPTIONS"}

    @cached_property
    def sent(self) -> Mapping[str, Any] | None:
        """The JSON object that was sent; None when it was none, or when only its beginning is known."""
        value = _json(self.request.body)
        return value if isinstance(value, dict) else None

    @cached_property
    def form(self) -> Mapping[str, str]:
        """The form that was sent; empty when it was none."""
        kind = (self.request.header("Content-Type") or "").lower()
        if "json" in kind or self.request.body.lstrip().startswith(("{", "[")):
            return {}
        return dict(parse_qsl(self.request.body, keep_blank_values=True, errors="replace"))

    @cached_property
    def form_names(self) -> list[str]:
        """With repetitions."""
        return [name for name, _ in parse_qsl(self.request.body, keep_blank_values=True)] if self.form else []

    @property
    def query(self) -> Mapping[str, str]:
        return dict(parse_qsl(self.url.query, keep_blank_values=True, errors="replace"))

    @cached_property
    def _client_path(self) -> re.Match[str] | None:
        return next(iter(_CLIENT_PATH.finditer(self.url.path)), None)

    @property
    def about_clients(self) -> bool:
        """Whether the call is one of `/oauth/clients`."""
        return self._client_path is not None and self._client_path.end() == len(self.url.path)

    @cached_property
    def path_client_id(self) -> str:
        """Of `/oauth/clients/ID`; "" for other calls."""
        found = self._client_path
        return unquote(found["id"]) if found and found["id"] else ""

    @property
    def about_secret(self) -> bool:
        """Whether the body is that of a client's secret alone."""
        return bool(self._client_path and (self._client_path["rest"] or "").startswith("/clientAuth/clientSecret"))

    @cached_property
    def client_id(self) -> str:
        """Of the client that the exchange is about; "" when it is about none."""
        sent = self.sent.get("clientId") if self.sent else None
        body = sent if isinstance(sent, str) else ""
        return self.path_client_id or self.exchange.client_id or body or self.form.get("client_id", "")

    @property
    def is_token_call(self) -> bool:
        return self.exchange.target == "token" or "grant_type" in self.form

    # --- what was answered -----------------------------------------------------------------------------------------

    @cached_property
    def answer(self) -> Mapping[str, Any] | None:
        """The JSON object of the answer."""
        value = _json(self.response.body)
        return value if isinstance(value, dict) else None

    @cached_property
    def answer_kind(self) -> AnswerKind:
        if self.exchange.response is None:
            return "none"
        start = self.response.body[:2000].lstrip("\ufeff \t\r\n").lower()
        if not start:
            return "empty"
        if start.startswith(("<!doctype html", "<html")) or "<html" in start:
            return "html"
        if start.startswith(("{", "[")):
            return "json"
        return "html" if "html" in (self.response.header("Content-Type") or "").lower() else "text"

    @property
    def page_title(self) -> str:
        """The exact text of an HTML page's title; "" when it has none."""
        found = _TITLE.search(self.response.body[:20_000]) if self.answer_kind == "html" else None
        return found[1] if found else ""

    @property
    def is_api_error(self) -> bool:
        """Whether the administrative API itself answered: only it has these members."""
        answer = self.answer
        return answer is not None and ("resultId" in answer or "validationErrors" in answer)

    @cached_property
    def rejections(self) -> tuple[Rejection, ...]:
        errors = (self.answer or {}).get("validationErrors")
        listed = errors[:_MOST_REJECTIONS] if isinstance(errors, list) else []
        return tuple(
            Rejection(
                _text(one.get("errorId")),
                _text(one.get("fieldPath")),
                _text(one.get("message")) or _text(one.get("developerMessage")),
                member(self.response.body, f"validationErrors[{index}]") or "",
            )
            for index, one in enumerate(listed)
            if isinstance(one, dict)
        )

    @property
    def said(self) -> str:
        """The answer's own words, cleaned; "" when it has none."""
        answer = self.answer or {}
        words = next(
            (answer[name] for name in ("message", "error_description") if isinstance(answer.get(name), str)), ""
        )
        return clean(words, 200)

    # --- evidence ------------------------------------------------------------------------------------------------

    def status_evidence(self, *more: str | None) -> tuple[str, ...]:
        """`HTTP 403`, and what else there is."""
        return self.evidence(f"HTTP {self.status}" if self.status else None, *more)

    def evidence(self, *pieces: str | None) -> tuple[str, ...]:
        """Those that are there, each once."""
        return tuple(dict.fromkeys(cut(piece) for piece in pieces if piece))

    def sent_header(self, name: str) -> str | None:
        return header_line(self.request, name)

    def got_header(self, name: str) -> str | None:
        return header_line(self.response, name)

    @property
    def first_words(self) -> str | None:
        """How the answer's body begins; of a page, its title."""
        return self.page_title or cut(self.response.body.strip().partition("\n")[0]) or None

    def line(self, word: str) -> str | None:
        """The line of the answer's body that holds `word`."""
        return line_with(self.response.body, word)

    def fix(self, field_path: str, value: Any | None = None) -> Fix | None:
        """None when the exchange is about no client: then there is no form to open."""
        return Fix(self.client_id, field_path, value) if self.client_id else None

    def finding(self, code: str, title: str, **members: Any) -> Finding:
        """An `error` that is `likely`, unless told otherwise; the evidence is the status, unless told otherwise."""
        values: dict[str, Any] = {"severity": "error", "confidence": "likely", "evidence": self.status_evidence()}
        values |= members
        values["evidence"] = values["evidence"] or self.evidence(f"{self.exchange.method} {self.exchange.url}")
        values["suggestion"] = clean(values.get("suggestion", ""), 600)
        if values.get("field_path") is not None:
            values["field_path"] = clean(values["field_path"], 200)
        return Finding(code=code, title=clean(title, 400), **values)


# Each is one story about one kind of failure; it may find nothing, one thing or several.
Rule = Callable[[Case], Iterable[Finding]]


def quoted(value: Any) -> str:
    """A value as a message shows it: cleaned and short. Of a redacted one its marker is all that is known."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return f"“{clean(text, 80)}”"


def is_redacted(value: Any) -> bool:
    """Whether what stands in the exchange is a marker, and the value that was sent is not known."""
    return isinstance(value, str) and _MARKER.search(value) is not None


def _json(text: str) -> Any:
    if not text.lstrip("\ufeff \t\r\n").startswith(("{", "[")):
        return None
    try:
        return json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError):
        return None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
