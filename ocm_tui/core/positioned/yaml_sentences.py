"""The parser's complaints in plain words, at the place where the mistake was made. No message quotes the file."""

from dataclasses import dataclass
from typing import Final

import yaml

__all__ = ["SyntaxProblem", "explain"]


@dataclass(frozen=True, slots=True)
class SyntaxProblem:
    message: str
    line: int | None
    column: int | None
    hint: str = ""


# Fragments of what either of PyYAML's parsers says (libyaml's and its own), the sentence for it, and what helps.
_SENTENCES: Final = (
    ("mapping values are not allowed", "a `:` where no key can be",
     "quote a value that holds `: `, put a space after the key's colon, and check the indentation"),
    ("tab character", "a tab in the indentation", "indent with spaces"),
    ("cannot start any token", "a character that no value can start with", "quote the value"),
    ("unicode character escape", "a `\\u` sequence that is no character", "write `\\U` and eight digits"),
    ("unknown escape character", "a backslash sequence that YAML does not know", "use single quotes, or `\\\\`"),
    ("hexdecimal", "a backslash sequence that YAML does not know", "use single quotes, or `\\\\`"),
    ("hexadecimal", "a backslash sequence that YAML does not know", "use single quotes, or `\\\\`"),
    ("end of stream", "a quote that is never closed", "close it, or double a quote inside of quotes"),
    ("unexpected document", "a quote that is never closed", "close it, or double a quote inside of quotes"),
    ("could not find expected ':'", "a line that is neither `key: value` nor a list item",
     "put a space after the key's colon, and check the indentation"),
    ("',' or ']'", "a list (`[…]`) that is not closed, or lacks a comma", "write it as [one, two]"),
    ("',' or '}'", "a mapping (`{…}`) that is not closed, or lacks a comma", "write it as {one: 1, two: 2}"),
    ("document start", "a second document starts here; the file must hold one", "remove the line `...`"),
    ("incompatible yaml", "a YAML version that is not 1.x", "remove the `%YAML` line"),
    ("directive", "a `%` directive that YAML does not know", "quote the value, or remove the line"),
    ("tag", "a tag (`!…`) that is not well formed", "quote the value if it starts with `!`"),
    ("anchor", "an anchor (`&…`) that is not well formed", "quote the value if it starts with `&`"),
    ("alias", "an alias (`*…`) that is not well formed", "quote the value if it starts with `*`"),
    ("'-' indicator", "a key among the items of a list", "check the indentation"),
    ("chomping", "a `|` or `>` with something behind it", "put the text into the next line"),
    ("comment or line break", "a `|` or `>` with something behind it", "put the text into the next line"),
    ("node content", "a bracket or sign where a value must be", "quote the value"),
    ("expected key", "something behind a value, or indentation that fits no line above",
     "check quotes, brackets and indentation"),
    ("block end", "something behind a value, or indentation that fits no line above",
     "check quotes, brackets and indentation"),
)  # fmt: skip


def explain(error: yaml.MarkedYAMLError, lines: list[str]) -> SyntaxProblem:
    """`lines` are the file's, to see what stands at the position."""
    context, problem = (error.context or "").lower(), (error.problem or "").lower()
    mark = error.problem_mark or error.context_mark
    if error.context_mark and ("quoted" in context or "simple key" in context) and "escape" not in problem:
        mark = error.context_mark  # where the quote was opened, not where the file ended
    if mark is None:
        return SyntaxProblem("the file is not valid YAML", None, None)
    line, column = mark.line + 1, mark.column + 1
    if _is_tab(lines, mark.line, mark.column) and ("token" in problem or "tab" in problem):
        return SyntaxProblem("a tab in the indentation", line, column, "indent with spaces")
    for fragment, sentence, hint in _SENTENCES:
        if fragment in problem or fragment in context:
            return SyntaxProblem(sentence + _opened(error, line), line, column, hint)
    return SyntaxProblem("this is not valid YAML", line, column, "check quotes, brackets and indentation")


def _is_tab(lines: list[str], row: int, column: int) -> bool:
    """Whether a tab stands at the position, or in the indentation of its line."""
    line = lines[row] if row < len(lines) else ""
    return line[column : column + 1] == "\t" or "\t" in line[: len(line) - len(line.lstrip(" \t"))]


def _opened(error: yaml.MarkedYAMLError, line: int) -> str:
    """A bracket that is not closed shows up lines later: say where it was opened."""
    if error.context_mark and "flow" in (error.context or "") and error.context_mark.line + 1 != line:
        return f"; it was opened in line {error.context_mark.line + 1}"
    return ""
