"""The inventory against the server's list, one document at a time, in whatever order and state they arrive.

No server document is kept: of each only what its change has to say, and the id.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.provisioning.drift import Side, drift, is_same
from ocm_tui.core.provisioning.fingerprint import fingerprint, fingerprint_of
from ocm_tui.core.provisioning.model import (
    Change,
    ClientState,
    DeclaredClient,
    Inventory,
    LastApplied,
    PlanOptions,
    SecretUse,
)
from ocm_tui.core.provisioning.normal import Normal, normal
from ocm_tui.core.provisioning.oddities import Oddities
from ocm_tui.core.provisioning.places import place_text
from ocm_tui.core.provisioning.references import References
from ocm_tui.core.provisioning.secret_use import secret_use, why_no_secret
from ocm_tui.core.provisioning.selection import Selection
from ocm_tui.core.provisioning.writing import settled
from ocm_tui.core.text import clean

__all__ = ["Comparison"]

_ALL: Final = PlanOptions()
_NO_REFERENCES: Final = References()
_AS_IT_IS: Final = frozenset({None, "keep"})


class _Mine:
    """A declared client, and its normal form from the moment that a list asks for its state, again and again."""

    __slots__ = ("client", "form")

    def __init__(self, client: DeclaredClient) -> None:
        self.client = client
        self.form: Normal | None = None

    def side(self, desired: ClientDocument) -> Side:
        """Of what the declaration comes to; mostly that is the declared document itself."""
        if desired is not self.client.document:
            return Side(desired)
        if self.form is None:
            self.form = normal(desired)
        return Side(desired, self.form)


class Comparison:
    """`take` every document of the list, then the `rest`. `memory` is by client id, casefolded.

    `unmanaged` are ids that nobody declared, in the order of the list. `references` are checked for what would be
    written; without them nothing is.
    """

    def __init__(
        self,
        inventory: Inventory,
        memory: Mapping[str, LastApplied],
        *,
        options: PlanOptions = _ALL,
        references: References | None = None,
    ) -> None:
        self._declared = {client.client_id.casefold(): _Mine(client) for client in inventory.clients}
        self._memory = memory
        self._prune = options.prune
        self._selection = Selection(options.only)
        self._references = references or _NO_REFERENCES
        self._taken: set[str] = set()
        self._spellings: dict[str, str] = {}  # by folded id, of the first document that was taken
        self._oddities = Oddities()
        self.unmanaged: list[str] = []

    @property
    def warnings(self) -> list[str]:
        """What was strange, and what was not checked; complete after `rest`."""
        spelled = Oddities()
        for key, client_id in self._spellings.items():
            if key in self._declared and client_id != self._declared[key].client.client_id:
                spelled.add("in another case on the server than in the inventory; the server's counts", client_id)
        unused = [f"--only {clean(glob, 80)} matches no client" for glob in self._selection.unused]
        return [*self._references.warnings, *spelled.sentences(), *self._oddities.sentences(), *unused]

    def take(self, document: ClientDocument) -> Change | None:
        """The change of one client of the server. None for one that nobody declared, or that `only` leaves out.

        A second document of the same client (in another case) may give another change: the later one counts.
        """
        client_id = _client_id(document)
        if client_id is None:
            self._oddities.add("the server's list holds something that is no client: it is left alone")
            return None
        if client_id not in self._selection:
            return None
        if client_id in self._taken:
            self._oddities.add("the server's list names a client twice, and only the first counts", client_id)
            return None
        self._taken.add(client_id)
        key = client_id.casefold()
        former = self._spellings.setdefault(key, client_id)
        mine = self._declared.get(key)
        if mine is None:
            return self._undeclared(key, client_id, document)
        if former != client_id:
            return self._variant(mine, former, client_id, document)
        return self._declared_one(mine, client_id, document)

    def rest(self) -> list[Change]:
        """What is declared, and not on the server."""
        return list(self.missing())

    def missing(self) -> Iterator[Change]:
        for key, mine in self._declared.items():
            if key not in self._spellings and mine.client.client_id in self._selection:
                yield self._new(key, mine)

    def state(self, document: ClientDocument) -> ClientState:
        """For lists, whatever `only` says; nothing is remembered. A client in two spellings is told by its own."""
        client_id = _client_id(document)
        mine = self._declared.get(client_id.casefold()) if client_id is not None else None
        if client_id is None or mine is None:
            return "unknown" if client_id is None else "unmanaged"
        client = mine.client
        try:
            desired = settled(client, document)
            same = is_same(mine.side(desired), Side(document))
        except RecursionError:
            return "unknown"
        use = secret_use(client, desired, document, self._memory.get(client_id.casefold()))
        if why_no_secret(client, desired, use):
            return "blocked"
        return "in sync" if same and use in _AS_IT_IS else "drifted"

    def _declared_one(self, mine: _Mine, client_id: str, document: ClientDocument) -> Change:
        try:
            return self._compared(mine, client_id, document)
        except RecursionError:
            why = "the server's document is nested too deep to be compared"
            return self._blocked(mine, client_id, why)

    def _compared(self, mine: _Mine, client_id: str, document: ClientDocument) -> Change:
        client, last = mine.client, self._memory.get(client_id.casefold())
        desired = settled(client, document)
        ours, theirs = Side(desired), Side(document)
        same = is_same(ours, theirs)
        use = secret_use(client, desired, document, last)
        if same and use in _AS_IT_IS:
            return Change(
                client_id=client_id,
                action="unchanged",
                desired=desired,
                seen=fingerprint_of(document, theirs.form),
                secret=use,
                declaration=client.secret,
                place=place_text(client.place),
            )
        reasons = self._reasons(client, desired, use)
        return Change(
            client_id=client_id,
            action="blocked" if reasons else "update",
            fields=() if same else drift(ours, theirs, Side(last.document) if last else None),
            reasons=reasons,
            desired=desired,
            seen=fingerprint_of(document, theirs.form),
            secret=use,
            declaration=client.secret,
            place=place_text(client.place),
        )

    def _new(self, key: str, mine: _Mine) -> Change:
        client, last = mine.client, self._memory.get(key)
        desired = settled(client, None)
        use = secret_use(client, desired, None, last)
        reasons = self._reasons(client, desired, use)
        return Change(
            client_id=client.client_id,
            action="blocked" if reasons else "create",
            fields=drift(Side(desired), None, Side(last.document) if last else None),
            reasons=reasons,
            desired=desired,
            secret=use,
            declaration=client.secret,
            place=place_text(client.place),
        )

    def _reasons(self, client: DeclaredClient, desired: ClientDocument, use: SecretUse | None) -> tuple[str, ...]:
        """Why the write would fail, as far as it shows before it is tried."""
        reserved = self._references.refused_by(desired)
        if reserved is not None:
            self._oddities.add(
                f"access token manager {clean(reserved, 80)} serves only the clients that it names, and not",
                client.client_id,
            )
        no_secret = why_no_secret(client, desired, use)
        return (*self._references.problems(client, desired), *((no_secret,) if no_secret else ()))

    def _undeclared(self, key: str, client_id: str, document: ClientDocument) -> Change | None:
        last = self._memory.get(key)
        if last is None or not last.created or last.document.get("clientId", client_id) != client_id:
            self.unmanaged.append(client_id)
            return None
        if not self._prune:
            self.unmanaged.append(client_id)
            self._oddities.add("created by this tool and no longer declared, which --prune deletes", client_id)
            return None
        try:
            fields = drift(Side(last.document), Side(document), Side(last.document))
            seen = fingerprint(document)
        except RecursionError:
            return Change(client_id=client_id, action="blocked", reasons=("nested too deep to be compared",))
        if not fields:
            return Change(client_id=client_id, action="delete", seen=seen)
        paths = clean(", ".join(drifted.path for drifted in fields), 300)
        reason = f"it is not deleted: somebody changed it on the server since this tool applied it ({paths})"
        return Change(client_id=client_id, action="blocked", fields=fields, reasons=(reason,), seen=seen)

    def _variant(self, mine: _Mine, former: str, client_id: str, document: ClientDocument) -> Change | None:
        """The server has two clients whose ids differ in case only. The one that is spelled as declared is meant."""
        declared = mine.client.client_id
        key = client_id.casefold()
        if client_id == declared:
            self._spellings[key] = client_id
            other = former
        elif former == declared:
            other = client_id
        else:
            both = f"{clean(former, 120)} and {clean(client_id, 120)}"
            return self._blocked(mine, declared, f"the server has {both}: spell the one that is meant")
        self.unmanaged.append(other)
        self._oddities.add("on the server twice, in different case; only the one spelled as declared is managed", other)
        return self._declared_one(mine, client_id, document) if client_id == declared else None

    def _blocked(self, mine: _Mine, client_id: str, why: str) -> Change:
        return Change(
            client_id=client_id,
            action="blocked",
            reasons=(why,),
            desired=mine.client.document,
            declaration=mine.client.secret,
            place=place_text(mine.client.place),
        )


def _client_id(document: Any) -> str | None:
    """None for what cannot be addressed."""
    client_id = document.get("clientId") if isinstance(document, dict) else None
    return client_id if isinstance(client_id, str) and client_id.strip() else None
