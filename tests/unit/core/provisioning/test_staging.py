"""The secrets of a run over real files: staged before anything is sent, found again after a kill, never lost."""

import asyncio
import stat
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.errors import OcmError, UsageError
from ocm_tui.core.provisioning.model import Change, SecretDeclaration, SecretUse
from ocm_tui.core.provisioning.staging import StagedSecrets, secret_problem, stage_secrets
from tests.unit.core.ring import Ring

RUN = "20260131T120431-4f2a"


def change(client_id: str, declaration: SecretDeclaration | None, secret: SecretUse | None = "set") -> Change:
    document = ClientDocument({"clientId": client_id})
    return Change(client_id=client_id, action="create", desired=document, secret=secret, declaration=declaration)


def generated(client_id: str, place: Path | str, *, length: int = 48) -> Change:
    deliver = f"file:{place}" if isinstance(place, Path) else place
    return change(client_id, SecretDeclaration("generate", deliver=deliver, length=length))


async def staged(changes: Sequence[Change], run_id: str = RUN, *, print_secrets: bool = False) -> StagedSecrets:
    return await stage_secrets(changes, run_id, print_secrets=print_secrets)


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch) -> Ring:
    ring = Ring()
    monkeypatch.setitem(sys.modules, "keyring", ring)
    return ring


def text_of(secrets: StagedSecrets, client_id: str) -> str:
    secret = secrets.secret(client_id)
    assert secret is not None
    return secret.reveal()


async def test_a_generated_secret_is_staged_promoted_and_released(tmp_path: Path) -> None:
    secrets = await staged([generated("orders", tmp_path / "orders", length=20)])
    value = text_of(secrets, "orders")
    copy = tmp_path / f".orders.staged-{RUN}"
    assert len(value) == 20
    assert (copy.read_text(), stat.S_IMODE(copy.stat().st_mode)) == (value, 0o600)
    assert secrets.is_fresh("orders")
    assert (secrets.destination("orders"), secrets.staged_copy("orders")) == (
        f"file:{tmp_path}/orders",
        f"file:{copy}",
    )
    await secrets.promote("orders")
    assert names(tmp_path) == [copy.name, "orders"]
    await secrets.release(["orders"])
    assert names(tmp_path) == ["orders"]
    assert (tmp_path / "orders").read_text() == value


@pytest.mark.parametrize("promoted", [False, True])
async def test_after_a_kill_the_same_run_uses_the_same_secrets(tmp_path: Path, ring: Ring, promoted: bool) -> None:
    changes = [generated("a", tmp_path / "a"), generated("b", tmp_path / "b"), generated("c", "keyring:oauth/c")]
    first = await staged(changes)
    values = {one.client_id: text_of(first, one.client_id) for one in changes}
    if promoted:
        await asyncio.gather(*(first.promote(one.client_id) for one in changes))
    (tmp_path / f".b.staged-{RUN}").unlink()  # as if the kill had come before it was there

    again = await staged(changes)
    assert [again.is_fresh(name) for name in "abc"] == [False, True, False]
    assert [text_of(again, name) == values[name] for name in "abc"] == [True, False, True]
    for name in "abc":
        await again.promote(name)
    await again.release("abc")
    assert names(tmp_path) == ["a", "b"]
    assert (tmp_path / "b").read_text() == text_of(again, "b")
    assert ring.entries == {("oauth", "c"): values["c"]}


async def test_another_run_has_secrets_of_its_own(tmp_path: Path) -> None:
    first = await staged([generated("a", tmp_path / "a")])
    second = await staged([generated("a", tmp_path / "a")], "another-run")
    assert text_of(first, "a") != text_of(second, "a")
    assert len(names(tmp_path)) == 2


