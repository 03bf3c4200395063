"""Writes whose end is lost: what is reported is what the server holds, and nothing is sent twice."""

from typing import Any

import pytest

from ocm_tui.core.clients.documents import new_document
from ocm_tui.core.clients.fields import with_value
from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.errors import ApiError, Conflict, OcmError, TransportError, Unclear
from ocm_tui.core.secret import Secret
from tests.contract.servers import Bench, bench, http_answer, raw_server

# Whether the server did its work, per fault of the simulator.
LOST = {
    "reset-before": False,
    "reset-after": True,
    "lost-answer": True,
    "truncate": True,
    "cut-json": True,
    "badutf8": True,
    "stall": True,
    "drip": True,
    "502": False,
    "503": False,
    "504": False,
    "html": False,
}
# A deletion has no body that could be spoilt or held back.
WITHOUT_BODY = {
    name: worked for name, worked in LOST.items() if name not in {"truncate", "cut-json", "badutf8", "drip"}
}
PLAIN = ["500", "429", "big-error"]  # the server said that it failed: nothing is unclear, and nothing was done

OLD, NEW = "planted-client-secret-old", "planted-client-secret-new"


def deadline_for(fault: str) -> float:
    return 1.0 if fault in {"stall", "drip"} else 30.0


async def with_client(it: Bench) -> ClientDocument:
    """A client, made past the faults: they are only for the write under test."""
    return await it.server.create(new_document("orders-new", secret=Secret(OLD)))


def one_write(it: Bench, method: str) -> bool:
    return len(it.sent(method)) == 1


@pytest.mark.parametrize(("fault", "worked"), LOST.items())
async def test_creating(fault: str, worked: bool) -> None:
    async with bench(clients=1, faults=f"{fault}@POST=100%*1", deadline=deadline_for(fault)) as it:
        document = new_document("orders-new", secret=Secret(NEW))
        if worked:
            stored = await it.server.create(document)
            assert stored["clientId"] == "orders-new"
            assert it.stored("orders-new").secret == NEW
        else:
            with pytest.raises(Unclear, match="was not created") as caught:
                await it.server.create(document)
            assert "again is safe" in caught.value.hint
            assert it.stored("orders-new") is None
        assert one_write(it, "POST")
        assert it.sent("GET") == ["/oauth/clients/orders-new"]


@pytest.mark.parametrize(("fault", "worked"), LOST.items())
async def test_replacing(fault: str, worked: bool) -> None:
    async with bench(clients=1, faults=f"{fault}@PUT=100%*1", deadline=deadline_for(fault)) as it:
        before = with_value(await with_client(it), "description", "old")
        before = await it.server.create(ClientDocument({**before, "clientId": "second"}))
        for edited in (with_value(before, "description", "new"), with_value(before, "description", None)):
            it.simulator._service.faults.items[0].left = 1
            description = it.stored("second").document.get("description")
            if worked:
                stored = await it.server.replace("second", edited)
                assert stored.get("description") == edited.get("description")
                assert it.stored("second").document.get("description") == edited.get("description")
            else:
                with pytest.raises(Unclear, match="was not changed") as caught:
                    await it.server.replace("second", edited)
                assert "description" in caught.value.detail
                assert it.stored("second").document.get("description") == description
            assert it.stored("second").secret == OLD
        assert len(it.sent("PUT")) == 2


@pytest.mark.parametrize(("fault", "worked"), LOST.items())
async def test_replacing_with_a_new_secret_cannot_be_told(fault: str, worked: bool) -> None:
    async with bench(clients=1, faults=f"{fault}@PUT=100%*1", deadline=deadline_for(fault)) as it:
        before = await with_client(it)
        edited = with_value(before, "clientAuth.secret", Secret(NEW))
        with pytest.raises(Unclear, match="secret was cannot be read back"):
            await it.server.replace("orders-new", edited)
        assert it.stored("orders-new").secret == (NEW if worked else OLD)
        assert one_write(it, "PUT")


@pytest.mark.parametrize(("fault", "worked"), WITHOUT_BODY.items())
async def test_deleting(fault: str, worked: bool) -> None:
    async with bench(clients=1, faults=f"{fault}@DELETE=100%*1", deadline=deadline_for(fault)) as it:
        await with_client(it)
        if worked:
            await it.server.delete("orders-new")
            assert it.stored("orders-new") is None
        else:
            with pytest.raises(Unclear, match="was not deleted"):
                await it.server.delete("orders-new")
            assert it.stored("orders-new") is not None
        assert one_write(it, "DELETE")


@pytest.mark.parametrize(("fault", "worked"), LOST.items())
async def test_setting_a_secret(fault: str, worked: bool) -> None:
    async with bench(clients=1, faults=f"{fault}@PUT=100%*1", deadline=deadline_for(fault)) as it:
        before = await with_client(it)
        changed_before = before["clientSecretChangedTime"]
        if worked:
            await it.server.set_secret("orders-new", Secret(NEW), changed_before=changed_before)
            assert it.stored("orders-new").secret == NEW
        else:
            with pytest.raises(Unclear, match="was not set"):
                await it.server.set_secret("orders-new", Secret(NEW), changed_before=changed_before)
            assert it.stored("orders-new").secret == OLD
        assert one_write(it, "PUT")
        assert "planted" not in repr(it.log.snapshot())


