"""A lying authorization server on loopback: plain streams, so that it can say what no HTTP library would let it say.

It runs in a thread of its own, for tests with and without an event loop. By default it serves clients; `lie` replaces
its answers, latest lie first.
"""

import asyncio
import json
import re
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import unquote

__all__ = ["BASE", "Asked", "Lie", "LyingServer"]

BASE: Final = "/pf-admin-api/v1"
_LENGTH: Final = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Asked:
    """`path` is below the base, percent-decoded, without the query."""

    method: str
    path: str
    query: str
    head: bytes
    body: bytes


@dataclass(frozen=True, slots=True)
class Lie:
    """`length` is what Content-Length says when it is not the truth. `raw` replaces everything."""

    status: int = 200
    body: bytes = b""
    reason: str = "OK"
    content_type: str = "application/json"
    headers: Sequence[tuple[str, str]] = ()
    length: int | None = None
    raw: bytes | None = None

    @staticmethod
    def json(value: Any, status: int = 200, **more: Any) -> "Lie":
        """UTF-8 as it is; only what JSON must escape is escaped."""
        return Lie(status, json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass"), **more)

    def wire(self) -> bytes:
        if self.raw is not None:
            return self.raw
        length = len(self.body) if self.length is None else self.length
        lines = [
            f"HTTP/1.1 {self.status} {self.reason}",
            f"Content-Type: {self.content_type}",
            *(f"{name}: {value}" for name, value in self.headers),
            f"Content-Length: {length}",
        ]
        head = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
        return head if self.status == 204 else head + self.body


@dataclass
class LyingServer:
    clients: Sequence[Mapping[str, Any]] = ()
    choices: Iterable[str] = ("jwt",)
    version: Any = "12.1.0.4"
    headers: Sequence[tuple[str, str]] = ()
    reason: str = "OK"
    asked: list[Asked] = field(default_factory=list)
    port: int = 0

    def __post_init__(self) -> None:
        self._lies: list[tuple[str, str, Callable[[Asked], Lie]]] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._started = threading.Event()
        self._stop: asyncio.Event | None = None

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}{BASE}"

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._started.wait(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._stop is not None
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    def lie(self, method: str, path: str, lie: Lie | Callable[[Asked], Lie]) -> None:
        """For this method (or `*`) and every path that begins with `path`."""
        self._lies.insert(0, (method, path, lie if callable(lie) else lambda _: lie))

    def honest(self) -> None:
        """Forget all lies."""
        self._lies.clear()

    def sent(self, method: str) -> list[Asked]:
        return [one for one in self.asked if one.method == method and "rights-probe" not in one.path]

    # The thread

    def _serve(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._until_stopped())

    async def _until_stopped(self) -> None:
        self._stop = asyncio.Event()
        talking: set[asyncio.Task[None]] = set()

        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            talking.add(task)
            try:
                while await self._exchange(reader, writer):
                    pass
            except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                pass  # the other side is gone, or the test is over
            finally:
                talking.discard(task)
                writer.close()

        server = await asyncio.start_server(accept, "127.0.0.1", 0, limit=2**20)
        self.port = server.sockets[0].getsockname()[1]
        self._started.set()
        await self._stop.wait()
        server.close()
        for task in talking:
            task.cancel()
        await asyncio.gather(*talking, return_exceptions=True)

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        length = _LENGTH.search(head)
        body = await reader.readexactly(int(length[1])) if length else b""
        method, target, _ = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ", 2)
        path, _, query = target.partition("?")
        asked = Asked(method, unquote(path.removeprefix(BASE)), query, head, body)
        self.asked.append(asked)
        lie = self._answer(asked)
        writer.write(lie.wire())
        await writer.drain()
        return lie.raw is None and lie.length is None

    # Answers

    def _answer(self, asked: Asked) -> Lie:
        for method, path, lie in self._lies:
            if method in ("*", asked.method) and asked.path.startswith(path):
                return lie(asked)
        answer = self._usual(asked)
        return Lie(answer.status, answer.body, self.reason, headers=self.headers)

    def _usual(self, asked: Asked) -> Lie:
        named = [{"id": text, "name": text} for text in self.choices]
        scopes = [{"name": text, "description": text} for text in self.choices]
        usual: dict[str, Any] = {
            "/version": {"version": self.version},
            "/oauth/clients": {"items": list(self.clients)},
            "/oauth/accessTokenManagers": {"items": named},
            "/oauth/openIdConnect/policies": {"items": named},
            "/oauth/authServerSettings": {"clientSecretRetentionPeriod": 60},
            "/oauth/authServerSettings/scopes/commonScopes": {"items": scopes},
            "/oauth/authServerSettings/scopes/exclusiveScopes": {"items": scopes},
        }
        if asked.method == "GET" and asked.path in usual:
            return Lie.json(usual[asked.path])
        client_id = asked.path.removeprefix("/oauth/clients/")
        found = next((client for client in self.clients if client.get("clientId") == client_id), None)
        if found is None:
            return Lie.json({"resultId": "resource_not_found", "message": "There is no such client."}, 404)
        return Lie.json(found) if asked.method == "GET" else Lie.json({"resultId": "no", "message": "No."}, 403)
