"""Scripts that run in the cache's server: sent by their checksum, and in full when the server does not know them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha1
from importlib.resources import files
from typing import Any

__all__ = ["Script", "run", "run_many", "script"]


@dataclass(frozen=True, slots=True)
class Script:
    text: str
    checksum: str


@cache
def script(name: str) -> Script:
    text = files("ocm_tui.core.registry").joinpath("scripts", f"{name}.lua").read_text(encoding="utf-8")
    return Script(text, sha1(text.encode(), usedforsecurity=False).hexdigest())  # as the protocol has it


async def run(client: Any, what: Script, keys: Sequence[str], *arguments: Any, read_only: bool = False) -> Any:
    """`client` is the library's. `read_only` asks the server to refuse writes: who may only read may run it."""
    from redis.exceptions import NoScriptError

    suffix = "_RO" if read_only else ""
    try:
        return await client.execute_command(f"EVALSHA{suffix}", what.checksum, len(keys), *keys, *arguments)
    except NoScriptError:
        return await client.execute_command(f"EVAL{suffix}", what.text, len(keys), *keys, *arguments)


async def run_many(client: Any, what: Script, calls: Sequence[tuple[Sequence[str], Sequence[Any]]]) -> list[Any]:
    """(keys, arguments) each; one round trip, unless the server was restarted. Raises the first error of any."""
    from redis.exceptions import NoScriptError

    answers = await _pipelined(client, what, calls)
    unknown = [number for number, answer in enumerate(answers) if isinstance(answer, NoScriptError)]
    if unknown:
        keys, arguments = calls[unknown[0]]
        answers[unknown[0]] = await run(client, what, keys, *arguments)
        again = await _pipelined(client, what, [calls[number] for number in unknown[1:]])
        for number, answer in zip(unknown[1:], again, strict=True):
            answers[number] = answer
    for answer in answers:
        if isinstance(answer, Exception):
            raise answer
    return answers


async def _pipelined(client: Any, what: Script, calls: Sequence[tuple[Sequence[str], Sequence[Any]]]) -> list[Any]:
    if not calls:
        return []
    async with client.pipeline(transaction=False) as pipeline:
        for keys, arguments in calls:
            pipeline.execute_command("EVALSHA", what.checksum, len(keys), *keys, *arguments)
        return list(await pipeline.execute(raise_on_error=False))
