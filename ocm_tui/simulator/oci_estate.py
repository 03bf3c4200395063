"""The OCI services of one simulator: their files, their answers, and the cluster's token server, which speaks TLS."""

import asyncio
import contextlib
import shutil
import ssl
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from ocm_tui.core.errors import UsageError
from ocm_tui.simulator.connection import Service
from ocm_tui.simulator.listening import stop_accepting
from ocm_tui.simulator.oci import METADATA_PATH, OciServices
from ocm_tui.simulator.oci_files import WORKING, OciFiles, write_oci_files
from ocm_tui.simulator.settings import SimulatorSettings

__all__ = ["OciEstate"]

_HOST = "127.0.0.1"

Accept = Callable[[Service, asyncio.StreamReader, asyncio.StreamWriter], None]


@dataclass(slots=True)
class OciEstate:
    files: OciFiles
    services: OciServices
    _cluster: asyncio.Server
    _temporary: Path | None

    @staticmethod
    async def open(settings: SimulatorSettings, accept: Accept, service: Service) -> "OciEstate":
        """`service` is that of the plain listener. UsageError when the files cannot be written."""
        temporary = None if settings.oci_directory else Path(tempfile.mkdtemp(prefix="ocm-tui-oci-"))
        directory = settings.oci_directory or temporary
        assert directory is not None
        try:
            files, services = await asyncio.to_thread(_written, directory, settings.seed)
            services.clock_skew = settings.oci_clock_skew
            tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            tls.load_cert_chain(files.certificate)
            cluster = await asyncio.start_server(partial(accept, replace(service, tls=tls)), _HOST, 0)
        except BaseException as error:
            if temporary is not None:
                shutil.rmtree(temporary, ignore_errors=True)
            if isinstance(error, OSError):
                raise UsageError(f"{directory} cannot be used", detail=error.strerror or str(error)) from error
            raise
        return OciEstate(files, services, cluster, temporary)

    @property
    def cluster_port(self) -> int:
        port: int = self._cluster.sockets[0].getsockname()[1]
        return port

    def announcement(self, origin: str) -> dict[str, Any]:
        """`endpoint` answers for every region; `working` are the profiles that need nothing else to be useable.

        The rest is what an instance and a pod would find around them.
        """
        return {
            "endpoint": origin,
            "config_file": str(self.files.config_file),
            "working": list(WORKING),
            "metadata_url": origin + METADATA_PATH,
            "federation_url": f"{origin}/v1/x509",
            "cluster": {
                "host": _HOST,
                "port": self.cluster_port,
                "ca_file": str(self.files.ca_file),
                "token_file": str(self.files.service_account_token),
            },
        }

    async def close(self) -> None:
        await stop_accepting(self._cluster)

    async def closed(self) -> None:
        await self._cluster.wait_closed()
        if self._temporary is not None:
            with contextlib.suppress(OSError):
                await asyncio.to_thread(shutil.rmtree, self._temporary)


def _written(directory: Path, seed: int) -> tuple[OciFiles, OciServices]:
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    return write_oci_files(directory, seed)
