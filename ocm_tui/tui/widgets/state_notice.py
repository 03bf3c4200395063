"""What stands in a pane that has nothing to show: why, and the next step. Never a blank pane."""

from textual.content import Content
from textual.widgets import Static

__all__ = ["StateNotice"]


class StateNotice(Static):
    DEFAULT_CSS = """
    StateNotice { width: 1fr; height: 1fr; padding: 1 2; color: $foreground-dim;
                  content-align: center middle; text-align: center; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._said: tuple[str, ...] = ()

    def say(self, title: str, *lines: str) -> None:
        if (title, *lines) == self._said:
            return
        self._said = (title, *lines)
        self.update(Content("\n").join([Content.styled(title, "bold $foreground"), Content(""), *map(Content, lines)]))
