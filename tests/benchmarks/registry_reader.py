"""Another client of the cache: it reads one key again and again, and on each line of input tells how long it took."""

import json
import selectors
import sys
import time
from typing import Final

from redis import Redis

__all__ = ["main"]

_PAUSE: Final = 0.001  # seconds between two reads


def main(socket: str, key: str) -> None:
    """Until stdin ends. One JSON list of seconds a line."""
    client = Redis(unix_socket_path=socket)
    waiting = selectors.DefaultSelector()
    waiting.register(sys.stdin, selectors.EVENT_READ)
    times: list[float] = []
    while True:
        start = time.perf_counter()
        client.get(key)
        times.append(time.perf_counter() - start)
        if waiting.select(_PAUSE):
            if not sys.stdin.readline():
                return
            print(json.dumps(times), flush=True)  # noqa: T201  # who started us reads it
            times.clear()


if __name__ == "__main__":
    main(*sys.argv[1:])
