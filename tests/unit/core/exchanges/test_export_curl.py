"""curl commands, run by real shells with a stand-in for curl that tells what it was given."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ocm_tui.core.exchanges.export import FORMATS
from ocm_tui.core.exchanges.export.shell import comment
from ocm_tui.core.exchanges.model import Exchange, Message
from ocm_tui.core.text import clean, clean_lines
from tests.hostile.strings import MARKER, NASTY
from tests.unit.core.exchanges.examples import exchange

# In place of the real one: each argument and the body, with a byte behind each that none of them can hold.
CURL: Final = """\
#!/bin/sh
for word; do printf '%s\\1' "$word"; done >> "$SEEN"
case " $* " in *" --data-binary @- "*) cat >> "$SEEN";; esac
printf '\\2' >> "$SEEN"
"""
SHELLS: Final = [name for name in ("sh", "bash", "dash", "ksh", "zsh") if shutil.which(name)]
TEXT: Final = (("Content-Type", "text/plain"),)


def sent(folder: Path, one: Exchange, shell: str = "sh", **variables: str) -> list[tuple[list[str], str]]:
    """Arguments and body of each time that the exported script called curl."""
    bin_, seen = folder / "bin", folder / "seen"
    bin_.mkdir(exist_ok=True)
    (bin_ / "curl").write_text(CURL)
    (bin_ / "curl").chmod(0o755)
    seen.write_bytes(b"")
    script = FORMATS["curl"]([one])
    done = subprocess.run(
        [shell, "-s"],
        input=script.encode(),
        cwd=folder,
        env={"PATH": f"{bin_}:{os.environ['PATH']}", "SEEN": str(seen), "LC_ALL": "C.UTF-8", **variables},
        capture_output=True,
        timeout=60,
        check=False,
    )
    calls = seen.read_bytes().decode().split("\2")[:-1]
    if calls:
        assert done.returncode == 0, done.stderr
        assert not done.stderr
    return [(call.split("\1")[:-1], call.rpartition("\1")[2]) for call in calls]


def values(words: list[str], option: str) -> list[str]:
    return [words[index + 1] for index, word in enumerate(words) if word == option]


def posted(body: str, headers: Any = TEXT, **changes: Any) -> Exchange:
    return exchange(method="POST", request=Message(headers, body, len(body.encode())), **changes)


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
def test_nasty_strings_mean_themselves(tmp_path: Path, shell: str, text: str) -> None:
    text = text.encode("utf-8", "replace").decode()
    body = clean_lines(text)
    url = f"https://pf.example.com/{clean(text)}"
    headers = (*TEXT, ("X-Nasty", clean(text)), (clean(text), "a name"), ("@/etc/passwd", "x"))
    one = posted(body, headers, url=url, id=clean(text), path=clean(text), client_id=clean(text))
    ((words, given_body),) = sent(tmp_path, one, shell)
    assert values(words, "--url") == [url]
    value = clean(text).strip()
    assert (f"X-Nasty: {value}" if value else "X-Nasty;") in values(words, "--header")
    assert not any(word.startswith("@/") for word in words)
    assert given_body == body
    assert not (tmp_path / MARKER).exists()


@given(text=st.text(max_size=200), method=st.text(max_size=10), name=st.text(max_size=20))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_means_itself(tmp_path: Path, text: str, method: str, name: str) -> None:
    body = clean_lines(text)
    headers = (*TEXT, (clean(name), clean(text)))
    one = exchange(
        method=clean(method), url=f"https://h/{clean(text)}", request=Message(headers, body, len(body.encode()))
    )
    for words, given_body in sent(tmp_path, one):
        assert values(words, "--url") == [one.url]
        assert given_body == body


@pytest.mark.parametrize("size", [999, 1000, 1001, 65_536, 300_000])
def test_long_bodies_are_whole_and_their_lines_short(tmp_path: Path, size: int) -> None:
    body = ("it's “long” $HOME " * (size // 16 + 1))[:size]
    one = posted(body)
    assert max(map(len, FORMATS["curl"]([one]).encode().splitlines())) < 4095
    ((words, given_body),) = sent(tmp_path, one)
    assert given_body == body
    assert values(words, "--data-binary") == ["@-"]


SECRETS: Final = {"OCM_USER": "o'cm", "OCM_PASSWORD": 'p"$(x)` s', "OCM_SECRET": "s\\3", "OCM_X_API_KEY": "$KEY !"}


def with_secrets() -> Exchange:
    headers = (*TEXT, ("Authorization", "Basic ***0a1b2c"), ("X-Api-Key", "***abcdef"))
    body = '{"clientAuth":{"type":"SECRET","secret":"***123456"},"again":"***123456"}'
    return exchange(method="PUT", request=Message(headers, body, 99))


def test_secrets_are_variables(tmp_path: Path) -> None:
    ((words, body),) = sent(tmp_path, with_secrets(), **SECRETS)
    assert values(words, "--user") == [f"{SECRETS['OCM_USER']}:{SECRETS['OCM_PASSWORD']}"]
    assert "X-Api-Key: $KEY !" in values(words, "--header")
    assert not any("Authorization" in word for word in words)
    assert body == '{"clientAuth":{"type":"SECRET","secret":"s\\3"},"again":"s\\3"}'


@pytest.mark.parametrize("missing", SECRETS)
def test_without_a_variable_nothing_is_sent(tmp_path: Path, missing: str) -> None:
    given_ones = {name: value for name, value in SECRETS.items() if name != missing}
    assert sent(tmp_path, with_secrets(), **given_ones) == []


def test_a_bearer_token_is_hidden_from_the_list_of_processes(tmp_path: Path) -> None:
    one = exchange(request=Message((("Authorization", "Bearer ***0a1b2c (JWT sub=ocm)"),)))
    ((words, _),) = sent(tmp_path, one, OCM_TOKEN="t0ken")
    assert values(words, "--oauth2-bearer") == ["t0ken"]


def test_the_same_login_in_other_sessions_is_one_variable() -> None:
    def of(session: str, mark: str) -> Exchange:
        return exchange(id=f"{session}-1", request=Message((("Authorization", f"Basic ***{mark}"),)))

    script = FORMATS["curl"]([of("a", "111111"), of("b", "222222"), of("b", "333333")])
    assert "# Set these first: OCM_USER, OCM_PASSWORD, OCM_USER_2, OCM_PASSWORD_2\n" in script


def test_different_secrets_are_different_variables() -> None:
    script = FORMATS["curl"]([posted('{"secret":"***111111"}', id="a-1"), posted('{"secret":"***222222"}', id="a-2")])
    assert "OCM_SECRET}" in script
    assert "OCM_SECRET_2}" in script


@pytest.mark.parametrize(
    "message",
    [
        Message(TEXT, "abc", 70_000, truncated=True),
        Message(TEXT, "(binary, 12 bytes, image/png)", 12),
        Message(TEXT, "a␛b", 3),
    ],
    ids=["cut", "binary", "cleaned"],
)
def test_a_body_that_was_not_kept_whole_has_to_be_given(tmp_path: Path, message: Message) -> None:
    one = exchange(method="POST", request=message)
    assert sent(tmp_path, one) == []
    ((words, _),) = sent(tmp_path, one, OCM_BODY_FILE="a file")
    assert values(words, "--data-binary") == ["@a file"]


def test_what_curl_would_add_is_taken_away(tmp_path: Path) -> None:
    headers = (("Host", "pf"), ("Content-Length", "2"), ("Accept-Encoding", "gzip"), ("X-Empty", ""))
    ((words, _),) = sent(tmp_path, posted("{}", headers))
    assert values(words, "--header") == ["X-Empty;", "Content-Type:"]
    assert "--compressed" in words
    ((words, _),) = sent(tmp_path, exchange(method="HEAD"))
    assert "--head" in words
    assert "--request" not in words


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://h/x", "https://", "javascript:x", "-o/tmp/x"])
def test_only_http_becomes_a_command(tmp_path: Path, url: str) -> None:
    assert sent(tmp_path, exchange(url=url)) == []


def test_comments_are_harmless_where_they_are_commands() -> None:
    for text in NASTY.values():
        shown = comment(text)
        assert shown.startswith("# ")
        assert not set(shown) & set("$`'\"\\;&|<>(){}*?[]!~\n\r")
