"""Replay against the simulator: the same request with the credentials of now, or a refusal that says why."""

from dataclasses import replace
from typing import Any

import pytest

from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.clients.policy import WritePolicy
from ocm_tui.core.errors import Conflict, NotFound, OcmError, Refused, Unauthorised, UsageError
from ocm_tui.core.exchanges.model import Exchange, Message
from ocm_tui.core.exchanges.replay import refuse_replay, replay
from ocm_tui.core.exchanges.replay_look import Seen, look
from ocm_tui.core.http.client import UnifiedHTTPClient
from ocm_tui.core.http.types import BasicAuth, HTTPClientConfig
from ocm_tui.core.secret import Secret
from tests.contract.servers import Bench, bench


def document(client_id: str) -> ClientDocument:
    return ClientDocument(
        {
            "clientId": client_id,
            "name": client_id,
            "grantTypes": ["AUTHORIZATION_CODE"],
            "redirectUris": ["https://orders.example.com/callback"],
            "clientAuth": {"type": "NONE"},
        }
    )


def http_of(the: Bench) -> UnifiedHTTPClient:
    auth = BasicAuth(the.simulator.username, Secret(the.simulator.password))
    return UnifiedHTTPClient(HTTPClientConfig(base_url=the.simulator.base_url, auth=auth, trust_env=False), the.log)


async def test_a_question_is_asked_again() -> None:
    async with bench(clients=3) as the, http_of(the) as http:
        with pytest.raises(NotFound):
            await the.service.get("no such/client")
        former = the.log.snapshot()[-1]
        reply = await replay(http, former, policy=WritePolicy(read_only=True))
        again = the.log.get(reply.exchange_id)
        assert again is not None
        assert (again.method, again.url, again.status) == (former.method, former.url, 404)
        assert (again.client_id, again.purpose) == ("no such/client", f"replay of {former.id}")
        first, second = the.simulator.requests[-2:]
        assert first.path == second.path
        assert sorted(first.headers) == sorted(second.headers), "the same headers, credentials included"


async def test_a_write_is_sent_as_it_was_once_it_is_confirmed() -> None:
    async with bench(clients=3) as the, http_of(the) as http:
        stored = await the.service.create(document("replayed é"))
        former = next(one for one in reversed(the.log.snapshot()) if one.method == "POST")
        with pytest.raises(Refused, match="confirmed"):
            await replay(http, former, policy=WritePolicy())
        await the.service.delete(str(stored["clientId"]))
        seen = await look(http, former)
        assert seen.change is not None
        assert seen.change.title.startswith("+ replayed é: create")
        before = len(the.simulator.requests)
        assert (await replay(http, former, policy=WritePolicy(), agreed=seen)).status == 201
        assert the.stored("replayed é") is not None
        looked, sent = the.simulator.requests[before:]
        assert looked.method == "GET"
        assert sent.body == next(one for one in the.simulator.requests if one.method == "POST").body


@pytest.mark.parametrize("policy", [WritePolicy(read_only=True), WritePolicy(protected=True)])
async def test_the_policy_stands_above_a_confirmation(policy: WritePolicy) -> None:
    async with bench(clients=3) as the, http_of(the) as http:
        await the.service.create(document("mine"))
        former = next(one for one in reversed(the.log.snapshot()) if one.method == "POST")
        before = len(the.simulator.requests)
        with pytest.raises(Refused, match="refused to replay POST"):
            await replay(http, former, policy=policy, agreed=Seen(""))
        assert len(the.simulator.requests) == before


async def test_a_secret_in_the_body_is_named() -> None:
    async with bench(clients=3) as the, http_of(the) as http:
        with_secret = {
            **document("mine"),
            "clientAuth": {"type": "SECRET", "secret": "a-Secret-of-32-characters-at-all!"},
        }
        await the.service.create(ClientDocument(with_secret))
        former = next(one for one in reversed(the.log.snapshot()) if one.method == "POST")
        with pytest.raises(UsageError, match=r"secrets in its body were not kept: clientAuth\.secret"):
            await replay(http, former, policy=WritePolicy(), agreed=Seen(""))


# --- what a write meets ---------------------------------------------------------------------------------------------


async def put_of(the: Bench, **changes: Any) -> Exchange:
    """An update of the client `mine` that has happened."""
    stored = await the.service.create(document("mine"))
    await the.service.update(stored, ClientDocument(stored | changes))
    return next(one for one in reversed(the.log.snapshot()) if one.method == "PUT")


def writes(the: Bench) -> int:
    return sum(one.method != "GET" for one in the.simulator.requests)


async def test_a_put_shows_what_it_would_change_of_what_is_stored_now() -> None:
    async with bench(clients=3) as the, http_of(the) as http:
        former = await put_of(the, description="as it should be")
        assert (await look(http, former)).sentence.startswith("It would change nothing")
        stored = await the.service.get("mine")
        await the.service.update(stored, ClientDocument(stored | {"description": "somebody else's", "enabled": False}))
        seen = await look(http, former)
        assert seen.change is not None
        assert [(one.path, one.before, one.after) for one in seen.change.changes] == [
            ("description", "somebody else's", "as it should be"),
            ("enabled", False, True),
        ]
        assert (await replay(http, former, policy=WritePolicy(), agreed=seen)).status == 200
        assert (await the.service.get("mine"))["description"] == "as it should be"


