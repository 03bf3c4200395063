"""A JSON document with very many items: built in a temporary file, so that stdout gets all of it or nothing."""

from collections.abc import Mapping
from typing import Any, Final, Self

from ocm_tui.core.secret import LONG, known_secrets
from ocm_tui.core.text import json_text
from ocm_tui.headless.output import Output

__all__ = ["ItemSpool"]

_IN_MEMORY: Final = 8 << 20  # bytes; what is longer goes to the disk
_CHUNK: Final = 1 << 20


class ItemSpool:
    """`with ItemSpool("clients") as spool`, `add` each item, then `print` the same bytes that `document` makes."""

    def __init__(self, name: str) -> None:
        import tempfile  # slow to import, and few commands need it

        self._file = tempfile.SpooledTemporaryFile(_IN_MEMORY, "w+", encoding="utf-8", newline="")  # noqa: SIM115
        self._separator = ""
        self._file.write(f'{{\n  "schema": "ocm-tui/{name}/v1",\n  "items": [')

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, item: Mapping[str, Any]) -> None:
        # No JSON text holds a newline but between its tokens, so indenting is as simple as this.
        indented = known_secrets.scrub(json_text(item), shortest=LONG).replace("\n", "\n    ")
        self._file.write(f"{self._separator}\n    {indented}")
        self._separator = ","

    def print(self, output: Output) -> None:
        self._file.write("\n  ]\n}\n" if self._separator else "]\n}\n")
        self._file.seek(0)
        while chunk := self._file.read(_CHUNK):
            output.data(chunk)
