import json
import time

import pytest

from ocm_tui.core.exchanges.redaction import Redactor
from ocm_tui.core.secret import KnownSecrets


@pytest.fixture
def known() -> KnownSecrets:
    return KnownSecrets()


@pytest.fixture
def redactor(known: KnownSecrets) -> Redactor:
    return Redactor(known, key=b"0123456789abcdef")


def seconds(work: object, times: int = 5) -> float:
    best = 9e9
    for _ in range(times):
        started = time.perf_counter()
        assert callable(work)
        work()
        best = min(best, time.perf_counter() - started)
    return best


def test_a_large_body_costs_what_its_beginning_costs(redactor: Redactor) -> None:
    page = json.dumps([{"clientId": f"client-{n}", "clientAuth": {"secret": f"s-{n}"}} for n in range(60_000)]).encode()
    assert len(page) > 3_000_000
    cap = 65_536
    beginning = page[: cap + redactor.look_ahead]
    whole = seconds(lambda: redactor.body(page, "application/json", cap))
    assert whole < 3 * seconds(lambda: redactor.body(beginning, "application/json", cap)) + 0.002


def test_thousands_of_known_secrets_cost_little() -> None:
    few, many = KnownSecrets(), KnownSecrets()
    few.add("one-secret")
    for number in range(5_000):
        many.add(f"generated/secret+{number * 7919:012}")
    text = json.dumps([{"clientId": f"client-{n}", "name": "x" * 40} for n in range(800)])
    little, lots = Redactor(few), Redactor(many)
    little.text(text), lots.text(text)
    assert seconds(lambda: lots.text(text)) < 4 * seconds(lambda: little.text(text)) + 0.002
    planted = text.replace("client-700", f"generated/secret+{4321 * 7919:012}")
    assert "generated" not in lots.text(planted)


REPEATED = (
    *(
        '{"secret":[',
        '{"secret":{"a',
        '"',
        '":',
        "\\",
        '\\"token\\":',
        '\\"token\\":{',
        '{"a":"\\',
        "password=",
        "?a",
        "%",
    ),
    *(
        "=",
        "<password",
        "<password>",
        'name="password" ',
        "eyJ",
        "://",
        "a",
        "-----BEGIN PRIVATE KEY",
        "bearer ",
        "%25",
    ),
    *(
        "content-disposition: form-data; name=a\n",
        "&#;?",
        "ghp_",
        "password = ",
        "<a ",
        "@",
        "\n",
        "\x1b",
        "\u202e",
        "basic a:",
    ),
)
HOSTILE = {
    **{pattern: pattern * (60_000 // len(pattern)) for pattern in REPEATED},
    "distinct names": "".join(f'"{n}token":1,' for n in range(4_000)),
    "spaces in a string": '"' + " " * 60_000 + '"',
    "spaces after a name": '"a"' + " " * 60_000,
    "encoded percent signs": "?" + "%25" * 20_000 + "3D",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_bodies_take_no_quadratic_time(redactor: Redactor, name: str) -> None:
    for content_type in ("application/json", "text/html", "application/x-www-form-urlencoded"):
        started = time.perf_counter()
        redactor.body(HOSTILE[name].encode(), content_type, 65_536)
        redactor.url(HOSTILE[name])
        assert time.perf_counter() - started < 1.5
