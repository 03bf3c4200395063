"""A token as its client gets it."""

import json
from urllib.parse import urlencode

from ocm_tui.core.http.client import UnifiedHTTPClient
from ocm_tui.core.http.types import HTTPClientConfig
from tests.diagnosis.bench import Bench

__all__ = ["fetched"]


async def fetched(bench: Bench) -> str:
    """The exchange is in the bench's log, redacted; the token is only here."""
    account = bench.simulator.accounts.api_client
    form = {"grant_type": "client_credentials", "client_id": account.name, "client_secret": account.password}
    config = HTTPClientConfig(base_url=bench.simulator.token_url, target="token", trust_env=False)
    async with UnifiedHTTPClient(config, bench.session.log) as http:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = await http.request("POST", "", content=urlencode(form).encode(), headers=headers)
    token = json.loads(answer.body)["access_token"]
    assert isinstance(token, str)
    return token
