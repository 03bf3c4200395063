"""Many keys and many findings in little memory: columns of numbers, of which an object is made when one is looked at.

A client's id is sixteen bytes in a row of bytes; a whole key costs 37 bytes, where objects would cost some 300.
"""

import re
from array import array
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from operator import or_
from typing import Final, overload
from uuid import UUID

from ocm_tui.core.registry.cache_states import CACHE_STATES, CacheFinding, CacheState
from ocm_tui.core.registry.ports import GONE, CacheKey

__all__ = ["Findings", "KeyPart", "KeyRange", "SeenKeys"]

_KEYS: Final = re.compile("(?:client:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})*")
_KEY_LENGTH: Final = 43
_ID: Final = 16  # bytes
_NONE: Final = -1  # a version that there is not
_LARGEST: Final = (1 << 63) - 1
_SAMPLE: Final = 4096


@dataclass(frozen=True, slots=True)
class KeyRange:
    """The keys whose ids are from `low` to before `high` (None: to the end), each once, with their places."""

    low: bytes
    high: bytes | None
    places: dict[bytes, int]


@dataclass(frozen=True, slots=True)
class KeyPart:
    """As a `KeyRange`, by places alone."""

    low: bytes
    high: bytes | None
    places: Sequence[int]


class SeenKeys:
    """What a sweep saw, in the order in which it came. A key may come twice: the later one counts.

    `foreign` counts the keys that are no client's.
    """

    def __init__(self) -> None:
        self._ids = bytearray()
        self.versions = array("q")
        self.ttls = array("q")
        self.sizes = array("q")
        self.absent = bytearray()  # 1 for "no such client", in either way
        self.foreign = 0

    def __len__(self) -> int:
        return len(self.versions)

    def add(self, keys: Sequence[CacheKey]) -> None:
        """A page at once: nearly always every key of it is a client's, and every version a number that fits."""
        ours, packed = _packed([one.key for one in keys])
        if len(ours) < len(keys):
            self.foreign += len(keys) - len(ours)
            keys = [keys[place] for place in ours]
        if not keys:
            return
        _, ttls, versions, sizes, negative, gone = zip(*keys, strict=True)
        self._ids += packed
        self.ttls.extend(ttls)
        self.versions.extend(version if version <= _LARGEST else _NONE for version in versions)
        self.sizes.extend(sizes)
        self.absent += bytes(map(or_, negative, gone))

    def parts(self, most: int) -> Sequence[KeyPart]:
        """In the order of ids, each of about `most` keys, however the ids are spread. Takes half a second a million."""
        if len(self) <= most:
            return [KeyPart(bytes(_ID), None, range(len(self)))]
        bounds = self._bounds(most)
        parts: list[array[int]] = [array("q") for _ in range(len(bounds) + 1)]
        for place in range(len(self)):
            parts[bisect_right(bounds, self._id(place))].append(place)
        return list(map(KeyPart, [bytes(_ID), *bounds], [*bounds, None], parts))

    def range(self, part: KeyPart) -> KeyRange:
        ids = bytes(self._ids)
        return KeyRange(part.low, part.high, {ids[place * _ID : (place + 1) * _ID]: place for place in part.places})

    def _id(self, place: int) -> bytes:
        return bytes(self._ids[place * _ID : (place + 1) * _ID])

    def _bounds(self, most: int) -> list[bytes]:
        """Where the parts begin, but for the first; by a sample."""
        sample = sorted({self._id(place) for place in range(0, len(self), max(len(self) // _SAMPLE, 1))})
        parts = -(-len(self) // most)
        return sorted({sample[len(sample) * part // parts] for part in range(1, parts)})


class Findings(Sequence[CacheFinding]):
    """Made one by one as they are looked at."""

    def __init__(self) -> None:
        self._ids = bytearray()
        self._states = bytearray()
        self._ttls, self._sizes = array("q"), array("q")
        self._cached, self._rows = array("q"), array("q")
        self._approximate = bytearray()

    def __len__(self) -> int:
        return len(self._states)

    def add(
        self,
        client_id: bytes,
        state: CacheState | None,
        *,
        ttl_ms: int = GONE,
        versions: tuple[int | None, int | None] = (None, None),
        size: int = 0,
        approximate: bool = False,
    ) -> None:
        """`versions` are those of the copy and of the row."""
        cached, row = versions
        self._ids += client_id
        self._states.append(CACHE_STATES.index(state) if state is not None else len(CACHE_STATES))
        self._ttls.append(ttl_ms)
        self._sizes.append(size)
        self._cached.append(_NONE if cached is None else cached)
        self._rows.append(_NONE if row is None else row)
        self._approximate.append(approximate)

    @overload
    def __getitem__(self, index: int) -> CacheFinding: ...
    @overload
    def __getitem__(self, index: slice) -> list[CacheFinding]: ...
    def __getitem__(self, index: int | slice) -> CacheFinding | list[CacheFinding]:
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self)))]
        place = range(len(self))[index]
        state = self._states[place]
        cached, row = self._cached[place], self._rows[place]
        return CacheFinding(
            UUID(bytes=bytes(self._ids[place * _ID : (place + 1) * _ID])),
            CACHE_STATES[state] if state < len(CACHE_STATES) else None,
            self._ttls[place],
            None if cached == _NONE else cached,
            None if row == _NONE else row,
            self._sizes[place],
            bool(self._approximate[place]),
        )


def _packed(keys: Sequence[str]) -> tuple[Sequence[int], bytes]:
    """The places of clients' keys, and their ids in a row. An id is a UUID as it is written here, in lower case."""
    joined = "".join(keys)
    places: Sequence[int] = range(len(keys))
    if len(joined) != _KEY_LENGTH * len(keys) or not _KEYS.fullmatch(joined):
        places = [place for place, key in enumerate(keys) if len(key) == _KEY_LENGTH and _KEYS.fullmatch(key)]
        joined = "".join(keys[place] for place in places)
    return places, bytes.fromhex(joined.replace("client:", "").replace("-", ""))
