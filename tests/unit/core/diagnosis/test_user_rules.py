"""Rules as files: what they find, and what is said about one that is wrong."""

import json
from pathlib import Path

import pytest

from ocm_tui.core.diagnosis.engine import diagnose
from ocm_tui.core.diagnosis.knowledge import with_user_rules
from ocm_tui.core.diagnosis.model import Knowledge
from ocm_tui.core.diagnosis.user_rules import load_rules, rule_files
from ocm_tui.core.exchanges.model import Message
from tests.unit.core.diagnosis.test_engine import rejection
from tests.unit.core.exchanges.examples import exchange

EXAMPLE = Path(__file__).parents[4] / "examples" / "diagnosis-rules.yaml"
GOOD = "version: 1\nrules:\n- {code: mine, when: 'status:418', title: short and stout}\n"


def test_the_example_is_right_and_finds_what_it_says() -> None:
    rules, problems = load_rules([EXAMPLE])
    assert problems == ()
    knowledge = Knowledge(user_rules=rules)
    page = "<html>\n<p>Planned maintenance until 04:00</p>\n</html>"
    (first, *_) = diagnose(exchange(status=503, response=Message((), page, len(page))), knowledge)
    assert (first.code, first.confidence) == ("edge-maintenance", "sure")
    assert first.evidence == ("HTTP 503", "<p>Planned maintenance until 04:00</p>")
    (first, *_) = diagnose(exchange(status=403, response=Message((("server", "Filter/6.2"),))), knowledge)
    assert (first.code, first.evidence[1]) == ("web-filter", "server: Filter/6.2")
    failed = rejection(
        {"extendedParameters": {"costCentre": {"values": ["1"]}}}, ("x", "extendedParameters.costCentre")
    )
    (first, *_) = diagnose(failed, knowledge)
    assert (first.code, first.field_path) == ("cost-centre", "extendedParameters.costCentre")
    assert json.loads(first.evidence[1])["errorId"] == "x"


def test_a_rule_without_a_match_says_nothing() -> None:
    rules, _ = load_rules([EXAMPLE])
    assert diagnose(exchange(), Knowledge(user_rules=rules)) == []
    assert [one.code for one in diagnose(exchange(status=503), Knowledge(user_rules=rules))] == ["server-unavailable"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ":1:1: a file of rules holds"),
        ("version: 2\nrules: []", ":1:10: version must be 1"),
        ("version: true\nrules: []", "version must be 1"),
        ("version: 1\nrules: {}", ":2:8: rules must be a list"),
        ("version: 1\nruls: []", ":2:1: unknown key `ruls` (did you mean `rules`?)"),
        ("version: 1\nrules:\n- 7", ":3:3: a rule is a mapping"),
        ("version: 1\nrules:\n- {code: a, when: 'status:500'}", ":3:3: the rule has no `title`"),
        ("version: 1\nrules:\n- {code: a, when: 'colour:red', title: t}", "`when` is no query of the log"),
        (
            "version: 1\nrules:\n- {code: a, when: x, title: t, severity: bad}",
            "`severity` is one of error, warning, info",
        ),
        ("version: 1\nrules:\n- {code: a, when: x, title: [t]}", "`title` must be a text"),
        ("version: 1\nrules:\n- {code: a, when: x, title: t, header: [a]}", "`header` maps names"),
        ("version: 1\nrules:\n- {code: a, when: x, title: t, evidence: {}}", "`evidence` is a text"),
        ("version: 1\nrules: [", "a bracket or sign"),
        ("\x00", "cannot stand in a YAML file"),
    ],
)
def test_a_wrong_file_is_named_and_skipped(tmp_path: Path, text: str, said: str) -> None:
    wrong, good = tmp_path / "diagnosis.yaml", tmp_path / "good.yml"
    wrong.write_text(text, encoding="utf-8")
    good.write_text(GOOD, encoding="utf-8")
    rules, problems = load_rules(rule_files(tmp_path))
    assert [rule.code for rule in rules] == ["mine"]
    (problem,) = problems
    assert str(wrong) in problem
    assert said in problem


def test_a_directory_of_rules(tmp_path: Path) -> None:
    assert rule_files(tmp_path / "none") == []
    (tmp_path / "b.yaml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "a.yaml").mkdir()
    (tmp_path / "notes.txt").write_text("no rules", encoding="utf-8")
    knowledge = with_user_rules(Knowledge(), tmp_path)
    assert [rule.code for rule in knowledge.user_rules] == ["mine"]
    assert len(knowledge.problems) == 1
    assert "is a directory" in knowledge.problems[0]
    (first, *_) = diagnose(exchange(status=418), knowledge)
    assert first.code == "mine"


def test_nothing_in_a_rule_reaches_a_terminal(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(
        'version: 1\nrules:\n- {code: "a\\e[31m", when: "status:418", title: "\\e]0;x\\a", suggestion: "\\u202e"}\n',
        encoding="utf-8",
    )
    (first, *_) = diagnose(exchange(status=418), with_user_rules(Knowledge(), tmp_path))
    assert "\x1b" not in first.code + first.title
    assert "\u202e" not in first.suggestion