async def test_a_put_is_refused_when_the_document_changed_after_the_question() -> None:
    async with bench(clients=3) as the, http_of(the) as http:
        former = await put_of(the, description="as it should be")
        seen = await look(http, former)
        stored = await the.service.get("mine")
        await the.service.update(stored, ClientDocument(stored | {"description": "newer"}))
        before = writes(the)
        with pytest.raises(
            Conflict, match="client mine was changed on the server meanwhile; nothing was sent"
        ) as error:
            await replay(http, former, policy=WritePolicy(), agreed=seen)
        assert error.value.exit_code == 5
        assert writes(the) == before
        await the.service.delete("mine")
        with pytest.raises(Conflict, match="client mine is gone"):
            await replay(http, former, policy=WritePolicy(), agreed=seen)
        gone = await look(http, former)
        assert gone.sentence == "There is no client mine on the server now."
        await the.service.create(document("mine"))
        with pytest.raises(Conflict, match="changed on the server meanwhile"):
            await replay(http, former, policy=WritePolicy(), agreed=gone)
        assert the.stored("mine") is not None


async def test_a_create_looks_whether_the_client_exists() -> None:
    async with bench(clients=3) as the, http_of(the) as http:
        await the.service.create(document("mine"))
        former = next(one for one in reversed(the.log.snapshot()) if one.method == "POST")
        before = writes(the)
        with pytest.raises(Conflict, match="client mine exists already"):
            await look(http, former)
        with pytest.raises(Conflict, match="client mine exists already"):
            await replay(http, former, policy=WritePolicy(), agreed=Seen("client mine"))
        assert writes(the) == before


async def test_a_delete_meets_what_was_seen() -> None:
    async with bench(clients=3) as the, http_of(the) as http:
        await the.service.create(document("mine"))
        await the.service.delete("mine")
        former = next(one for one in reversed(the.log.snapshot()) if one.method == "DELETE")
        gone = await look(http, former)
        assert gone.sentence == "There is no client mine on the server now."
        assert (await replay(http, former, policy=WritePolicy(), agreed=gone)).status == 404
        await the.service.create(document("mine"))
        with pytest.raises(Conflict, match="meanwhile"):
            await replay(http, former, policy=WritePolicy(), agreed=gone)
        seen = await look(http, former)
        assert seen.change is not None
        assert seen.change.title == "- mine: delete"
        assert (await replay(http, former, policy=WritePolicy(), agreed=seen)).status == 204


async def test_a_write_is_not_sent_when_the_server_cannot_be_read() -> None:
    async with bench(clients=3) as the, http_of(the) as http:
        former = await put_of(the, description="as it should be")
        seen = await look(http, former)
        before = writes(the)
        auth = BasicAuth(the.simulator.username, Secret("no-longer-the-password"))
        config = HTTPClientConfig(base_url=the.simulator.base_url, auth=auth, trust_env=False)
        async with UnifiedHTTPClient(config, the.log) as stranger:
            with pytest.raises(Unauthorised):
                await replay(stranger, former, policy=WritePolicy(), agreed=seen)
        assert writes(the) == before


@pytest.mark.parametrize("body", ["", "[]", "{", '{"name": "no id"}', '{"clientId": 7}'])
async def test_a_create_without_an_id_is_the_servers_to_refuse(body: str) -> None:
    async with bench(clients=3) as the, http_of(the) as http:
        from tests.unit.core.exchanges.examples import exchange

        url = f"{the.simulator.base_url}/oauth/clients"
        assert await look(http, exchange(url=url, method="POST", request=Message((), body, len(body)))) == Seen("")
        assert not the.simulator.requests


BASE = "https://pf.example.com:9999/pf-admin-api/v1"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"target": "token"}, "only requests to the authorization server"),
        ({"method": "CONNECT"}, "no method of the API"),
        ({"url": "https://evil.example.com/pf-admin-api/v1/x"}, "it was sent to"),
        ({"url": f"{BASE}.evil.example.com/x"}, "it was sent to"),
        ({"url": f"{BASE}/x?token=***0a1b2c&a=b"}, "a secret in its URL was not kept: token"),
        ({"url": f"{BASE}/x⟨202E⟩"}, "its URL was not kept"),
        ({"request": Message((), "abc", 70_000, truncated=True)}, "3 characters of 70,000 bytes"),
        ({"request": Message((), "a␛b", 3)}, "no plain text"),
        ({"request": Message((), "a=1&client_secret=***0a1b2c", 40)}, "client_secret"),
        ({"request": Message((), '{"a":[{"b":"***0a1b2c"}],"***0a1b2c":1}', 40)}, r"a\[0\]\.b, \*\*\*0a1b2c"),
    ],
)
def test_what_cannot_be_sent_as_it_was(changes: dict[str, Any], words: str) -> None:
    from tests.unit.core.exchanges.examples import exchange

    one: Exchange = replace(exchange(url=f"{BASE}/oauth/clients"), **changes)
    with pytest.raises(UsageError, match=words):
        refuse_replay(one, BASE)
    refuse_replay(exchange(url=f"{BASE}/oauth/clients"), BASE)


async def test_a_path_that_leads_out_is_refused() -> None:
    async with bench(clients=3) as the, http_of(the) as http:
        await the.service.connect()
        former = replace(the.log.snapshot()[-1], url=f"{the.simulator.base_url}/../../x")
        with pytest.raises(OcmError, match="leads out"):
            await replay(http, former, policy=WritePolicy())
