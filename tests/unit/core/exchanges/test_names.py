import pytest

from ocm_tui.core.exchanges.names import header_kind, is_code_name, is_secret_name


def words(text: str) -> list[str]:
    return text.split()


@pytest.mark.parametrize(
    "name",
    words(
        """tokenEndpointAuthMethod accessTokenManagerRef defaultAccessTokenManagerRef token_type tokenType expires_in
        requireProofKeyForCodeExchange clientSecretRetentionPeriod clientSecretRetentionPeriodType
        clientSecretChangedTime refreshTokenRollingInterval idTokenLifetime tokenIntrospectionSigningAlgorithm
        bypassActivationCodeConfirmation authorizationCodeTimeout requireJwtSecuredAuthorizationResponseMode
        statusCode resultId errorCode countryCode keyId publicKey key clientId name author authType passed tokenizer
        secretary requireOfflineAccessScopeToIssueRefreshTokens includeUserInfoInIdToken"""
    ),
)
def test_look_alikes_are_no_secrets(name: str) -> None:
    assert not is_secret_name(name)


@pytest.mark.parametrize(
    "name",
    words(
        """secret clientSecret client-secret encryptedSecret secondarySecrets secondary_secret password passwords
        old.password user_passwd id_token tokens accessToken SAMLResponse plainText keyData SecretBinary
        client%5Fsecret api-key privateKey x_api_key sig signature sessionId clientAssertion pass\\u0077ord token2"""
    ),
)
def test_secret_names_in_every_spelling(name: str) -> None:
    assert is_secret_name(name)


def test_code_is_a_name_of_its_own() -> None:
    assert is_code_name("Code")
    assert not is_secret_name("code")
    assert not is_code_name("errorCode")


def test_header_kinds() -> None:
    assert header_kind("X-AUTH-token") == "secret"
    assert header_kind("x-request-id") == "plain"
    assert header_kind("X-XSRF-Header") == "plain"
    assert header_kind("PROXY-authorization") == "authorization"
