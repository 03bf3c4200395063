"""Scrubbing texts, with few secrets and with thousands, from one thread and from several."""

import hashlib
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocm_tui.core.secret import LONG, MASK, KnownSecrets

VALUES = st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=6, max_size=30)


def known(count: int, *values: str) -> KnownSecrets:
    secrets = KnownSecrets()
    for number in range(count):
        secrets.add(f"generated-secret-{number:05}")
    for value in values:
        secrets.add(value)
    return secrets


@pytest.mark.parametrize("count", [0, 10, 400])
def test_every_form_is_found_however_many_there_are(count: int) -> None:
    secrets = known(count, "planted/secret ü&1", "planted", "shorter-one")
    secrets.add_pair("ocm", "planted/secret ü&1")
    text = 'a planted/secret ü&1 b planted%2Fsecret%20%C3%BC%261 c {"x": "planted\\/secret"} shorter-one'
    scrubbed = secrets.scrub(text)
    assert "planted" not in scrubbed
    assert "shorter-one" not in scrubbed
    assert scrubbed.startswith(f"a {MASK} b {MASK} c ")
    assert "shorter-one" in secrets.scrub(text, shortest=LONG)


@given(VALUES, st.text(max_size=20), st.text(max_size=20))
def test_an_index_finds_what_a_search_finds(value: str, before: str, after: str) -> None:
    text = f"{before}{value}{after}"
    assert value not in known(60, value).scrub(text) or value in MASK
    assert value not in known(0, value).scrub(text) or value in MASK


@pytest.mark.parametrize("length", [6, 9, 14, 15, 16, 48])
def test_an_index_meets_a_secret_wherever_it_stands(length: int) -> None:
    values = [hashlib.sha256(f"{number}".encode()).hexdigest()[:length] for number in range(200)]
    same_ends = [f"{'a' * 20}{number:03}{'b' * 20}" for number in range(100)]
    secrets = known(0, *values, *same_ends)
    for offset in range(20):
        for value in (values[0], values[-1], same_ends[0], same_ends[-1]):
            assert secrets.scrub(f"{'é' * (offset // 3)}{'-' * offset}{value}").endswith(f"-{MASK}" if offset else MASK)


class Searched(str):
    """A text that counts how often it is looked through."""

    __slots__ = ()
    times = 0

    def __contains__(self, form: str) -> bool:  # type: ignore[override]
        Searched.times += 1
        return super().__contains__(form)


def test_a_text_is_not_looked_through_for_each_of_many_secrets() -> None:
    values = [hashlib.sha256(f"{number}".encode()).hexdigest() for number in range(10_000)]
    text = Searched('{"client_id": "orders-api", "status": "succeeded"},\n' * 1000 + values[-1])
    assert known(0, *values).scrub(text).endswith(MASK)
    assert 0 < Searched.times < 100


def test_secrets_may_come_while_texts_are_scrubbed() -> None:
    secrets, stop = known(100), threading.Event()
    failures: list[BaseException] = []

    def scrub() -> None:
        try:
            while not stop.is_set():
                secrets.scrub("nothing secret in here")
                _ = secrets.forms
                secrets.added_after(0)
        except RuntimeError as error:
            failures.append(error)

    thread = threading.Thread(target=scrub)
    thread.start()
    for number in range(3000):
        secrets.add(f"coming-secret-{number:05}")
    stop.set()
    thread.join()
    assert failures == []
    assert secrets.scrub("x coming-secret-02999 y") == f"x {MASK} y"
