"""What stands in the footer of a narrow terminal: the action that matters most, help and the way out."""

import pytest
from textual.geometry import Size

from ocm_tui.tui.actions import actions_of
from ocm_tui.tui.widgets.key_footer import KeyFooter

FORMS = frozenset({"form", "oci_form", "registry_form", "compare", "minimise"})


class Footer(KeyFooter):
    """Of so many cells, without a terminal."""

    def __init__(self, pane: str, width: int) -> None:
        super().__init__([*actions_of(pane), *(() if pane in FORMS else actions_of("app"))], lambda _: None)
        self._width = width

    @property
    def size(self) -> Size:
        return Size(self._width, 1)


@pytest.mark.parametrize("width", [60, 80, 100])
@pytest.mark.parametrize(
    ("pane", "wanted"),
    [
        ("clients", ("a Plan and apply", "? Help", "^p Commands")),
        ("apply", ("A Apply", "? Help", "^p Commands")),
        ("form", ("^s Review and save", "? Help", "esc Back")),
        ("oci_form", ("^s Probe and keep", "? Help", "esc Back")),
        ("registry_form", ("^s Review and save", "? Help", "esc Back")),
        ("oci", ("p Probe", "? Help", "^p Commands")),
        ("log", ("d Explain", "? Help", "^p Commands")),
    ],
)
def test_what_matters_most_stays(pane: str, wanted: tuple[str, ...], width: int) -> None:
    text = Footer(pane, width).render().plain
    assert len(text) <= width
    assert all(one in text for one in wanted), text


def test_the_order_is_that_of_the_table_whatever_goes() -> None:
    text = Footer("clients", 80).render().plain
    words = ["Filter", "Open", "Edit", "New", "Plan and apply", "Help", "Commands"]
    assert [text.index(word) for word in words] == sorted(text.index(word) for word in words)
    assert "Mark" not in text, "what is less important makes room"
    assert "Mark" in Footer("clients", 120).render().plain
