from hypothesis import given
from hypothesis import strategies as st

from ocm_tui.core.registry.folding import folded, translation

_TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)


def _as_a_database(text: str, word: str) -> str:
    """What it does with a text: its ASCII in lower case, and the letters that it is told."""
    plain = "".join(letter.lower() if letter.isascii() else letter for letter in text)
    return plain.translate(str.maketrans(*translation(word)))


@given(_TEXTS, _TEXTS)
def test_a_database_that_knows_ascii_only_finds_the_same(text: str, word: str) -> None:
    wanted = folded(word)
    assert (wanted in _as_a_database(text, wanted)) == (wanted in folded(text))


@given(_TEXTS)
def test_folding_keeps_the_length_and_folds_once(text: str) -> None:
    assert len(folded(text)) == len(text)
    assert folded(folded(text)) == folded(text)


def test_both_cases_of_every_letter_are_one() -> None:
    """But for those whose other case is several letters, or one of ASCII."""
    different = [
        letter
        for letter in map(chr, range(0x1E944))
        for other in (letter.upper(), letter.lower())
        if len(other) == 1 and letter.isascii() == other.isascii() and folded(letter) != folded(other)
    ]
    assert different == []
