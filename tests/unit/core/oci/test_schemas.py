import pytest
from pydantic import ValidationError

from ocm_tui.core.oci.schemas import SENSITIVE, OciProfileConfig, OciProfileUpdate, OciSensitive
from ocm_tui.core.secret import Secret, known_secrets


def test_the_fields_and_defaults_of_the_seed() -> None:
    assert OciProfileConfig(auth_profile="A").model_dump() == {
        "auth_profile": "A",
        "user": None,
        "authentication": "api_key",
        "tenancy": None,
        "region": None,
        "genai_compartment_id": None,
        "genai_region": None,
        "log_requests": False,
        "additional_user_agent": "",
        "useable": False,
    }
    assert set(OciSensitive.model_fields) == set(SENSITIVE)
    assert set(OciProfileUpdate.model_fields) == set(OciProfileConfig.model_fields) - {"auth_profile", "useable"}


@pytest.mark.parametrize("name", SENSITIVE)
def test_sensitive_fields_are_secrets_absent_from_every_dump(name: str) -> None:
    config = OciProfileConfig.model_validate({"auth_profile": "A", name: f"canary-{name}-value"})
    value = getattr(config, name)
    assert isinstance(value, Secret)
    assert value.reveal() == f"canary-{name}-value"
    assert "canary" not in f"{config!r}{config}{config.model_dump()}{config.model_dump_json()}"
    assert "canary" not in known_secrets.scrub(f"it was canary-{name}-value")
    setattr(config, name, "another-canary-value")
    assert isinstance(getattr(config, name), Secret)


def test_a_short_path_is_not_searched_for_everywhere() -> None:
    config = OciProfileConfig.model_validate({"auth_profile": "A", "key_file": "my.key"})
    assert config.key_file == Secret("my.key", search=False)
    assert known_secrets.scrub("see my.key there") == "see my.key there"


def test_an_update_knows_what_was_given_and_an_error_does_not_quote_it() -> None:
    update = OciProfileUpdate.model_validate({"region": None, "pass_phrase": "canary-of-a-phrase"})
    assert update.model_fields_set == {"region", "pass_phrase"}
    with pytest.raises(ValidationError) as caught:
        OciProfileUpdate.model_validate({"auth_profile": "canary-x", "pass_phrase": ["canary-y"]})
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("written", "auth"),
    [(None, "api_key"), ("", "api_key"), ("security_token", "security_token"), ("kerberos", None)],
)
def test_what_a_way_to_sign_in_means(written: str | None, auth: str | None) -> None:
    assert OciProfileConfig(auth_profile="A", authentication=written).auth == auth
