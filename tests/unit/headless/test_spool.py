import pytest

from ocm_tui.headless.formats.documents import document
from ocm_tui.headless.spool import ItemSpool
from tests.unit.headless.reports import NASTY
from tests.unit.headless.support import Streams


@pytest.mark.parametrize("items", [[], [{}], [{"a": NASTY, "b": [1, {"c": []}]}] * 3, [{"n": "x" * 1000}] * 20_000])
def test_the_bytes_are_those_of_a_document(items: list[dict[str, object]]) -> None:
    streams = Streams()
    with ItemSpool("clients") as spool:
        for item in items:
            spool.add(item)
        assert streams.data == ""
        spool.print(streams.output)
    assert streams.data == document("clients", {"items": items})
