import json
from pathlib import Path

import pytest

from ocm_tui.core.oci.regions import GENAI_REGIONS, known_regions


def test_the_table_is_that_of_the_sdk() -> None:
    from oci import regions

    ours = {region.name: region for region in known_regions()}
    assert {name: region.realm for name, region in ours.items()} == regions.REGION_REALMS
    assert {region.key: name for name, region in ours.items()} == regions.REGIONS_SHORT_NAMES
    assert {region.realm: region.domain for region in ours.values()} == {
        realm: domain for realm, domain in regions.REALMS.items() if realm in regions.REGION_REALMS.values()
    }
    assert set(GENAI_REGIONS) <= set(ours)


@pytest.mark.parametrize(
    ("word", "name"),
    [("us-ashburn-1", "us-ashburn-1"), ("IAD", "us-ashburn-1"), ("Us-Ashburn-1", "us-ashburn-1"), ("ashburn", None)],
)
def test_looked_up_without_case_and_by_short_name(word: str, name: str | None) -> None:
    found = known_regions().find(word)
    assert (found.name if found else None) == name


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("us-ashbrun-1", "us-ashburn-1"),
        ("us_ashburn_1", "us-ashburn-1"),
        ("us-ashburn", "us-ashburn-1"),
        ('"us-phoenix-1"', "us-phoenix-1"),
        ("tokyo", "ap-tokyo-1"),
        ("eu-frankfurt1", "eu-frankfurt-1"),
        ("frankfurt", "eu-frankfurt-1"),  # there are two: the public one
        ("", None),
        ("x" * 100_000, None),
    ],
)
def test_the_nearest_region(word: str, name: str | None) -> None:
    found = known_regions().nearest(word)
    assert (found.name if found else None) == name


def test_the_nearest_in_the_realm_of_the_tenancy() -> None:
    for realm, name in (("oc1", "eu-frankfurt-1"), ("oc19", "eu-frankfurt-2")):
        found = known_regions().nearest("frankfurt", realm)
        assert found is not None
        assert found.name == name


def test_what_a_site_adds(tmp_path: Path) -> None:
    described = {"realmKey": "OC99", "realmDomainComponent": "Cloud.Example.com", "regionKey": "XXA",
                 "regionIdentifier": "XX-site-1"}  # fmt: skip
    path = tmp_path / ".oci" / "regions-config.json"
    path.parent.mkdir()
    path.write_text(json.dumps([described, {"realmKey": "x"}, 5]))
    found = known_regions(tmp_path).find("xxa")
    assert found is not None
    assert (found.name, found.realm, found.domain) == ("xx-site-1", "oc99", "cloud.example.com")
    by_variable = known_regions(None, {"OCI_REGION_METADATA": json.dumps(described)})
    assert by_variable.find("xx-site-1") == found
    assert known_regions().find("xx-site-1") is None


@pytest.mark.parametrize("text", ["", "{", "[[]]", "5", "null", '{"realmKey": 5}', "[" * 100_000])
def test_a_useless_description_adds_nothing(tmp_path: Path, text: str) -> None:
    path = tmp_path / ".oci" / "regions-config.json"
    path.parent.mkdir()
    path.write_text(text)
    everything = list(known_regions())
    assert list(known_regions(tmp_path, {"OCI_REGION_METADATA": text})) == everything
