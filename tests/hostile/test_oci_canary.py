"""What is sensitive in OCI profiles comes out nowhere: commands, checks, log, history, exports, crash report, console.

Files are good, broken, and malformed: with keys, tokens and fingerprints where nobody expects them.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from textual.widgets import Input

from ocm_tui.cli import _run
from ocm_tui.core.crash import crash_text
from ocm_tui.core.exchanges.export import FORMATS
from ocm_tui.core.exchanges.history import HistoryWriter
from ocm_tui.core.exchanges.known import KnownMatcher
from ocm_tui.core.exchanges.redaction import session_redactor
from ocm_tui.core.oci.diff import masked_diff
from ocm_tui.core.oci.edits import plan_edit
from ocm_tui.core.oci.model import SetField
from ocm_tui.core.oci.parser import parse_profiles
from ocm_tui.core.oci.schemas import SENSITIVE
from ocm_tui.core.oci.sdk_failures import explain
from ocm_tui.core.oci.service import OciService
from ocm_tui.core.secret import known_secrets
from ocm_tui.headless.formats.checks import CHECK_FORMATS
from ocm_tui.headless.formats.oci import item
from ocm_tui.headless.invocation import exchange_line
from ocm_tui.tui import oci_reveal
from ocm_tui.tui.oci_answers_text import genai_content, probe_content
from ocm_tui.tui.oci_text import effective_content, findings_content, overview_content
from ocm_tui.tui.screens.choice import ChoiceScreen
from ocm_tui.tui.screens.oci_form import OciForm
from ocm_tui.tui.screens.oci_refused import RefusedScreen
from ocm_tui.tui.screens.oci_save import SaveScreen
from tests.contract.command_line import closed_port
from tests.contract.oci_support import cloud, odd_server
from tests.hostile.planted import KINDS, forms_of
from tests.tui.oci_support import OciConsole, oci_console

USER: Final = "ocid1.user.oc1..aaaaaaaaexample7q2k5"
TENANCY: Final = "ocid1.tenancy.oc1..aaaaaaaaexample3m8x1"
FINGERPRINT: Final = "c4:7a:91:0e:5b:d2:68:f3:1c:a7:84:39:be:06:52:ed"
PHRASE: Final = "moonlight-canary-9 Sonata/77"
KEY_PATH: Final = "/srv/canary-keys-4f1/operations/api-key-7f3a.pem"
TOKEN_PATH: Final = "/srv/canary-sessions-8d2/operations/token-7f3a"
TOKEN: Final = next(kind.secret for kind in KINDS if kind.secret.startswith("eyJ") and kind.secret.count(".") == 2)
KEY: Final = (
    rsa.generate_private_key(65537, 2048)
    .private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    .decode()
)
BODY: Final = KEY.splitlines()[1:-1]
PLANTED: Final = (FINGERPRINT, PHRASE, KEY_PATH, TOKEN_PATH, *TOKEN.split("."), *BODY)

IDENTITY: Final = f"[ops]\nuser={USER}\ntenancy={TENANCY}\n"
GOOD: Final = f"{IDENTITY}region=eu-frankfurt-1\nfingerprint={FINGERPRINT}\nkey_file={KEY_PATH}\npass_phrase={PHRASE}\n"
INDENTED: Final = KEY.replace("\n", "\n  ")

MALFORMED: Final[dict[str, str]] = {
    "good, but for its files": GOOD,
    "a token file": f"{IDENTITY}region=eu-frankfurt-1\nkey_file={KEY_PATH}\nsecurity_token_file={TOKEN_PATH}\n",
    "inherited": GOOD.replace("[ops]", "[DEFAULT]") + "[heir]\nregion=eu-zurich-1\n",
    "quoted": GOOD.replace(PHRASE, f'"{PHRASE}"').replace(KEY_PATH, f"'{KEY_PATH}'"),
    "commented": GOOD.replace(FINGERPRINT, f"{FINGERPRINT} # mine").replace(KEY_PATH, f"{KEY_PATH} ; {PHRASE}"),
    "glued by an indent": f"{IDENTITY}region=eu-frankfurt-1\n  pass_phrase={PHRASE}\n  key_file = {KEY_PATH}\n",
    "glued in one line": f"{IDENTITY}region=eu-frankfurt-1key_file={KEY_PATH}\nlog_requests=nopass_phrase:{PHRASE}\n",
    "twice": GOOD + GOOD,
    "no header": GOOD.partition("\n")[2],
    "a token as region": f"{IDENTITY}region={TOKEN}\ngenai_region=Bearer {TOKEN}\n",
    "a token as way to sign in": f"{IDENTITY}authentication={TOKEN}\n",
    "a token as unknown field": f"{IDENTITY}colour={TOKEN}\nnotes=see {TOKEN} there\n",
    "a token alone in its line": f"{IDENTITY}{TOKEN}\n",
    "a fingerprint as user": f"[ops]\nuser={FINGERPRINT}\ntenancy={FINGERPRINT.upper()}\nregion={FINGERPRINT}\n",
    "a key as region": f"{IDENTITY}region={INDENTED}\nkey_file={KEY_PATH}\n",
    "a key as user, not indented": f"[ops]\nuser={KEY}\nregion=eu-frankfurt-1\n",
    "a key as key_file": f"{IDENTITY}key_file={KEY}\nfingerprint={FINGERPRINT}\n",
    "a key in one line": f"{IDENTITY}region={KEY.replace(chr(10), chr(92) + 'n')}\n",
    "a key without its first line": f"{IDENTITY}region={BODY[0]}\n  " + "\n  ".join(BODY[1:]) + "\n",
    "a key between sections": f"{IDENTITY}\n{KEY}\n[next]\nregion=eu-frankfurt-1\n{KEY}{KEY}",
    "key content": f"{IDENTITY}key_content={INDENTED}\nfingerprint={FINGERPRINT}\n",
    "other names for it": f"{IDENTITY}passphrase={PHRASE}\napi_token={TOKEN}\nprivate_key={INDENTED}\n",
    "comments": f"#pass_phrase={PHRASE}\n; key_file = {KEY_PATH}\n# {TOKEN}\n# {FINGERPRINT}\n{IDENTITY}",
    "bytes that are no text": GOOD + "user=\udcff\udcfe\nregion=\udc80\n",
}


@pytest.fixture(autouse=True)
def forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test begins without the secrets of those before it, also of this module."""
    monkeypatch.setattr(known_secrets, "_forms", {})
    monkeypatch.setattr(known_secrets, "_index", None)
    monkeypatch.setattr(session_redactor, "_known", KnownMatcher(known_secrets))


