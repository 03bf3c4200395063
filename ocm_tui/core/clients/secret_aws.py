"""A secret delivered into AWS Secrets Manager, as a version that becomes the current one when the server has it.

The one module that writes there. Credentials and region are those of the AWS SDK's own configuration.
"""

import re
import secrets
import threading
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from ocm_tui.core.clients.blocking_destination import BlockingDestination
from ocm_tui.core.errors import OcmError, UsageError
from ocm_tui.core.secret import Secret
from ocm_tui.core.text import clean

__all__ = ["AWSSecret"]

_CURRENT: Final = "AWSCURRENT"
_ARN_REGION: Final = re.compile(r"arn:[^:]*:secretsmanager:([a-z0-9-]+):")
_HINTS: Final = {
    "ResourceNotFoundException": "create it first, with the rights of those who read it; or check name and AWS_REGION",
    "AccessDeniedException": "the account needs Get-, Describe-, PutSecretValue and UpdateSecretVersionStage for it",
    "ExpiredTokenException": "sign in to AWS again",
    "UnrecognizedClientException": "sign in to AWS again",
    "InvalidClientTokenId": "sign in to AWS again",
    "LimitExceededException": "it has too many versions with labels: remove those of abandoned runs",
}


class AWSSecret(BlockingDestination):
    """`aws-secretsmanager:NAME`, a name or an ARN of a secret that exists. Its whole text becomes the client's secret.

    The staged copy is a version with the label `ocm-tui-staged-…`. In a secret that has had no value at all AWS makes
    the first version the current one at once.
    """

    def __init__(self, secret_id: str) -> None:
        if "#" in secret_id:
            raise UsageError(
                "a secret is not delivered into one key of a JSON document", hint="aws-secretsmanager:NAME without #KEY"
            )
        self._id = secret_id
        self._label = ""
        self._version: str | None = None

    @property
    def name(self) -> str:
        return clean(f"aws-secretsmanager:{self._id}")

    @property
    def staged_name(self) -> str | None:
        return f"{self.name}, version stage {self._label}" if self._version is not None else None

    def require(self) -> None:
        _sdk()

    def stage_now(self, secret: Secret, tag: str | None) -> None:
        self._label = _label(tag or secrets.token_hex(4))
        try:
            answer = self._call("put_secret_value", SecretString=secret.reveal(), VersionStages=[self._label])
        except _Failed as failed:
            raise UsageError(f"{self.name} cannot be written: {failed}", hint=failed.hint) from None
        self._version = str(answer["VersionId"])

    def recover_now(self, tag: str) -> Secret | None:
        self._label = _label(tag)
        try:
            answer = self._call("get_secret_value", VersionStage=self._label)
        except _Failed as failed:
            if failed.code == "ResourceNotFoundException":  # no such version; or no such secret, which `stage` will say
                return None
            raise UsageError(f"{self.name} cannot be read: {failed}", hint=failed.hint) from None
        self._version = str(answer["VersionId"])
        return Secret(str(answer["SecretString"]))

    def promote_now(self, *, keep: bool) -> None:
        if self._version is None:
            return
        try:
            self._make_current(self._version)
        except _Failed as failed:
            raise OcmError(
                f"the secret is set, but could not be made the current version of {self.name}: {failed}",
                hint=f"it is in {self.staged_name}: move the label {_CURRENT} there",
            ) from None
        if not keep:
            self.discard_now()

    def _make_current(self, version: str) -> None:
        stages: Mapping[str, Any] = self._call("describe_secret").get("VersionIdsToStages") or {}
        former = next((one for one, labels in stages.items() if _CURRENT in labels), None)
        if former == version:
            return
        remove = {} if former is None else {"RemoveFromVersionId": former}
        self._call("update_secret_version_stage", VersionStage=_CURRENT, MoveToVersionId=version, **remove)

    def discard_now(self) -> None:
        """A version without labels is AWS's to remove."""
        if self._version is None:
            return
        try:
            self._call("update_secret_version_stage", VersionStage=self._label, RemoveFromVersionId=self._version)
        except _Failed as failed:
            raise OcmError(f"{self.staged_name} is not needed any more and could not be removed: {failed}") from None
        self._version = None

    def _call(self, operation: str, **arguments: Any) -> Mapping[str, Any]:
        sdk = _sdk()
        try:
            client = _client(_region(self._id))
            answer: Mapping[str, Any] = getattr(client, operation)(SecretId=self._id, **arguments)
        except sdk.ClientError as error:
            code = clean(error.response.get("Error", {}).get("Code", "an error"), 80)
            raise _Failed(f"AWS refused: {code}", code, _HINTS.get(code, "")) from None
        except sdk.NoRegionError:
            raise _Failed("no AWS region is known", hint="export AWS_REGION=…") from None
        except (sdk.NoCredentialsError, sdk.PartialCredentialsError):
            raise _Failed("no AWS credentials are known", hint="export AWS_PROFILE=…") from None
        except sdk.BotoCoreError as error:
            # Of a wrong argument the SDK repeats the value, and that is the secret.
            raise _Failed(f"AWS did not answer: {type(error).__name__}") from None
        return answer


class _Failed(Exception):
    """Why AWS did not do it; holds no secret."""

    def __init__(self, message: str, code: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.code, self.hint = code, hint


def _label(tag: str) -> str:
    return f"ocm-tui-staged-{tag}"


def _region(secret_id: str) -> str | None:
    arn = _ARN_REGION.match(secret_id)
    return arn[1] if arn else None


def _sdk() -> Any:
    try:
        import boto3  # noqa: F401
        import botocore.exceptions
    except ImportError:
        raise UsageError("the AWS SDK is not installed", hint="pip install 'ocm-tui[aws]'") from None
    return botocore.exceptions


_making: Final = threading.Lock()


def _client(region: str | None) -> Any:
    """One for all threads: using it is safe in several, making it is not."""
    with _making:
        return _new_client(region)


@cache
def _new_client(region: str | None) -> Any:
    import boto3
    import botocore.config

    # Repeating is safe: the SDK gives every version an id of its own before it sends it.
    patience = botocore.config.Config(
        connect_timeout=5, read_timeout=10, retries={"total_max_attempts": 4, "mode": "standard"}
    )
    return boto3.client("secretsmanager", region_name=region, config=patience)
