"""Requests as commands for a POSIX shell. Pasting one does what it says, whatever the strings in it hold.

Secrets are variables that have to be set first: an unset one ends the command before anything is sent. Bodies go in
through a pipe, so that they are byte for byte what was sent, and in no process list.
"""

import re
from collections.abc import Sequence
from typing import Final

from ocm_tui.core.exchanges.export.shell import Variables, comment
from ocm_tui.core.exchanges.markers import MARKER, body_loss
from ocm_tui.core.exchanges.model import Exchange, utc_text
from ocm_tui.core.text import clean

__all__ = ["curl_script"]

# What curl makes by itself, or what must not be repeated.
_LEFT_OUT: Final = frozenset(
    {"host", "content-length", "connection", "keep-alive", "transfer-encoding", "accept-encoding", "te", "upgrade"}
)
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_METHOD: Final = re.compile(r"[A-Za-z]{1,20}")
_HTTP: Final = re.compile(r"https?://[^/\s]", re.IGNORECASE)
_LOGINS: Final = {"basic": ("OCM_USER", "OCM_PASSWORD"), "bearer": ("OCM_TOKEN",)}
_BODY_FILE: Final = "OCM_BODY_FILE"
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


def curl_script(exchanges: Sequence[Exchange]) -> str:
    variables = Variables()
    commands = [_Command(exchange, variables) for exchange in exchanges]
    blocks = [command.text() for command in commands]
    names = list(dict.fromkeys(name for command in commands for name in command.used))
    head = ["#!/bin/sh", comment("Recorded by ocm-tui. Secrets were left out: they are variables.")]
    if names:
        head.append(comment(f"Set these first: {', '.join(names)}"))
        head.append(comment("A value stands as it is: escape it for JSON in JSON, for a URL in a URL or a form."))
    return "\n\n".join(["\n".join(head), *blocks]) + "\n"


class _Command:
    """One request. `used` are the variables that it needs."""

    def __init__(self, exchange: Exchange, variables: Variables) -> None:
        self._exchange, self._variables = exchange, variables
        self._session = exchange.id.rpartition("-")[0]
        self._comments = [comment(f"{exchange.id}  {utc_text(exchange.started_at)}  {_outcome(exchange)}")]
        self.used: dict[str, None] = {}

    def text(self) -> str:
        exchange = self._exchange
        if not _HTTP.match(exchange.url) or not _METHOD.fullmatch(exchange.method):
            self._say(f"not HTTP, so there is no command for it: {exchange.method} {exchange.url}")
            return "\n".join(self._comments)
        if exchange.method.upper() not in _SAFE:
            self._say(f"{exchange.method} may change something on the server, at once and again")
        options = [*self._request(), *self._credentials(), *self._headers()]
        before, body = self._body()
        lines = ["curl --silent --show-error --include --globoff --path-as-is", *options, *body]
        command = before + " \\\n  ".join(lines)
        if self.used:
            needed = " ".join(f'"${{{name}:?}}"' for name in self.used)
            command = f": {needed} &&\n{command}"
        return "\n".join([*self._comments, command])

    def _say(self, words: str) -> None:
        self._comments.append(comment(words))

    def _quoted(self, text: str, place: str) -> str:
        return self._variables.quoted(text, self._session, place, self.used)

    def _request(self) -> list[str]:
        method = self._exchange.method
        named = "--head" if method.upper() == "HEAD" else f"--request {self._quoted(method, 'method')}"
        compressed = self._exchange.request.header("Accept-Encoding") is not None
        url = f"--url {self._quoted(clean(self._exchange.url), 'url')}"
        return [named, url, *(["--compressed"] if compressed else [])]

    def _credentials(self) -> list[str]:
        """Options that curl hides from the list of processes, where it has one for the scheme."""
        scheme, mark = self._login()
        if not mark:
            return []
        names = self._variables.of_login(self._session, mark, _LOGINS[scheme])
        self.used.update(dict.fromkeys(names))
        value = ":".join(f"${{{name}}}" for name in names)
        return [f'{"--user" if scheme == "basic" else "--oauth2-bearer"} "{value}"']

    def _login(self) -> tuple[str, str]:
        """Scheme and mark of an Authorization header; empty when there is none, or none of a known scheme."""
        scheme, _, rest = (self._exchange.request.header("Authorization") or "").partition(" ")
        known = scheme.lower() in _LOGINS and MARKER.fullmatch(rest) is not None
        return (scheme.lower(), rest[:9]) if known else ("", "")

    def _headers(self) -> list[str]:
        words, with_login = [], bool(self._login()[1])
        for name, value in self._exchange.request.headers:
            lowered = name.lower()
            if lowered in _LEFT_OUT or (lowered == "authorization" and with_login):
                continue
            if not _TOKEN.fullmatch(name):  # curl reads a file for a name that begins with @
                if not name.startswith(":"):  # what a browser has of HTTP/2
                    self._say(f"left out: a header that is none: {clean(name, 60)}")
                continue
            content = clean(value).strip()
            words.append(f"--header {self._quoted(f'{name}: {content}' if content else f'{name};', name)}")
        if self._exchange.request.body_bytes and self._exchange.request.header("Content-Type") is None:
            words.append("--header 'Content-Type:'")  # curl would say that it is a form
        return words

    def _body(self) -> tuple[str, list[str]]:
        """What stands before curl, and the options for it."""
        message = self._exchange.request
        if not message.body and not message.body_bytes:
            return "", []
        loss = body_loss(message)
        if loss is not None:
            self._say(f"the body is not here as it was sent: {loss}. Set {_BODY_FILE} to a file that holds it")
            self.used[_BODY_FILE] = None
            return "", [f'--data-binary "@${{{_BODY_FILE}}}"']
        return f"printf %s {self._quoted(message.body, 'body')} |\n", ["--data-binary @-"]


def _outcome(exchange: Exchange) -> str:
    if exchange.status is not None:
        return f"HTTP {exchange.status}"
    return f"no answer: {exchange.error.layer}" if exchange.error else "no answer"
