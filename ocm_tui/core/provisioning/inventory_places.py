"""Where the fields of an inventory stand, worked out when the first of them is asked for."""

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path

from ocm_tui.core.positioned.marked import PositionedDocument
from ocm_tui.core.positioned.problems import Place
from ocm_tui.core.provisioning.inventory import InventoryReader
from ocm_tui.core.provisioning.inventory_layers import Layer, Origins
from ocm_tui.core.provisioning.inventory_problems import Report
from ocm_tui.core.provisioning.inventory_structure import taken_apart

__all__ = ["InventoryPlaces"]


class InventoryPlaces:
    """Of files that were read without a problem; `documents` gives them with their positions."""

    def __init__(
        self, paths: Sequence[Path], environment: str, documents: Callable[[], Sequence[PositionedDocument]]
    ) -> None:
        self._paths, self._environment, self._documents = paths, environment, documents

    def where(self, client_id: str, field: str) -> Place:
        """As `DeclaredClient.where`."""
        number, layer = self._clients[client_id]
        base = self._reader.base(number, layer)
        own = layer.with_overlay(self._environment)[::-1]
        return Origins(own, base.last_first if base is not None else ()).where(field)

    @cached_property
    def _reader(self) -> InventoryReader:
        report = Report()
        files = [file for one in self._documents() if (file := taken_apart(one, report)) is not None]
        return InventoryReader(files, self._environment, report)

    @cached_property
    def _clients(self) -> dict[str, tuple[int, Layer]]:
        return {
            client_id: (number, layer)
            for number, file in enumerate(self._reader.files)
            for client_id, layer in file.clients
        }
