"""Servers send what they like: no shape of a document may end in anything but an OcmError."""

import contextlib
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ocm_tui.core.clients.checks import refuse_malformed
from ocm_tui.core.clients.difference import difference, difference_lines, not_stored
from ocm_tui.core.clients.documents import displayable, guarded, has_secret, revealed, writable
from ocm_tui.core.clients.fields import FIELDS, get_value, value_text, with_value
from ocm_tui.core.clients.merge import merged
from ocm_tui.core.clients.model import ClientRow, ServerInfo
from ocm_tui.core.clients.pingfederate.versions import refuse_unknown
from ocm_tui.core.errors import OcmError

PATHS = sorted({name for spec in FIELDS for name in spec.path.split(".")} | {"secret", "values", "location", "future"})
texts = st.text(max_size=4) | st.sampled_from(["NONE", "SECRET", "***", '{"keys": [{"d": 1}]}', "\x1b[2J"])
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(PATHS) | texts, inner, max_size=4),
    max_leaves=15,
)
documents = st.dictionaries(st.sampled_from(PATHS), anything, max_size=6)


@settings(deadline=None)
@given(documents, documents, documents)
def test_nothing_breaks(first: dict[str, Any], second: dict[str, Any], third: dict[str, Any]) -> None:
    shown = displayable(first)
    json.dumps(shown)
    ClientRow.of(first)
    has_secret(first)
    writable(first)
    assert revealed(guarded(first)).keys() == first.keys()
    lines = difference_lines([*difference(first, second), *not_stored(first, second)])
    assert all("\x1b" not in line.text for line in lines)
    merged(first, second, third)
    for spec in FIELDS:
        value_text(get_value(first, spec.path))
        assert get_value(with_value(first, spec.path, "x"), spec.path) == "x"
    with contextlib.suppress(OcmError):
        refuse_malformed(first, stored=second)
    with contextlib.suppress(OcmError):
        refuse_unknown(first, ServerInfo("11.3"))
