"""The clients of one company, written by hand: the first of every population.

Those whose name is their id came from an inventory; the others were made in the vendor's console. Some are disabled,
old, too generous or plainly wrong, as in any company: each of them is a document that the server takes.
"""

from typing import Final

from ocm_tui.simulator.catalogue_machines import MACHINES
from ocm_tui.simulator.catalogue_people import PEOPLE
from ocm_tui.simulator.catalogue_words import Entry

__all__ = ["CATALOGUE", "Entry"]


def _alternating() -> tuple[Entry, ...]:
    """Machines and people in turn, so that the first page of a console shows both kinds."""
    rest = len(MACHINES) - len(PEOPLE)
    pairs = [one for pair in zip(MACHINES, PEOPLE, strict=False) for one in pair]
    return (*pairs, *MACHINES[len(PEOPLE) : len(PEOPLE) + max(rest, 0)])


CATALOGUE: Final = _alternating()
