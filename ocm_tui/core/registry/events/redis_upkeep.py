"""What a stream in Redis is asked about itself, and how it is kept short."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from ocm_tui.core.registry.events.codec import packed
from ocm_tui.core.registry.events.model import StreamConsumer, StreamStatus
from ocm_tui.core.text import decode as text_of

if TYPE_CHECKING:
    from redis.asyncio import Redis

__all__ = ["status", "trim"]

_GROUP: Final = "client-registry"
_DAY_MS: Final = 86_400_000

# In one step, or an entry that the consumer is given in between would be lost with its name.
_DROP_IDLE: Final = """
if #redis.call('XPENDING', KEYS[1], ARGV[1], '-', '+', 1, ARGV[2]) > 0 then return -1 end
return redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2])
"""


async def trim(redis: "Redis", name: str) -> int:
    """Up to a day before what any group has not read or not acknowledged, ours or another service's. Names in our
    group that were silent for a day and hold nothing are forgotten as well."""
    groups: Any = await redis.xinfo_groups(name)
    kept: list[int] = []
    for group in groups:
        kept.append(packed(text_of(group["last-delivered-id"])))
        if group["pending"]:
            pending: Any = await redis.xpending(name, group["name"])
            kept.append(packed(text_of(pending["min"])))
    await _forget_silent(redis, name)
    oldest = (min(kept, default=0) >> 20) - _DAY_MS
    return int(await redis.xtrim(name, minid=f"{oldest}-0", approximate=True)) if oldest > 0 else 0


async def _forget_silent(redis: "Redis", name: str) -> None:
    consumers: Any = await redis.xinfo_consumers(name, _GROUP)
    for one in consumers:
        if not one["pending"] and one["idle"] > _DAY_MS:
            answer: Any = redis.eval(_DROP_IDLE, 1, name, _GROUP, one["name"])
            await answer


async def status(redis: "Redis", name: str, letters: str, address: str, now_ms: float) -> StreamStatus:
    from redis.exceptions import NoPermissionError, ResponseError

    pipe = redis.pipeline(transaction=False)
    pipe.xlen(name)
    pipe.xinfo_groups(name)
    pipe.xpending(name, _GROUP)
    pipe.xinfo_consumers(name, _GROUP)
    pipe.xlen(letters)
    answers: Sequence[Any] = await pipe.execute(raise_on_error=False)
    commands = ("XLEN", "XINFO GROUPS", "XPENDING", "XINFO CONSUMERS", f"XLEN {letters}")
    denied = tuple(
        command for command, answer in zip(commands, answers, strict=True) if isinstance(answer, NoPermissionError)
    )
    problem = ""
    for answer in answers:  # a stream or a group that nobody has made yet is no problem
        if isinstance(answer, ResponseError) and not isinstance(answer, NoPermissionError) and not _absent(answer):
            problem = str(answer)
        elif isinstance(answer, Exception) and not isinstance(answer, ResponseError):
            raise answer
    length, groups, pending, consumers, dead = (None if isinstance(one, Exception) else one for one in answers)
    ours: dict[str, Any] = next((group for group in groups or () if text_of(group["name"]) == _GROUP), {})
    oldest = pending["min"] if pending else None
    return StreamStatus(
        name=name,
        address=address,
        problem=problem,
        length=length,
        lag=ours.get("lag"),
        pending=pending["pending"] if pending else None,
        oldest_pending_ms=max(0, int(now_ms) - (packed(text_of(oldest)) >> 20)) if oldest else None,
        consumers=tuple(StreamConsumer(text_of(one["name"]), one["pending"], one["idle"]) for one in consumers or ()),
        dead_letters=dead,
        denied=denied,
    )


def _absent(error: Exception) -> bool:
    return str(error).startswith("NOGROUP") or "no such key" in str(error)
