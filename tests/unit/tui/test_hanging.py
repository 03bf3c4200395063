"""A text that goes on under itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.content import Content

from ocm_tui.tui.hanging import hanging

LABEL = "user      "
OCID = "ocid1.user.oc1..aaaaaaaau4ui4xh26mpwjczcaximtfss77wjrbgfa7ygkayspb2ss37ehlk3"


def lines(text: str, width: int, label: str = LABEL) -> list[str]:
    return hanging(Content(label), Content(text), width).plain.split("\n")


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("eu-frankfurt-1  line 8", 40, ["user      eu-frankfurt-1  line 8"]),
        ("", 40, ["user      "]),
        (
            "a policy is missing for the group of it",
            40,
            ["user      a policy is missing for the ", "          group of it"],
        ),
        ("one\ntwo", 40, ["user      one", "          two"]),
        (f"{OCID}  line 5", 50, [f"user      {OCID[:40]}", f"          {OCID[40:]}  ", "          line 5"]),
    ],
)
def test_what_is_long_goes_on_under_its_beginning(text: str, width: int, expected: list[str]) -> None:
    assert lines(text, width) == expected


def test_without_much_room_beside_the_label_it_begins_below() -> None:
    assert lines("eu-frankfurt-1", 30) == ["user      eu-frankfurt-1"], "what is short stays"
    assert lines(OCID, 38) == ["user      ", *(f"  {part}" for part in (OCID[:36], OCID[36:72], OCID[72:]))]


def test_styles_stay_with_their_words() -> None:
    hung = hanging(Content(LABEL), Content.styled("one two three four five six seven eight", "bold"), 40)
    words = [hung.plain[span.start : span.end].strip() for span in hung.spans]
    assert words == ["one two three four five six", "seven eight"]


@given(st.text("ab 漢e\u0301-\n", max_size=200), st.integers(4, 80))
def test_no_line_is_wider_and_no_sign_is_lost(text: str, width: int) -> None:
    rows = lines(text, width)
    body = rows[1:] if rows[0].strip() == LABEL.strip() and len(rows) > 1 else [rows[0][len(LABEL) :], *rows[1:]]
    assert all(cell_len(row) <= max(width, len(LABEL)) for row in rows)
    assert "".join("".join(body).split()) == "".join(text.split())
