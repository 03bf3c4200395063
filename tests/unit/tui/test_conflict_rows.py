"""Mine or theirs, field by field: what comes out holds exactly what was chosen, and everything else of theirs."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ocm_tui.core.clients.difference import difference, same
from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.secret import Secret
from ocm_tui.tui.models.conflict_rows import CONFLICT_COLUMNS, ConflictRows

WAS = ClientDocument({"clientId": "a", "name": "a", "description": "was", "redirectUris": ["https://a.example.com/"]})


def test_who_alone_changed_a_field_has_it_and_both_is_asked() -> None:
    mine = ClientDocument({**WAS, "description": "mine", "logoUrl": "https://a.example.com/mine.png"})
    theirs = ClientDocument({**WAS, "description": "theirs", "redirectUris": ["https://b.example.com/"]})
    rows = ConflictRows(WAS, mine, theirs)
    choices = {one.path: one.choice for one in rows.fields}
    assert choices == {"description": "", "logoUrl": "mine", "redirectUris": "theirs"}
    assert rows.undecided == ["description"]
    rows.choose("description", "mine")
    assert rows.settled() == {**theirs, "description": "mine", "logoUrl": "https://a.example.com/mine.png"}


def test_a_new_secret_is_mine_and_never_shown() -> None:
    mine = ClientDocument({**WAS, "clientAuth": {"type": "SECRET", "secret": Secret("planted-secret-9")}})
    theirs = ClientDocument({**WAS, "clientAuth": {"type": "SECRET", "encryptedSecret": "OBF:planted-cipher"}})
    rows = ConflictRows(WAS, mine, theirs)
    shown = " ".join(cell.text for position in range(len(rows)) for cell in rows.cells(position))
    assert "planted" not in shown
    rows.choose_all("mine")
    settled = rows.settled()
    assert settled["clientAuth"]["secret"] == mine["clientAuth"]["secret"]


_FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "description": st.sampled_from(["x", "y", ""]),
        "enabled": st.booleans(),
        "restrictedScopes": st.lists(st.sampled_from(["a", "b", "c"]), max_size=3),
        "oidcPolicy": st.fixed_dictionaries(
            {}, optional={"policyGroup": st.just({"id": "p"}), "grantAccess": st.just(1)}
        ),
        "unheardOf": st.sampled_from([{"deep": 1}, {"deep": 2}, [1]]),
    },
)


@given(_FIELDS, _FIELDS, _FIELDS)
def test_all_mine_is_mine_and_all_theirs_is_theirs(
    was: dict[str, Any], mine: dict[str, Any], theirs: dict[str, Any]
) -> None:
    identity = {"clientId": "a", "name": "a"}
    mine_document, their_document = ClientDocument({**identity, **mine}), ClientDocument({**identity, **theirs})
    rows = ConflictRows({**identity, **was}, mine_document, their_document)
    assert [one.path for one in rows.fields] == [change.path for change in difference(their_document, mine_document)]
    assert all(len(rows.cells(position)) == len(CONFLICT_COLUMNS) for position in range(len(rows)))
    rows.choose_all("theirs")
    assert same(rows.settled(), their_document)
    rows.choose_all("mine")
    assert same(rows.settled(), mine_document)
