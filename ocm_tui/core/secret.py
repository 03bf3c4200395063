"""Secrets have a type of their own from the moment they are read.

A `Secret` shows itself as `***` in every text form, cannot be pickled, and is known to the process: `known_secrets`
lists the forms under which the value could appear on the wire, so that redaction finds it wherever it turns up.
"""

import threading
from collections.abc import Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, NoReturn, final

if TYPE_CHECKING:
    from ocm_tui.core.exchanges.known import KnownMatcher

__all__ = ["LONG", "MASK", "KnownSecrets", "Secret", "known_secrets"]

MASK: Final = "***"

# A value this short stands in too many innocent places to be searched for; redaction by field name still covers it.
_SHORTEST_SEARCHABLE: Final = 6

# What no innocent text looks like by chance.
LONG: Final = 16

# Up to so many forms it is cheaper to look for each of them than to keep an index.
_FEW: Final = 48


class KnownSecrets:
    """Every secret value that this process holds, in the forms in which it can travel. It only grows.

    Any thread may add and ask: thousands of secrets of one run are made beside the event loop.
    """

    def __init__(self) -> None:
        self._forms: dict[str, str] = {}  # each form, and the value that it stands for, in the order of coming
        self._lock = threading.RLock()
        self._index: KnownMatcher | None = None
        self.generation = 0

    @property
    def forms(self) -> frozenset[str]:
        """Texts to search for: raw, URL-encoded (both ways), JSON-escaped, base64."""
        with self._lock:
            return frozenset(self._forms)

    def added_after(self, count: int) -> list[tuple[str, str]]:
        """Forms and their values, but for the first `count` of them: for who keeps an index."""
        with self._lock:
            return list(islice(self._forms.items(), count, None))

    def add(self, value: str) -> None:
        if len(value) < _SHORTEST_SEARCHABLE or self._forms.get(value) == value:
            return
        import base64
        import json
        import urllib.parse

        if value.isascii() and value.isalnum():  # as secrets are that are made here: nobody escapes any of it
            self._grow({value, base64.b64encode(value.encode()).decode()}, value)
            return
        forms = {
            value,
            urllib.parse.quote(value, safe="", errors="surrogatepass"),
            urllib.parse.quote(value, errors="surrogatepass"),  # as in a path, where slashes stay
            urllib.parse.quote_plus(value, errors="surrogatepass"),
            json.dumps(value)[1:-1],
            json.dumps(value, ensure_ascii=False)[1:-1],
            base64.b64encode(value.encode(errors="surrogatepass")).decode(),
        }
        self._grow(forms, value)

    def add_pair(self, user: str, value: str) -> None:
        """The form of HTTP Basic: base64 of `user:value`."""
        import base64

        self._grow({base64.b64encode(f"{user}:{value}".encode(errors="surrogatepass")).decode()}, value)

    def _grow(self, forms: set[str], value: str) -> None:
        with self._lock:
            if not forms <= self._forms.keys():
                self._forms |= {form: value for form in forms if form not in self._forms}
                self.generation += 1

    def scrub(self, text: str, *, shortest: int = 0) -> str:
        """`text` without any known secret; `shortest` leaves alone what shorter ones look like."""
        if len(text) < max(shortest, _SHORTEST_SEARCHABLE):
            return text
        found = [form for form in self._found(text) if len(form) >= shortest]
        for form in sorted(found, key=len, reverse=True):  # the longest first: one secret may be a part of another
            text = text.replace(form, MASK)
        return text

    def _found(self, text: str) -> list[str]:
        """The forms that are in the text. With many of them an index spares looking for each."""
        with self._lock:
            if len(self._forms) <= _FEW:
                return [form for form in self._forms if form in text]
            if self._index is None:
                from ocm_tui.core.exchanges.known import KnownMatcher

                self._index = KnownMatcher(self)
            return self._index.forms_in(text)

    def scrub_document(self, value: Any) -> Any:
        """Decoded JSON without known secrets, for a server that repeats one in a member where nobody expects it.

        Only long ones: a document is data, and a password such as `orders` stands in it for other reasons.
        """
        if isinstance(value, str):
            return self.scrub(value, shortest=LONG)
        if isinstance(value, Mapping):
            return {name: self.scrub_document(inner) for name, inner in value.items()}
        return [self.scrub_document(item) for item in value] if isinstance(value, list) else value


known_secrets: Final = KnownSecrets()


@final
class Secret:
    """A value that must not be seen. `reveal()` is the only way to it; call it where the value is used, not before.

    `search=False` keeps it out of `known_secrets`: for text that is secret only in parts, such as a URL with a
    password, when those parts are Secrets of their own.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str, *, search: bool = True) -> None:
        self._value = value
        if search:
            known_secrets.add(value)

    def reveal(self) -> str:
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        import hmac

        return isinstance(other, Secret) and hmac.compare_digest(self._value.encode(), other._value.encode())

    __hash__ = None  # type: ignore[assignment]  # a hash would be an oracle for the value

    def __repr__(self) -> str:
        return f"Secret({MASK})"

    def __str__(self) -> str:
        return MASK

    def __format__(self, spec: str) -> str:
        return format(MASK, spec)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is not pickled or copied to another process")

    def __copy__(self) -> "Secret":
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> "Secret":
        return self
