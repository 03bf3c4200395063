"""The grammar of `plan` and `apply`."""

from pathlib import Path

import pytest

from ocm_tui.arguments import parse
from ocm_tui.core.errors import UsageError


def test_the_options_of_plan() -> None:
    options = parse(
        ["plan", "--inventory", "a.yaml", "--inventory", "b/*.yaml", "--only", "x-*", "--prune", "--concurrency", "12",
         "--out", "p.plan", "--detailed-exitcode", "--output", "json"]
    )  # fmt: skip
    assert (options.inventory, options.only, options.prune) == (["a.yaml", "b/*.yaml"], ["x-*"], True)
    assert (options.concurrency, options.out, options.detailed_exitcode) == (12, Path("p.plan"), True)
    bare = parse(["plan"])
    assert (bare.inventory, bare.only, bare.prune, bare.concurrency) == ([], [], False, None)
    assert (bare.out, bare.detailed_exitcode) == (None, False)


def test_the_options_of_apply() -> None:
    options = parse(
        ["apply", "--yes", "--fail-fast", "--wait", "1.5", "--resume", "r", "--replicate", "--print-secrets",
         "--consent", "prod"]
    )  # fmt: skip
    assert options.yes is options.fail_fast is options.replicate is options.print_secrets is True
    assert (options.wait, options.resume, options.consent, options.file, options.list) == (
        1.5,
        "r",
        "prod",
        None,
        False,
    )
    assert parse(["apply", "p.plan"]).file == Path("p.plan")
    assert parse(["apply"]).wait == 0.0


def test_lists_do_not_leak_from_one_parse_to_the_next() -> None:
    parse(["plan", "--only", "a"])
    assert parse(["plan"]).only == []


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["plan", "--concurrency", "65"], "1 to 64"),
        (["plan", "--concurrency", "١"], "1 to 64"),
        (["plan", "--yes"], "no option --yes"),
        (["plan", "saved.plan"], "no use for saved.plan"),
        (["plan", "--output", "jsonl"], "jsonl is no format"),
        (["apply", "--out", "x"], "no option --out"),
        (["apply", "--wait", "nan"], "--wait is a number of seconds"),
        (["apply", "a.plan", "b.plan"], "no use for b.plan"),
    ],
)
def test_mistakes_get_one_sentence(words: list[str], sentence: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(words)
    assert sentence in caught.value.title