async def test_secrets_that_exist_are_read_and_not_staged(
    tmp_path: Path, ring: Ring, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "given").write_text("from-a-file-1\n")
    ring.entries["oauth", "k"] = "from-the-keyring-1"
    monkeypatch.setenv("GIVEN_SECRET", "from-the-environment-1")
    secrets = await staged(
        [
            change("e", SecretDeclaration("env", "GIVEN_SECRET")),
            change("f", SecretDeclaration("file", str(tmp_path / "given"))),
            change("k", SecretDeclaration("keyring", "oauth/k"), "rotate"),
        ]
    )
    assert [text_of(secrets, name) for name in "efk"] == [
        "from-the-environment-1",
        "from-a-file-1",
        "from-the-keyring-1",
    ]
    assert [(secrets.destination(name), secrets.staged_copy(name), secrets.is_fresh(name)) for name in "efk"] == [
        ("", None, False)
    ] * 3
    for name in "efk":
        await secrets.promote(name)
        await secrets.discard(name)
    await secrets.release("efk")
    assert names(tmp_path) == ["given"]
    assert len(ring.entries) == 1


async def test_a_secret_that_exists_can_be_delivered_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was staged is what an earlier part of the run sent, whatever the variable says now."""
    one = change("e", SecretDeclaration("env", "GIVEN_SECRET", deliver=f"file:{tmp_path / 'e'}"))
    monkeypatch.setenv("GIVEN_SECRET", "from-the-environment-1")
    await staged([one])
    monkeypatch.setenv("GIVEN_SECRET", "from-the-environment-2")
    assert text_of(await staged([one]), "e") == "from-the-environment-1"


async def test_who_needs_no_secret_has_none() -> None:
    keep, made = SecretDeclaration("keep"), SecretDeclaration("generate", deliver="file:/nowhere/at/all")
    secrets = await staged(
        [
            change("keep", keep),
            change("kept", made, "keep"),
            change("none", None),
            Change(client_id="gone", action="delete", secret="set", declaration=made),
            Change(client_id="blocked", action="blocked", secret="set", declaration=made),
        ]
    )
    for name in ("keep", "kept", "none", "gone", "blocked", "unheard-of"):
        assert (secrets.secret(name), secrets.destination(name), secrets.staged_copy(name)) == (None, "", None)
        assert not secrets.is_fresh(name)
        await secrets.promote(name)


async def test_stdout_needs_consent() -> None:
    with pytest.raises(UsageError, match="the secret of orders: it would be printed") as caught:
        await staged([generated("orders", "stdout")])
    assert "--print-secrets" in caught.value.hint
    secrets = await staged([generated("orders", "stdout")], print_secrets=True)
    assert secrets.destination("orders") == "stdout"
    assert secrets.is_fresh("orders")
    assert len(text_of(secrets, "orders")) == 48


async def test_what_cannot_be_staged_leaves_nothing_but_what_an_earlier_call_staged(tmp_path: Path, ring: Ring) -> None:
    first = await staged([generated("a", tmp_path / "a")])
    changes = [generated(name, tmp_path / name) for name in "abc"]
    with pytest.raises(UsageError, match="missing/d cannot be written"):
        await staged([*changes, generated("d", tmp_path / "missing" / "d")])
    assert names(tmp_path) == [f".a.staged-{RUN}"]
    ring._forgetful = True
    with pytest.raises(UsageError, match="did not keep"):
        await staged([*changes, generated("k", "keyring:oauth/k")])
    assert names(tmp_path) == [f".a.staged-{RUN}"]
    assert text_of(await staged(changes[:1]), "a") == text_of(first, "a")


async def test_all_that_is_wrong_is_told_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ABSENT", raising=False)
    with pytest.raises(UsageError) as caught:
        await staged(
            [
                generated("same-1", tmp_path / "same"),
                generated("same-2", tmp_path / "." / "same"),
                generated("short", tmp_path / "short", length=15),
                change("nowhere", SecretDeclaration("generate")),
                generated("odd", "postcard"),
            ]
        )
    assert caught.value.title.startswith("the secret of same-2: ")
    assert caught.value.title.endswith("(+3 more)")
    for words in ("another client", "16 characters", "needs `deliver`", "“postcard”"):
        assert words in caught.value.detail
    with pytest.raises(UsageError, match="the secret of e: the environment variable ABSENT is not set"):
        await staged([generated("a", tmp_path / "a"), change("e", SecretDeclaration("env", "ABSENT"))])
    assert names(tmp_path) == []


async def test_two_links_to_one_file_are_one_destination(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "a")
    with pytest.raises(UsageError, match="another client"):
        await staged([generated("a", tmp_path / "a"), generated("b", tmp_path / "link")])


async def test_a_promotion_that_fails_keeps_the_copy_and_can_be_tried_again(tmp_path: Path) -> None:
    secrets = await staged([generated("a", tmp_path / "a")])
    (tmp_path / "a").mkdir()
    with pytest.raises(OcmError) as caught:
        await secrets.promote("a")
    assert f".a.staged-{RUN}" in caught.value.hint
    assert names(tmp_path) == [f".a.staged-{RUN}", "a"]
    (tmp_path / "a").rmdir()
    await secrets.promote("a")
    await secrets.release(["a"])
    assert names(tmp_path) == ["a"]


async def test_what_the_server_refused_is_discarded(tmp_path: Path) -> None:
    secrets = await staged([generated("a", tmp_path / "a"), generated("b", tmp_path / "b")])
    await secrets.discard("a")
    await secrets.promote("a")
    assert names(tmp_path) == [f".b.staged-{RUN}"]


async def test_a_cancelled_staging_leaves_nothing(tmp_path: Path) -> None:
    staging = asyncio.create_task(staged([generated(f"c{number}", tmp_path / f"c{number}") for number in range(300)]))
    await asyncio.sleep(0)  # it has begun: its first thread is at work
    staging.cancel()
    with pytest.raises(asyncio.CancelledError):
        await staging
    assert names(tmp_path) == []


async def test_thousands_are_staged_promoted_and_released(tmp_path: Path) -> None:
    changes = [generated(f"c{number}", tmp_path / f"c{number}") for number in range(1000)]
    secrets = await staged(changes)
    ids = [one.client_id for one in changes]
    assert len(names(tmp_path)) == 1000
    await asyncio.gather(*map(secrets.promote, ids))
    await secrets.release(ids)
    held = {name: (tmp_path / name).read_text() for name in names(tmp_path)}
    assert held == {name: text_of(secrets, name) for name in ids}
    assert len(set(held.values())) == 1000


@pytest.mark.parametrize("run_id", ["", "../x", "a/b", "x" * 65, ".hidden"])
async def test_a_run_id_cannot_leave_its_directory(run_id: str) -> None:
    with pytest.raises(ValueError, match="run id"):
        await staged([], run_id)


async def test_no_secret_is_shown(tmp_path: Path) -> None:
    secrets = await staged([generated("a", tmp_path / "a")])
    value = text_of(secrets, "a")
    entry = secrets._entries["a"]
    assert value not in f"{secrets!r} {vars(secrets)!r} {entry!r}"


def test_problems_are_known_before_anything_is_planned(
    tmp_path: Path, ring: Ring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIVEN_SECRET", "from-the-environment-1")
    monkeypatch.delenv("ABSENT", raising=False)
    good = [
        SecretDeclaration("keep"),
        SecretDeclaration("env", "GIVEN_SECRET"),
        SecretDeclaration("generate", deliver=f"file:{tmp_path / 'x'}"),
        SecretDeclaration("generate", deliver="keyring:oauth/x"),
        SecretDeclaration("generate", deliver="stdout"),
    ]
    assert [secret_problem(one) for one in good] == [None] * len(good)
    bad = {
        SecretDeclaration("env", "ABSENT"): "the environment variable ABSENT is not set",
        SecretDeclaration("file", str(tmp_path / "none")): "does not exist",
        SecretDeclaration("generate"): "needs `deliver`",
        SecretDeclaration("generate", deliver="stdout", length=8): "at least 16 characters",
        SecretDeclaration("generate", deliver="postcard"): "no destination for a secret",
        SecretDeclaration("generate", deliver=f"file:{tmp_path}/none/x"): "there is no directory",
        SecretDeclaration("generate", deliver=f"file:{tmp_path}"): "is a directory",
    }
    for declaration, words in bad.items():
        assert words in (secret_problem(declaration) or "")
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert "not installed" in (secret_problem(SecretDeclaration("keyring", "a/b")) or "")
    assert "not installed" in (secret_problem(SecretDeclaration("generate", deliver="keyring:oauth/x")) or "")
    assert names(tmp_path) == []
