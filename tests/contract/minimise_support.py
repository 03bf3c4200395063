"""A payload of 40 fields, ways to spoil it, and a simulator to try it on."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ocm_tui.core.clients.fields import get_value
from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.clients.policy import WritePolicy
from ocm_tui.core.diagnosis.minimise.journal import PREFIX, TrialJournal
from ocm_tui.core.diagnosis.minimise.model import Budget, Minimised, OnTrial
from ocm_tui.core.diagnosis.minimise.run import minimise
from ocm_tui.core.diagnosis.minimise.subject import Subject
from ocm_tui.core.errors import ApiError, OcmError, TransportError
from ocm_tui.core.exchanges.model import Exchange
from ocm_tui.core.secret import Secret
from ocm_tui.simulator.faults import FaultPlan
from ocm_tui.simulator.wire import Answer, Request
from tests.contract.servers import Bench, bench

__all__ = [
    "BAD",
    "BAD_PAIRS",
    "FIELDS",
    "PAYLOAD",
    "SECRET",
    "Answering",
    "Trials",
    "all_well",
    "found",
    "has",
    "spoiled",
    "trials",
]

Answering = Callable[[Request], Answer]

SECRET = "the-clients-own-secret-9a3f"

# 40 fields that the simulator takes.
PAYLOAD: dict[str, Any] = {
    "clientId": "forty-fields",
    "name": "Orders",
    "description": "Takes orders",
    "enabled": True,
    "logoUrl": "https://www.example.com/logo.png",
    "grantTypes": ["AUTHORIZATION_CODE", "REFRESH_TOKEN", "CLIENT_CREDENTIALS"],
    "clientAuth": {"type": "CLIENT_SECRET_JWT", "secret": SECRET, "enforceReplayPrevention": True},
    "redirectUris": ["https://orders.example.com/callback"],
    "restrictedResponseTypes": ["code"],
    "requireProofKeyForCodeExchange": True,
    "requirePushedAuthorizationRequests": False,
    "requireSignedRequests": True,
    "requestObjectSigningAlgorithm": "RS256",
    "jwksSettings": {"jwksUrl": "https://orders.example.com/jwks"},
    "defaultAccessTokenManagerRef": {"id": "jwt"},
    "restrictToDefaultAccessTokenManager": True,
    "validateUsingAllEligibleAtms": False,
    "restrictScopes": True,
    "restrictedScopes": ["openid"],
    "requireDpop": False,
    "refreshRolling": "ROLL",
    "persistentGrantReuseType": "SERVER_DEFAULT",
    "requireOfflineAccessScopeToIssueRefreshTokens": "SERVER_DEFAULT",
    "bypassApprovalPage": True,
    "allowAuthenticationApiInit": False,
    "enableCookielessAuthenticationApi": False,
    "requireJwtSecuredAuthorizationResponseMode": False,
    "jwtSecuredAuthorizationResponseModeSigningAlgorithm": "RS256",
    "tokenIntrospectionSigningAlgorithm": "RS256",
    "deviceFlowSettingType": "SERVER_DEFAULT",
    "clientSecretRetentionPeriodType": "SERVER_DEFAULT",
    "oidcPolicy": {
        "idTokenSigningAlgorithm": "RS256",
        "logoutMode": "NONE",
        "logoutUris": ["https://orders.example.com/logout"],
        "postLogoutRedirectUris": ["https://orders.example.com/"],
        "pingAccessLogoutCapable": False,
        "grantAccessSessionRevocationApi": False,
        "grantAccessSessionSessionManagementApi": False,
    },
}

# One bad field each.
BAD: dict[str, Any] = {
    "logoUrl": "no address",
    "redirectUris": ["no address"],
    "restrictedResponseTypes": ["cod"],
    "jwksSettings.jwksUrl": "no address",
    "defaultAccessTokenManagerRef": {"id": "jvt"},
    "restrictedScopes": ["opened"],
    "oidcPolicy.logoutUris": ["no address"],
    "oidcPolicy.postLogoutRedirectUris": ["no address"],
    "oidcPolicy.policyGroup": {"id": "nope"},
    "extendedParameters.unheard": {"values": ["x"]},
    "exclusiveScopes": ["nope"],
    "requireDpop": "yes",
    "grantTypes": ["CLIENT_CREDENTIAL"],
    "enabled": "yes",
    "unheardOf": 1,
}

# Two fields each that fail together, and only together.
BAD_PAIRS: dict[tuple[str, str], dict[str, Any]] = {
    ("clientAuth.type", "tokenIntrospectionSigningAlgorithm"): {
        "clientAuth": {"type": "NONE"}, "grantTypes": ["AUTHORIZATION_CODE"],
        "tokenIntrospectionSigningAlgorithm": "HS256",
    },
    ("clientAuth.type", "oidcPolicy.idTokenSigningAlgorithm"): {
        "clientAuth": {"type": "NONE"}, "grantTypes": ["AUTHORIZATION_CODE"],
        "oidcPolicy.idTokenSigningAlgorithm": "HS384",
    },
}  # fmt: skip

FIELDS = tuple(BAD)


def spoiled(changes: dict[str, Any], base: dict[str, Any] | None = None) -> ClientDocument:
    document = json.loads(json.dumps(PAYLOAD if base is None else base))
    for path, value in changes.items():
        *above, name = path.split(".")
        node = document
        for one in above:
            node = node.setdefault(one, {})
        node[name] = value
    if "secret" in document["clientAuth"]:
        document["clientAuth"]["secret"] = Secret(SECRET)
    return ClientDocument(document)


@dataclass
class Trials:
    """`answer` may change what the simulator answers; `seen` are the throwaway ids that were ever sent."""

    bench: Bench
    directory: Path
    journal: TrialJournal
    policy: WritePolicy = field(default_factory=WritePolicy)

    async def refused(self, document: ClientDocument, *, update: str | None = None) -> Exchange:
        """Send it as a user would have."""
        try:
            if update is None:
                await self.bench.server.create(document, settle=False)
            else:
                await self.bench.server.replace(update, document, settle=False)
        except (ApiError, TransportError):
            exchange = self.bench.log.snapshot()[-1]
            self.bench.simulator._log.clear()
            return exchange
        raise AssertionError("the simulator took it")

    async def minimise(
        self, subject: Exchange | Subject, *, budget: int = 60, on_trial: OnTrial | None = None
    ) -> Minimised:
        return await minimise(
            self.bench.server, subject, policy=self.policy, journal=self.journal, environment="test",
            budget=Budget(budget, float("inf")), on_trial=on_trial,
        )  # fmt: skip

    def break_down(self, faults: str) -> None:
        """From now on; "" ends it."""
        simulator = self.bench.simulator
        simulator._service.faults = FaultPlan.parse(faults, simulator.settings.seed)

    def answering(self, change: Callable[[Request, Answering], Answer]) -> None:
        """Requests go through `change`, with what would have answered them."""
        service = self.bench.simulator._service
        answer = service.answer
        service.answer = lambda request: change(request, answer)

    def opaque(self) -> None:
        """The server says 422 and never why."""

        def change(request: Request, answer: Answering) -> Answer:
            result = answer(request)
            return Answer(422, b"") if result.status in {400, 422} else result

        self.answering(change)

    def left(self) -> list[str]:
        """What trials have left on the server."""
        rows = self.bench.simulator.api.store.rows()
        return [row for row in rows if isinstance(row, str) and row.startswith(PREFIX)]

    def pending(self) -> list[str]:
        return [one.client_id for one in self.journal.pending()]

    @property
    def requests(self) -> int:
        return len(self.bench.simulator.requests)


@asynccontextmanager
async def trials(directory: Path, **settings: Any) -> AsyncIterator[Trials]:
    """At the end nothing may be left on the server that is not in the journal, and no secret on the disk."""
    async with bench(clients=2, **settings) as it:
        journal = TrialJournal(directory)
        try:
            what = Trials(it, directory, journal)
            yield what
            assert set(what.left()) <= set(what.pending())
            it.simulator._log.clear()  # what was sent is wrong on purpose
            refuse_leaks(directory)
        finally:
            journal.close()


def refuse_leaks(directory: Path) -> None:
    """Nothing secret in any file, and nobody else may read one."""
    for path in directory.rglob("*"):
        assert not path.is_file() or SECRET.encode() not in path.read_bytes()
        assert path.is_dir() or path.name.endswith(("-shm", "-wal")) or path.stat().st_mode & 0o777 == 0o600


def found(result: Minimised) -> list[set[str]]:
    """The fields of each culprit."""
    return [set(culprit.fields) for culprit in result.culprits]


def has(document: dict[str, Any], field: str) -> bool:
    """Whether the document holds the payload's value of the field."""
    value = get_value(document, field)
    return value is not None and value == get_value(PAYLOAD, field)


async def all_well(it: Trials, result: Minimised) -> None:
    """What is told is so: the one payload is refused and the other one taken, as they are."""
    assert it.left() == []
    assert it.pending() == []
    assert result.left_over == ()
    assert result.minimal_payload is not None
    assert result.passing_payload is not None
    for payload, accepted in ((result.minimal_payload, False), (result.passing_payload, True)):
        document = spoiled({}, {**payload, "clientId": "the-proof"})
        try:
            await it.bench.server.create(document)
        except OcmError:
            assert not accepted
        else:
            assert accepted
            await it.bench.server.delete("the-proof")
