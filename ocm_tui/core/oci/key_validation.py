"""The full validation of an RSA key, in a process of its own: it holds the interpreter's lock for up to half a second.

A key with a flipped byte loads and even signs when validation is skipped; only a server's 401 makes this worth asking.
"""

import asyncio
import contextlib
import json
import sys
from typing import Final

from ocm_tui.core.secret import Secret

__all__ = ["is_damaged"]

_LONGEST: Final = 10.0  # seconds
_PROGRAM: Final = """
import json, sys
from cryptography.hazmat.primitives.serialization import load_pem_private_key
asked = json.load(sys.stdin)
phrase = asked["phrase"]
try:
    load_pem_private_key(asked["pem"].encode("latin-1"), phrase.encode() if phrase is not None else None)
except (ValueError, TypeError):
    sys.exit(3)
"""


async def is_damaged(pem: Secret, phrase: Secret | None = None) -> bool | None:
    """Whether a key that `keys.load_key` loads fails the full validation; None when that could not be found out.

    `phrase` only for an encrypted key. Key and phrase travel through a pipe, never through arguments.
    """
    asked = json.dumps({"pem": pem.reveal(), "phrase": phrase.reveal() if phrase else None}).encode()
    try:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-c", _PROGRAM),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except OSError:
        return None
    try:
        async with asyncio.timeout(_LONGEST):
            await process.communicate(asked)
    except TimeoutError:
        return None
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    return {0: False, 3: True}.get(-1 if process.returncode is None else process.returncode)
