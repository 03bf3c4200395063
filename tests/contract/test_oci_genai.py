"""Where generative AI is for a profile, and what can be known of it without spending anything."""

from pathlib import Path

import pytest

from ocm_tui.core.oci.genai import genai_endpoint
from ocm_tui.core.oci.schemas import OciProfileConfig
from ocm_tui.core.oci.sdk_failures import ProfileProblem
from tests.contract.command_line import closed_port
from tests.contract.oci_support import cloud

COMPARTMENT = "ocid1.compartment.oc1..aaaaaaaac"
OC1 = "https://inference.generativeai.{}.oci.oraclecloud.com"


@pytest.mark.parametrize(
    ("region", "genai_region", "compartment", "url"),
    [
        ("us-ashburn-1", "us-chicago-1", COMPARTMENT, OC1.format("us-chicago-1")),
        ("us-ashburn-1", "ord", COMPARTMENT, OC1.format("us-chicago-1")),
        ("us-ashburn-1", "us-chicago-1", None, OC1.format("us-ashburn-1")),  # only both together count
        ("us-ashburn-1", None, COMPARTMENT, OC1.format("us-ashburn-1")),
        ("us-ashburn-1", "", COMPARTMENT, OC1.format("us-ashburn-1")),
        ("eu-frankfurt-2", None, None, "https://inference.generativeai.eu-frankfurt-2.oci.oraclecloud.eu"),
        ("uk-gov-london-1", None, None, "https://inference.generativeai.uk-gov-london-1.oci.oraclegovcloud.uk"),
        ("us-gov-phoenix-1", None, None, "https://inference.generativeai.us-gov-phoenix-1.oci.oraclegovcloud.com"),
        ("xx-nowhere-9", None, None, OC1.format("xx-nowhere-9")),
    ],
)
def test_endpoint(region: str, genai_region: str | None, compartment: str | None, url: str) -> None:
    profile = OciProfileConfig(
        auth_profile="p", region=region, genai_region=genai_region, genai_compartment_id=compartment
    )
    assert genai_endpoint(profile).url == url


@pytest.mark.parametrize("region", ["us-chicago-1", "eu-frankfurt-2", "uk-gov-london-1", "us-gov-phoenix-1"])
def test_the_domain_is_that_of_the_sdk(region: str) -> None:
    from oci.regions import endpoint_for

    profile = OciProfileConfig(auth_profile="p", region=region)
    template = "https://inference.generativeai.{region}.oci.{secondLevelDomain}"
    theirs = endpoint_for("generative_ai_inference", region=region, service_endpoint_template=template)
    assert genai_endpoint(profile).url == theirs


def test_without_a_region_there_is_no_bogus_host() -> None:
    with pytest.raises(ProfileProblem, match="no region"):
        genai_endpoint(OciProfileConfig(auth_profile="p", genai_compartment_id=COMPARTMENT))


async def test_models_of_the_compartment(tmp_path: Path) -> None:
    async with cloud(tmp_path) as the:
        registry = the.service.registry
        entry = registry.get("orders-jobs")
        report = await the.service.genai("orders-jobs")
        assert entry.config.genai_compartment_id, "the file's genai fields are read"
        assert (report.reachable, report.problem, report.models_problem) == (True, "", "")
        assert report.models is not None
        assert [model.name for model in report.models] == [
            "example.chat-large",
            "example.chat-small",
            "example.embed-multilingual",
        ], "without the deprecated one"
        assert all(exchange.method == "GET" for exchange in the.log.snapshot()), "nothing is generated"


async def test_a_compartment_that_may_not_be_read(tmp_path: Path) -> None:
    async with cloud(tmp_path) as the:
        config = the.config("orders-jobs", auth_profile="elsewhere", genai_compartment_id=COMPARTMENT)
        await the.service.registry.create(config)
        report = await the.service.genai("elsewhere")
        assert report.reachable
        assert report.models is None
        assert report.models_problem.startswith("404 NotAuthorizedOrNotFound")
        assert "policy" in report.hint


async def test_a_profile_without_a_compartment(tmp_path: Path) -> None:
    async with cloud(tmp_path) as the:
        report = await the.service.genai("billing-batch")
        assert report.reachable
        assert "genai_compartment_id" in report.models_problem
        assert report.models is None


async def test_an_inference_host_that_is_not_there(tmp_path: Path) -> None:
    dead = f"http://127.0.0.1:{closed_port()}"
    async with cloud(tmp_path, reached={"inference": dead, "generative_ai": dead}) as the:
        report = await the.service.genai("orders-jobs")
        assert report.reachable is False
        assert "refused" in report.problem
        assert report.models is None
        assert "refused" in report.models_problem
