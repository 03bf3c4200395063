"""Every finding, with its line: the corpus says which."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from ocm_tui.core.oci.edits import plan_edit
from ocm_tui.core.oci.lint import lint_all, lint_file, lint_profile
from ocm_tui.core.oci.model import ConfigFile, Finding
from ocm_tui.core.oci.parser import parse_profiles
from ocm_tui.core.oci.regions import known_regions
from ocm_tui.core.oci.schemas import OciProfileConfig
from tests.unit.core.oci.corpus import CASES, GOOD, Case
from tests.unit.core.oci.samples import PHRASE, TENANCY, USER, around, fingerprint, jwt, private, rsa_key

# Section 3 of the facts, before a probe.
CODES = {
    *"""file-missing file-perm bom crlf dup-section dup-key dup-case section-space inline-comment quotes continuation
    key-content-in-file key-missing key-dir key-relative key-is-public key-not-rsa key-small key-encrypted-no-phrase
    phrase-wrong phrase-unused phrase-non-ascii fingerprint-mismatch fingerprint-format ocid-malformed ocid-type
    ocid-swapped region-unknown realm-mismatch token-missing token-newline token-malformed token-expired token-expiring
    token-key-mismatch auth-inferred inherited-field off-cloud-principal env-override""".split()  # noqa: SIM905
}
# What else a file can have: the SDK refuses each of these.
MORE = {"syntax", "encoding", "field-missing", "auth-unknown", "key-malformed", "switch-unknown"}


def findings(case: Case, home: Path) -> tuple[ConfigFile, list[Finding]]:
    file = parse_profiles(home / ".oci" / "config", case.content(), mode=case.mode)
    here = around(
        home, environment=case.environment, on_cloud=case.on_cloud, regions=known_regions(home, case.environment)
    )
    each = lint_all(file, here)
    return file, [*lint_file(file, here), *(finding for found in each.values() for finding in found)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_findings_of_the_corpus(case: Case, oci_home: Path) -> None:
    _, found = findings(case, oci_home)
    wanted = case.findings()
    inherited = any(code == "inherited-field" for code, _, _ in wanted)
    seen = Counter((one.code, one.severity, one.line) for one in found if inherited or one.code != "inherited-field")
    assert seen == wanted


def test_the_corpus_is_large_and_knows_every_code(oci_home: Path) -> None:
    assert len(CASES) >= 80
    expected = {code for case in CASES for code, _, _ in case.findings()} | {"file-missing"}
    assert expected == CODES | MORE


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_no_message_holds_a_sensitive_value(case: Case, oci_home: Path) -> None:
    file, found = findings(case, oci_home)
    hidden = [
        field.text
        for profile in file.profiles
        for field in profile.fields.values()
        if field.name in {"fingerprint", "key_file", "pass_phrase", "security_token_file"} and len(field.text) > 6
    ]
    hidden += [value for value in case.environment.values() if "canary" in value]
    shown = " ".join(f"{one.message} {one.hint} {one!r}" for one in found)
    assert not [value for value in hidden if value in shown]
    assert "canary-password" not in shown


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_fix_makes_its_finding_go(case: Case, oci_home: Path) -> None:
    file, found = findings(case, oci_home)
    for finding in found:
        if finding.fix is None or not finding.fix.edits:
            continue
        plan = plan_edit(file, finding.fix.edits)
        again, after = findings(replace(case, text=plan.new), oci_home)
        before = sum(one.code == finding.code for one in found)
        assert sum(one.code == finding.code for one in after) < before, finding
        assert {profile.name.strip() for profile in again.profiles} == {one.name.strip() for one in file.profiles}


def test_a_missing_file_says_which_rule_chose_it(tmp_path: Path) -> None:
    from ocm_tui.core.oci.parser import read_profiles

    file = read_profiles(tmp_path / "config", chosen_by="OCI_CLI_CONFIG_FILE")
    (finding,) = file.problems
    assert (finding.code, finding.severity, finding.line) == ("file-missing", "error", None)
    assert "OCI_CLI_CONFIG_FILE" in finding.message
    assert file.profiles == ()
    assert file.missing == "does not exist"


@pytest.mark.parametrize("code", ["bom", "dup-key", "token-newline", "key-content-in-file"])
def test_what_this_program_reads_better_does_not_block_a_probe(code: str) -> None:
    assert not Finding(code, "error", "x").blocks
    assert Finding("key-missing", "error", "x").blocks
    assert not Finding("key-relative", "warning", "x").blocks


def test_an_edited_field_is_judged_by_its_new_value_and_has_no_line(oci_home: Path) -> None:
    file = parse_profiles(Path("config"), Case("", GOOD).content())
    source = file.profiles[0]
    edited = source.config.model_copy(update={"region": "us-ashbrun-1"})
    (finding,) = lint_profile(edited, around(oci_home), source=source)
    assert (finding.code, finding.line) == ("region-unknown", None)


def test_a_profile_of_memory_only(oci_home: Path) -> None:
    key = private(oci_home / ".oci" / "memory.pem", (oci_home / ".oci" / "locked.pem").read_bytes())
    config = OciProfileConfig.model_validate(
        {
            "auth_profile": "new",
            "user": USER,
            "tenancy": TENANCY,
            "region": "us-ashburn-1",
            "fingerprint": fingerprint(rsa_key()),
            "key_content": key.read_text(),
            "pass_phrase": PHRASE,
        }
    )
    assert lint_profile(config, around(oci_home)) == ()
    (finding,) = lint_profile(config.model_copy(update={"pass_phrase": None}), around(oci_home))
    assert (finding.code, finding.field, finding.line) == ("key-encrypted-no-phrase", "key_content", None)


def test_nearest_region_and_whole_fingerprints_are_told(oci_home: Path) -> None:
    text = GOOD.replace("us-ashburn-1", "us-ashbrun-1").replace("key.pem", "other.pem")
    file = parse_profiles(Path("config"), Case("", text).content())
    mismatch, region = lint_all(file, around(oci_home))["A"]
    assert region.hint == "did you mean us-ashburn-1?"
    assert mismatch.detail is not None
    assert fingerprint(rsa_key()) in mismatch.detail.reveal()
    assert fingerprint(rsa_key(number=1)) in mismatch.detail.reveal()


def test_the_countdown_of_a_token(oci_home: Path) -> None:
    file = parse_profiles(Path("config"), b"[S]\nauthentication=security_token\nregion=iad\nkey_file=~/.oci/key.pem\n"
                          b"security_token_file=~/.oci/countdown\n")  # fmt: skip
    here = around(oci_home)
    for remaining, code in ((301, None), (300, "token-expiring"), (1, "token-expiring"), (0, "token-expired")):
        private(oci_home / ".oci" / "countdown", jwt(exp=here.now + remaining))
        assert [one.code for one in lint_all(file, here)["S"]] == ([code] if code else [])
