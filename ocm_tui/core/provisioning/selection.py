"""`--only`: globs over client ids, without regard to case."""

import re
from collections.abc import Sequence
from fnmatch import translate

__all__ = ["Selection"]


class Selection:
    """No glob at all selects every client. `unused` are the globs that have selected nothing yet."""

    def __init__(self, globs: Sequence[str]) -> None:
        self._patterns = {glob: re.compile(translate(glob.casefold())) for glob in dict.fromkeys(globs)}
        self._used: set[str] = set()

    def __contains__(self, client_id: str) -> bool:
        if not self._patterns:
            return True
        folded = client_id.casefold()
        hits = [glob for glob, pattern in self._patterns.items() if pattern.match(folded)]
        self._used.update(hits)
        return bool(hits)

    @property
    def unused(self) -> list[str]:
        return [glob for glob in self._patterns if glob not in self._used]