@pytest.mark.parametrize("fault", ["reset-before", "lost-answer"])
async def test_setting_a_secret_without_knowing_what_was_before(fault: str) -> None:
    async with bench(clients=1, faults=f"{fault}@PUT=100%*1") as it:
        await with_client(it)
        with pytest.raises(Unclear, match="unknown whether"):
            await it.server.set_secret("orders-new", Secret(NEW))
        assert one_write(it, "PUT")


@pytest.mark.parametrize("fault", PLAIN)
async def test_a_plain_failure_is_not_read_back(fault: str) -> None:
    async with bench(clients=1, faults=f"{fault}@POST=100%") as it:
        with pytest.raises(ApiError):
            await it.server.create(new_document("orders-new", secret=Secret(NEW)))
        assert it.stored("orders-new") is None
        assert not it.sent("GET")


@pytest.mark.parametrize("broken", ["500", "reset-before", "html", "cut-json"])
async def test_when_reading_back_fails_as_well_it_is_unknown(broken: str) -> None:
    faults = f"lost-answer@PUT=100%,lost-answer@DELETE=100%,lost-answer@POST=100%*1,{broken}@GET/oauth/clients=100%"
    async with bench(clients=1, faults=faults) as it:
        document = new_document("orders-new", secret=Secret(NEW))
        for write in (
            it.server.create(document),
            it.server.replace("orders-new", document),
            it.server.set_secret("orders-new", Secret(NEW), changed_before=""),
            it.server.delete("orders-new"),
        ):
            with pytest.raises(Unclear, match="unknown whether") as caught:
                await write
            assert "reading it back" in caught.value.detail
            assert "before sending it again" in caught.value.hint
        assert one_write(it, "POST")
        assert one_write(it, "DELETE")


async def test_a_dead_server_is_no_unclear_end() -> None:
    """The request certainly did not get there: the transport's own error says so."""
    async with bench(clients=1) as it:
        await it.simulator.stop()
        with pytest.raises(TransportError) as caught:
            await it.server.create(new_document("orders-new", secret=Secret(NEW)))
        assert not caught.value.maybe_applied


GONE = http_answer(404, {"resultId": "resource_not_found", "message": "not found"})
PROXY_404 = http_answer(404, b"<html>no such page</html>")
OTHERS = http_answer(200, {"clientId": "orders-new", "name": "of somebody else", "grantTypes": ["IMPLICIT"]})


@pytest.mark.parametrize(
    ("write", "found", "kind", "words"),
    [
        ("create", OTHERS, Conflict, "holds another one of that id"),
        ("create", PROXY_404, Unclear, "unknown whether"),
        ("replace", GONE, Conflict, "is gone"),
        ("replace", OTHERS, Unclear, "was not changed"),
        ("delete", PROXY_404, Unclear, "unknown whether"),
        ("delete", GONE, None, ""),
        ("set_secret", GONE, Conflict, "deleted meanwhile"),
        ("set_secret", OTHERS, Unclear, "does not say when"),
    ],
)
async def test_what_the_simulator_does_not_do(
    write: str, found: bytes, kind: type[OcmError] | None, words: str
) -> None:
    document = new_document("orders-new", secret=Secret(NEW))
    arguments: dict[str, tuple[Any, ...]] = {
        "create": (document,),
        "replace": ("orders-new", document),
        "delete": ("orders-new",),
        "set_secret": ("orders-new", Secret(NEW)),
    }
    async with raw_server(lambda line: found if line.startswith("GET") else http_answer(503)) as (seen, server):
        options = {"changed_before": ""} if write == "set_secret" else {}
        call = getattr(server, write)(*arguments[write], **options)
        if kind is None:
            await call
        else:
            with pytest.raises(kind, match=words) as caught:
                await call
            assert str(caught.value) == caught.value.title
            if found is OTHERS and kind is Conflict:
                assert isinstance(caught.value, Conflict)
                assert caught.value.theirs == {
                    "clientId": "orders-new", "name": "of somebody else", "grantTypes": ["IMPLICIT"]
                }  # fmt: skip
    assert len([line for line in seen.requests if not line.startswith("GET")]) == 1


@pytest.mark.parametrize("answer", [http_answer(200, b"<html>Sign in</html>"), http_answer(204)])
async def test_a_login_page_is_not_a_success(answer: bytes) -> None:
    """A 200 of somebody else proves nothing: what the server holds does. Only a deletion may have an empty answer."""
    async with raw_server(lambda line: GONE if line.startswith("GET") else answer) as (_, server):
        with pytest.raises(Unclear, match="was not created"):
            await server.create(new_document("orders-new", secret=Secret(NEW)))
    async with raw_server(lambda line: OTHERS if line.startswith("GET") else answer) as (seen, server):
        if answer.endswith(b"</html>"):
            with pytest.raises(Unclear, match="was not deleted"):
                await server.delete("orders-new")
        else:
            await server.delete("orders-new")
            assert len(seen.requests) == 1
