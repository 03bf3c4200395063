"""The simulator: one loopback server, from its first connection to the last."""

import asyncio
import itertools
import os
import sys
from collections import deque
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from ocm_tui.core.errors import UsageError
from ocm_tui.simulator.accounts import Accounts
from ocm_tui.simulator.connection import Connection, Service
from ocm_tui.simulator.faults import FaultPlan
from ocm_tui.simulator.listening import stop_accepting
from ocm_tui.simulator.settings import SimulatorSettings
from ocm_tui.simulator.wire import BASE_PATH, TOKEN_PATH, Answer, RecordedRequest, Request

if TYPE_CHECKING:
    import ssl

    from ocm_tui.simulator.api import Api
    from ocm_tui.simulator.oci_estate import OciEstate

__all__ = ["Simulator"]

_HOST: Final = "127.0.0.1"


class Simulator:
    """`async with Simulator(settings) as simulator:` serves until the block ends; then nothing of it is left.

    Construction raises UsageError for settings that make no sense, entering for a port that cannot be had. A defect in
    the simulator itself is raised when the block ends, so that a test cannot pass over it.
    """

    def __init__(
        self, settings: SimulatorSettings | None = None, *, ssl_context: "ssl.SSLContext | None" = None
    ) -> None:
        self.settings = settings or SimulatorSettings()
        self.settings.check()
        self.accounts = Accounts(self.settings.seed)
        self.port = self.settings.port
        self._log: deque[RecordedRequest] = deque(maxlen=self.settings.request_log)
        self._connections: set[asyncio.Task[None]] = set()
        self._defects: list[BaseException] = []
        self._server: asyncio.Server | None = None
        self._api: Api | None = None
        self._oci: OciEstate | None = None
        self._service = Service(
            answer=self._answer,
            record=self._log.append,
            faults=FaultPlan.parse(self.settings.faults, self.settings.seed),
            latency=self.settings.latency_ms / 1000,
            numbers=itertools.count(1),
            tls=ssl_context,
        )

    @property
    def origin(self) -> str:
        return f"{'https' if self._service.tls else 'http'}://{_HOST}:{self.port}"

    @property
    def base_url(self) -> str:
        return self.origin + BASE_PATH

    @property
    def token_url(self) -> str:
        return self.origin + TOKEN_PATH

    @property
    def username(self) -> str:
        return self.accounts.administrator.name

    @property
    def password(self) -> str:
        return self.accounts.administrator.password

    @property
    def auditor_username(self) -> str:
        return self.accounts.auditor.name

    @property
    def auditor_password(self) -> str:
        return self.accounts.auditor.password

    @property
    def api_client_id(self) -> str:
        """The OAuth client whose tokens the administrative API takes; scope `pf-admin-api` writes, `:read` reads."""
        return self.accounts.api_client.name

    @property
    def api_client_secret(self) -> str:
        return self.accounts.api_client.password

    @property
    def oci(self) -> "OciEstate":
        """The OCI services; only with `settings.oci`, and while the server runs."""
        assert self._oci is not None
        return self._oci

    @property
    def requests(self) -> Sequence[RecordedRequest]:
        """The latest requests, oldest first, in the order in which they were answered."""
        return tuple(self._log)

    @property
    def api(self) -> "Api":
        """Made at the first need: accepting connections does not wait for the rules and the catalogue."""
        if self._api is None:
            from ocm_tui.simulator.api import Api

            self._api = Api(self.settings, self.accounts, self.base_url)
        return self._api

    def warm_up(self) -> None:
        """Do now what the first request would otherwise wait for."""
        _ = self.api

    def announcement(self) -> dict[str, Any]:
        """The document that `ocm-tui simulate` prints."""
        return {
            "schema": "ocm-tui/simulate/v1",
            "pingfederate": {
                "base_url": self.base_url,
                "username": self.username,
                "password": self.password,
                "auditor": {"username": self.auditor_username, "password": self.auditor_password},
            },
            "token_url": self.token_url,
            "oci": self._oci.announcement(self.origin) if self._oci else None,
            "pid": os.getpid(),
        }

    async def start(self) -> None:
        try:
            self._server = await asyncio.start_server(self._accept, _HOST, self.settings.port, backlog=512)
        except OSError as error:
            raise UsageError(
                f"port {self.settings.port} cannot be used",
                detail=error.strerror or str(error),
                hint="0 takes a free port",
            ) from error
        self.port = self._server.sockets[0].getsockname()[1]
        if self.settings.oci:
            try:
                await self.open_oci()
            except BaseException:
                await self.stop()
                raise

    async def open_oci(self) -> None:
        """The OCI services; making their keys takes longer than everything else, so they may come later."""
        from ocm_tui.simulator.oci_estate import OciEstate

        self._oci = await OciEstate.open(self.settings, self._accept_as, self._service)

    async def stop(self) -> None:
        """Close the door, end every connection, and wait until the sockets are gone."""
        if self._server is None:
            return
        server, self._server = self._server, None
        await stop_accepting(server)
        if self._oci is not None:
            await self._oci.close()
        tasks = list(self._connections)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()
        if self._oci is not None:
            await self._oci.closed()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()
        if self._defects and error is None:
            raise self._defects[0]

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._accept_as(self._service, reader, writer)

    def _accept_as(self, service: Service, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._server is None:  # accepted just before the door was closed
            writer.transport.abort()
            return
        task = asyncio.get_running_loop().create_task(Connection(reader, writer, service).serve())
        self._connections.add(task)
        task.add_done_callback(self._ended)
        task.add_done_callback(lambda _: writer.transport.abort())  # cancelled before it ran, it has closed nothing

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._connections.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._defects.append(error)
            sys.stderr.write(f"simulator: {type(error).__name__}: {error}\n")

    def _answer(self, request: Request) -> Answer:
        if self._oci is not None and self._oci.services.serves(request.path):
            return self._oci.services.answer(request)
        return self.api.answer(request)
