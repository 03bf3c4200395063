"""Rules that users add as YAML files: the same query language as the log's, and a finding to go with it.

    version: 1
    rules:
    - code: maintenance-window
      when: 'status:503 body:"planned maintenance"'
      title: the edge is being maintained
      suggestion: wait for the end of the window

`header` (name to glob), `field_path` and `error_id` (globs over the server's validation errors) narrow a rule further;
`evidence` names texts whose lines are quoted. Without them, `severity` and `confidence` are `error` and `likely`.
A file that is wrong is named with its line and is not used at all; the others are.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final, get_args

from ocm_tui.core.diagnosis.case import Case, Rejection
from ocm_tui.core.diagnosis.excerpts import header_line, line_with
from ocm_tui.core.diagnosis.model import Confidence, Finding, Severity
from ocm_tui.core.errors import ConfigError, OcmError
from ocm_tui.core.exchanges.query import ExchangeQuery, parse_query
from ocm_tui.core.positioned.positions import NodePath, Positioned, read_yaml
from ocm_tui.core.positioned.problems import nearest, shown_key
from ocm_tui.core.text import clean

__all__ = ["UserRule", "load_rules", "rule_files"]

_MOST_FILES: Final = 100
_MOST_RULES: Final = 500
_LARGEST: Final = 256 * 1024  # bytes of one file
_REQUIRED: Final = ("code", "when", "title")
_TEXTS: Final = (*_REQUIRED, "suggestion", "severity", "confidence", "field_path", "error_id")
_KEYS: Final = (*_TEXTS, "header", "evidence")
_RANK: Final = 5  # before our own of equal confidence: who wrote the rule knows the place better


@dataclass(frozen=True, slots=True)
class UserRule:
    """A rule like ours, with its conditions as data. Globs are compared without regard to case."""

    code: str
    title: str
    query: ExchangeQuery
    severity: Severity = "error"
    confidence: Confidence = "likely"
    suggestion: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    field_path: str = ""
    error_id: str = ""
    evidence: tuple[str, ...] = ()

    def __call__(self, case: Case) -> Iterator[Finding]:
        if not self.query.matches(case.exchange) or not self._headers_fit(case):
            return
        if not (self.field_path or self.error_id):
            yield self._finding(case, None)
            return
        for rejection in case.rejections:
            if _fits(self.field_path, rejection.field_path) and _fits(self.error_id, rejection.error_id):
                yield self._finding(case, rejection)

    def _headers_fit(self, case: Case) -> bool:
        """Of the response, or of the request."""
        return all(
            any(_fits(glob, message.header(name) or "") for message in (case.response, case.request))
            for name, glob in self.headers.items()
        )

    def _finding(self, case: Case, rejection: Rejection | None) -> Finding:
        headers = [header_line(case.response, name) or header_line(case.request, name) for name in self.headers]
        failure = case.exchange.error.message if case.exchange.error else ""
        texts = (case.response.body, case.request.body, failure)
        lines = [next(filter(None, (line_with(text, word) for text in texts)), None) for word in self.evidence]
        path = rejection.field_path if rejection is not None else None
        return case.finding(
            self.code,
            self.title,
            severity=self.severity,
            confidence=self.confidence,
            suggestion=self.suggestion,
            field_path=path,
            evidence=case.evidence(
                f"HTTP {case.status}" if case.status else failure,
                rejection.evidence if rejection is not None else None,
                *headers,
                *lines,
            ),
            fix=case.fix(path) if path else None,
            rank=_RANK,
        )


def rule_files(directory: Path) -> list[Path]:
    """`*.yaml` and `*.yml` in it, by name; none when there is no such directory."""
    try:
        found = sorted(path for path in directory.iterdir() if path.suffix in {".yaml", ".yml"})
    except OSError:
        return []
    return found[:_MOST_FILES]


def load_rules(paths: Sequence[Path]) -> tuple[tuple[UserRule, ...], tuple[str, ...]]:
    """The rules of all files that are right, and a sentence for each that is not: file, line and what is wrong."""
    rules: list[UserRule] = []
    problems: list[str] = []
    for path in paths:
        try:
            rules += _read(path)
        except OcmError as error:
            hint = f" ({error.hint})" if error.hint else ""
            problems.append(f"the rules of this file are not used: {error}{hint}")
    return tuple(rules), tuple(problems)


def _read(path: Path) -> list[UserRule]:
    file = read_yaml(path, max_bytes=_LARGEST)
    if not isinstance(file.data, dict):
        raise _wrong(file, (), "a file of rules holds `version: 1` and `rules:`")
    _refuse_unknown(file, (), file.data, ("version", "rules"))
    if file.data.get("version") != 1 or isinstance(file.data["version"], bool):
        raise _wrong(file, ("version",), "version must be 1")
    rules = file.data.get("rules")
    if not isinstance(rules, list):
        raise _wrong(file, ("rules",), "rules must be a list")
    if len(rules) > _MOST_RULES:
        raise _wrong(file, ("rules",), f"more than {_MOST_RULES} rules in one file")
    return [_rule(file, ("rules", number), one) for number, one in enumerate(rules)]


def _rule(file: Positioned, at: NodePath, data: Any) -> UserRule:
    if not isinstance(data, dict):
        raise _wrong(file, at, "a rule is a mapping with code, when and title")
    _refuse_unknown(file, at, data, _KEYS)
    for name in _REQUIRED:
        if name not in data:
            raise _wrong(file, at, f"the rule has no `{name}`")
    for name in _TEXTS:
        if name in data and (not isinstance(data[name], str) or not data[name].strip()):
            raise _wrong(file, (*at, name), f"`{name}` must be a text")
    try:
        query = parse_query(data["when"])
    except OcmError as error:
        raise _wrong(file, (*at, "when"), f"`when` is no query of the log: {error}", error.hint) from None
    return UserRule(
        code=clean(data["code"], 60),
        title=clean(data["title"], 300),
        query=query,
        severity=_word(file, at, data, ("severity", get_args(Severity), "error")),
        confidence=_word(file, at, data, ("confidence", get_args(Confidence), "likely")),
        suggestion=clean(data.get("suggestion", ""), 600),
        headers=_headers(file, at, data),
        field_path=data.get("field_path", ""),
        error_id=data.get("error_id", ""),
        evidence=_evidence(file, at, data),
    )


def _word(file: Positioned, at: NodePath, data: Mapping[str, Any], choice: tuple[str, tuple[str, ...], str]) -> Any:
    name, values, fill = choice
    value = data.get(name, fill)
    if value not in values:
        raise _wrong(file, (*at, name), f"`{name}` is one of {', '.join(values)}")
    return value


def _headers(file: Positioned, at: NodePath, data: Mapping[str, Any]) -> dict[str, str]:
    value = data.get("header", {})
    if not isinstance(value, dict) or not all(isinstance(glob, str) for glob in value.values()):
        raise _wrong(file, (*at, "header"), "`header` maps names of headers to patterns such as edge-*")
    return value


def _evidence(file: Positioned, at: NodePath, data: Mapping[str, Any]) -> tuple[str, ...]:
    value = data.get("evidence", [])
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list) or not all(isinstance(one, str) and one for one in listed):
        raise _wrong(file, (*at, "evidence"), "`evidence` is a text, or a list of texts")
    return tuple(listed)


def _refuse_unknown(file: Positioned, at: NodePath, data: Mapping[str, Any], known: Sequence[str]) -> None:
    for name in data:
        if name not in known:
            near = nearest(name, known)
            hint = f"did you mean `{near}`?" if near else f"known are {', '.join(known)}"
            raise _wrong(file, (*at, name), f"unknown key {shown_key(name)}", hint, key=True)


def _wrong(file: Positioned, at: NodePath, sentence: str, hint: str = "", *, key: bool = False) -> ConfigError:
    return file.place(at, key=key).error(sentence, hint=hint)


def _fits(glob: str, text: str) -> bool:
    return not glob or fnmatchcase(text.lower(), glob.lower())
