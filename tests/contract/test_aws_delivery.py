"""Delivery into AWS Secrets Manager, as moto serves it on loopback to the real SDK."""

import asyncio
import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.clients.secret_aws import AWSSecret, _new_client
from ocm_tui.core.clients.secrets import parse_destination
from ocm_tui.core.errors import OcmError, UsageError
from ocm_tui.core.provisioning.model import Change, SecretDeclaration
from ocm_tui.core.provisioning.staging import secret_problem, stage_secrets
from ocm_tui.core.secret import Secret

SECRET = Secret("planted-aws-secret-0001")
NAME = "oauth/orders"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    from moto.server import ThreadedMotoServer

    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    yield f"http://{host}:{port}"
    moto.stop()


@pytest.fixture
def aws(server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The SDK as configured for the server, with one secret."""
    import boto3

    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/dev/null")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    monkeypatch.setenv("AWS_ENDPOINT_URL", server)
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "simulated")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "simulated")
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    _new_client.cache_clear()
    client = boto3.client("secretsmanager")
    client.create_secret(Name=NAME, SecretString="old")
    yield client
    client.delete_secret(SecretId=NAME, ForceDeleteWithoutRecovery=True)
    _new_client.cache_clear()


def current(aws: Any) -> str:
    """What AWS gives to who asks without a version; moto wants to hear the label."""
    return str(aws.get_secret_value(SecretId=NAME, VersionStage="AWSCURRENT")["SecretString"])


def labels(aws: Any) -> list[str]:
    stages = aws.describe_secret(SecretId=NAME)["VersionIdsToStages"]
    return sorted(label for one in stages.values() for label in one)


def destination(text: str = f"aws-secretsmanager:{NAME}") -> AWSSecret:
    made = parse_destination(text)
    assert isinstance(made, AWSSecret)
    return made


async def test_a_version_is_staged_and_becomes_the_current_one(aws: Any) -> None:
    one = destination()
    assert one.problem() is None
    await one.stage(SECRET, tag="run-1")
    assert (one.name, one.staged_name) == (
        f"aws-secretsmanager:{NAME}",
        f"aws-secretsmanager:{NAME}, version stage ocm-tui-staged-run-1",
    )
    assert current(aws) == "old"
    await one.promote()
    assert current(aws) == SECRET.reveal()
    assert labels(aws) == ["AWSCURRENT", "AWSPREVIOUS"]
    assert one.staged_name is None


async def test_by_its_arn(aws: Any) -> None:
    arn = aws.describe_secret(SecretId=NAME)["ARN"]
    one = destination(f"aws-secretsmanager:{arn}")
    await one.stage(SECRET)
    await one.promote()
    assert current(aws) == SECRET.reveal()


async def test_what_the_server_refused_is_discarded(aws: Any) -> None:
    one = destination()
    await one.stage(SECRET)
    await one.discard()
    await one.discard()
    await one.promote()
    assert (current(aws), labels(aws)) == ("old", ["AWSCURRENT"])


async def test_after_a_kill_the_same_run_uses_the_same_secrets(aws: Any) -> None:
    declaration = SecretDeclaration("generate", deliver=f"aws-secretsmanager:{NAME}")
    assert secret_problem(declaration) is None
    change = Change(
        client_id="orders",
        action="create",
        desired=ClientDocument({}),
        secret="set",
        declaration=declaration,
    )
    first = await stage_secrets([change], "run-1", print_secrets=False)
    assert first.is_fresh("orders")
    await first.promote("orders")
    again = await stage_secrets([change], "run-1", print_secrets=False)
    assert not again.is_fresh("orders")
    assert again.secret("orders") == first.secret("orders")
    await again.promote("orders")
    await again.release(["orders"])
    secret = again.secret("orders")
    assert secret is not None
    assert (current(aws), labels(aws)) == (secret.reveal(), ["AWSCURRENT", "AWSPREVIOUS"])
    assert await destination().recover("run-1") is None


async def test_several_at_once(aws: Any) -> None:
    ones = [destination() for _ in range(6)]
    await asyncio.gather(*(one.stage(SECRET, tag=f"run-{number}") for number, one in enumerate(ones)))
    assert len(labels(aws)) == 7
    await asyncio.gather(*(one.discard() for one in ones))
    assert labels(aws) == ["AWSCURRENT"]


async def test_a_promotion_that_fails_names_the_copy(aws: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    one = destination()
    await one.stage(SECRET, tag="run-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    _new_client.cache_clear()
    monkeypatch.setattr("ocm_tui.core.clients.secret_aws._client", _without_patience)
    with pytest.raises(OcmError) as caught:
        await one.promote()
    assert "ocm-tui-staged-run-1" in caught.value.hint
    assert one.staged_name


def _without_patience(region: str | None) -> Any:
    import boto3
    import botocore.config

    config = botocore.config.Config(connect_timeout=1, retries={"total_max_attempts": 1})
    return boto3.client("secretsmanager", region_name=region, config=config)


@pytest.mark.usefixtures("aws")
async def test_what_cannot_be_staged_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="ResourceNotFoundException") as caught:
        await destination("aws-secretsmanager:oauth/none").stage(SECRET)
    assert "create it first" in caught.value.hint
    for name, words in (("AWS_ACCESS_KEY_ID", "no AWS credentials"), ("AWS_REGION", "no AWS region")):
        with monkeypatch.context() as without:
            without.setenv("AWS_EC2_METADATA_DISABLED", "true")
            without.delenv(name)
            without.delenv("AWS_DEFAULT_REGION" if name == "AWS_REGION" else "AWS_SECRET_ACCESS_KEY")
            monkeypatch.setattr("boto3.DEFAULT_SESSION", None)
            _new_client.cache_clear()
            with pytest.raises(UsageError, match=words):
                await destination().stage(SECRET)
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)


def test_one_key_of_a_document_is_not_supported() -> None:
    with pytest.raises(UsageError, match="one key"):
        parse_destination("aws-secretsmanager:oauth/orders#secret")


async def test_without_the_sdk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    one = destination()
    assert one.problem() == "the AWS SDK is not installed"
    with pytest.raises(UsageError, match="not installed") as caught:
        await one.stage(SECRET)
    assert "ocm-tui[aws]" in caught.value.hint
