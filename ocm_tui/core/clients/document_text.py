"""A client document as YAML for people to edit, and back.

Secrets are masked on the way out; a mask that comes back means "leave it as it is", as `merge.merged` reads it.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from ocm_tui.core.clients.documents import displayable, guarded
from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.errors import ConfigError
from ocm_tui.core.secret import known_secrets
from ocm_tui.core.text import clean, clean_lines

__all__ = ["body_of", "edited_document", "is_empty", "problem_text", "text_to_edit", "yaml_text"]

_MAX_BYTES: Final = 4 << 20
_WARNING: Final = "! "


def yaml_text(stored: Mapping[str, Any]) -> str:
    """The document as `clients show` prints it and `--file` takes it: secrets masked, nothing a terminal obeys."""
    import yaml

    shown = known_secrets.scrub_document(displayable(stored))
    text: str = yaml.safe_dump(shown, allow_unicode=True, sort_keys=False, width=120)
    if clean_lines(text) == text:
        return text
    escaped: str = yaml.safe_dump(shown, allow_unicode=False, sort_keys=False, width=120)
    return escaped


def text_to_edit(body: str, about: Sequence[str], problem: ConfigError | None = None) -> str:
    """`body` under a header of comments: what this is, and what was wrong with it last time."""
    why = [] if problem is None else ["", *_sentences(problem)]
    header = [f"# {clean(line, 300)}".rstrip() for line in (*about, *why)]
    return "\n".join([*header, "", body.lstrip("\n")])


def _sentences(problem: ConfigError) -> tuple[str, str]:
    """Always two lines, so that a text has its places before its problem is known."""
    return f"{_WARNING}{problem_text(problem)}", f"  {problem.hint}"


def problem_text(problem: ConfigError) -> str:
    """Without the file's name, which says nothing to who has it open: `line 12: …`."""
    title = problem.title.removeprefix(clean(problem.path)).lstrip(":0123456789 ")
    return f"line {problem.line}: {title}" if problem.line is not None else title


def body_of(text: str) -> str:
    """Without the header: the lines of comments and blanks on top."""
    lines = text.split("\n")
    first = next((n for n, line in enumerate(lines) if line.strip() and not line.startswith("#")), len(lines))
    return "\n".join(lines[first:])


def is_empty(text: str) -> bool:
    """Nothing but comments: whoever edited it wants nothing to happen."""
    return not body_of(text).strip()


def edited_document(body: str, about: Sequence[str], path: Path, client_id: str) -> ClientDocument:
    """What the text under the header says. Plaintext secrets that were typed in become `Secret`s at once.

    ConfigError for what is no document of this client; its lines are those of the text that `text_to_edit` makes of it.
    """
    from ocm_tui.core.positioned.positions import Limits, parse_yaml

    text = text_to_edit(body, about, ConfigError(""))
    positioned = parse_yaml(text, path, limits=Limits(max_bytes=_MAX_BYTES))
    if not isinstance(positioned.data, dict):
        raise positioned.place().error("a client document is a mapping of fields, and this is something else")
    document = guarded(positioned.data)
    if document.get("clientId", client_id) != client_id:
        hint = "a rename is a new client: clone this one, then delete it"
        raise positioned.place(("clientId",)).error("the clientId never changes", hint=hint)
    return ClientDocument({"clientId": client_id, **document})
