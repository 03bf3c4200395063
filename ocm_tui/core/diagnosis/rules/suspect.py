"""One place of the document that a server rejected, and how a finding about it is made."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from ocm_tui.core.clients.fields import FieldSpec, field
from ocm_tui.core.clients.model import ServerInfo
from ocm_tui.core.diagnosis.case import Case
from ocm_tui.core.diagnosis.excerpts import member, value_at
from ocm_tui.core.diagnosis.model import Finding

__all__ = ["Suspect"]

_INDEX: Final = re.compile(r"\[(\d+)\]$")


@dataclass(frozen=True)
class Suspect:
    """One place of the document that was sent. `path` is the server's word for it, with indexes."""

    case: Case
    path: str
    evidence: tuple[str, ...] = ()

    @cached_property
    def inside(self) -> str:
        """Where it is in a client's document: the body of a secret's own call is the `clientAuth` of one."""
        return f"clientAuth.{self.path}" if self.case.about_secret and "." not in self.path else self.path

    @cached_property
    def spec(self) -> FieldSpec | None:
        return field(self.inside)

    @cached_property
    def value(self) -> Any:
        return value_at(self.case.sent, self.path)

    @property
    def raw(self) -> str | None:
        """Its text in the request; of a list item the item alone."""
        return member(self.case.request.body, self.path)

    @property
    def absent(self) -> bool:
        return self.case.sent is not None and self.value in (None, "", [], {})

    @property
    def version(self) -> tuple[int, int] | None:
        known = self.case.knowledge.server_version
        parsed = ServerInfo(known).parsed if known else (0, 0)
        return parsed if parsed != (0, 0) else None

    def finding(self, code: str, title: str, *, value: Any = None, **members: Any) -> Finding:
        """`value` is what this place should hold; of a list's item the whole list is what a form edits."""
        evidence = self.case.evidence(*members.pop("evidence", ()), self.raw, *self.evidence)
        form_path = self.spec.path if self.spec is not None and self.spec.kind != "mapping" else self.inside
        whole = self._in_list(value)
        fix = self.case.fix(form_path.partition("[")[0], whole)
        return self.case.finding(code, title, **{"field_path": self.path, "evidence": evidence, "fix": fix, **members})

    def _in_list(self, value: Any) -> Any:
        index = _INDEX.search(self.path)
        if value is None or index is None:
            return value
        items = value_at(self.case.sent, self.path[: index.start()])
        return [value if number == int(index[1]) else item for number, item in enumerate(items or ())]
