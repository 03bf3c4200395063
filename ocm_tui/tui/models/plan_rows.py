"""The rows of a plan: its changes under a heading for each action, filtered, folded and marked."""

from collections.abc import Iterable, Sequence
from typing import Final

from ocm_tui.core.provisioning.model import Action, Change, Plan
from ocm_tui.core.text import clean
from ocm_tui.tui.models.plan_filter import PlanQuery, haystack
from ocm_tui.tui.models.run_progress import RunProgress, StepState
from ocm_tui.tui.widgets.row_table import Cell, Column, Tone

__all__ = ["ACTION_CELLS", "GROUPS", "PLAN_COLUMNS", "STATE_CELLS", "PlanRows", "moved_text", "place_text"]

PLAN_COLUMNS: Final = (
    Column("Step", 11),
    Column("Client", 18, share=1),
    Column("What", 12, share=3, needs=44),
    Column("Moved", 9, needs=74),
    Column("Declared at", 12, share=1, needs=88),
)
GROUPS: Final[tuple[Action, ...]] = ("create", "update", "delete", "blocked", "unchanged")
STEPS: Final = frozenset({"create", "update", "delete"})

ACTION_CELLS: Final[dict[Action, Cell]] = {
    "create": Cell("+ create", "good"),
    "update": Cell("~ update", "warn"),
    "delete": Cell("- delete", "bad"),
    "blocked": Cell("■ blocked", "bad"),
    "unchanged": Cell("● in sync", "dim"),
}
STATE_CELLS: Final[dict[StepState, Cell]] = {
    "waiting": Cell("◌ waiting", "dim"),
    "running": Cell("◐ running", "strong"),
    "succeeded": Cell("● succeeded", "good"),
    "failed": Cell("▲ failed", "bad"),
    "unknown": Cell("? unknown", "warn"),
    "skipped": Cell("· skipped", "dim"),
}
_GROUP_WORDS: Final[dict[Action, str]] = {**{group: group for group in GROUPS}, "unchanged": "in sync"}

_Entry = Action | Change


