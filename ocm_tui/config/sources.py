"""Where referenced values come from: the environment, files, the system's keyring, AWS Secrets Manager.

Reading may block (a keyring asks its daemon, AWS is a network away): call it from a thread in an event loop.
"""

import json
import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ocm_tui.core.positioned.files import SmallFile, UnusableFile, read_small_file

__all__ = ["KINDS", "Reference", "Sources", "Unresolvable", "expand"]

KINDS: Final = ("env", "file", "keyring", "aws-secretsmanager")
MAX_FILE_BYTES: Final = 64 * 1024
_ARN_REGION: Final = re.compile(r"arn:[^:]*:secretsmanager:([a-z0-9-]+):")


class Unresolvable(Exception):
    """Why a reference has no value, as a sentence, and what to do. Holds no secret."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Reference:
    """`${kind:argument}`, well formed."""

    kind: str
    argument: str

    def __str__(self) -> str:
        return f"${{{self.kind}:{self.argument}}}"


@dataclass(frozen=True, slots=True)
class Sources:
    """`base` is the directory that relative files are looked for in: the configuration file's."""

    base: Path
    environ: Mapping[str, str] = field(repr=False)

    def read(self, reference: Reference) -> str:
        """The value, never empty. Raises Unresolvable."""
        match reference.kind:
            case "env":
                value = self._variable(reference.argument)
            case "file":
                value = self._file(reference.argument)
            case "keyring":
                value = _keyring(reference.argument)
            case _:
                value = _aws(reference.argument)
        if not value:
            raise Unresolvable(f"{reference} is empty")
        try:
            value.encode()
        except UnicodeEncodeError:
            raise Unresolvable(f"{reference} is not UTF-8 text") from None
        return value

    def check(self, reference: Reference) -> Unresolvable | None:
        """What can be known without asking a keyring or the network; also says when a file is open to everyone."""
        try:
            match reference.kind:
                case "env" | "file":
                    self.read(reference)
                case "keyring":
                    _installed("keyring", "keyring")
                case _:
                    _installed("boto3", "aws")
            if reference.kind == "file" and os.name == "posix" and self._open(reference.argument).mode & stat.S_IROTH:
                path = expand(reference.argument, self.base)
                return Unresolvable(f"the file of {reference} is readable by everyone", f"chmod 600 {path}")
        except Unresolvable as problem:
            return problem
        return None

    def _variable(self, name: str) -> str:
        value = self.environ.get(name)
        if value is None:
            raise Unresolvable(f"the environment variable {name} is not set", f"export {name}=…")
        if not value:
            raise Unresolvable(f"the environment variable {name} is empty", f"export {name}=…")
        return value

    def _file(self, argument: str) -> str:
        try:
            text = self._open(argument).content.decode("utf-8")
        except UnicodeDecodeError:
            raise Unresolvable(f"the file of ${{file:{argument}}} is not UTF-8 text") from None
        return text.removesuffix("\n").removesuffix("\r")

    def _open(self, argument: str) -> SmallFile:
        path = expand(argument, self.base)
        try:
            return read_small_file(path, MAX_FILE_BYTES)
        except UnusableFile as problem:
            hint = f"create {path}" if problem.missing else ""
            raise Unresolvable(f"the file of ${{file:{argument}}} {problem.reason}", hint) from None


def expand(text: str, base: Path) -> Path:
    """`~` and `~user` expanded, relative to `base`. Raises Unresolvable for a home that nobody has."""
    try:
        return base / Path(text).expanduser()
    except (RuntimeError, ValueError):
        raise Unresolvable("the home directory in the path cannot be found") from None


def _installed(module: str, extra: str) -> None:
    import importlib.util

    if importlib.util.find_spec(module) is None:
        raise Unresolvable(f"{module} is not installed", f"pip install 'ocm-tui[{extra}]'")


def _keyring(argument: str) -> str:
    _installed("keyring", "keyring")
    import keyring
    import keyring.errors

    service, _, user = argument.rpartition("/")
    try:
        value: str | None = keyring.get_password(service, user)
    except keyring.errors.NoKeyringError:
        hint = "use ${env:NAME} or ${file:PATH} on a machine without a desktop session"
        raise Unresolvable("this system has no keyring that can be used", hint) from None
    except keyring.errors.KeyringError as error:
        raise Unresolvable(f"the keyring did not give the value: {_words(error)}", "unlock the keyring") from None
    if value is None:
        hint = f"keyring set {service} {user}"
        raise Unresolvable(f"the keyring has no value for service {service}, user {user}", hint)
    return value


def _aws(argument: str) -> str:
    _installed("boto3", "aws")
    name, _, key = argument.partition("#")
    text = _aws_secret(name)
    if not key:
        return text
    try:
        members: Any = json.loads(text)
    except ValueError:
        members = None
    if not isinstance(members, dict):
        hint = f"without #{key} the whole text is used"
        raise Unresolvable(f"the AWS secret {name} is not a JSON object, so it has no key {key}", hint)
    value = members.get(key)
    if not isinstance(value, str | int) or isinstance(value, bool):
        state = "has no key" if key not in members else "has something else than text under the key"
        raise Unresolvable(f"the AWS secret {name} {state} {key}")
    return str(value)


def _aws_secret(name: str) -> str:
    import boto3
    import botocore.config
    import botocore.exceptions

    arn = _ARN_REGION.match(name)
    patience = botocore.config.Config(connect_timeout=5, read_timeout=10, retries={"total_max_attempts": 2})
    try:
        client = boto3.client("secretsmanager", region_name=arn[1] if arn else None, config=patience)
        answer: Mapping[str, Any] = client.get_secret_value(SecretId=name)
    except botocore.exceptions.ClientError as error:
        code = error.response.get("Error", {}).get("Code", "an error")
        raise Unresolvable(f"AWS Secrets Manager refused the secret {name}: {code}", _aws_hint(str(code))) from None
    except botocore.exceptions.NoRegionError:
        raise Unresolvable(f"no AWS region is known for the secret {name}", "export AWS_REGION=…") from None
    except (botocore.exceptions.NoCredentialsError, botocore.exceptions.PartialCredentialsError):
        raise Unresolvable(f"no AWS credentials are known for the secret {name}", "export AWS_PROFILE=…") from None
    except botocore.exceptions.BotoCoreError as error:
        raise Unresolvable(f"AWS Secrets Manager did not give the secret {name}: {_words(error)}") from None
    text = answer.get("SecretString")
    if not isinstance(text, str):
        raise Unresolvable(f"the AWS secret {name} is binary, not text")
    return text


def _aws_hint(code: str) -> str:
    match code:
        case "ResourceNotFoundException":
            return "check its name, the region (AWS_REGION) and the account (AWS_PROFILE)"
        case "AccessDeniedException":
            return "the account needs secretsmanager:GetSecretValue for it"
        case "ExpiredTokenException" | "UnrecognizedClientException" | "InvalidClientTokenId":
            return "sign in to AWS again"
        case _:
            return ""


def _words(error: Exception) -> str:
    """The first line of another library's message."""
    return next(iter(str(error).splitlines()), "") or type(error).__name__
