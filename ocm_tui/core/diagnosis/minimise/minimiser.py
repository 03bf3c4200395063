"""The search over one payload: which trials to make, what they prove, and what is told when they end early."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ocm_tui.core.clients.documents import displayable
from ocm_tui.core.clients.fields import get_value
from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.clients.secrets import generate_secret
from ocm_tui.core.diagnosis.minimise.anatomy import ABSENT, Anatomy, Chosen, Path
from ocm_tui.core.diagnosis.minimise.failure import Failure
from ocm_tui.core.diagnosis.minimise.laboratory import Laboratory
from ocm_tui.core.diagnosis.minimise.lists import hinted_items, named_items, own_path
from ocm_tui.core.diagnosis.minimise.model import Culprit, Trial
from ocm_tui.core.diagnosis.minimise.search import smallest_failing
from ocm_tui.core.diagnosis.minimise.subject import Subject

__all__ = ["Minimiser", "Selection"]

Outcome = Failure | None  # None: accepted


@dataclass(frozen=True, slots=True)
class Selection:
    """What a trial was made of: units, and other values than theirs for some paths."""

    chosen: Chosen
    instead: tuple[tuple[Path, Any], ...] = ()
    # Where the items of a shortened list stood in the payload, by the name of the field.
    places: Mapping[str, Sequence[int]] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return repr((sorted(self.chosen), self.instead))


class Minimiser:
    """`run` may be ended by TrialsEnded at any trial; what was found until then is in here."""

    def __init__(self, subject: Subject, laboratory: Laboratory, on_trial: Callable[[Trial], None]) -> None:
        self._subject, self._laboratory, self._on_trial = subject, laboratory, on_trial
        self._secret = generate_secret()
        self._known: dict[str, Outcome] = {}
        self._target = subject.failure
        self._suspects = 0
        self._first_cause = True
        self.anatomy = Anatomy.of(subject.document)
        self.trials: list[Trial] = []
        self.culprits: list[Culprit] = []
        self.notes: list[str] = []
        self.reproduced = False
        self.minimal: Selection | None = None  # the smallest that failed for the first reason
        self.passing: Selection | None = None  # the largest that was accepted
        self._laboratory.expects(self._target)

    async def run(self) -> None:
        everything = Selection(self.anatomy.everything)
        self._suspects = len(self.anatomy.units)
        outcome = await self._outcome(everything)
        if outcome is None:
            self._say_not_reproduced()
            return
        self.reproduced = True
        if self._target is not None and not outcome.shares_reason(self._target):
            self.notes.append("the server now refuses the payload for another reason than it did then")
        rest = everything
        while outcome is not None:
            self._target = outcome
            self._laboratory.expects(outcome)
            self.minimal = self.minimal or rest
            gone = await self._one_cause(rest, outcome)
            if gone is None:
                return
            rest = gone
            outcome = await self._outcome(rest)

    async def _one_cause(self, among: Selection, outcome: Failure) -> Selection | None:
        """Find one cause, and give what is left without it; None when nothing can be left out."""
        found = await self._smallest(among, outcome)
        if not found:
            self.notes.append(
                "the server refuses even the smallest client for this reason: the cause is in none of the fields"
            )
            return None
        selection = Selection(self.anatomy.closed(found), among.instead)
        self.culprits.append(self._culprit(selection, found, among, outcome))
        trimmed = await self._with_fewer_items(selection, found)
        self.culprits[-1] = self._culprit(trimmed, found, among, outcome)
        if not await self._confirmed(trimmed):
            return None
        self._first_cause = False
        leave_out = min(found, key=lambda index: (self.anatomy.units[index].replaceable, self._lost(among, index)))
        rest = Selection(self.anatomy.without(among.chosen, [leave_out]), among.instead)
        return await self._with_good_items(among, trimmed, leave_out, outcome) or rest

    async def _smallest(self, among: Selection, outcome: Failure) -> list[int]:
        ordered, named = self.anatomy.hinted_first(among.chosen, outcome)
        # What the server blames by name is not in a trial without it, unless something harmless takes its place.
        certain = named > 0 and not any(self.anatomy.units[index].replaceable for index in ordered[:named])

        async def fails(indexes: Sequence[int]) -> bool:
            return await self._fails(Selection(self.anatomy.closed(indexes), among.instead))

        return await smallest_failing(
            ordered,
            fails,
            guess=1 if named else None,
            without_fails=False if certain else None,
            on_range=self._narrowed,
        )

    async def _with_fewer_items(self, selection: Selection, found: Iterable[int]) -> Selection:
        """The same with only those items of its lists that matter."""
        for index in found:
            items = self.anatomy.units[index].only_list()
            if items is None:
                continue
            (path,) = self.anatomy.units[index].values
            here = _places(selection, path, items)
            order, guess = hinted_items(here, ".".join(path), self._known.get(selection.key))

            async def fails(places: Sequence[int], base: Selection = selection, at: Path = path) -> bool:
                return await self._fails(_with_items(base, at, items, places))  # noqa: B023

            places = await smallest_failing(order, fails, guess=guess, without_fails=False, on_range=self._narrowed)
            if len(places) < len(here):
                selection = _with_items(selection, path, items, places)
        return selection

    async def _confirmed(self, selection: Selection) -> bool:
        """The verdict that everything rests on is asked for once more."""
        first = self._known[selection.key]
        assert first is not None
        again = await self._outcome(selection, fresh=True)
        if again is None or not again.shares_reason(first):
            said = "accepted" if again is None else f"refused for another reason ({again.status})"
            self.notes.append(
                f"the server does not always say the same: the smallest payload failed, and then was {said}"
            )
            return False
        self.culprits[-1] = replace(self.culprits[-1], confirmed=True)
        return True

    async def _with_good_items(
        self, among: Selection, trimmed: Selection, index: int, whole: Failure
    ) -> Selection | None:
        """The payload with all but the bad items of a list, when it does not fail for them any more."""
        items, reason = self.anatomy.units[index].only_list(), self._known[trimmed.key]
        if items is None or reason is None:
            return None
        (path,) = self.anatomy.units[index].values
        name = ".".join(path)
        here = _places(among, path, items)
        good = set(here) - {*named_items(here, name, whole), *_places(trimmed, path, items)}
        if not good:
            return None
        selection = _with_items(among, path, items, good)
        outcome = await self._outcome(selection)
        return selection if outcome is None or not outcome.shares_reason(reason) else None

    async def _fails(self, selection: Selection) -> bool:
        outcome = await self._outcome(selection)
        return outcome is not None and self._is_target(outcome)

    def _is_target(self, outcome: Failure) -> bool:
        return self._target is not None and outcome.shares_reason(self._target)

    async def _outcome(self, selection: Selection, *, fresh: bool = False) -> Outcome:
        """What the server says; the same is asked once, unless `fresh`."""
        if not fresh and selection.key in self._known:
            return self._known[selection.key]
        documents: list[ClientDocument] = []

        def make(client_id: str) -> ClientDocument:
            documents.append(self._payload(selection, client_id))
            return documents[-1]

        client_id, outcome = await self._laboratory.try_out(make)
        self._known.setdefault(selection.key, outcome)
        self._keep(selection, outcome, documents[-1], client_id)
        return outcome

    def _keep(self, selection: Selection, outcome: Outcome, document: ClientDocument, client_id: str) -> None:
        fails = outcome is not None and (self._target is None or self._is_target(outcome))
        if outcome is None and (self.passing is None or _size(selection) > _size(self.passing)):
            self.passing = selection
        if fails and self._first_cause and (self.minimal is None or _size(selection) < _size(self.minimal)):
            self.minimal = selection
        trial = Trial(
            number=len(self.trials) + 1,
            client_id=client_id,
            fields=self.anatomy.fields(selection.chosen),
            verdict="passes" if outcome is None else "fails" if fails else "other",
            status=201 if outcome is None else outcome.status,
            violations=() if outcome is None else outcome.violations,
            payload=displayable(document),
            requests=self._laboratory.requests,
            suspects=self._suspects,
        )
        self.trials.append(trial)
        self._on_trial(trial)

    def shown(self, selection: Selection | None) -> Mapping[str, Any] | None:
        """As the client's own payload, secrets masked."""
        if selection is None:
            return None
        document = displayable(self._payload(selection, self._subject.client_id or "CLIENT"))
        if "enabled" not in self.anatomy.fields(selection.chosen):
            del document["enabled"]  # a precaution of the trials
        return document

    def left_out(self) -> tuple[str, ...]:
        """The fields of the request that are not in the passing payload."""
        if self.passing is None:
            return ()
        return (*self.anatomy.fields(self.anatomy.everything - self.passing.chosen), *self.anatomy.unknown)

    def changed(self) -> tuple[str, ...]:
        """The fields that are in it with fewer items."""
        return tuple(self.passing.places) if self.passing is not None else ()

    def _payload(self, selection: Selection, client_id: str) -> ClientDocument:
        return self.anatomy.payload(selection.chosen, client_id, self._secret, dict(selection.instead))

    def _culprit(self, selection: Selection, found: Sequence[int], among: Selection, whole: Failure) -> Culprit:
        """`whole` is how `among` was refused, the payload that these were found in."""
        failure = self._known[selection.key]
        assert failure is not None
        fields = self.anatomy.fields(found)
        document = displayable(self._payload(selection, self._subject.client_id or "CLIENT"))
        return Culprit(
            fields=fields,
            field_path=own_path(failure, whole, selection.places, among.places) or fields[0],
            values={name: get_value(document, name) for name in fields},
            needs=self.anatomy.fields(selection.chosen - set(found)),
            violations=failure.violations,
            status=failure.status,
        )

    def _lost(self, among: Selection, index: int) -> int:
        return len(among.chosen) - len(self.anatomy.without(among.chosen, [index]))

    def _narrowed(self, suspects: int) -> None:
        self._suspects = suspects

    def _say_not_reproduced(self) -> None:
        what = "a new client with the same fields is accepted"
        unknown, failure = self.anatomy.unknown, self._subject.failure
        if failure is not None and failure.names("clientId"):
            why = "the failure is about the client id, which no trial can have"
        elif failure is not None and any(map(failure.names, unknown)):
            why = f"the server named {unknown[0]}, and the log does not hold its value"
        elif failure is not None and any(one.field_path.startswith("clientAuth.secret") for one in failure.violations):
            why = "the failure is about the secret, and trials have one of their own"
        elif self._subject.operation == "update":
            why = "the update failed for what the server holds of this client, or it would not fail any more"
        else:
            why = "it would not fail any more, or it fails now and then"
        self.notes.append(f"the failure does not show again: {what}; {why}")


def _places(selection: Selection, path: Path, items: Sequence[Any]) -> list[int]:
    """Where the items of a list in this selection stand in the whole payload."""
    return list(selection.places.get(".".join(path), range(len(items))))


def _with_items(selection: Selection, path: Path, items: Sequence[Any], places: Iterable[int]) -> Selection:
    kept = [items[place] for place in sorted(places)]
    others = tuple((other, value) for other, value in selection.instead if other != path)
    where = {**selection.places, ".".join(path): sorted(places)}
    return replace(selection, instead=(*others, (path, kept or ABSENT)), places=where)


def _size(selection: Selection) -> tuple[int, int]:
    """Units first; of the same units, more items."""
    return len(selection.chosen), -sum(1 for _ in selection.instead)