def leaks(text: str, planted: Iterable[str] = PLANTED) -> list[str]:
    """Which of `PLANTED` have left a piece of themselves; names of fields are in lower case, and screens wrap."""
    joined = re.sub(r"\s*\n\s*", "", text).lower()
    raw = text.lower()
    pieces = [form.decode().lower() for secret in planted for form in forms_of(secret)]
    pieces += [line[: len(line) // 2].lower() for line in (*BODY, *TOKEN.split(".")) if len(line) >= 24]
    return [piece for piece in pieces if len(piece) >= 8 and (piece in raw or piece in joined)]


def bytes_below(folder: Path, pattern: str) -> list[str]:
    return [path.read_bytes().decode("latin-1") for path in folder.rglob(pattern) if path.is_file()]


def content(name: str) -> bytes:
    return MALFORMED[name].encode("utf-8", "surrogateescape")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An environment whose OCI is a port that nobody listens on."""
    dead = f"http://127.0.0.1:{closed_port()}"
    settings = f"{{config_file: {tmp_path / 'profiles'}, endpoint: '{dead}', check: ['*']}}"
    (tmp_path / "config.yaml").write_text(f"default_environment: dev\nenvironments:\n  dev: {{oci: {settings}}}\n")
    monkeypatch.setenv("OCM_TUI_CONFIG", str(tmp_path / "config.yaml"))
    monkeypatch.setenv("OCM_TUI_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("OCM_TUI_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("OCI_METADATA_BASE_URL", f"{dead}/opc/v2")
    monkeypatch.setenv("OCI_CLI_REGION", TOKEN)
    monkeypatch.setenv("OCI_CLI_KEY_FILE", KEY_PATH)
    return tmp_path


@pytest.mark.parametrize("name", MALFORMED)
def test_commands_and_checks(home: Path, capfd: pytest.CaptureFixture[str], name: str) -> None:
    (home / "profiles").write_bytes(content(name))
    profiles = [one.name for one in parse_profiles(home / "profiles", content(name)).profiles]
    commands = [["oci", "list", "--output", form] for form in ("text", "json", "jsonl")]
    commands += [["oci", "show", one, "--output", form] for one in profiles for form in ("text", "json")]
    commands += [["oci", "probe", "--all", "--verbose", "--output", form] for form in ("text", "json", "jsonl")]
    commands += [["--check", "--only", "oci*", "--output", form] for form in CHECK_FORMATS]
    commands += [["log", "list", "--output", "json"], ["config", "show"]]
    for words in commands:
        _run(words)
        done = capfd.readouterr()
        assert done.out or done.err, words
        assert "fault in ocm-tui" not in done.err
        assert not leaks(done.out + done.err), (words, done.out + done.err)
    assert not any(map(leaks, bytes_below(home / "state", "*")))


@pytest.mark.parametrize("name", MALFORMED)
def test_a_difference_and_what_an_error_quotes(name: str) -> None:
    file = parse_profiles(Path("profiles"), content(name))
    assert not leaks(repr(file))
    for profile in file.profiles:
        for value in ("eu-zurich-1", TOKEN):
            plan = plan_edit(file, [SetField(profile.name, field, value) for field in ("region", "colour")])
            assert not leaks("\n".join(masked_diff(plan))), profile.name
        assert not leaks(repr(profile) + repr(profile.config) + profile.config.model_dump_json())
        assert not leaks(crash_text(RuntimeError(f"while using {MALFORMED[name]}")))


class Refusal(Exception):
    """As the SDK's own, which is found by its name."""

    status, code = 401, f"NotAuthenticated {TOKEN}"
    message = f'the token {TOKEN} is not valid; "fingerprint": "{FINGERPRINT}", password={PHRASE}'


def test_an_error_of_the_sdk_that_quotes_the_token() -> None:
    kinds: list[tuple[str, Any]] = [("ServiceError", ()), ("InvalidHeader", (f"ST${TOKEN}",)), ("ValueError", (KEY,))]
    for name, words in kinds:
        base = Refusal if name == "ServiceError" else ValueError
        error = explain(type(name, (base,), {})(*words), None)
        said = f"{error!r} {error} {error.detail} {error.hint}"
        assert not [one for one in leaks(said) if one not in (FINGERPRINT, PHRASE.lower())], said


def sensitive_of(service: OciService) -> list[str]:
    """Everything that the profiles of a file keep to themselves, and what is in the files that they name."""
    fields = [field for one in service.file.profiles for field in one.fields.values()] if service.file else []
    values = {field.text for field in fields if field.name in SENSITIVE}
    contents = [Path(value).read_text() for value in values if value.startswith("/") and Path(value).is_file()]
    return [
        *values,
        *(line for text in contents for line in text.splitlines() if "-----" not in line and len(line) > 20),
    ]


async def test_what_is_sent_and_what_a_server_says_back(tmp_path: Path) -> None:
    """All ways to sign in; the second time everybody is answered with a token that nobody knows."""
    said = json.dumps({"code": "NotAuthenticated", "message": f"the token {TOKEN} is not valid"}).encode()
    head = (
        f"HTTP/1.1 401 Unauthorized\r\nopc-request-id: {TOKEN}\r\nSet-Cookie: s={TOKEN}\r\nX-Echo: Bearer {TOKEN}\r\n"
    )
    answer = f"{head}Content-Type: application/json\r\nContent-Length: {len(said)}\r\n\r\n".encode() + said
    async with odd_server(answer) as origin:
        for reached in ({}, {"object_storage": origin, "generative_ai": origin, "inference": origin}):
            async with cloud(tmp_path, reached=reached) as the:
                history = HistoryWriter(tmp_path / "history.sqlite3")
                the.log.subscribe(history)
                planted = [*sensitive_of(the.service), *TOKEN.split(".")]
                assert len(planted) > 50
                outputs = [repr(entry) + json.dumps(item(entry)) async for entry in the.service.probe_each()]
                outputs.append(repr(await the.service.genai("orders-jobs")))
                history.close()
                exchanges = the.log.snapshot()
                assert len(exchanges) > 8
                outputs += [export(exchanges) for export in FORMATS.values()]
                outputs += [exchange_line(one) + json.dumps(one.as_json()) + repr(one) for one in exchanges]
                outputs += bytes_below(tmp_path, "history*")
                for output in outputs:
                    assert not leaks(output, planted), output[:3000]


def seen(the: OciConsole) -> str:
    """The screen, its picture, and the notices."""
    notices = [repr(notice) for notice in the.app.notices]
    return "\n".join([the.screen_text(), the.app.export_screenshot(), *notices])


TABS: Final = (overview_content, findings_content, probe_content, effective_content, genai_content)
ALL_AT_ONCE: Final = "".join(
    text.replace("[ops]", f"[ops-{number}]")
    for number, text in enumerate(MALFORMED.values())
    if "[DEFAULT]" not in text
)


async def test_the_pane_with_malformed_profiles(tmp_path: Path) -> None:
    """The list, every tab of each profile, the form, and what a save would write."""
    given = ALL_AT_ONCE.encode("utf-8", "surrogateescape")
    async with oci_console(tmp_path, content=given, size=(160, 50)) as the:
        names = [entry.name for entry in the.screen.rows.entries]
        assert len(names) > 20
        for entry in the.screen.rows.entries:
            facts = replace(the.screen.facts_of(entry), effective=await the.service.effective(entry))
            assert not leaks("\n".join(tab(facts, 10_000).plain for tab in TABS)), entry.name
        assert not leaks(seen(the))
        await the.press("P")
        await the.until(lambda: not the.screen.rows.probing, "all are known")
        assert not leaks(seen(the))
        for name in names[::9]:
            assert the.screen.table.select(name)
            await the.press("e")
            await the.until(lambda: isinstance(the.app.screen, OciForm), "the form")
            form = the.app.screen
            assert isinstance(form, OciForm)
            form._set(form.rows.at("region"), TOKEN)
            form._set(form.rows.at("user"), FINGERPRINT)
            await the.pilot._wait_for_screen()
            assert not leaks(seen(the)), name
            await the.press("ctrl+s")
            await the.until(lambda: isinstance(the.app.screen, RefusedScreen), "it was refused")
            assert not leaks(seen(the)), name
            await the.press("d")
            await the.until(lambda: not the.app.screen.is_modal, "the list")
            assert not leaks(seen(the)), name


async def test_the_pane_with_profiles_that_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reveal whose time is over, a form with what is typed unseen, and the difference of a save."""
    async with oci_console(tmp_path, size=(160, 50)) as the:
        planted = sensitive_of(the.service)
        await the.select("billing-batch")
        phrase = the.service.registry.get("billing-batch").config.pass_phrase
        assert phrase is not None
        await the.press("v")
        await the.until(lambda: isinstance(the.app.screen, ChoiceScreen), "which one")
        assert not leaks(seen(the), planted)
        await the.press("p")
        await the.until_text(phrase.reveal())
        ended = oci_reveal.Reveal("billing-batch", "pass_phrase", 0.0)
        monkeypatch.setattr(the.screen, "_reveal", ended)
        the.screen.show_detail()
        await the.pilot._wait_for_screen()
        assert not leaks(seen(the), planted), "its time is over"
        await the.press("e")
        await the.until(lambda: isinstance(the.app.screen, OciForm), "the form")
        form = the.app.screen
        assert isinstance(form, OciForm)
        assert form.table.select("pass_phrase")
        await the.press("enter")
        the.app.screen.query_one(Input).value = PHRASE
        await the.pilot._wait_for_screen()
        assert not leaks(seen(the), [*planted, PHRASE])
        await the.press("enter", "ctrl+s")
        await the.until(lambda: isinstance(the.app.screen, RefusedScreen), "it was refused")
        assert not leaks(seen(the), [*planted, PHRASE])
        await the.press("d")
        await the.until(lambda: not the.app.screen.is_modal, "the list")
        await the.press("w")
        await the.until(lambda: isinstance(the.app.screen, SaveScreen), "the difference")
        assert "pass_phrase=***" in the.screen_text()
        assert not leaks(seen(the), [*planted, PHRASE])
