"""An inventory from its files, or from what came of them before."""

from collections.abc import Sequence
from pathlib import Path

from ocm_tui.core.collector import building_to_stay, keep_for_good
from ocm_tui.core.errors import ConfigError
from ocm_tui.core.provisioning.inventory import read_inventory, taken_together
from ocm_tui.core.provisioning.inventory_cache import InventoryCache
from ocm_tui.core.provisioning.inventory_files import found_files, read_inventories, text_of_file
from ocm_tui.core.provisioning.inventory_problems import Report
from ocm_tui.core.provisioning.model import Inventory

__all__ = ["load_inventory"]


def load_inventory(
    patterns: Sequence[str | Path], *, environment: str, base: Path | None = None, cache: Path | None = None
) -> Inventory:
    """The clients that the files declare for `environment`. Blocking: file reading and some CPU.

    With `cache`, a directory, a long inventory that was read before is not read again.

    Patterns are relative to `base` (default: the working directory); a pattern without a match is an error, and a file
    that two patterns find counts once. InvalidInventory holds every problem. Documents share what defaults and
    templates gave them: nobody may change one in place.
    """
    report = Report()
    paths = found_files(patterns, base, report)
    with building_to_stay():
        inventory = (
            read_inventory(paths, environment=environment, report=report)
            if cache is None
            else _read_once(paths, environment, report, cache)
        )
    keep_for_good(len(inventory.clients))
    return inventory


def _read_once(paths: Sequence[Path], environment: str, report: Report, directory: Path) -> Inventory:
    try:
        texts = {path: text_of_file(path) for path in paths}
    except ConfigError:
        return read_inventory(paths, environment=environment, report=report)  # which says it, with all the rest
    cache = InventoryCache(directory, texts, environment)
    known = cache.load() if cache.worthwhile else None
    if known is not None:
        return known
    documents = read_inventories(paths, report, texts.__getitem__)
    inventory = taken_together(paths, documents, environment, report)
    if cache.worthwhile:
        cache.store(inventory, documents)
    return inventory
