"""`ocm-tui simulate`: serve until told to stop, and say on stdout, in one line of JSON, where."""

import argparse
import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final, TextIO

from ocm_tui.core.errors import ExitCode, UsageError
from ocm_tui.simulator.server import Simulator
from ocm_tui.simulator.settings import SimulatorSettings

__all__ = ["ANNOUNCEMENT", "add_arguments", "run"]

ANNOUNCEMENT: Final = "announcement.json"
_STDIN: Final = 0
_OCI: Final = b"oci"  # on standard input: open the OCI services


def add_arguments(parser: argparse.ArgumentParser) -> None:
    own = SimulatorSettings()
    add = parser.add_argument
    add("--port", type=int, default=own.port, metavar="PORT", help="on 127.0.0.1; 0, the default, takes a free one")
    add("--clients", type=int, default=own.clients, metavar="N", help="how many (default: %(default)s)")
    add("--seed", type=int, default=own.seed, metavar="S", help="same seed, same clients and secrets")
    add("--latency", type=float, default=own.latency_ms, metavar="MS", help="milliseconds before each answer")
    add("--faults", default=own.faults, metavar="SPEC", help="such as 503=2%%,reset-after@POST/oauth/clients=5%%")
    add("--server-version", default=own.server_version, metavar="V", help="11.3 to 13.1 (default: %(default)s)")
    add("--storage", choices=("xml", "directory"), default=own.storage, help="where the server keeps its clients")
    add("--oci-directory", type=Path, metavar="DIR", help="where the files of the OCI profiles go (default: temporary)")
    later = "open the OCI services when standard input says `oci`; announcement.json in DIR says when they are there"
    add("--oci-later", action="store_true", help=later)
    add("--until-stdin-closes", action="store_true", help="stop as well when standard input ends")


def run(args: argparse.Namespace) -> int:
    """0 after SIGTERM or the end of stdin, 130 after SIGINT. UsageError for flags that make no sense."""
    settings = SimulatorSettings(
        port=args.port,
        clients=args.clients,
        seed=args.seed,
        latency_ms=args.latency,
        faults=args.faults,
        server_version=args.server_version,
        storage=args.storage,
        request_log=0,
        oci=not args.oci_later,
        oci_directory=args.oci_directory,
    )
    if args.oci_later and (args.oci_directory is None or not args.until_stdin_closes):
        raise UsageError("--oci-later needs --oci-directory DIR and --until-stdin-closes")
    return asyncio.run(_serve(settings, until_stdin_closes=args.until_stdin_closes, oci_later=args.oci_later))


async def _serve(settings: SimulatorSettings, *, until_stdin_closes: bool, oci_later: bool) -> int:
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[int] = loop.create_future()

    def end(code: ExitCode) -> None:
        if not ended.done():
            ended.set_result(int(code))

    opening: list[asyncio.Task[None]] = []

    def said(words: bytes) -> None:
        if oci_later and _OCI in words and not opening:
            opening.append(loop.create_task(_open_oci(simulator)))

    loop.add_signal_handler(signal.SIGTERM, end, ExitCode.OK)
    loop.add_signal_handler(signal.SIGINT, end, ExitCode.INTERRUPTED)
    async with Simulator(settings) as simulator:
        if until_stdin_closes:
            _watch_stdin(loop, said, end)
        if not _said(sys.stdout, json.dumps(simulator.announcement())):
            return int(ExitCode.OK)  # who asked for a simulator is gone
        simulator.warm_up()
        _said(sys.stderr, f"Simulated PingFederate {simulator.api.version} on {simulator.base_url}; SIGTERM ends it.")
        code = await ended
        for task in opening:
            await task
        return code


async def _open_oci(simulator: Simulator) -> None:
    """The file appears whole: whoever waits for it may read it at once."""
    await simulator.open_oci()
    directory = simulator.settings.oci_directory
    assert directory is not None
    coming = directory / ".announcement.json"
    coming.write_text(json.dumps(simulator.announcement()["oci"]), encoding="utf-8")
    coming.replace(directory / ANNOUNCEMENT)


def _said(stream: TextIO, line: str) -> bool:
    """False when nobody is at the other end any more; then the stream leads nowhere, so that exiting stays quiet."""
    try:
        stream.write(line + "\n")
        stream.flush()
    except BrokenPipeError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
        return False
    return True


def _watch_stdin(
    loop: asyncio.AbstractEventLoop, said: Callable[[bytes], None], end: Callable[[ExitCode], None]
) -> None:
    def drain() -> None:
        words = os.read(_STDIN, 4096)
        said(words)
        if not words:
            loop.remove_reader(_STDIN)
            end(ExitCode.OK)

    try:
        loop.add_reader(_STDIN, drain)
    except OSError as error:
        raise UsageError(
            "--until-stdin-closes needs a pipe or a terminal as standard input", detail=error.strerror or ""
        ) from error
