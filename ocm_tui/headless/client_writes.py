"""`clients create|update|delete`: the difference on stderr, the stored document on stdout."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from ocm_tui.core.clients.changes import ClientChange, created, deleted, updated
from ocm_tui.core.clients.difference import difference_lines, not_stored
from ocm_tui.core.clients.fields import parse_assignment, with_value
from ocm_tui.core.clients.merge import merged
from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.errors import ExitCode, UsageError, ValidationFailed
from ocm_tui.core.text import clean
from ocm_tui.headless.boundary import run_async
from ocm_tui.headless.client_files import DocumentFile, read_document
from ocm_tui.headless.consent import confirm, require_answerable, unlock
from ocm_tui.headless.formats.clients import clients_json, yaml_text
from ocm_tui.headless.invocation import Invocation

__all__ = ["WRITES", "print_document", "say_change"]

Edit = Callable[[ClientDocument], ClientDocument]


def _create(invocation: Invocation) -> int:
    source = read_document(invocation.options.file)
    source.check()
    return run_async(lambda: _created(invocation, source))


async def _created(invocation: Invocation, source: DocumentFile) -> int:
    document = source.document
    client_id = str(document["clientId"])
    async with invocation.session() as session:
        clients = session.require_clients()
        await unlock(invocation, session, client_id)
        session.policy.require(f"create {clean(client_id)}")
        say_change(invocation, created(document))
        try:
            with invocation.writing(session, _unknown(client_id, "was created")):
                stored = await clients.create(document)
        except ValidationFailed as error:
            raise source.located(error) from error
        _finished(invocation, f"{clean(client_id)} was created")
    _say_not_stored(invocation, document, stored)
    print_document(invocation, stored)
    return ExitCode.OK


def _update(invocation: Invocation) -> int:
    options = invocation.options
    if options.file is not None:
        source = read_document(options.file)
        edit = _replacement(source.document, _client(invocation))
    else:
        source = None
        client_id = _client(invocation)  # may take the last word of --set
        edit = _assignments(options.set, client_id)
    return run_async(lambda: _updated(invocation, edit, source))


async def _updated(invocation: Invocation, edit: Edit, source: DocumentFile | None) -> int:
    client_id = invocation.options.client
    async with invocation.session() as session:
        clients = session.require_clients()
        await unlock(invocation, session, client_id)
        session.policy.require(f"change {clean(client_id)}")
        original = await clients.get(client_id)
        edited = edit(original)
        planned = merged(original, edited, original)
        say_change(invocation, updated(original, planned))
        try:
            with invocation.writing(session, _unknown(client_id, "was changed")):
                stored = await clients.update(original, edited)
        except ValidationFailed as error:
            raise (source.located(error) if source else error) from error
        _finished(invocation, f"{clean(client_id)} was changed")
    _say_not_stored(invocation, planned, stored)
    print_document(invocation, stored)
    return ExitCode.OK


def _delete(invocation: Invocation) -> int:
    require_answerable(invocation)
    return run_async(lambda: _deleted(invocation))


async def _deleted(invocation: Invocation) -> int:
    client_id = invocation.options.client
    async with invocation.session() as session:
        clients = session.require_clients()
        await unlock(invocation, session, client_id)
        session.policy.require(f"delete {clean(client_id)}")
        seen = await clients.get(client_id)
        say_change(invocation, deleted(client_id))
        await confirm(invocation, f"Delete {clean(client_id)} in {session.environment}?")
        with invocation.writing(session, _unknown(client_id, "was deleted")):
            await clients.delete(client_id, seen)
        _finished(invocation, f"{clean(client_id)} was deleted")
    if invocation.output.format == "json":  # nothing is stored any more
        invocation.output.data(clients_json([]))
    return ExitCode.OK


WRITES: Final = {"create": _create, "update": _update, "delete": _delete}


def say_change(invocation: Invocation, change: ClientChange) -> None:
    """Plan-like, safe to print: a title, then a field with `-` and `+` lines each."""
    for line in change.lines():
        match line.kind:
            case " ":
                invocation.output.say(line.text)
            case "@":
                invocation.output.say(f"    {line.text}")
            case sign:
                invocation.output.say(f"      {sign} {line.text}")


def print_document(invocation: Invocation, stored: Mapping[str, Any]) -> None:
    output = invocation.output
    output.data(clients_json([stored]) if output.format == "json" else yaml_text(stored))


def _client(invocation: Invocation) -> str:
    """`update --set a=1 CLIENT` as well: the last word is the client when none stands before."""
    options = invocation.options
    if options.client is None and options.set and "=" not in options.set[-1]:
        options.client = options.set.pop()
    if options.client is None:
        raise UsageError("ocm-tui clients update needs CLIENT", hint="clients update CLIENT --set path=value")
    client_id: str = options.client
    return client_id


def _assignments(texts: list[str], client_id: str) -> Edit:
    if not texts:
        raise UsageError("--set needs path=value", hint="for example enabled=false")
    assignments = [parse_assignment(text) for text in texts]
    paths = [path for path, _ in assignments]
    twice = next((path for path in paths if paths.count(path) > 1), None)
    if twice is not None:
        raise UsageError(f"--set names {clean(twice)} of {clean(client_id)} twice")

    def edit(original: ClientDocument) -> ClientDocument:
        for path, value in assignments:
            original = with_value(original, path, value)
        return original

    return edit


def _replacement(document: ClientDocument, client_id: str) -> Edit:
    return lambda _: ClientDocument({"clientId": client_id, **document})


def _say_not_stored(invocation: Invocation, sent: Mapping[str, Any], stored: Mapping[str, Any]) -> None:
    """A server that accepts a document and keeps something else must not go unnoticed."""
    different = not_stored(sent, stored)
    if different:
        invocation.output.say("warning: the server stored these fields differently than they were sent:")
        for line in difference_lines(different):
            invocation.output.say(f"    {line.text}" if line.kind == "@" else f"      {line.kind} {line.text}")


def _unknown(client_id: str, what: str) -> str:
    return f"whether {clean(client_id)} {what}; `ocm-tui clients show {clean(client_id)}` tells"


def _finished(invocation: Invocation, done: str) -> None:
    invocation.progress.done, invocation.progress.left = done, ""
