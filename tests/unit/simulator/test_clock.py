"""What depends on the time, on a clock that the test moves; without sockets."""

import base64
import json
from typing import Any

import pytest

from ocm_tui.simulator.accounts import Accounts
from ocm_tui.simulator.api import Api
from ocm_tui.simulator.settings import SimulatorSettings
from ocm_tui.simulator.wire import BASE_PATH, TOKEN_PATH, Answer, Request

MINUTE = 60_000
URL = f"{BASE_PATH}/oauth/clients/orders-api"
SECRET_URL = f"{URL}/clientAuth/clientSecret"


class Bench:
    """An API without a server; `now` is in milliseconds."""

    def __init__(self, **settings: Any) -> None:
        self.now = 1_800_000_000_000
        self.accounts = Accounts(1)
        self.api = Api(SimulatorSettings(**settings), self.accounts, f"http://x{BASE_PATH}", lambda: self.now)

    def send(self, method: str, path: str, body: bytes = b"", /, **headers: str) -> Answer:
        pair = f"{self.accounts.administrator.name}:{self.accounts.administrator.password}"
        mine = {"authorization": basic(pair), "x-xsrf-header": "1", "content-type": "application/json"} | headers
        path, _, query = path.partition("?")
        return self.api.answer(Request(1, method, path, query, mine, body))

    def json(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.send(method, path, json.dumps(body).encode())
        assert answer.status in {200, 201}, answer.body
        return json.loads(answer.body)

    def token(self, user: str, password: str) -> dict[str, Any] | None:
        form = {"content-type": "application/x-www-form-urlencoded", "authorization": basic(f"{user}:{password}")}
        answer = self.send("POST", TOKEN_PATH, b"grant_type=client_credentials", **form)
        assert answer.status in {200, 401}
        return json.loads(answer.body) if answer.status == 200 else None


def basic(pair: str) -> str:
    return f"Basic {base64.b64encode(pair.encode()).decode()}"


def test_a_retained_secret_dies_on_its_date() -> None:
    bench = Bench(secret_retention_minutes=10)
    bench.json("PUT", SECRET_URL, {"secret": "first-secret"})
    bench.now += 60 * MINUTE
    shown = bench.json("PUT", SECRET_URL, {"secret": "second-secret"})
    assert [one["expiryTime"] for one in shown["secondarySecrets"]] == ["2027-01-15T09:10:00.000Z"]
    bench.now += 10 * MINUTE - 1
    assert bench.token("orders-api", "first-secret")
    assert len(bench.json("GET", SECRET_URL)["secondarySecrets"]) == 1
    bench.now += 1
    assert not bench.token("orders-api", "first-secret")
    assert bench.json("GET", SECRET_URL)["secondarySecrets"] == []
    assert bench.json("GET", URL)["clientAuth"]["secondarySecrets"] == []
    assert bench.token("orders-api", "second-secret")


def test_what_has_expired_is_not_kept() -> None:
    bench = Bench(secret_retention_minutes=10)
    for number in range(20):
        bench.json("PUT", SECRET_URL, {"secret": f"secret {number}"})
        bench.now += 3 * MINUTE
    client = bench.api.store.get("orders-api")
    assert client is not None
    assert len(client.former) == 4


def test_two_changes_in_one_millisecond_have_two_dates() -> None:
    bench = Bench()
    document = bench.json("GET", URL)
    dates = [bench.json("PUT", URL, document)["modificationDate"] for _ in range(3)]
    dates.append(bench.json("PUT", SECRET_URL, {"secret": "x"}) and bench.json("GET", URL)["modificationDate"])
    assert dates == [f"2027-01-15T08:00:00.00{number}Z" for number in range(4)]


def test_a_bearer_of_the_admin_api_expires() -> None:
    bench = Bench()
    issued = bench.token(bench.accounts.api_client.name, bench.accounts.api_client.password)
    assert issued is not None
    bearer = {"authorization": f"Bearer {issued['access_token']}"}
    bench.now += issued["expires_in"] * 1000
    assert bench.send("GET", f"{BASE_PATH}/version", **bearer).status == 200
    bench.now += 1000
    assert bench.send("GET", f"{BASE_PATH}/version", **bearer).status == 401


@pytest.mark.parametrize("query", ["filter=late", "filter=late&numberPerPage=5"])
def test_a_search_that_was_made_before_sees_what_comes_later(query: str) -> None:
    bench = Bench(clients=60)
    path = f"{BASE_PATH}/oauth/clients?{query}"
    assert bench.json("GET", path)["items"] == []
    late = {"clientId": "late", "name": "Late", "grantTypes": ["EXTENSION"]}
    bench.json("POST", f"{BASE_PATH}/oauth/clients", late)
    assert [one["clientId"] for one in bench.json("GET", path)["items"]] == ["late"]
    bench.json("PUT", URL, late)
    assert [one["clientId"] for one in bench.json("GET", path)["items"]] == ["orders-api", "late"]
    assert bench.send("DELETE", f"{BASE_PATH}/oauth/clients/late").status == 204
    assert [one["clientId"] for one in bench.json("GET", path)["items"]] == ["orders-api"]