class PlanRows:
    """A `RowSource`. Keys are `=ACTION` of a heading and `:CLIENT` of a change, whatever a client is called."""

    def __init__(self, plan: Plan | None = None) -> None:
        self.plan = plan
        self.query = PlanQuery()
        self.marked: set[str] = set()  # keys, and always this very set: the table paints it
        self.folded: set[Action] = {"unchanged"}
        self.progress: RunProgress | None = None
        self.steps: tuple[Change, ...] = plan.steps if plan is not None else ()
        self._groups: dict[Action, list[tuple[Change, str]]] = {group: [] for group in GROUPS}
        for change in plan.changes if plan is not None else ():
            self._groups[change.action].append((change, haystack(change)))
        self.counts: dict[Action, int] = {group: len(changes) for group, changes in self._groups.items()}
        self._view: list[_Entry] = []
        self._places: dict[str, int] = {}
        self._shown: dict[Action, int] = {}
        self.arrange()

    def adopt(self, former: "PlanRows") -> None:
        """A newer plan takes over what its reader had set up."""
        self.query, self.folded = former.query, former.folded
        self.marked |= former.marked & {_key(change) for change in self.steps}
        self.arrange()

    @property
    def chosen(self) -> tuple[Change, ...]:
        """What an apply would do: the marked changes, or all when none is marked."""
        return tuple(change for change in self.steps if not self.marked or _key(change) in self.marked)

    @property
    def shown_changes(self) -> int:
        return sum(self._shown.values())

    # RowSource

    def __len__(self) -> int:
        return len(self._view)

    def key(self, position: int) -> str:
        return _key(self._view[position])

    def position(self, key: str) -> int | None:
        return self._places.get(key)

    def cells(self, position: int) -> Sequence[Cell]:
        entry = self._view[position]
        return self._heading(entry) if isinstance(entry, str) else self._line(entry)

    def get(self, key: str | None) -> Change | None:
        """The change of a row; None for a heading."""
        place = self._places.get(key) if key is not None else None
        entry = self._view[place] if place is not None else None
        return entry if isinstance(entry, Change) else None

    def group(self, key: str | None) -> Action | None:
        """The action of a heading."""
        return next((group for group in GROUPS if _key(group) == key), None)

    # What the reader does

    def set_query(self, query: PlanQuery) -> None:
        self.query = query
        self.arrange()

    def fold(self, group: Action) -> None:
        """Fold or unfold; a filter shows what it finds, folded or not."""
        self.folded ^= {group}
        self.arrange()

    def toggle(self, key: str) -> str | None:
        """Mark or unmark a change, or all that is shown of a group; a sentence why that cannot be marked."""
        change, group = self.get(key), self.group(key)
        if change is not None:
            if change.action not in STEPS:
                return f"{clean(change.client_id, 80)} is {_GROUP_WORDS[change.action]}: there is nothing to apply."
            self._toggle_all([change])
        elif group in STEPS and group is not None:
            self._toggle_all(self._matching(group))
        else:
            return "There is nothing to apply in this group."
        return None

    def toggle_shown(self) -> None:
        """Mark all that the filter shows, or none of it when all is marked."""
        self._toggle_all([change for group in GROUPS if group in STEPS for change in self._matching(group)])

    def unmark(self) -> None:
        self._toggle_all(self.chosen if self.marked else ())

    def _toggle_all(self, changes: Iterable[Change]) -> None:
        keys = {_key(change) for change in changes}
        if keys <= self.marked:
            self.marked -= keys
        else:
            self.marked |= keys
        if "is:marked" in self.query.text:
            self.arrange()

    # The view

    def arrange(self) -> None:
        self._view, self._shown = [], {}
        for group in GROUPS:
            if not self._groups[group]:
                continue
            matching = self._matching(group)
            self._shown[group] = len(matching)
            if matching:
                self._view.append(group)
                if group not in self.folded or not self.query.is_empty:
                    self._view += matching
        self._places = {_key(entry): place for place, entry in enumerate(self._view)}

    def _matching(self, group: Action) -> list[Change]:
        query = self.query
        if query.is_empty:
            return [change for change, _ in self._groups[group]]
        return [
            change
            for change, hay in self._groups[group]
            if query.matches(change, hay, self._state(change), marked=_key(change) in self.marked)
        ]

    def _state(self, change: Change) -> StepState | None:
        if self.progress is None or change.action not in STEPS:
            return None
        return self.progress.state(change.client_id)

    def _heading(self, group: Action) -> Sequence[Cell]:
        shown, total = self._shown[group], self.counts[group]
        count = f"{total:,}" if shown == total else f"{shown:,} of {total:,}"
        marked = sum(_key(change) in self.marked for change, _ in self._groups[group]) if self.marked else 0
        folded = group in self.folded and self.query.is_empty
        word = Cell(f"{'▸' if folded else '▾'} {_GROUP_WORDS[group]}", "strong")
        more = f" · {marked:,} marked" if marked else ""
        return (word, Cell(count + more, "strong"), Cell(""), Cell(""), Cell(""))

    def _line(self, change: Change) -> Sequence[Cell]:
        state = self._state(change)
        return (
            STATE_CELLS[state] if state is not None else ACTION_CELLS[change.action],
            Cell(clean(change.client_id, 200), "dim" if change.action == "unchanged" else ""),
            self._what(change, state),
            Cell(moved_text(change), "dim"),
            Cell(place_text(change), "dim"),
        )

    def _what(self, change: Change, state: StepState | None) -> Cell:
        result = self.progress.results.get(change.client_id) if self.progress is not None and state else None
        if result is not None and result.error:
            tones: dict[str, Tone] = {"failed": "bad", "unknown": "warn"}
            return Cell(clean(result.error, 300), tones.get(result.status, "dim"))
        if result is not None and result.notes:
            return Cell(clean("; ".join(result.notes), 300), "dim")
        if change.action == "blocked":
            return Cell(clean("; ".join(change.reasons), 300))
        parts = [_fields_text(change)] if change.fields else []
        parts += [f"secret: {change.secret}"] if change.secret in {"set", "rotate"} else []
        return Cell(" · ".join(parts), "" if change.action == "update" else "dim")


def _key(entry: _Entry) -> str:
    return f"={entry}" if isinstance(entry, str) else f":{entry.client_id}"


def _fields_text(change: Change) -> str:
    """`redirectUris, extendedParameters`: what tells one update from another; of a new client everything is new."""
    if change.action == "create":
        return f"{len(change.fields):,} fields"
    return ", ".join(dict.fromkeys(clean(field.path.partition(".")[0], 80) for field in change.fields[:20]))


def moved_text(change: Change) -> str:
    """Who moved, when all differences agree on it."""
    words = {field.moved for field in change.fields}
    if change.action != "update" or words <= {None}:
        return ""
    return words.pop() or "" if len(words) == 1 else "mixed"


def place_text(change: Change) -> str:
    """`client-inventory.yaml:31`: the file's own name and the line, which fit into a column."""
    path, line, _column = [*change.place.rsplit(":", 2), "", ""][:3]
    name = path.replace("\\", "/").rpartition("/")[2]
    return clean(f"{name}:{line}" if line else name, 80)
