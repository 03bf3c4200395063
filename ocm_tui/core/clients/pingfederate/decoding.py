"""The JSON decoder for replies."""

import json
from typing import Any, Final

__all__ = ["decode_json"]

_LARGE: Final = 512 * 1024  # bytes; below it the faster library costs more to load than it saves


def decode_json(body: bytes) -> Any:
    """ValueError when `body` is not complete JSON in UTF-8, or nests too deep.

    Long client lists go through pydantic's decoder, which is several times as fast as the standard library's.
    """
    if len(body) < _LARGE:
        return _standard(body)
    from pydantic_core import from_json

    return from_json(body, cache_strings="keys")


def _standard(body: bytes) -> Any:
    try:
        return _DECODER.decode(body.decode("utf-8"))
    except RecursionError as error:
        raise ValueError("nested too deep") from error


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


_DECODER: Final = json.JSONDecoder(parse_constant=_refuse)  # `json.loads` would make one for each reply
