"""Where the four planes disagree about a client, and the command that puts it right.

The inventory is what is wanted; a server follows it, a row follows both, a copy follows its row. Where following would
give a client more than it has now (a suspended one, still enabled on the server), the cure is to take away: to give is
for a person to decide.
"""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from ocm_tui.core.errors import OcmError
from ocm_tui.core.registry.plane_names import PLANES, Cure, Disagreement, PlaneName
from ocm_tui.core.registry.plane_views import Sight, as_text
from ocm_tui.core.text import clean

if TYPE_CHECKING:
    from ocm_tui.core.session import Session

__all__ = ["disagreements"]

_CONSEQUENCES: Final = frozenset({"updated_at", "profile_version", "status_version"})  # of another difference


def disagreements(session: "Session", sight: Sight) -> Sequence[Disagreement]:
    """Between planes that answered, the most weighty first."""
    return list(_Judge(session, sight).all())


class _Judge:
    def __init__(self, session: "Session", sight: Sight) -> None:
        self._sight = sight
        self._environment = ("--demo",) if session.demo else ("--env", session.environment)
        self._known = {name: sight.views[name].state in {"present", "absent"} for name in PLANES}
        self._present = {name: sight.views[name].state == "present" for name in PLANES}

    def all(self) -> Iterator[Disagreement]:
        yield from self._cached()
        yield from self._status()
        yield from self._existence()
        yield from self._on_server()
        yield from self._in_row()

    def _cached(self) -> Iterator[Disagreement]:
        """The copy against its row."""
        looked = self._sight.looked
        if looked is None or looked.state not in {"stale", "orphan", "corrupt"}:
            return
        cure = self._command("registry", "cache", "refresh", str(looked.client_id), "--yes")
        unlike = [one for one in looked.differences if one.field not in _CONSEQUENCES]
        if not unlike:
            yield self._one("cache", ("registry", "cache"), cure, "refresh")
        for field, cached, row in unlike:
            values: dict[PlaneName, str] = {"registry": as_text(row), "cache": as_text(cached)}
            yield Disagreement(f"cache.{field}", values, cure, "refresh")

    def _status(self) -> Iterator[Disagreement]:
        """Enabled on the server means ACTIVE in the registry."""
        row, server = self._sight.row, self._enabled(self._sight.document)
        if row is None or server is None or server == (row.status == "ACTIVE"):
            return
        declared = self._enabled(self._sight.declared.document) if self._sight.declared is not None else None
        if not server:
            cure = self._command("registry", "set-status", str(row.client_id), "SUSPENDED", "--yes")
            yield self._one("status", ("inventory", "server", "registry"), cure, "set-status")
        elif declared is None:
            cure = self._command("clients", "update", self._sight.code, "--set", "enabled=false", "--yes")
            yield self._one("status", ("inventory", "server", "registry"), cure)
        else:  # wanted, and held back: who is right nobody can tell from here
            yield self._one("status", ("inventory", "server", "registry"), "")

    def _existence(self) -> Iterator[Disagreement]:
        code = self._sight.code
        if (
            self._known["server"]
            and self._known["inventory"]
            and self._present["inventory"]
            and not self._present["server"]
        ):
            yield self._one("client", ("inventory", "server"), self._apply(), "apply")
        if not self._known["registry"]:
            return
        declared = self._sight.declared
        if self._present["registry"]:
            if self._known["server"] and code and not self._present["server"] and not self._present["inventory"]:
                row = self._sight.row
                assert row is not None
                revoke = self._command("registry", "set-status", str(row.client_id), "REVOKED", "--yes")
                yield self._one(
                    "client", ("server", "registry"), "" if row.status == "REVOKED" else revoke, "set-status"
                )
        elif declared is not None and declared.registry:
            yield self._one("client", ("inventory", "registry"), self._apply(), "apply")
        elif self._present["server"]:
            cure = self._command("registry", "sync", "--from", "server")
            yield self._one("client", ("server", "registry"), cure, "sync")

    def _on_server(self) -> Iterator[Disagreement]:
        """What is declared against what the server holds."""
        for drift in self._sight.drift:
            values: dict[PlaneName, str] = {"inventory": as_text(drift.after), "server": as_text(drift.before)}
            yield Disagreement(clean(drift.path, 120), values, self._apply(), "apply")

    def _in_row(self) -> Iterator[Disagreement]:
        """The `registry:` block against the row; what it does not name is no matter."""
        declared, row = self._sight.declared, self._sight.row
        if declared is None or row is None:
            return
        from ocm_tui.core.registry.declared import differences, entry_over, spelled

        try:
            code = spelled(declared.client_id, row)
            entry = entry_over(code, declared.registry, row.client_id, row)
        except OcmError as error:
            yield Disagreement("registry", {"inventory": clean(error, 200)}, "")
            return
        for field, held, wanted in differences(entry, row):
            values: dict[PlaneName, str] = {"inventory": as_text(wanted), "registry": as_text(held)}
            yield Disagreement(f"registry.{field}", values, self._apply(), "apply")

    def _one(self, field: str, planes: Sequence[PlaneName], cure: str, action: Cure = "") -> Disagreement:
        views = self._sight.views
        return Disagreement(field, {name: views[name].text for name in planes if self._known[name]}, cure, action)

    def _enabled(self, document: "Mapping[str, Any] | OcmError | None") -> bool | None:
        return None if document is None or isinstance(document, OcmError) else document.get("enabled") is not False

    def _apply(self) -> str:
        return self._command("apply", "--only", self._sight.code, "--yes")

    def _command(self, *words: str) -> str:
        """Before the subcommand stand the options that say where."""
        return shlex.join(["ocm-tui", *self._environment, *words])
