"""`clients test`: a real token request as one client. The secret and the token stay out of everything that is said."""

import asyncio
from typing import TYPE_CHECKING

from ocm_tui.core.clients.secret_sources import parse_source, read_secret
from ocm_tui.core.clients.token_test import TokenRequest, TokenTest, refuse_untestable, request_token
from ocm_tui.core.errors import ExitCode, NotFound, OcmError, UsageError
from ocm_tui.core.secret import Secret
from ocm_tui.core.text import clean
from ocm_tui.headless.boundary import run_async
from ocm_tui.headless.formats.token_test import token_test_json, token_test_text
from ocm_tui.headless.invocation import Invocation
from ocm_tui.headless.secret_prompt import ask_secret, require_terminal

if TYPE_CHECKING:
    from ocm_tui.core.provisioning.model import SecretDeclaration
    from ocm_tui.core.session import Session

__all__ = ["client_test"]

_FLAG = "--secret-from env:NAME, file:PATH or keyring:SERVICE/USER"


def client_test(invocation: Invocation) -> int:
    source = invocation.options.secret_from
    given = parse_source(source) if source is not None else None
    return run_async(lambda: _tested(invocation, given))


async def _tested(invocation: Invocation, given: tuple[str, str] | None) -> int:
    options, output = invocation.options, invocation.output
    async with invocation.session() as session:
        session.require_clients()
        assert session.server is not None
        session.server.require_token_url(session.environment)
        source = given or await _declared(invocation, session)
        if source is None:
            require_terminal(flag=_FLAG)
        await _look(invocation, session)
        if source is None:
            secret = await ask_secret(output, f"Secret of {clean(options.client)}: ", flag=_FLAG)
        else:
            secret = await _read(source)
        request = TokenRequest(options.client, secret, tuple(" ".join(options.scope).split()), options.auth)
        test = await request_token(session.server, session.log, request)
    _print(invocation, test)
    return ExitCode.OK if test.passed else ExitCode.BAD


async def _look(invocation: Invocation, session: "Session") -> None:
    """What the server knows of the client spares a request that cannot succeed. It need not be asked for that: a
    token endpoint works while the administrative API does not."""
    try:
        document = await session.require_clients().get(invocation.options.client)
    except (NotFound, UsageError):
        raise
    except OcmError as error:
        invocation.output.say(f"warning: what the server knows of this client cannot be read: {error.title}")
        return
    refuse_untestable(document)
    if document.get("enabled") is False:
        invocation.output.say(f"warning: {clean(invocation.options.client)} is disabled on the server")
    if "CLIENT_CREDENTIALS" not in (document.get("grantTypes") or ()):
        invocation.output.say(f"warning: {clean(invocation.options.client)} has no grant type CLIENT_CREDENTIALS")


async def _declared(invocation: Invocation, session: "Session") -> tuple[str, str] | None:
    """Where the inventory says that the secret is: its source, or where a generated one was delivered."""
    if session.provisioning is None or session.inventory is None:
        return None
    try:
        inventory = await session.provisioning.load()
    except OcmError as error:
        invocation.output.say(f"warning: the inventory cannot tell where the secret is: {error.title}")
        return None
    wanted = invocation.options.client.casefold()
    declared = next((one for one in inventory.clients if one.client_id.casefold() == wanted), None)
    return _source_of(declared.secret) if declared is not None and declared.secret is not None else None


def _source_of(declaration: "SecretDeclaration") -> tuple[str, str] | None:
    if declaration.source in {"env", "file", "keyring"}:
        return declaration.source, declaration.argument
    kind, _, argument = (declaration.deliver or "").partition(":")
    return (kind, argument) if kind in {"file", "keyring"} and argument else None


async def _read(source: tuple[str, str]) -> Secret:
    try:
        return await asyncio.to_thread(read_secret, *source)
    except UsageError as error:
        raise UsageError(error.title, hint=error.hint or f"add {_FLAG}") from error


def _print(invocation: Invocation, test: TokenTest) -> None:
    output = invocation.output
    output.data(token_test_json(test) if output.format == "json" else token_test_text(test, color=output.color))
    refusal = test.refusal
    if refusal is not None:
        said = f": {refusal.description}" if refusal.description else ""
        output.complain(f"error: {refusal.explanation} ({refusal.code}{said})")
        if refusal.hint:
            output.complain(f"hint: {refusal.hint}")
    elif test.not_granted:
        output.complain(f"error: not all scopes were granted: {clean(' '.join(test.not_granted))} is missing")
