"""Replay against the simulator: the same request with the credentials of now, or a refusal that says why."""

from dataclasses import replace
from typing import Any

import pytest

from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.clients.policy import WritePolicy
from ocm_tui.core.errors import NotFound, OcmError, Refused, UsageError
from ocm_tui.core.exchanges.model import Exchange, Message
from ocm_tui.core.exchanges.replay import refuse_replay, replay
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
        before = len(the.simulator.requests)
        assert (await replay(http, former, policy=WritePolicy(), confirmed=True)).status == 201
        assert the.stored("replayed é") is not None
        (sent,) = the.simulator.requests[before:]
        assert sent.body == next(one for one in the.simulator.requests if one.method == "POST").body


@pytest.mark.parametrize("policy", [WritePolicy(read_only=True), WritePolicy(protected=True)])
async def test_the_policy_stands_above_a_confirmation(policy: WritePolicy) -> None:
    async with bench(clients=3) as the, http_of(the) as http:
        await the.service.create(document("mine"))
        former = next(one for one in reversed(the.log.snapshot()) if one.method == "POST")
        before = len(the.simulator.requests)
        with pytest.raises(Refused, match="refused to replay POST"):
            await replay(http, former, policy=policy, confirmed=True)
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
            await replay(http, former, policy=WritePolicy(), confirmed=True)


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
