"""A row of status cards; on a narrow terminal one line each, without a box."""

from collections.abc import Iterable, Sequence

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget

from ocm_tui.tui.models.registry_cards import Card, Words
from ocm_tui.tui.tones import TONES

__all__ = ["StatusCard", "StatusCards"]

_LABEL_WIDTH = 9


class StatusCard(Widget):
    DEFAULT_CSS = """
    StatusCard { width: 1fr; height: 5; border: round $border-plain; border-title-color: $foreground; padding: 0 1; }
    """

    def __init__(self, card: Card) -> None:
        super().__init__()
        self._card = card

    def on_mount(self) -> None:
        self.border_title = _title(self._card)

    def show(self, card: Card) -> None:
        if card == self._card:
            return
        if _title(card) != self.border_title:
            self.border_title = _title(card)
        self._card = card
        self.refresh()

    @property
    def card(self) -> Card:
        return self._card

    def render(self) -> Content:
        width = self.content_size.width
        if self.styles.border_top[0]:
            return Content("\n").join([_joined(line)[:width] for line in self._card.lines[: self.content_size.height]])
        card = self._card
        head = Content.assemble((card.title.ljust(_LABEL_WIDTH), TONES["head"]), (card.mark, TONES[card.tone]))
        words = [word for line in card.lines for word in line]
        facts = [Words(fact, "dim") for fact in card.facts if not any(fact in word.text for word in words)]
        return Content.assemble(head, (" · ", TONES["dim"]), _joined([*words, *facts]))[:width]


class StatusCards(Horizontal):
    def __init__(self, cards: Sequence[Card], *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._cards = [StatusCard(card) for card in cards]

    def compose(self) -> ComposeResult:
        yield from self._cards

    def show(self, cards: Iterable[Card]) -> None:
        for widget, card in zip(self._cards, cards, strict=True):
            widget.show(card)

    @property
    def cards(self) -> list[Card]:
        return [widget.card for widget in self._cards]


def _title(card: Card) -> Content:
    rest = "".join(f" · {fact}" for fact in card.facts)
    return Content.assemble(f"{card.title} ── ", (card.mark, TONES[card.tone]), rest)


def _joined(words: Sequence[Words]) -> Content:
    dot = Content.styled(" · ", TONES["dim"])
    return dot.join([Content.styled(word.text, TONES[word.tone]) for word in words])
